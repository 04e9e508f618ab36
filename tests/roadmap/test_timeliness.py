"""Freshness and derived status, on and beside each edge."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.choices import DerivedRule, DerivedStatus, Freshness, Phase
from roadmap.timeliness import (
    derived_edges,
    derived_status,
    edges,
    freshness,
    milestone_edges,
    milestone_overdue,
    target_end,
)

DAY = dt.date(2026, 4, 1)
ONE = dt.timedelta(days=1)
NOTHING = (DerivedStatus.NONE, DerivedRule.NONE)
LATE = (DerivedStatus.LATE, DerivedRule.TARGET_PASSED)
UNCONFIRMED = (DerivedStatus.UNCONFIRMED, DerivedRule.NO_FOLLOW_UP)

days = st.dates(dt.date(2020, 1, 1), dt.date(2040, 12, 31))
facts = st.tuples(st.sampled_from(Phase), st.none() | days, st.none() | days, st.booleans())


def after(number):
    return DAY + dt.timedelta(days=number)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (-1, Freshness.FRESH),
        (0, Freshness.FRESH),
        (30, Freshness.FRESH),
        (31, Freshness.DUE),
        (60, Freshness.DUE),
        (61, Freshness.STALE),
        (180, Freshness.STALE),
        (181, Freshness.UNKNOWN),
        (5000, Freshness.UNKNOWN),
    ],
)
def test_freshness_when_the_report_is_days_old(age, expected):
    assert freshness(DAY, after(age)) == expected


def test_freshness_is_unknown_when_nothing_was_reported():
    assert freshness(None, DAY) == Freshness.UNKNOWN


@given(days, days)
def test_freshness_changes_on_its_edges_and_on_no_other_day(reported, day):
    changes = freshness(reported, day) != freshness(reported, day - ONE)
    assert changes == (day in edges(reported))


@given(days)
def test_freshness_changes_on_each_of_its_edges(reported):
    for edge in edges(reported):
        assert freshness(reported, edge) != freshness(reported, edge - ONE)


def test_target_end_is_the_last_day_of_quarter_or_year():
    assert target_end(2026, 1) == dt.date(2026, 6, 30)
    assert target_end(2026, None) == dt.date(2027, 3, 31)
    assert target_end(None, 2) is None


@pytest.mark.parametrize(
    ("phase", "target", "launched", "followed", "expected"),
    [
        (Phase.IDEA, None, None, False, NOTHING),
        (Phase.BUILDING, after(0), None, False, NOTHING),
        (Phase.BUILDING, after(-1), None, False, LATE),
        (Phase.ON_HOLD, after(-1), None, False, LATE),
        (Phase.TRIAL, after(-1), after(-200), False, LATE),
        (Phase.TRIAL, after(1), after(-200), False, NOTHING),
        (Phase.STOPPED, after(-1), after(-200), False, NOTHING),
        (Phase.ESTABLISHED, after(-1), after(-200), False, NOTHING),
        (Phase.LIVE, after(-1), after(-89), False, NOTHING),
        (Phase.LIVE, after(-1), after(-90), False, UNCONFIRMED),
        (Phase.LIVE, None, after(-90), True, NOTHING),
        (Phase.LIVE, None, None, False, NOTHING),
        (Phase.CHECKING, None, after(-100), False, UNCONFIRMED),
    ],
)
def test_derived_status_when(phase, target, launched, followed, expected):
    assert derived_status(phase, target, launched, followed, DAY) == expected


@given(facts, days)
def test_derived_status_changes_on_its_edges_and_on_no_other_day(known, day):
    changes = derived_status(*known, day) != derived_status(*known, day - ONE)
    assert changes == (day in derived_edges(*known))


@given(facts)
def test_derived_status_changes_on_each_of_its_edges(known):
    for edge in derived_edges(*known):
        assert derived_status(*known, edge) != derived_status(*known, edge - ONE)


MILESTONE = (DerivedStatus.LATE, DerivedRule.MILESTONE_PASSED)
INDICATOR = (DerivedStatus.LATE, DerivedRule.INDICATOR_BEHIND)


@pytest.mark.parametrize(
    ("phase", "target", "overdue", "behind", "expected"),
    [
        (Phase.BUILDING, after(-1), True, True, LATE),
        (Phase.BUILDING, after(1), True, True, MILESTONE),
        (Phase.BUILDING, after(1), False, True, INDICATOR),
        (Phase.LIVE, after(-1), True, False, MILESTONE),
        (Phase.LIVE, after(-1), False, True, INDICATOR),
        (Phase.LIVE, after(-1), False, False, UNCONFIRMED),
        (Phase.ON_HOLD, None, True, False, MILESTONE),
        (Phase.STOPPED, None, True, True, NOTHING),
        (Phase.ESTABLISHED, None, True, True, NOTHING),
    ],
)
def test_rules_fire_in_their_order_when(phase, target, overdue, behind, expected):
    found = derived_status(
        phase, target, after(-90), False, DAY, overdue_milestone=overdue, behind_target=behind
    )
    assert found == expected


@pytest.mark.parametrize(
    ("due", "done", "overdue"),
    [
        (0, None, False),
        (-1, None, True),
        (-1, -1, False),
        (-5, -2, False),
        (-5, 0, False),
        (-5, 1, True),
        (3, 1, False),
    ],
)
def test_milestone_is_overdue_when_its_day_has_passed(due, done, overdue):
    assert milestone_overdue(after(due), None if done is None else after(done), DAY) is overdue


@given(days, st.none() | days, days)
def test_milestone_changes_on_its_edges_and_on_no_other_day(due, done, day):
    changes = milestone_overdue(due, done, day) != milestone_overdue(due, done, day - ONE)
    assert changes == (day in milestone_edges(due, done))
