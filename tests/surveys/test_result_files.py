"""Page, workbook, CSV and PDF show the same cells; what may not be shown is in none of them."""

import csv
import datetime as dt
import io
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from dxportal.accounts.choices import Role
from dxportal.shared import printing
from surveys import exporters
from surveys.actions import definitions
from surveys.models import CellTally, Wave
from tests import factories
from tests.surveys.boxes import own_key_dir
from tests.surveys.result_towns import ask, pain_twice, pulse_and_heads
from tests.surveys.towns import CLOSES, answer, close, open_wave, pain, town

pytestmark = pytest.mark.django_db

Shown = set[tuple[str, str, str, str]]


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return own_key_dir(settings, tmp_path)


class Tables(HTMLParser):
    """Every table of a page by its id, as rows of plain texts; no pictures, no hidden words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.rows: list[list[str]] = []
        self.skip: list[str] = []
        self.inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row or a cell; leave out what is not printed."""
        values = dict(attrs)
        if (
            self.skip
            or tag in {"svg", "caption", "a"}
            or "vh" in (values.get("class") or "").split()
        ):
            self.skip += [tag] if tag not in {"br", "rect", "path", "circle", "line"} else []
        elif tag == "table":
            self.rows = self.tables.setdefault(values.get("id") or "", [])
        elif tag == "tr":
            self.rows.append([])
        elif tag in {"th", "td"}:
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        """Close what is left out."""
        if self.skip:
            if self.skip[-1] == tag:
                self.skip.pop()
        elif tag in {"th", "td"}:
            self.inside = False

    def handle_data(self, data: str) -> None:
        """Text belongs to the cell that is open."""
        if self.inside and not self.skip:
            self.rows[-1][-1] = (self.rows[-1][-1] + data).strip()


def cells_of_page(html: str) -> Shown:
    """(question, answer, group, share as shown) of all staff and unit by unit."""
    found: Shown = set()
    for name, rows in Tables(html).tables.items():
        if name.startswith("all-"):
            found |= {(name[4:], row[0], "全職員", row[2]) for row in rows[1:]}
        elif name.startswith("units-"):
            head = rows[0][2:]
            for row in rows[1:]:
                found |= {(name[6:], o, row[0], v) for o, v in zip(head, row[2:], strict=True)}
    return found


def counts_of_page(html: str) -> set[tuple[str, str, str]]:
    """(question, answer, number of people) of all staff."""
    tables = Tables(html).tables.items()
    return {
        (n[4:], row[0], row[1]) for n, rows in tables if n.startswith("all-") for row in rows[1:]
    }


def rows_of_csv(content: bytes) -> list[dict[str, str]]:
    """What a program reads."""
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def rows_of_sheet(content: bytes, name: str) -> list[dict[str, Any]]:
    """One sheet as rows by heading."""
    sheet = load_workbook(io.BytesIO(content))[name]
    assert not sheet.merged_cells.ranges
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]  # type: ignore[arg-type]


def long_form(rows: list[dict[str, Any]]) -> Shown:
    """The same set of cells from a file."""
    return {(r["質問コード"], r["選択肢"], r["集団"], r["表示"]) for r in rows}


def get(client: Any, user: Any, wave: Wave, kind: str = "", query: str = "") -> Any:
    """The page or a file of a wave, as somebody."""
    client.force_login(user)
    url = reverse("surveys:wave_export", args=[wave.pk, kind]) if kind else ""
    return client.get((url or reverse("surveys:wave_results", args=[wave.pk])) + query)


def squeezed(text: str) -> str:
    """Text without any space, as a PDF gives it back in no fixed way."""
    return re.sub(r"\s+", "", text)


def test_page_workbook_and_csv_show_the_same_cells_and_all_that_are_stored(client: Any) -> None:
    asked = pain_twice()
    office, wave = asked.place.office, asked.wave

    page = get(client, office, wave).content.decode()
    book, plain = (get(client, office, wave, kind).content for kind in ("xlsx", "csv"))

    shown = cells_of_page(page)
    assert len(shown) == CellTally.objects.filter(wave=wave).count() > 100
    assert shown == long_form(rows_of_csv(plain)) == long_form(rows_of_sheet(book, "回答"))
    stored = {
        (c.question, c.option, c.count) for c in wave.cells.filter(group__key="all", count__gte=0)
    }
    told = {
        (r["質問コード"], r["選択肢コード"], int(r["人数"]))
        for r in rows_of_csv(plain)
        if r["人数"]
    }
    assert told == {(q, exporters.plain(o), n) for q, o, n in stored}
    people = {(q, int(n)) for q, _label, n in counts_of_page(page) if n.isdigit()}
    assert people == {(q, n) for q, _o, n in told}


def test_a_cell_that_only_one_of_them_shows_is_noticed(client: Any) -> None:
    """The control: a share changed on the page alone makes the sets differ."""
    asked = pain_twice([30], [25])
    page = get(client, asked.place.office, asked.wave).content.decode()
    plain = get(client, asked.place.office, asked.wave, "csv").content
    at = page.index("%", page.index('id="units-Q1"'))
    broken = page[: at - 1] + ("1" if page[at - 1] != "1" else "2") + page[at:]

    assert cells_of_page(page) == long_form(rows_of_csv(plain)) != cells_of_page(broken)


def test_pdf_says_row_by_row_what_the_page_says_and_no_other_share(client: Any) -> None:
    asked = pain_twice([30, 20], [25])
    office, wave = asked.place.office, asked.wave
    page = get(client, office, wave).content.decode()

    reader = PdfReader(io.BytesIO(get(client, office, wave, "pdf").content))
    paper = squeezed("".join(leaf.extract_text() for leaf in reader.pages))

    tables = Tables(page).tables
    wanted = [n for n in tables if n.startswith(("all-", "units-", "hours-", "change-", "cross-"))]
    assert {n.split("-")[0] for n in wanted} == {"all", "units", "hours", "change", "cross"}
    missing = [r for n in wanted for r in tables[n][1:] if squeezed("".join(r)) not in paper]
    assert missing == []
    shares = Counter(
        re.findall(r"\d+%", squeezed(" ".join(c for t in tables.values() for r in t for c in r)))
    )
    told = Counter(re.findall(r"\d+%", paper))
    rate = Counter(["100%"])  # who answered, in the first sentence
    assert told - shares - rate == Counter()


def test_pdf_is_tagged_titled_and_needs_no_network(client: Any) -> None:
    asked = pain_twice([30], [25])

    content = get(client, asked.place.office, asked.wave, "pdf").content
    reader = PdfReader(io.BytesIO(content))

    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "ja"
    assert reader.metadata is not None
    assert "働きやすさ 2026秋" in str(reader.metadata.title)
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    page = '<html lang="ja"><title>x</title><img src="http://203.0.113.9/x.png" alt="x"></html>'
    assert printing.write_pdf(page).startswith(b"%PDF")
    local = f'<html lang="ja"><title>x</title><img src="file://{Path(__file__)}" alt="x"></html>'
    assert Path(__file__).name.encode() not in printing.write_pdf(local)


def test_without_pango_the_button_says_what_to_install(client: Any, monkeypatch: Any) -> None:
    asked = pain_twice([30], [25])
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)

    response = get(client, asked.place.office, asked.wave, "pdf")

    assert response.status_code == 503
    assert "libpango-1.0-0" in response.content.decode()
    assert get(client, asked.place.office, asked.wave, "csv").status_code == 200


def test_workbook_has_one_table_a_sheet_with_codes_and_definitions(client: Any) -> None:
    asked = pain_twice()
    wave = asked.wave

    book = get(client, asked.place.office, wave, "xlsx").content

    codes = {(r["質問コード"], r["選択肢コード"]) for r in rows_of_sheet(book, "コード表")}
    used = {(r["質問コード"], r["選択肢コード"]) for r in rows_of_sheet(book, "回答")}
    assert used <= codes
    words = {str(r["内容"]) for r in rows_of_sheet(book, "定義")}
    assert wave.audits.get(step="closed").tables_hash in words
    groups = {r["集団コード"]: r["回答者数"] for r in rows_of_sheet(book, "集団")}
    assert groups == {g.key: g.n for g in wave.groups.all()}
    hours = {
        (
            r["テーマコード"],
            r["集団コード"],
            r["週あたり時間_下限_推計"],
            r["週あたり時間_上限_推計"],
        )
        for r in rows_of_sheet(book, "週あたりの時間")
        if r["週あたり時間_下限_推計"] is not None
    }
    stored = wave.burdens.values_list("theme__code", "group__key", "hours_low", "hours_high")
    assert hours == set(stored)


def test_crosses_and_changes_of_the_workbook_are_those_of_the_page(client: Any) -> None:
    asked = pain_twice()
    office, wave = asked.place.office, asked.wave
    page = Tables(get(client, office, wave).content.decode()).tables

    book = get(client, office, wave, "xlsx").content

    cross = [
        (row[0], head, cell)
        for row in page["cross-Q3-Q5"][1:]
        for head, cell in zip(page["cross-Q3-Q5"][0][1:], row[1:], strict=True)
    ]
    rows = rows_of_sheet(book, "2つの質問を組み合わせた結果")
    file = {(r["行の選択肢"], r["列の選択肢"], str(r["人数"])) for r in rows if r["人数"]}
    assert {c for c in cross if c[2].isdigit()} <= file
    assert sum(r["人数"] or 0 for r in rows) == 102
    changes = rows_of_sheet(book, "前の回からの変化")
    for name in ("Q1", "Q3", "hours"):
        told = {
            (r["選択肢"], r["前の回"], r["今の回"])
            for r in changes
            if r["質問コード"] == name and r["集団コード"] == "all"
        }
        assert told == {tuple(row[:3]) for row in page[f"change-all-{name}"][1:]}


def test_text_stays_text_in_files(client: Any) -> None:
    place = town([30], [25])
    place.bureaus[0].name = "=HYPERLINK(1)部"
    place.bureaus[0].save()
    wave = open_wave(place)
    for person in place.everybody:
        answer(wave, person, pain())
    wave = close(wave)

    plain = get(client, place.office, wave, "csv").content.decode()
    book = load_workbook(io.BytesIO(get(client, place.office, wave, "xlsx").content))

    assert "'=HYPERLINK(1)部" in plain
    kinds = {
        cell.data_type
        for row in book["回答"].iter_rows()
        for cell in row
        if "HYPERLINK" in str(cell.value)
    }
    assert kinds == {"s"}


def test_files_are_named_after_town_survey_and_round(client: Any) -> None:
    asked = pain_twice([30], [25])

    header = get(client, asked.place.office, asked.wave, "csv")["Content-Disposition"]

    assert "filename*=utf-8''" in header
    assert exporters.file_name(asked.wave, "xlsx") == "見本市_働きやすさ_2026秋_結果.xlsx"


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_too_few_answers_are_a_file_with_that_fact_alone(kind: str, client: Any) -> None:
    place = town([9])
    wave = open_wave(place)
    for person in place.everybody[:4]:
        answer(wave, person, pain())
    wave = close(wave)

    response = get(client, place.office, wave, kind)

    assert response.status_code == 200
    if kind == "csv":
        text = response.content.decode("utf-8-sig")
    elif kind == "xlsx":
        book = load_workbook(io.BytesIO(response.content))
        text = " ".join(str(c) for s in book for r in s.iter_rows(values_only=True) for c in r)
    else:
        text = squeezed(
            "".join(p.extract_text() for p in PdfReader(io.BytesIO(response.content)).pages)
        )
    assert "5人に満たなかった" in text
    assert "紙やハンコ" not in text
    assert not re.search(r"[4９9]人", text)


@pytest.mark.parametrize("kind", ["", "csv", "xlsx", "pdf"])
def test_before_publication_there_is_nothing_and_the_same_nothing_for_everybody(
    kind: str, client: Any
) -> None:
    place = town([30], [25])
    far = CLOSES + dt.timedelta(days=3650)
    wave = open_wave(place, publish_at=far)
    for person in place.everybody:
        answer(wave, person, pain())
    wave = close(wave)
    head = factories.user(place.municipality, role=Role.HEAD, of=place.sections[0])
    cdo = factories.user(place.municipality, role=Role.CDO)
    auditor = factories.user(place.municipality, role=Role.AUDITOR)

    seen = []
    for person in (place.office, head, cdo, auditor):
        response = get(client, person, wave, kind)
        assert response.status_code == (404 if kind else 200)
        text = response.content.decode()
        seen.append(text[text.index("<main") : text.index("</main>")])

    assert len(set(seen)) == 1
    assert "紙やハンコ" not in seen[0]
    assert "55" not in seen[0]


def test_pulse_and_gap_are_the_same_in_page_and_workbook(client: Any) -> None:
    asked = pulse_and_heads()

    page = Tables(get(client, asked.place.office, asked.wave).content.decode()).tables
    book = get(client, asked.place.office, asked.wave, "xlsx").content

    rows = rows_of_sheet(book, "職員と所属長")
    of_all = {
        (r["質問"], r["職員_肯定"], r["所属長_肯定"], r["差"])
        for r in rows
        if r["集団コード"] == "all"
    }
    assert of_all == {(row[0], *row[2:]) for row in page["gap-all"][1:]}
    units = {
        (r["質問"], r["職員_肯定"], r["所属長_肯定"], r["差"])
        for r in rows
        if r["集団コード"] != "all"
    }
    drawn = {
        (row[0], *row[2:])
        for name, table in page.items()
        if name.startswith("gap-") and name != "gap-all"
        for row in table[1:]
    }
    assert units == drawn


def test_template_of_the_paper_renders_for_too_few() -> None:
    asked = pain_twice([30], [25])
    html = render_to_string(
        "surveys/results_paper.html", {"wave": asked.wave, "too_few": "これだけ"}
    )

    assert "これだけ" in html
    assert "<table" not in html


@pytest.mark.parametrize("bureaus", [1, 3])
@pytest.mark.parametrize(("kind", "queries"), [("", 27), ("csv", 18), ("xlsx", 20)])
def test_files_cost_the_same_for_one_and_three_bureaus(
    bureaus: int, kind: str, queries: int, client: Any, django_assert_num_queries: Any
) -> None:
    asked = pain_twice(*([[20, 9]] * bureaus))
    client.force_login(asked.place.office)

    with django_assert_num_queries(queries):
        get(client, asked.place.office, asked.wave, kind)


def test_changed_answers_of_a_second_survey_are_not_mixed_in(client: Any) -> None:
    asked = pain_twice([30], [25])
    place = asked.place
    other = definitions.create_survey(
        place.municipality, "empty", by=place.office, title="別のもの"
    )
    assert other.questions.count() == 0
    later = {"opens_at": CLOSES + dt.timedelta(days=9)}
    answers = [(person, pain("phone")) for person in place.everybody]
    again = ask(place, asked.wave.survey, "2027春", answers, **later)

    page = get(client, place.office, again).content.decode()

    assert "2026秋" in page
    assert "別のもの" not in page
