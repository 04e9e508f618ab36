"""Culture by name: CDO and office see every unit, heads their own, everybody the distribution."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from dxportal.accounts.choices import Role
from dxportal.accounts.models import User
from surveys.models import Wave
from tests import factories
from tests.surveys.boxes import own_key_dir
from tests.surveys.result_towns import Asked, ask, pain_twice, pulse_and_heads, pulse_answers
from tests.surveys.test_result_files import Tables, get, long_form, rows_of_csv, rows_of_sheet
from tests.surveys.towns import CLOSES

pytestmark = pytest.mark.django_db

#: Heads answer apart, so each bureau's place for them is empty here and stands with a section.
FIRST = {"第1部", "第1部1課", "第1部2課・第1部 所属長（まとめ）"}
EVERY = {*FIRST, "第2部", "第3部"}


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return own_key_dir(settings, tmp_path)


def _person(asked: Asked, who: str) -> User:
    place = asked.place
    if who == "office":
        return place.office
    if who == "head of a section":
        return factories.user(place.municipality, role=Role.HEAD, of=place.sections[0])
    if who == "head of a bureau":
        return factories.user(place.municipality, role=Role.HEAD, of=place.bureaus[0])
    role = {"cdo": Role.CDO, "auditor": Role.AUDITOR}[who]
    return factories.user(place.municipality, role=role, of=place.sections[0])


def _units_of_page(html: str) -> set[str]:
    """Every unit that any table of the page names."""
    tables = Tables(html).tables
    named = {row[0] for n, t in tables.items() if n.startswith("units-") for row in t[1:]}
    changed = {row[0] for n, t in tables.items() if n.startswith("change-units") for row in t[1:]}
    return named | {name.split("全体の値")[0].split("部の値")[0] for name in changed}


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("office", EVERY),
        ("cdo", EVERY),
        ("auditor", set()),
        ("head of a section", {"第1部1課"}),
        ("head of a bureau", FIRST),
    ],
)
def test_units_of_a_culture_wave_are_named_to_whom_they_may(
    who: str, seen: set[str], client: Any
) -> None:
    asked = pulse_and_heads()
    person, wave = _person(asked, who), asked.wave

    page = get(client, person, wave).content.decode()
    plain = rows_of_csv(get(client, person, wave, "csv").content)
    book = get(client, person, wave, "xlsx").content

    main = page[page.index("<main") : page.index("</main>")]
    assert _units_of_page(page) == seen
    assert {name for name in EVERY if f">{name}<" in main} == seen
    assert {r["集団"] for r in plain} == {"全職員", *seen}
    assert long_form(plain) == long_form(rows_of_sheet(book, "回答"))
    for sheet in ("集団", "職員と所属長"):
        told = {r["集団"] for r in rows_of_sheet(book, sheet)} & EVERY
        assert told <= seen
    assert 'id="spread"' in page
    assert ("名前つきで見ます" in page) == (seen != EVERY)


@pytest.mark.parametrize("who", ["auditor", "head of a section", "office"])
def test_the_pdf_names_no_unit_that_the_page_does_not(who: str, client: Any) -> None:
    asked = pulse_and_heads([30], [25], [40])
    content = get(client, _person(asked, who), asked.wave, "pdf").content

    paper = "".join(p.extract_text() for p in PdfReader(io.BytesIO(content)).pages)

    assert ("第2部" in paper) == (who == "office")
    assert ("第1部" in paper) == (who != "auditor")


def test_heads_wave_is_as_sensitive_as_the_pulse(client: Any) -> None:
    asked = pulse_and_heads(heads=9)
    heads_wave, auditor = asked.waves[0], _person(asked, "auditor")

    office = rows_of_csv(get(client, asked.place.office, heads_wave, "csv").content)
    others = rows_of_csv(get(client, auditor, heads_wave, "csv").content)

    assert "第1部" in {row["集団"] for row in office}
    assert {row["集団"] for row in others} == {"全職員"}


def test_a_change_in_culture_is_not_named_either(client: Any) -> None:
    asked = pulse_and_heads()
    later = {"opens_at": CLOSES + dt.timedelta(days=9)}
    answers = pulse_answers(asked.place.everybody, 8)
    again = ask(asked.place, asked.wave.survey, "2027秋", answers, **later)
    auditor = _person(asked, "auditor")

    mine, theirs = (get(client, p, again, "xlsx").content for p in (asked.place.office, auditor))

    assert {r["集団"] for r in rows_of_sheet(mine, "前の回からの変化")} >= EVERY
    assert {r["集団"] for r in rows_of_sheet(theirs, "前の回からの変化")} == {"全職員"}


def test_a_head_whose_section_is_too_small_reads_the_group_that_holds_it(client: Any) -> None:
    asked = pulse_and_heads([30, 3, 2], [25])
    place = asked.place
    head = factories.user(place.municipality, role=Role.HEAD, of=place.sections[1])

    rows = rows_of_csv(get(client, head, asked.wave, "csv").content)

    (label,) = {row["集団"] for row in rows} - {"全職員"}
    assert label.startswith("第1部2課・第1部3課")


def test_pain_points_are_named_to_every_reader(client: Any) -> None:
    asked = pain_twice([30], [25])
    wave: Wave = asked.wave

    mine, theirs = (
        get(client, person, wave, "csv").content
        for person in (asked.place.office, _person(asked, "auditor"))
    )

    assert mine == theirs
