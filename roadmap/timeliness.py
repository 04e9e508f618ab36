"""What dates mean: how fresh a report is, and what the facts say beside it (rules 4 and 5).

`as_of` is always a parameter. Each function has its `*_edges`: the days on which its answer
changes by the date alone, for the nightly roll-up to mark.
"""

import datetime as dt
from typing import Final

from dxportal.shared.fiscal import quarter_end
from roadmap.choices import LAUNCHED_PHASES, DerivedRule, DerivedStatus, Freshness, Phase

FRESH_DAYS: Final = 30
DUE_DAYS: Final = 60
STALE_DAYS: Final = 180
FOLLOW_UP_DAYS: Final = 90

_LAST_DAYS = (
    (FRESH_DAYS, Freshness.FRESH),
    (DUE_DAYS, Freshness.DUE),
    (STALE_DAYS, Freshness.STALE),
)
#: Neither is late or unconfirmed any more: one took root, the other ended (rule 6).
_SETTLED = (Phase.ESTABLISHED, Phase.STOPPED)


def freshness(last_report: dt.date | None, as_of: dt.date) -> Freshness:
    """Up to 30 days fresh, up to 60 due, up to 180 stale, then unknown (rule 4).

    Unknown too without any report; a report dated after `as_of` is fresh.
    """
    if last_report is None:
        return Freshness.UNKNOWN
    age = (as_of - last_report).days
    for last_day, state in _LAST_DAYS:
        if age <= last_day:
            return state
    return Freshness.UNKNOWN


def edges(last_report: dt.date) -> list[dt.date]:
    """The first days of due, stale and unknown after this report."""
    return [last_report + dt.timedelta(days=last_day + 1) for last_day, _state in _LAST_DAYS]


def target_end(fiscal_year: int | None, quarter: int | None) -> dt.date | None:
    """The last day of the target; a year without a quarter means its last day, None no target."""
    if fiscal_year is None:
        return None
    return quarter_end(fiscal_year, 4 if quarter is None else quarter)


def derived_status(
    phase: str,
    target_end: dt.date | None,
    launched_on: dt.date | None,
    has_follow_up: bool,
    as_of: dt.date,
    *,
    overdue_milestone: bool = False,
    behind_target: bool = False,
) -> tuple[DerivedStatus, DerivedRule]:
    """What the facts say, with the rule that fired (rule 5); it never replaces the report.

    The first that holds: 1. late: not in operation after the last day of its target, also while
    on hold. 2. late: a milestone is overdue. 3. late: an indicator is behind its target.
    4. unconfirmed: in operation for 90 days or more and no closed follow-up since then. An
    established or stopped initiative is none of it. The whole comes before its parts, and dates,
    which everybody can check, before figures.

    `overdue_milestone`: `milestone_overdue` of any; `behind_target`: `measuring.indicator_behind`
    of any; both on the day `as_of`.
    """
    late_from = _late_from(phase, target_end)
    if late_from is not None and as_of >= late_from:
        return DerivedStatus.LATE, DerivedRule.TARGET_PASSED
    if overdue_milestone and phase not in _SETTLED:
        return DerivedStatus.LATE, DerivedRule.MILESTONE_PASSED
    if behind_target and phase not in _SETTLED:
        return DerivedStatus.LATE, DerivedRule.INDICATOR_BEHIND
    unconfirmed_from = _unconfirmed_from(phase, launched_on, has_follow_up)
    if unconfirmed_from is not None and as_of >= unconfirmed_from:
        return DerivedStatus.UNCONFIRMED, DerivedRule.NO_FOLLOW_UP
    return DerivedStatus.NONE, DerivedRule.NONE


def derived_edges(
    phase: str, target_end: dt.date | None, launched_on: dt.date | None, has_follow_up: bool
) -> list[dt.date]:
    """The day on which `derived_status` changes if only time passes; empty or one day."""
    days = (
        _late_from(phase, target_end),
        _unconfirmed_from(phase, launched_on, has_follow_up),
    )
    return [day for day in days if day is not None]


def milestone_overdue(due_on: dt.date, done_on: dt.date | None, as_of: dt.date) -> bool:
    """Whether its day has passed and it was not done by then."""
    return due_on < as_of and (done_on is None or done_on > as_of)


def milestone_edges(due_on: dt.date, done_on: dt.date | None) -> list[dt.date]:
    """The first day on which it is overdue, and the day on which that ends; empty where never."""
    begin = due_on + dt.timedelta(days=1)
    if done_on is not None and done_on <= begin:
        return []
    return [begin] if done_on is None else [begin, done_on]


def overdue_sql(initiative: str, day: str) -> str:
    """Whether any milestone of an initiative is overdue; the arguments are SQL: its id, a day."""
    return (
        "EXISTS (SELECT 1 FROM roadmap_milestone milestone"
        f" WHERE milestone.initiative_id = {initiative} AND milestone.removed_on IS NULL"
        f" AND milestone.due_on < {day}"
        f" AND (milestone.done_on IS NULL OR milestone.done_on > {day}))"
    )


def _late_from(phase: str, target_end: dt.date | None) -> dt.date | None:
    """The first late day, None where it cannot become late."""
    if target_end is None or phase in LAUNCHED_PHASES or phase in _SETTLED:
        return None
    return target_end + dt.timedelta(days=1)


def _unconfirmed_from(
    phase: str, launched_on: dt.date | None, has_follow_up: bool
) -> dt.date | None:
    """The 90th day of operation, None where it is confirmed or not in operation."""
    if launched_on is None or has_follow_up or phase in _SETTLED:
        return None
    if phase not in LAUNCHED_PHASES:
        return None
    return launched_on + dt.timedelta(days=FOLLOW_UP_DAYS)
