"""A pasted range becomes the table that importers read: with headings or not, wide or listed."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.accounts.choices import ImportKind, SizeBand
from dxportal.accounts.codes import is_valid_code
from dxportal.accounts.department_rows import parse_departments
from dxportal.accounts.known_municipalities import _all, known_municipality
from dxportal.accounts.pasted import as_table, cell_address, has_headings
from dxportal.shared.tabular import read_table

DEPARTMENTS, STAFF = ImportKind.DEPARTMENTS, ImportKind.STAFF


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode())))


def paths(text: str, **how: bool) -> list[tuple[str, ...]]:
    """The tree that a pasted range of departments means."""
    table = read_table(io.BytesIO(as_table(text, DEPARTMENTS, **how).content), "x.csv")
    return [row.path for row in parse_departments(table).rows]


@pytest.mark.parametrize(
    ("first", "kind", "expected"),
    [
        (["部", "課", "係"], DEPARTMENTS, True),
        (["部署", "上位部署"], DEPARTMENTS, True),
        (["所属名"], DEPARTMENTS, True),
        (["部", "課", "", "アカウントのない職員数（人）"], DEPARTMENTS, True),
        (["総務部", "総務課", "庶務係"], DEPARTMENTS, False),
        (["総務部", "市町村課"], DEPARTMENTS, False),
        (["氏名", "メールアドレス", "所属", "役割"], STAFF, True),
        (["山田 太郎", "taro@town.example", "総務課", "所属長"], STAFF, False),
        (["山田 太郎", "", "総務課", "所属長"], STAFF, False),
        (["", ""], DEPARTMENTS, False),
    ],
)
def test_headings_are_seen(first: list[str], kind: str, expected: bool) -> None:
    assert has_headings(first, kind) is expected


def test_levels_without_headings_and_numbers_of_staff() -> None:
    pasted = as_table("総務部\t総務課\t12\n総務部\t税務課\t\n\n", DEPARTMENTS)
    assert pasted.added == 1
    assert rows_of(pasted.content) == [
        ["部", "課", "アカウントのない職員数"],
        ["総務部", "総務課", "12"],
        ["総務部", "税務課", ""],
    ]


def test_town_without_bureaus_is_read_as_sections_and_teams() -> None:
    assert rows_of(as_table("総務課\t庶務係\n税務課\t収納係", DEPARTMENTS).content)[0] == [
        "課",
        "係",
    ]
    assert paths("総務課\t庶務係") == [("総務課",), ("総務課", "庶務係")]


@pytest.mark.parametrize(
    "text", ["総務部\t\n総務課\t総務部\n税務課\t総務部", "\t総務部\n総務部\t総務課\n総務部\t税務課"]
)
def test_name_and_the_one_above_in_either_order(text: str) -> None:
    assert paths(text) == [("総務部",), ("総務部", "総務課"), ("総務部", "税務課")]


def test_merged_cells_are_filled_where_wished() -> None:
    text = "総務部\t総務課\n\t税務課\n会計室\t"
    assert ("税務課",) in paths(text)
    assert paths(text, fill_down=True) == [
        ("総務部",),
        ("総務部", "総務課"),
        ("総務部", "税務課"),
        ("会計室",),
    ]


def test_cells_keep_line_breaks_and_tabs_win_over_commas() -> None:
    pasted = as_table('部\t課\r\n総務部\t"総務,\n庶務課"\r\n', DEPARTMENTS)
    assert pasted.added == 0
    assert rows_of(pasted.content)[1] == ["総務部", "総務,\n庶務課"]
    assert as_table(" \n\t\n", DEPARTMENTS).content == b""


def test_people_without_headings_are_told_by_the_at_sign() -> None:
    pasted = as_table("山田 太郎\ttaro@town.example\t総務課\t事務局", STAFF)
    assert rows_of(pasted.content)[0] == ["氏名", "メールアドレス", "所属", "役割"]
    pasted = as_table("taro@town.example\t山田 太郎\t総務課", STAFF)
    assert rows_of(pasted.content)[0] == ["メールアドレス", "氏名", "所属"]


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [(12, "課", "B12"), (1, "部", "A1"), (3, "ない", "3"), (None, "課", "")],
)
def test_address_of_a_cell(row: int | None, column: str, expected: str) -> None:
    assert cell_address(row, column, ["部", "課", "係"]) == expected


def test_address_beyond_z() -> None:
    header = [f"h{number}" for number in range(703)]
    found = [cell_address(1, f"h{n}", header) for n in (25, 26, 701, 702)]
    assert found == ["Z1", "AA1", "ZZ1", "AAA1"]


_CELL = st.text(alphabet="部課係総務税窓口 ,\"'0123", max_size=6)


@given(st.lists(st.lists(_CELL, min_size=1, max_size=5), max_size=12))
def test_no_filled_cell_is_lost(rows: list[list[str]]) -> None:
    text = "\n".join("\t".join(cell.replace('"', "") for cell in row) for row in rows)
    pasted = as_table(text + "\t", DEPARTMENTS)
    found = [cell for row in rows_of(pasted.content)[pasted.added :] for cell in row if cell]
    wanted = [c for row in rows for cell in row if (c := cell.replace('"', "").strip())]
    assert found == wanted


def test_bundled_list_is_keyed_by_code_and_every_code_is_valid() -> None:
    setagaya, fuchu = known_municipality("131121"), known_municipality("132063")
    assert setagaya is not None
    assert (setagaya.name, setagaya.prefecture, setagaya.size_band) == (
        "世田谷区",
        "東京都",
        SizeBand.WARD,
    )
    assert fuchu is not None
    assert [k.prefecture for k in _all().values() if k.name == "府中市"] == ["東京都", "広島県"]
    assert known_municipality("999997") is None
    assert len(_all()) == 1741
    assert all(is_valid_code(code) for code in _all())
    assert {known.size_band for known in _all().values()} <= set(SizeBand.values)
