"""The verdict, on and beside each threshold, and the day of asking."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.choices import Verdict
from surveys.content import FOLLOW_UP
from surveys.followups import (
    BOTH_WAYS,
    EASIER,
    HARDER,
    WEEKLY_OR_MORE,
    Figures,
    follow_up_due,
    is_declared,
    verdict,
)


def figures(n=10, *, asked=20, weekly=6, easier=5, harder=1, both=2):
    return Figures(asked, n, weekly, easier, harder, both)


@pytest.mark.parametrize(
    ("given_figures", "expected"),
    [
        (figures(4, asked=4, weekly=4, easier=4, both=0), Verdict.TOO_FEW),
        (figures(5, asked=7, weekly=5, easier=4, both=0), Verdict.ESTABLISHED),
        (figures(5, asked=8, weekly=5, easier=4, both=0), Verdict.TOO_FEW),
        (figures(9), Verdict.TOO_FEW),
        (figures(10, asked=21), Verdict.TOO_FEW),
        (figures(), Verdict.ESTABLISHED),
        (figures(weekly=2), Verdict.UNUSED),
        (figures(weekly=2, easier=0, harder=9), Verdict.UNUSED),
        (figures(weekly=3), Verdict.SUPPORT),
        (figures(weekly=5), Verdict.SUPPORT),
        (figures(both=3), Verdict.SUPPORT),
        (figures(easier=3, harder=3), Verdict.RETHINK),
        (figures(weekly=10, easier=2, harder=3), Verdict.RETHINK),
    ],
)
def test_verdict_when(given_figures, expected):
    assert verdict(given_figures) == expected


@st.composite
def any_figures(draw):
    asked = draw(st.integers(0, 300))
    n = draw(st.integers(0, asked))
    easier = draw(st.integers(0, n))
    return Figures(
        asked,
        n,
        weekly_or_more=draw(st.integers(0, n)),
        easier=easier,
        harder=draw(st.integers(0, n - easier)),
        both_ways=draw(st.integers(0, n)),
    )


@given(any_figures())
def test_verdict_takes_root_only_with_use_relief_and_the_old_way_ended(counts):
    if verdict(counts) == Verdict.ESTABLISHED:
        assert counts.n >= 5
        assert counts.weekly_or_more >= 0.6 * counts.n
        assert counts.easier > counts.harder
        assert counts.both_ways < 0.3 * counts.n


@given(any_figures())
def test_verdict_is_too_few_below_five_answers(counts):
    assert counts.n >= 5 or verdict(counts) == Verdict.TOO_FEW


def test_codes_are_options_of_the_follow_up():
    by_code = {q["code"]: {o["code"] for o in q["options"]} for q in FOLLOW_UP["questions"]}
    assert set(WEEKLY_OR_MORE) <= by_code["F1"]
    assert {*EASIER, *HARDER} <= by_code["F2"]
    assert set(BOTH_WAYS) <= by_code["F4"]


@pytest.mark.parametrize(
    ("meant", "verdicts", "declared"),
    [
        (4, [], True),
        (5, [], False),
        (5, [Verdict.TOO_FEW], False),
        (5, [Verdict.TOO_FEW, Verdict.TOO_FEW], True),
        (5, [Verdict.TOO_FEW, Verdict.SUPPORT, Verdict.TOO_FEW], False),
        (5, [Verdict.SUPPORT, Verdict.TOO_FEW, Verdict.TOO_FEW], True),
    ],
)
def test_outcome_is_declared_when(meant, verdicts, declared):
    assert is_declared(meant, verdicts) is declared


def test_follow_up_is_due_90_days_after_go_live():
    assert follow_up_due(dt.date(2026, 4, 1), lambda _day: True) == dt.date(2026, 6, 30)


def test_follow_up_moves_on_to_a_working_day():
    def is_workday(day):
        return day.weekday() < 5

    assert follow_up_due(dt.date(2026, 4, 4), is_workday) == dt.date(2026, 7, 3)
    assert follow_up_due(dt.date(2026, 4, 5), is_workday) == dt.date(2026, 7, 6)
