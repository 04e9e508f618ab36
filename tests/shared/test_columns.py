"""Headings to fields, and 同上."""

import pytest

from dxportal.shared.columns import fill_ditto, guess_columns, heading_key, is_ditto
from dxportal.shared.tables import Note, Row

FIELDS = {
    "title": ("取組名", "事業名", "initiative"),
    "department": ("担当課", "所管", "department"),
    "status": ("進捗状況", "進捗", "評価"),
    "actual": ("実績",),
}


def test_headings_are_compared_without_width_case_spaces_and_brackets() -> None:
    assert heading_key("担当課（取りまとめ課）") == heading_key(" 担 当 課 ") == "担当課"
    assert heading_key("Ｆｉｓｃａｌ＿Ｙｅａｒ") == heading_key("fiscal year") == "fiscalyear"
    assert heading_key("(年度)") == "年度"


def test_exact_headings_win_over_contained_ones() -> None:
    header = ["事業名(正式)", "主な取組名称", "進捗の評価", "進捗"]
    assert guess_columns(header, FIELDS) == {"title": 0, "status": 3}


def test_each_column_is_used_once_and_each_field_once() -> None:
    assert guess_columns(["取組名", "取組名", "担当課"], FIELDS) == {"title": 0, "department": 2}


def test_a_contained_heading_is_found_by_its_longest_alias() -> None:
    assert guess_columns(["No.", "R7進捗状況", "R7実績"], FIELDS) == {"status": 1, "actual": 2}


def test_the_remembered_choice_wins_and_may_leave_a_column_out() -> None:
    header = ["取組名", "やること", "担当課"]
    remembered = {"やること": "title", "担当課": ""}
    assert guess_columns(header, FIELDS, remembered) == {"title": 1}


def test_a_remembered_field_that_is_gone_is_ignored() -> None:
    assert guess_columns(["取組名"], FIELDS, {"取組名": "gone"}) == {}


@pytest.mark.parametrize("text", ["同上", "〃", '"', "″", "”", "上に同じ", "同 上"])
def test_words_for_as_above_are_known(text: str) -> None:
    assert is_ditto(text)


def test_ditto_repeats_the_row_above_and_says_so() -> None:
    rows = [Row(2, ["a", "総務課"]), Row(3, ["b", "同上"]), Row(4, ["c", "〃"]), Row(6, ["d", ""])]
    notes: list[Note] = []
    filled = [row.cells for row in fill_ditto(rows, {1: "担当課"}, notes)]
    assert filled == [["a", "総務課"], ["b", "総務課"], ["c", "総務課"], ["d", ""]]
    assert [(n.row, n.column, n.value) for n in notes] == [
        (3, "担当課", "総務課"),
        (4, "担当課", "総務課"),
    ]


def test_ditto_with_nothing_above_is_left_empty_and_noted() -> None:
    notes: list[Note] = []
    filled = list(fill_ditto([Row(2, ["同上"]), Row(3, ["〃"])], {0: "担当課"}, notes))
    assert [row.cells for row in filled] == [[""], [""]]
    assert [note.value for note in notes] == ["", ""]
