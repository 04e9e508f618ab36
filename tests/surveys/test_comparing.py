"""Changes are told of identical groups alone, otherwise of the nearest above; bands stay bands."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from dxportal.accounts.models import Department
from surveys.actions import definitions
from surveys.comparing import change, compare, earlier_waves, places_of, points_text
from surveys.models import CellTally, Wave
from surveys.results import Results
from tests.surveys.boxes import own_key_dir
from tests.surveys.result_towns import HALF_A_YEAR, ask, pain_answers, pain_twice, pulse_and_heads
from tests.surveys.towns import CLOSES, NOW, Town, pain, town

pytestmark = pytest.mark.django_db
LATER = CLOSES + dt.timedelta(days=800)


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return own_key_dir(settings, tmp_path)


def _compared(place: Town, wave: Wave, wish: int = 0) -> Any:
    results = Results(wave)
    seen = {group.key for group in results.groups}
    return compare(results, seen, earlier_waves(place.office, wave, LATER), wish)


def _marks(place: Town, wave: Wave) -> dict[str, str]:
    table = next(t for t in _compared(place, wave).tables if t.code == "Q3")
    return {row.label: row.mark for row in table.units}


def test_groups_of_the_same_departments_are_compared_by_themselves() -> None:
    asked = pain_twice([30, 20], [25])

    marks = _marks(asked.place, asked.wave)

    assert set(marks.values()) == {""}
    assert {"第1部", "第1部1課", "第1部2課", "第2部", "第2部1課"} <= marks.keys()


def test_a_bureau_that_lost_a_section_shows_the_value_above_with_a_mark() -> None:
    """Keys of nodes stay the same by chance; departments do not."""
    place = town([30, 20], [25, 20])
    survey = definitions.create_survey(place.municipality, "pain", by=place.office)
    ask(place, survey, "前", pain_answers(place.everybody), opens_at=NOW - HALF_A_YEAR)
    moved = place.sections[1]
    Department.objects.filter(pk=moved.pk).update(parent=place.bureaus[1], bureau=place.bureaus[1])
    wave = ask(place, survey, "後", pain_answers(place.everybody, 2))

    marks = _marks(place, wave)

    assert marks["第1部"] == marks["第2部"] == "全体の値"
    assert marks["第1部2課"] == marks["第1部1課"] == ""
    table = next(t for t in _compared(place, wave).tables if t.code == "Q3")
    bureau = next(row for row in table.units if row.label == "第1部")
    assert bureau.deltas == table.top.deltas


def test_a_new_section_shows_the_value_of_its_bureau_or_all_staff() -> None:
    asked = pain_twice([30, 20], [25])
    place = asked.place
    new = Department.objects.get(pk=place.sections[0].pk)
    new.pk, new.name, new.code = None, "新設課", "NEW1"
    new.save()
    people = place.staff[place.sections[0].pk][:12]
    for person in people:
        person.department = new
        person.save()
    answers = pain_answers(place.everybody, 5)
    wave = ask(place, asked.wave.survey, "2027春", answers, opens_at=CLOSES)

    comparison = _compared(place, wave)
    table = next(t for t in comparison.tables if t.code == "Q3")
    marks = {row.label: row.mark for row in table.units}

    assert marks["新設課"] == "全体の値"
    assert marks["第2部1課"] == ""
    assert "1の部署" in comparison.uneven


def test_the_wave_to_compare_with_can_be_chosen(client: Any) -> None:
    asked = pain_twice([30], [25])
    place = asked.place
    answers = [(person, pain("phone")) for person in place.everybody]
    wave = ask(place, asked.wave.survey, "2027春", answers, opens_at=CLOSES)

    assert _compared(place, wave).wave == asked.waves[1]
    assert _compared(place, wave, asked.waves[0].pk).wave == asked.waves[0]
    assert _compared(place, wave, 999_999).wave == asked.waves[1]
    client.force_login(place.office)
    for wish, label in ((asked.waves[0].pk, "2026春"), ("x", "2026秋"), ("", "2026秋")):
        page = client.get(f"/surveys/waves/{wave.pk}/results/?compare={wish}").content.decode()
        assert f"「{label}」から" in page


def test_copies_and_the_same_template_are_compared_and_nothing_else() -> None:
    asked = pain_twice([30], [25])
    place = asked.place
    copy = definitions.copy_survey(asked.wave.survey, title="写し", by=place.office)
    wave = ask(place, copy, "写しの回", pain_answers(place.everybody, 4), opens_at=CLOSES)

    assert [w.label for w in earlier_waves(place.office, wave, LATER)] == ["2026秋", "2026春"]
    assert earlier_waves(place.office, asked.waves[0], LATER) == []
    both = pulse_and_heads([30], [25])
    assert earlier_waves(both.place.office, both.waves[0], LATER) == []


def test_a_wave_that_is_not_shown_yet_is_not_compared() -> None:
    asked = pain_twice([30], [25])

    assert earlier_waves(asked.place.office, asked.wave, asked.waves[0].opens_at) == []


def _cell(percent: int | None, bound: str = "exact", **fields: Any) -> CellTally:
    return CellTally(percent=percent, bound=bound, **fields)


@pytest.mark.parametrize(
    ("then", "now", "text", "points"),
    [
        (_cell(20), _cell(25), "▲5ポイント", 5),
        (_cell(40), _cell(25), "▼15ポイント", -15),
        (_cell(25), _cell(25), "変わりなし", 0),
        (_cell(20), _cell(5, "at_most"), "20% → 5%以下", None),
        (_cell(80, "at_least"), _cell(70), "80%以上 → 70%", None),
        (_cell(None, "none", below_k=True), _cell(10), "少数 → 10%", None),
        (_cell(None, "none"), _cell(10), "–", None),
        (_cell(10), None, "–", None),
    ],
)
def test_only_two_numbers_are_subtracted(
    then: CellTally, now: CellTally | None, text: str, points: int | None
) -> None:
    delta = change("a", "A", then, now)

    assert (delta.text, delta.points) == (text, points)
    assert delta.masked == (text == "–")


def test_points_are_told_in_words() -> None:
    assert [points_text(n) for n in (5, 0, -5)] == ["▲5ポイント", "変わりなし", "▼5ポイント"]


def test_places_are_departments_and_heads_of_a_bureau_not_keys() -> None:
    asked = pulse_and_heads([30], [25])
    wave = asked.wave
    places = places_of(wave, [n["key"] for n in wave.frozen_org["nodes"] if n["kind"] != "all"])

    assert ("section", asked.place.sections[0].pk) in places
    assert ("heads of", asked.place.bureaus[0].pk) in places
