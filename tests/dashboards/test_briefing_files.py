"""The files of a sheet: one page, tagged, native charts, data for programs, the same every time."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from openpyxl import load_workbook
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Cm
from pypdf import PdfReader

from dxportal.dashboards.briefing import content as c
from dxportal.dashboards.briefing import data
from dxportal.dashboards.briefing.making import MAKERS, file_name
from dxportal.dashboards.briefing.pdf import pdf
from dxportal.dashboards.briefing.sheet import Sheet
from dxportal.dashboards.briefing.stair import WIDTH, draw_stair, text_width
from roadmap.choices import BriefingKind
from tests.dashboards.briefings import LONG, cells, content, fullest, names

SUM = "0123456789ab" + "0" * 52


@pytest.fixture(autouse=True)
def in_japanese() -> Any:
    """Files are made in the language of the sheet."""
    with translation.override("ja"):
        yield


def sheet(kind: str = "mayor", **changes: Any) -> Sheet:
    return Sheet(content(kind, **changes), SUM)


def read_pdf(whole: c.Content) -> PdfReader:
    return PdfReader(io.BytesIO(pdf(whole, SUM)))


# PDF ---------------------------------------------------------------------------------------------
def test_fullest_mayors_page_is_one_page_with_everything_on_it() -> None:
    whole = fullest()
    reader = read_pdf(whole)
    assert len(reader.pages) == 1
    text = reader.pages[0].extract_text().replace("\n", "")
    for word in ("取扱注意", "目的", "現状", "選択肢", "市長に決めていただきたいこと", SUM[:12]):
        assert word in text
    for step in whole.steps:
        assert step.short in text or step.name in text
    longest = c.LONGEST
    asked = longest["title"] + 3 * sum(longest[p] for p in ("text", "risk", "cost", "effect"))
    # Every title stands twice, in the table and in the box, and so does the name of every option.
    twice = 3 * (longest["title"] + 3 * longest["text"])
    verdicts = text.count(LONG) - longest["purpose"] - 3 * asked - twice
    assert verdicts in {2 * 59, 3 * 59, 4 * 59, 5 * 59}, "titles are told to 60 letters, or counted"


@pytest.fixture
def poppler() -> None:
    """What tells where the words of a PDF stand; in CI it has to be there."""
    if shutil.which("pdftotext") is None:
        reason = "poppler is not installed on this machine"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.mark.usefixtures("poppler")
@pytest.mark.parametrize("columns", [1, 4])
def test_nothing_on_the_mayors_page_stands_outside_its_edges(columns: int, tmp_path: Path) -> None:
    together = names(60, long=True)
    spread = cells(together, with_culture=True)
    crowded = tuple(replace(one, names=together if one is spread[0] else ()) for one in spread)
    whole = replace(fullest(), cells=crowded if columns == 1 else spread)
    (tmp_path / "page.pdf").write_bytes(pdf(whole, SUM))
    boxes = subprocess.run(
        ["pdftotext", "-bbox", tmp_path / "page.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert boxes.count("<page ") == 1
    places = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"', boxes)
    assert len(places) > 100
    edges = [tuple(map(float, place)) for place in places]
    assert min(x for x, _y, _x2, _y2 in edges) >= 30
    assert max(x for _x, _y, x, _y2 in edges) <= 565
    assert max(y for _x, _y, _x2, y in edges) <= 830


def test_pdf_is_tagged_titled_dated_and_has_its_fonts() -> None:
    reader = read_pdf(content())
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert root["/Lang"] == "ja"
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    assert reader.metadata is not None
    assert "北見市 DXへの階段 2026-11" in str(reader.metadata.title)
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date() == dt.date(2026, 11, 30)
    fonts = list(_fonts(reader))
    assert fonts
    assert all(_is_embedded(font) for font in fonts)


def _fonts(reader: PdfReader) -> Any:
    for page in reader.pages:
        yield from page["/Resources"]["/Font"].values()  # type: ignore[index]


def _is_embedded(font: Any) -> bool:
    found = font.get_object()
    inner = found["/DescendantFonts"][0].get_object() if "/DescendantFonts" in found else found
    told = inner["/FontDescriptor"].get_object()
    return any(name in told for name in ("/FontFile", "/FontFile2", "/FontFile3"))


def test_pictures_in_the_pdf_say_what_they_show() -> None:
    reader = read_pdf(content())
    texts = {str(one["/Alt"]) for one in _figures(reader.trailer["/Root"]["/StructTreeRoot"])}  # type: ignore[index]
    assert any("部署の立ち位置" in text for text in texts)
    assert any("26%" in text and "48%" in text for text in texts)


def _figures(node: Any) -> Any:
    found = node.get_object()
    if isinstance(found, list):
        for one in found:
            yield from _figures(one)
    elif isinstance(found, dict):
        if found.get("/S") == "/Figure" and "/Alt" in found:
            yield found
        if "/K" in found:
            yield from _figures(found["/K"])


def test_board_and_assembly_take_the_pages_they_need() -> None:
    for kind in ("board", "assembly"):
        text = "".join(page.extract_text() for page in read_pdf(content(kind)).pages)
        assert "取扱注意" not in text
        assert "用語の意味" in text
        assert text.count(SUM[:12]) == len(read_pdf(content(kind)).pages)


# The picture -------------------------------------------------------------------------------------
def test_names_that_find_no_room_are_counted_and_movers_are_kept() -> None:
    many = names(60, long=True)
    whole = content(cells=(c.Cell(1, 1, many),))
    low = draw_stair(whole, room=300)
    high = draw_stair(whole)
    assert float(low.height) <= 300 < float(high.height) or low.height == high.height
    told = [text.text for text in high.texts]
    assert "ほか51部署" in told
    moved = [text for text in high.texts if text.bold and "課" in text.text]
    assert moved


def test_no_text_of_the_picture_is_wider_than_its_column() -> None:
    stair = draw_stair(fullest())
    for text in stair.texts:
        wide = text_width(text.text, float(text.size))
        start = float(text.x) - wide if text.end else float(text.x)
        assert start >= 0
        assert start + wide <= WIDTH + 0.5


# PowerPoint --------------------------------------------------------------------------------------
def test_slide_has_its_finding_native_charts_a_table_and_notes() -> None:
    whole = content()
    show = Presentation(io.BytesIO(MAKERS["pptx"](Sheet(whole, SUM))))
    assert len(show.slides) == 1
    slide = show.slides[0]
    assert slide.shapes.title is not None
    assert slide.shapes.title.text_frame.text == whole.finding
    charts = [shape.chart for shape in slide.shapes if shape.has_chart]
    here, firm = (list(chart.plots[0].series[0].values) for chart in charts)
    assert here == [step.here for step in whole.steps]
    assert firm == [step.firmness for step in whole.steps], "no data is no bar, not 0"
    tables = [shape.table for shape in slide.shapes if shape.has_table]
    told = {cell.text_frame.text for table in tables for row in table.rows for cell in row.cells}
    assert {figure.value for figure in whole.figures} <= told
    assert any("庁内ポータル" in text for text in told)
    notes = slide.notes_slide.notes_text_frame
    assert notes is not None
    assert "到達した基準で決まります。" in notes.text
    assert SUM[:12] in notes.text
    assert "取扱注意" in " ".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)


@pytest.mark.parametrize("asks", range(4))
def test_nothing_of_a_slide_stands_on_something_else(asks: int) -> None:
    """Charts give way to what is to be decided; rows are as high as the texts in them."""
    whole = replace(fullest(), asks=fullest().asks[:asks])
    slide = Presentation(io.BytesIO(MAKERS["pptx"](Sheet(whole, SUM)))).slides[0]
    found = [s for s in slide.shapes if s.has_chart or s.has_table or s.has_text_frame]
    boxes = sorted((s.top, s.top + s.height, s.left, s.left + s.width) for s in found)
    for n, (_top, bottom, left, right) in enumerate(boxes):
        assert bottom <= Cm(19.05)
        for top, _bottom, other_left, other_right in boxes[n + 1 :]:
            beside = other_left >= right or left >= other_right
            assert beside or top >= bottom - Cm(0.15), (n, top, bottom)
    tables = [s.table for s in slide.shapes if s.has_table]
    for row in list(tables[1].rows)[1:] if asks else ():
        lines = len(row.cells[1].text_frame.paragraphs)
        size = row.cells[1].text_frame.paragraphs[0].runs[0].font.size
        assert row.height >= lines * size


def test_every_word_of_the_slide_has_a_japanese_font_and_its_language() -> None:
    show = Presentation(io.BytesIO(MAKERS["pptx"](sheet())))
    runs = list(show.slides[0]._element.iter(qn("a:r")))
    assert runs
    for run in runs:
        told = run.find(qn("a:rPr"))
        assert told is not None
        assert told.get("lang") == "ja-JP"
        east = told.find(qn("a:ea"))
        assert east is not None
        assert east.get("typeface") == "BIZ UDPGothic"


# Excel and CSV -----------------------------------------------------------------------------------
def test_workbook_has_data_codes_definitions_and_a_page_to_print() -> None:
    whole = content()
    book = load_workbook(io.BytesIO(MAKERS["xlsx"](Sheet(whole, SUM))))
    assert book.sheetnames == ["データ", "コード表", "定義", "印刷用"]
    page = book["データ"]
    head, *rows = page.iter_rows(values_only=True)
    assert head == data.HEADER
    assert not page.merged_cells.ranges
    assert {row[0] for row in rows} == {"012084"}, "the code keeps its zero"
    assert all(isinstance(row[11], int | type(None)) for row in rows)
    firm = {(row[8], row[11]) for row in rows if row[10] == "firmness"}
    assert firm == {(f"{step.axis}-{step.step}", step.firmness) for step in whole.steps}
    codes = {(row[0], row[1]) for row in book["コード表"].iter_rows(min_row=2, values_only=True)}
    used = {("unit_of_value", row[12]) for row in rows if row[12]} | {
        ("section", row[5]) for row in rows
    }
    assert used <= codes
    words = {row[0] for row in book["定義"].iter_rows(min_row=2, values_only=True)}
    assert set(data.HEADER) <= words


def test_csv_is_for_programs_and_never_a_formula() -> None:
    asks = (c.Ask("=1+1", (c.Option("@x", "+1", "-1", "=cmd"),)),)
    raw = data.csv(content(asks=asks))
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert tuple(rows[0]) == data.HEADER
    assert {row["municipality_code"] for row in rows} == {"012084"}
    assert {row["as_of"] for row in rows} == {"2026-11-30"}
    typed = [row["text"] for row in rows if row["section"] == "asks"]
    assert typed
    assert not [text for text in typed if text[:1] in "=+-@"]
    masked = [row for row in rows if row["section"] == "pain" and row["unit"] == "会計・議会"]
    assert {row["value"] for row in masked} == {""}


# All ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", BriefingKind.values)
@pytest.mark.parametrize("file", list(MAKERS))
def test_two_makes_are_the_same_bytes(kind: str, file: str) -> None:
    one, two = (MAKERS[file](sheet(kind)) for _ in range(2))
    assert one == two


@pytest.mark.parametrize("file", ["pptx", "xlsx"])
def test_dates_in_office_files_are_those_of_the_sheet(file: str) -> None:
    made = io.BytesIO(MAKERS[file](sheet()))
    core = Presentation(made).core_properties if file == "pptx" else load_workbook(made).properties
    assert core.created is not None
    assert f"{core.created:%Y-%m-%d %H:%M}" == "2026-11-30 00:15"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("mayor", "北見市_DX階段_2026-11_市長レク.pdf"),
        ("board", "北見市_DX階段_2026-11_推進本部.pdf"),
        ("assembly", "北見市_DX階段_2026-11_議会.pdf"),
    ],
)
def test_file_is_named_after_place_month_and_audience(kind: str, name: str) -> None:
    assert file_name(content(kind), "pdf") == name
