"""Whom the planner asks when: by value, and over random years day by day."""

import datetime as dt
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dxportal.shared.fiscal import fiscal_year, quarter
from dxportal.shared.workdays import is_workday, on_or_after
from surveys.ask_planning import (
    GATHER_DAYS,
    WINDOW_DAYS,
    Asks,
    Due,
    Plan,
    last_day,
    next_quarter,
    plan_day,
)
from surveys.choices import NotAsked, Waiting
from surveys.followups import MIN_MEANT_TO_USE
from surveys.sittings import MAX_BLOCKS

DAY = dt.timedelta(days=1)
MONDAY = dt.date(2026, 11, 30)
STAFF, OTHERS, HEAD = (1, False), (2, False), (1, True)


def decided(*dues: Due, asks: Asks | None = None, limit: int = 3, on: dt.date = MONDAY) -> Plan:
    """What is decided on a Monday."""
    return plan_day(on, dues, asks or Asks(), limit=limit, is_workday=is_workday)


def due(key: int = 1, on: dt.date = MONDAY, **sizes: int) -> Due:
    """A follow-up for the staff of department 1."""
    return Due(key, on, {STAFF: 10})


def test_what_is_due_is_asked() -> None:
    (sitting,) = decided(due()).sittings

    assert (sitting.keys, sitting.groups, sitting.left_out) == ([1], {STAFF}, {1: frozenset()})


def test_what_concerns_the_same_people_is_asked_together_and_no_more_than_three() -> None:
    plan = decided(*(due(key) for key in (1, 2, 3, 4)))

    assert [sitting.keys for sitting in plan.sittings] == [[1, 2, 3]]
    assert plan.waiting == {4: (Waiting.FULL, None)}


def test_others_have_a_sitting_of_their_own() -> None:
    plan = decided(due(1), Due(2, MONDAY, {OTHERS: 8}))

    assert [sitting.keys for sitting in plan.sittings] == [[1], [2]]


def test_one_waits_for_another_that_is_due_soon_for_the_same_people() -> None:
    later = MONDAY + GATHER_DAYS * DAY

    assert decided(due(1), due(2, later)).waiting == {1: (Waiting.GATHER, later)}
    assert decided(due(1), due(2, later + DAY)).sittings


def test_nobody_is_asked_on_a_sunday_or_while_being_asked() -> None:
    sunday = MONDAY - DAY

    assert decided(due(on=sunday), on=sunday).waiting == {1: (Waiting.CLOSED_DAY, None)}
    busy = decided(due(), asks=Asks(busy=frozenset({STAFF})))
    assert busy.waiting == {1: (Waiting.BUSY, None)}


def test_who_was_asked_often_enough_is_asked_in_the_next_quarter() -> None:
    plan = decided(due(), asks=Asks({STAFF: 3}))

    assert plan.waiting == {1: (Waiting.LIMIT, dt.date(2027, 1, 4))}


@pytest.mark.parametrize(("others", "asked"), [(MIN_MEANT_TO_USE, True), (4, False)])
def test_where_waiting_does_not_help_the_others_are_asked_if_they_are_enough(
    others: int, asked: bool
) -> None:
    first = dt.date(2026, 10, 1)
    plan = decided(Due(1, first, {STAFF: 10, OTHERS: others}), asks=Asks({STAFF: 3}))

    if asked:
        assert plan.sittings[0].groups == {OTHERS}
        assert plan.sittings[0].left_out == {1: frozenset({STAFF})}
    else:
        assert plan.refused == {1: NotAsked.LIMIT}


def test_what_is_late_and_what_concerns_nobody_is_listed() -> None:
    late = MONDAY - (WINDOW_DAYS + 3) * DAY

    assert decided(due(on=late)).refused == {1: NotAsked.LATE}
    assert decided(Due(1, MONDAY, {})).refused == {1: NotAsked.NOBODY}


GROUPS = st.tuples(st.integers(1, 5), st.booleans())
LAUNCHES = st.lists(
    st.tuples(st.integers(0, 250), st.dictionaries(GROUPS, st.integers(1, 12), min_size=1)),
    min_size=1,
    max_size=14,
)
#: Waves that others open: on which day, for which groups. Nothing keeps those from the limit.
OTHER_WAVES = st.lists(
    st.tuples(st.integers(0, 400), st.sets(GROUPS, min_size=1, max_size=6)), max_size=12
)


@settings(max_examples=200)
@given(launches=LAUNCHES, others=OTHER_WAVES, limit=st.integers(1, 4), open_days=st.integers(1, 20))
def test_nobody_is_asked_too_often_and_every_launch_is_asked_in_time_or_listed(
    launches: list[tuple[int, dict[tuple[int, bool], int]]],
    others: list[tuple[int, set[tuple[int, bool]]]],
    limit: int,
    open_days: int,
) -> None:
    start = dt.date(2026, 4, 1)
    everything = {
        key: Due(key, on_or_after(start + day * DAY), sizes)
        for key, (day, sizes) in enumerate(launches)
    }
    asked: dict[int, dt.date] = {}
    refused: dict[int, NotAsked] = {}
    waves: list[tuple[dt.date, frozenset[tuple[int, bool]], bool]] = []
    for number in range(420):
        today = start + number * DAY
        waves += [(today, frozenset(groups), False) for day, groups in others if day == number]
        season = (fiscal_year(today), quarter(today))
        counts = Counter(
            group
            for day, groups, _own in waves
            if (fiscal_year(day), quarter(day)) == season
            for group in groups
        )
        busy = frozenset(
            group
            for day, groups, own in waves
            if own and day + open_days * DAY > today
            for group in groups
        )
        left = [d for key, d in everything.items() if key not in asked and key not in refused]
        plan = plan_day(today, left, Asks(counts, busy), limit=limit, is_workday=is_workday)
        refused |= plan.refused
        for sitting in plan.sittings:
            assert len(sitting.keys) <= MAX_BLOCKS
            assert is_workday(today)
            assert not sitting.groups & busy
            assert all(counts[group] < limit for group in sitting.groups)
            for key in sitting.keys:
                asked[key] = today
                mine = everything[key].groups - sitting.left_out[key]
                assert mine <= sitting.groups
                assert sum(everything[key].sizes[group] for group in mine) >= MIN_MEANT_TO_USE
            waves.append((today, frozenset(sitting.groups), True))
        told = {key for sitting in plan.sittings for key in sitting.keys}
        assert told.isdisjoint(plan.waiting)
        assert (told | plan.waiting.keys()).isdisjoint(plan.refused)
        assert told | plan.waiting.keys() | plan.refused.keys() == {
            d.key for d in left if d.due_on <= today
        }

    assert asked.keys() | refused.keys() == everything.keys()
    for key, day in asked.items():
        assert everything[key].due_on <= day <= last_day(everything[key].due_on, is_workday)
    assert NotAsked.LATE not in refused.values(), "who looks every day is never late"
    own: dict[tuple[object, ...], int] = defaultdict(int)
    for day, groups, is_own in waves:
        for group in groups if is_own else ():
            own[group, fiscal_year(day), quarter(day)] += 1
    assert max(own.values(), default=0) <= limit


def test_the_next_quarter_begins_on_a_working_day() -> None:
    assert next_quarter(dt.date(2026, 12, 31), is_workday) == dt.date(2027, 1, 4)
    assert next_quarter(dt.date(2027, 3, 31), is_workday) == dt.date(2027, 4, 1)
