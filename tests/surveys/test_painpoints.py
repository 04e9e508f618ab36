"""Burden: the table of the domain, what stays out of the sum, and order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.content import PAIN
from surveys.painpoints import (
    BUSY_SEASON,
    MINUTES,
    TIMES_A_WEEK,
    UNKNOWN,
    Burden,
    Report,
    burden,
    by_theme,
    total,
)

FREQUENCIES = (*TIMES_A_WEEK, BUSY_SEASON)
EFFORTS = (*MINUTES, UNKNOWN)

reports = st.builds(
    Report,
    theme=st.sampled_from(["paper", "meetings"]),
    frequency=st.none() | st.sampled_from(FREQUENCIES),
    minutes=st.none() | st.sampled_from(EFFORTS),
    reach=st.none() | st.sampled_from(["self", "section"]),
)


def options(code):
    question = next(q for q in PAIN["questions"] if q["code"] == code)
    return tuple(option["code"] for option in question["options"])


def test_tables_cover_every_option_of_the_survey():
    assert options("Q3") == FREQUENCIES
    assert options("Q4") == EFFORTS


@pytest.mark.parametrize(
    ("frequency", "minutes", "expected"),
    [
        ("daily", "under_5", (5, 25)),
        ("weekly", "to_15", (10, 60)),
        ("monthly", "to_30", (7.5, 27)),
        ("yearly", "to_60", (1.2, 12)),
        ("daily", "over_60", (300, 600)),
    ],
)
def test_burden_is_times_by_minutes_when_both_are_known(frequency, minutes, expected):
    assert burden(frequency, minutes).minutes == pytest.approx(expected)


@pytest.mark.parametrize(
    ("frequency", "minutes"),
    [(BUSY_SEASON, "to_30"), ("daily", UNKNOWN), (None, "to_30"), ("daily", None)],
)
def test_burden_is_none_when_either_is_missing(frequency, minutes):
    assert burden(frequency, minutes) is None


def test_total_counts_beside_the_sum_what_is_not_in_it():
    result = total(
        [
            Report("paper", "daily", "over_60"),
            Report("paper", "daily", "over_60"),
            Report("paper", BUSY_SEASON, UNKNOWN),
            Report("paper", "daily", UNKNOWN),
            Report("paper", None, "to_15"),
        ]
    )
    assert result.burden.hours == (10, 20)
    assert (result.counted, result.busy_season, result.unknown, result.unanswered) == (2, 1, 1, 1)
    assert result.respondents == 5


@given(st.lists(reports))
def test_total_counts_everybody_once_whatever_the_order(rows):
    result = total(rows)
    assert result.respondents == len(rows)
    assert 0 <= result.burden.low <= result.burden.high
    assert result == total(rows[::-1])


@given(st.lists(reports))
def test_themes_add_up_to_the_total(rows):
    themes = by_theme(rows)
    assert sum((row.total.burden for row in themes), Burden()) == total(rows).burden
    assert sum(row.total.respondents for row in themes) == len(rows)


def test_by_theme_puts_the_heaviest_first_and_never_multiplies_reach():
    rows = [
        Report("paper", "daily", "to_15", "residents"),
        Report("meetings", "daily", "over_60", "self"),
        Report("paper", "daily", "to_15", None),
        Report("handover", None, None, "section"),
    ]
    heaviest, second, last = by_theme(rows)
    assert (heaviest.theme, second.theme, last.theme) == ("meetings", "paper", "handover")
    assert second.total.burden == Burden(5000, 15000)
    assert second.reach == {"residents": 1}
