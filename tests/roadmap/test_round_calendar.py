"""Periods of a fiscal year, the days on which one reports, and what is proposed."""

import datetime as dt

import pytest

from dxportal.shared.workdays import is_workday
from roadmap.choices import RoundKind
from roadmap.round_calendar import Period, label, period_of, proposal

HALF, QUARTER = RoundKind.HALF, RoundKind.QUARTER


@pytest.mark.parametrize(
    ("period", "starts", "ends", "due"),
    [
        (Period(HALF, 2026, 1), "2026-04-01", "2026-09-30", "2026-09-30"),
        (Period(HALF, 2026, 2), "2026-10-01", "2027-03-31", "2027-03-31"),
        (Period(QUARTER, 2026, 3), "2026-10-01", "2026-12-31", "2026-12-28"),
        (Period(QUARTER, 2027, 4), "2028-01-01", "2028-03-31", "2028-03-31"),
    ],
)
def test_period_has_its_days(period: Period, starts: str, ends: str, due: str) -> None:
    days = (period.starts_on, period.ends_on, period.due_on)
    assert [day.isoformat() for day in days] == [starts, ends, due]
    assert is_workday(period.opens_on)
    assert dt.timedelta(days=20) < period.due_on - period.opens_on <= dt.timedelta(days=28)


def test_every_day_lies_in_its_period_and_periods_follow_each_other() -> None:
    day = dt.date(2026, 1, 1)
    while day < dt.date(2028, 1, 1):
        for kind in RoundKind:
            found = period_of(kind, day)
            assert found.starts_on <= day <= found.ends_on
            assert found.following.starts_on == found.ends_on + dt.timedelta(days=1)
        day += dt.timedelta(days=1)


def test_proposal_is_the_present_period_or_the_next_free_one() -> None:
    day = dt.date(2026, 8, 1)
    first = proposal(HALF, day, set())
    assert first == Period(HALF, 2026, 1)
    assert proposal(HALF, day, {first}) == first.following
    assert proposal(HALF, dt.date(2027, 1, 4), {first.following}) == Period(HALF, 2027, 1)
    assert proposal(QUARTER, dt.date(2026, 12, 31), set()) == Period(QUARTER, 2026, 4)


@pytest.mark.parametrize(
    ("period", "style", "words"),
    [
        (Period(HALF, 2026, 1), "wareki", "令和8年度 上期"),
        (Period(HALF, 2026, 2), "seireki", "2026年度 下期"),
        (Period(QUARTER, 2026, 3), "wareki", "令和8年度 第3四半期"),
    ],
)
def test_label_is_written_in_the_calendar_of_the_municipality(
    period: Period, style: str, words: str
) -> None:
    assert label(period, style) == words  # type: ignore[arg-type]


def test_periods_that_a_year_does_not_have_do_not_exist() -> None:
    assert not Period(HALF, 2026, 3).exists
    assert Period(QUARTER, 2026, 4).exists
