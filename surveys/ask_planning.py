"""Whom to ask about which initiatives today: together, not too often, in the time meant for it.

Plain values, no database, no clock. A group is a department's staff or its head: everybody in it is
asked whenever it is asked, so that counting its waves counts the asks of each person in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from dxportal.shared.fiscal import fiscal_year, quarter, quarter_end
from surveys.choices import NotAsked, Waiting
from surveys.followups import MIN_MEANT_TO_USE
from surveys.sittings import MAX_BLOCKS, AskGroup

#: An initiative is asked about within so many days of its date, or listed as not asked.
WINDOW_DAYS: Final = 60
#: So long one waits for another that is due and concerns the same people.
GATHER_DAYS: Final = 14

Workday = Callable[[dt.date], bool]


@dataclass(frozen=True)
class Due:
    """A follow-up and how many people of which groups it would ask."""

    key: int
    due_on: dt.date
    sizes: Mapping[AskGroup, int]

    @property
    def groups(self) -> frozenset[AskGroup]:
        """The groups it asks."""
        return frozenset(self.sizes)


@dataclass(frozen=True)
class Asks:
    """What was asked: waves of each group in the quarter of today, and groups asked just now."""

    counts: Mapping[AskGroup, int] = field(default_factory=dict)
    busy: frozenset[AskGroup] = frozenset()


@dataclass
class Sitting:
    """What is asked together today; per follow-up the groups that are left out."""

    keys: list[int]
    groups: set[AskGroup]
    left_out: dict[int, frozenset[AskGroup]]


@dataclass
class Plan:
    """What to do today with everything that is due: each is in exactly one of the three."""

    sittings: list[Sitting] = field(default_factory=list)
    waiting: dict[int, tuple[Waiting, dt.date | None]] = field(default_factory=dict)
    refused: dict[int, NotAsked] = field(default_factory=dict)


def last_day(due_on: dt.date, is_workday: Workday) -> dt.date:
    """The last working day of the time in which it is asked."""
    day = due_on + dt.timedelta(days=WINDOW_DAYS)
    while not is_workday(day):
        day -= dt.timedelta(days=1)
    return day


def next_quarter(day: dt.date, is_workday: Workday) -> dt.date:
    """The first working day of the quarter after this one (quarters of the fiscal year)."""
    first = quarter_end(fiscal_year(day), quarter(day)) + dt.timedelta(days=1)
    while not is_workday(first):
        first += dt.timedelta(days=1)
    return first


def plan_day(
    today: dt.date,
    follow_ups: Iterable[Due],
    asks: Asks,
    *,
    limit: int,
    is_workday: Workday,
    together: int = MAX_BLOCKS,
) -> Plan:
    """Decide for each follow-up that is due by today; those due later are only waited for.

    A group is asked by one sitting at a time and by at most `limit` waves a quarter, whatever else
    opened them. Where waiting brings its turn within the time for it, it waits; otherwise those
    who may be asked are asked, and where they are fewer than 5 it is refused. `together`: so many
    initiatives share one sitting at most.
    """
    everything = sorted(follow_ups, key=lambda due: (due.due_on, due.key))
    day = _Day(today, everything, asks, limit, is_workday, together)
    for due in everything:
        if due.due_on <= today:
            day.decide(due)
    return day.plan


@dataclass
class _Day:
    """One day's planning, follow-up by follow-up."""

    today: dt.date
    everything: Sequence[Due]
    asks: Asks
    limit: int
    is_workday: Workday
    together: int
    plan: Plan = field(default_factory=Plan)

    def decide(self, due: Due) -> None:
        """Put the follow-up into exactly one of the three."""
        last = last_day(due.due_on, self.is_workday)
        if self.today > last:
            self.plan.refused[due.key] = NotAsked.LATE
        elif not self.is_workday(self.today):
            self.plan.waiting[due.key] = (Waiting.CLOSED_DAY, None)
        elif not due.sizes:
            self.plan.refused[due.key] = NotAsked.NOBODY
        elif wait := self._worth_waiting(due, last):
            self.plan.waiting[due.key] = wait
        else:
            self._ask(due, last)

    def _ask(self, due: Due, last: dt.date) -> None:
        full = self._full(due)
        shut = full | (due.groups & self.asks.busy)
        sitting, taken = _seat(due.groups - shut, self.plan.sittings, self.together)
        if taken and self.today < last:
            self.plan.waiting[due.key] = (Waiting.FULL, None)
            return
        shut |= taken
        left = due.groups - shut
        if sum(due.sizes[group] for group in left) < MIN_MEANT_TO_USE:
            self.plan.refused[due.key] = NotAsked.LIMIT if full else NotAsked.BUSY
            return
        if sitting is None:
            sitting = Sitting([], set(), {})
            self.plan.sittings.append(sitting)
        sitting.keys.append(due.key)
        sitting.groups |= left
        sitting.left_out[due.key] = frozenset(shut)

    def _full(self, due: Due) -> set[AskGroup]:
        """Its groups that were asked as often as they may be."""
        return {group for group in due.groups if self.asks.counts.get(group, 0) >= self.limit}

    def _worth_waiting(self, due: Due, last: dt.date) -> tuple[Waiting, dt.date | None] | None:
        """Why waiting lets more people be asked, or fewer times; None where it does not."""
        if due.groups & self.asks.busy and self.today < last:
            return Waiting.BUSY, None
        if self._full(due):
            following = next_quarter(self.today, self.is_workday)
            if following <= last:
                return Waiting.LIMIT, following
        until = due.due_on + dt.timedelta(days=GATHER_DAYS)
        others = [
            other.due_on
            for other in self.everything
            if self.together > 1
            and self.today < other.due_on <= until
            and other.groups & due.groups
        ]
        return (Waiting.GATHER, min(others)) if others else None


def _seat(
    groups: Iterable[AskGroup], sittings: Sequence[Sitting], together: int
) -> tuple[Sitting | None, set[AskGroup]]:
    """The sitting of today that these people already have, and who of them sits in another one.

    Nobody sits twice: with room in the first sitting found those of the others are taken, without
    room all that sit anywhere.
    """
    wanted = set(groups)
    found = [sitting for sitting in sittings if sitting.groups & wanted]
    if not found:
        return None, set()
    home = next((sitting for sitting in found if len(sitting.keys) < together), None)
    taken: set[AskGroup] = set()
    for sitting in found:
        if sitting is not home:
            taken |= sitting.groups & wanted
    return home, taken
