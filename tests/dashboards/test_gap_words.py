"""What is said of a gap: between two numbers, never between ranges, never of what is hidden."""

import pytest

from dxportal.dashboards.gaps.declared import count, parts_of
from dxportal.dashboards.gaps.words import (
    Declared,
    apart,
    declared_sentence,
    highest,
    points,
    sentence,
)
from surveys.gap import Positive

TEXT = "気になることを言える"
HIDDEN = Positive(reason="示せません")


def _share(low: float, high: float | None = None) -> Positive:
    return Positive(low, low if high is None else high, masked=False)


@pytest.mark.parametrize(
    ("staff", "heads", "expected"),
    [
        (_share(44), _share(62), 18),
        (_share(70), _share(55), -15),
        (_share(50), _share(50), 0),
        (_share(50, 60), _share(80), None),
        (_share(50), _share(80, 100), None),
        (HIDDEN, _share(50), None),
        (_share(50), HIDDEN, None),
    ],
)
def test_points_need_two_numbers(staff: Positive, heads: Positive, expected: int | None) -> None:
    assert points(staff, heads) == expected


@pytest.mark.parametrize(
    ("staff", "heads", "words"),
    [
        (
            _share(44),
            _share(62),
            "所属長は62%が「気になることを言える」と見ていますが、職員は44%です（18ポイントの差）。",
        ),
        (
            _share(70),
            _share(55),
            "職員は70%が「気になることを言える」と答えましたが、"
            "そう見ている所属長は55%です（15ポイントの差）。",
        ),
        (_share(50), _share(55), "職員は50%、所属長は55%で、ほぼ同じです。"),
        (_share(50), _share(56), "（6ポイントの差）"),
        (_share(50), _share(50), "ほぼ同じです"),
        (_share(50, 60), _share(80), "範囲でしか分からないため、差は示しません"),
        (_share(50), HIDDEN, "所属長の回答は示していません"),
        (HIDDEN, _share(50), "職員の回答は示していません（示せません）"),
    ],
)
def test_each_sentence_says_what_is_published(staff: Positive, heads: Positive, words: str) -> None:
    assert words in sentence(TEXT, staff, heads, asked=True)


def test_without_answers_of_heads_no_gap_is_worded() -> None:
    words = sentence(TEXT, _share(44), Positive(), asked=False)

    assert words == "職員の肯定は44%です。所属長の回答は公開されていません。"


@pytest.mark.parametrize(
    ("declared", "staff", "words"),
    [
        (Declared(0, 0, 0, 0, 9), _share(44), "確認した部署は、まだありません。"),
        (Declared(3, 1, 0, 1, 9), _share(44), "確認した5部署のうち3が「部署で定着」"),
        (Declared(3, 1, 0, 1, 9), HIDDEN, "公開された職員の回答はありません"),
    ],
)
def test_what_is_declared_beside_the_staff(declared: Declared, staff: Positive, words: str) -> None:
    assert words in declared_sentence(declared, staff)


@pytest.mark.parametrize(
    ("band", "most"), [("≥ 60%", 100), ("50–59%", 59), ("40–49%", 49), ("< 40%", 40), ("", 100)]
)
def test_the_highest_share_of_a_band(band: str, most: int) -> None:
    assert highest(band) == most


@pytest.mark.parametrize(
    ("level", "band", "expected"),
    [(3, "< 40%", True), (3, "40–49%", False), (2, "< 40%", False), (None, "< 40%", False)],
)
def test_far_apart_is_firm_against_less_than_forty(
    level: int | None, band: str, expected: bool
) -> None:
    assert apart(level, band) is expected


def test_departments_without_a_level_are_counted_apart() -> None:
    declared = count([3, 3, 2, 0], 6)

    assert declared == Declared(2, 1, 0, 1, 2)
    assert (declared.answered, declared.total) == (4, 6)


def test_a_bar_leaves_open_what_nobody_said() -> None:
    widths = [float(part.width.rstrip("%")) for part in parts_of(Declared(2, 1, 0, 1, 4))]

    assert widths == [25, 12.5, 12.5]
    assert parts_of(Declared(0, 0, 0, 0, 0)) == []
