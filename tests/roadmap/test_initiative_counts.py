"""What a department's initiatives give a criterion, by what it counts."""

import datetime as dt
from decimal import Decimal

import pytest

from roadmap.choices import InitiativeMeasure, Phase
from roadmap.initiative_counts import Count, Led, count, count_level, still_needed
from roadmap.thresholds import Threshold

DAY = dt.date(2026, 9, 30)
OLD = DAY - dt.timedelta(days=90)
SHARES = Threshold(Decimal(60), Decimal(30), Decimal(1))


def led(phase: str, launched_on: dt.date | None = OLD, **more: bool) -> Led:
    return Led(1, "電子申請", phase, launched_on, **more)


def test_shares_are_of_those_launched_ninety_days_ago() -> None:
    rows = [
        led(Phase.ESTABLISHED, asked_again=True),
        led(Phase.LIVE),
        led(Phase.LIVE, DAY - dt.timedelta(days=89), asked_again=True),
        led(Phase.IDEA, None),
    ]
    rooted = count(InitiativeMeasure.ESTABLISHED, rows, DAY)
    again = count(InitiativeMeasure.ASKED_AGAIN, rows, DAY)
    assert (rooted.part, rooted.whole, rooted.percent) == (1, 2, 50)
    assert (again.part, again.whole) == (1, 2)
    assert count_level(InitiativeMeasure.ESTABLISHED, rooted, SHARES) == 2


def test_ended_work_is_counted_by_the_piece() -> None:
    pieces = Threshold(Decimal(3), Decimal(2), Decimal(1))
    rows = [
        led(Phase.STOPPED, None, ended=True),
        led(Phase.STOPPED, ended=False),
        led(Phase.LIVE, DAY, ended=True),
        led(Phase.IDEA, None, ended=True),
    ]
    found = count(InitiativeMeasure.STOPPED, rows, DAY)
    assert (found.part, found.whole) == (1, 3)
    assert count_level(InitiativeMeasure.STOPPED, found, pieces) == 1
    assert still_needed(InitiativeMeasure.STOPPED, found, pieces, 3) == 2


@pytest.mark.parametrize("measure", list(InitiativeMeasure))
def test_nothing_to_count_is_no_data_and_not_zero(measure: str) -> None:
    assert count_level(measure, count(measure, [], DAY), SHARES) is None


@pytest.mark.parametrize(("part", "whole", "more"), [(0, 1, 1), (1, 2, 1), (2, 3, 0), (1, 10, 5)])
def test_how_many_more_are_needed(part: int, whole: int, more: int) -> None:
    assert still_needed(InitiativeMeasure.ESTABLISHED, Count(part, whole), SHARES, 3) == more
