"""Initiatives out of files that others wrote: only the title is required, nothing is lost."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from dxportal.shared.columns import is_ditto
from dxportal.shared.importing import Parsed
from dxportal.shared.tabular import csv_lines, read_table
from roadmap.import_rows import InitiativeRow, parse_initiatives

PUBLISHED = Path(__file__).parents[1] / "data" / "initiatives_published.csv"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with override("en"):
        yield


def initiatives(text: str, mapping: dict[str, str] | None = None) -> Parsed[InitiativeRow]:
    return parse_initiatives(read_table(io.BytesIO(text.encode()), "表.csv"), mapping)


@pytest.fixture(scope="module")
def published() -> Parsed[InitiativeRow]:
    with PUBLISHED.open("rb") as file:
        return parse_initiatives(read_table(file, PUBLISHED.name))


def test_published_initiatives_are_all_read(published: Parsed[InitiativeRow]) -> None:
    assert (len(published.rows), published.problems) == (45, [])
    assert len(published.origins) == 26
    assert published.origins["浜松市"] == 13
    assert set(published.columns.values()) == {
        *("municipality", "initiative", "department", "fiscal_year"),
        *("target_kpi", "published_status", "source", "note"),
    }


def test_published_dittos_are_the_row_above_and_noted(published: Parsed[InitiativeRow]) -> None:
    assert {row.department_text for row in published.rows[1:6]} == {
        published.rows[0].department_text
    }
    assert [(note.row, note.column) for note in published.notes] == [
        *((row, "department") for row in range(3, 8)),
        *((row, "published_status") for row in (45, 46)),
    ]


def test_published_fiscal_years_are_all_understood(published: Parsed[InitiativeRow]) -> None:
    assert all(row.start_fy for row in published.rows)
    kitami = next(row for row in published.rows if row.origin == "北見市")
    assert (kitami.start_fy, kitami.end_fy) == (2016, None)
    oita = next(row for row in published.rows if row.fields["fiscal_years"] == "令和6〜7年度")
    assert (oita.start_fy, oita.end_fy) == (2024, 2025)


def test_published_words_are_kept_as_they_are(published: Parsed[InitiativeRow]) -> None:
    late = next(row for row in published.rows if row.row == 14)
    assert late.department_text == ""
    assert late.status_text == "年度計画よりも遅れている"
    assert published.rows[1].fields["note"] == "職員満足度をKPIに採用している実例"


def test_a_usual_progress_table_is_understood() -> None:
    parsed = initiatives(
        "令和7年度DX推進計画 進捗管理表,,,,,,,\n"
        "No.,取組名,主管課(取りまとめ),年度目標,R7実績,進捗状況,目標年度,備考,区長公約\n"
        "1,書かない窓口,市民課,申請書の廃止,2種,B,令和8年度,,○\n"
    )
    (row,) = parsed.rows
    assert (row.row, row.title, row.department_text, row.status_text) == (
        *(3, "書かない窓口"),
        *("市民課", "B"),
    )
    assert (row.start_fy, row.end_fy) == (None, 2026)
    assert row.fields == {
        "code": "1",
        "target": "申請書の廃止",
        "actual": "2種",
        "end": "令和8年度",
    }
    assert row.leftovers == {"区長公約": "○"}


def test_only_the_title_is_required() -> None:
    parsed = initiatives("事業名,担当課\n窓口,\n,税務課\n")
    assert [row.title for row in parsed.rows] == ["窓口"]
    assert [(p.row, p.column) for p in parsed.problems] == [(3, "事業名")]
    assert "Enter a name or delete the row" in str(parsed.problems[0])


def test_a_file_without_titles_is_a_problem_as_a_whole() -> None:
    parsed = initiatives("電話,内線\n1,2\n")
    assert [(p.row, p.value) for p in parsed.problems] == [(None, "電話、内線")]


def test_cells_beyond_the_headings_and_double_headings_are_kept() -> None:
    parsed = initiatives("取組名,独自,独自\n窓口,x,y,z\n")
    assert parsed.rows[0].leftovers == {"独自": "x", "独自 (2)": "y", "#4": "z"}


def test_years_that_cannot_be_are_noted_and_left_out() -> None:
    parsed = initiatives("取組名,開始年度,終了年度\na,R8,R6\nb,未定,R9\n")
    assert [(row.start_fy, row.end_fy) for row in parsed.rows] == [(2026, None), (None, 2027)]
    assert [note.row for note in parsed.notes] == [2, 3]
    assert "names no fiscal year" in str(parsed.notes[1])


def test_the_same_initiative_twice_is_noted() -> None:
    parsed = initiatives("取組名,担当課\n窓口,税務課\n窓口,市民課\n窓口,税務課\n")
    assert len(parsed.rows) == 3
    assert ["also stands in row 2" in str(note) for note in parsed.notes] == [True]


def test_a_remembered_mapping_wins() -> None:
    parsed = initiatives("やること,取組名\n窓口,x\n", {"やること": "title", "取組名": ""})
    assert (parsed.rows[0].title, parsed.rows[0].leftovers) == ("窓口", {"取組名": "x"})


CELLS = st.text(st.characters(categories=["Lo", "Nd", "Lu"]), max_size=8).filter(
    lambda cell: not is_ditto(cell)
)


@given(st.lists(st.lists(CELLS, min_size=6, max_size=6), min_size=1, max_size=10))
def test_no_filled_cell_is_ever_lost(rows: list[list[str]]) -> None:
    header = ["取組名", "担当課", "年度", "進捗", "独自の欄", "備考"]
    table = read_table(io.BytesIO(b"".join(csv_lines(header, rows))), "表.csv")
    parsed = parse_initiatives(table)
    again = read_table(io.BytesIO(b"".join(csv_lines(header, rows))), "表.csv")
    rejected = {problem.row for problem in parsed.problems}
    found = {row.number: row.cells for row in again.rows if row.number not in rejected}
    for row in parsed.rows:
        kept = [row.title, row.department_text, row.status_text]
        kept += [*row.fields.values(), *row.leftovers.values()]
        assert sorted(filter(None, kept)) == sorted(filter(None, found[row.row]))
