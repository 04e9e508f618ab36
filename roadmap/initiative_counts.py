"""What the initiatives that a department leads give a criterion; the same as in rollup_sql."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from roadmap.choices import InitiativeMeasure, Phase
from roadmap.thresholds import Threshold, level_of, share_level
from roadmap.timeliness import FOLLOW_UP_DAYS


@dataclass(frozen=True, slots=True)
class Led:
    """One standing initiative of a lead department, as of a day.

    `ended`: old work was named that ended with it; `asked_again`: staff were asked since the
    go-live, and it took root or it was decided what follows.
    """

    pk: int
    title: str
    phase: str
    launched_on: dt.date | None
    ended: bool = False
    asked_again: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """Those that count, of those that could; `rows`: (initiative, whether it counts)."""

    part: int
    whole: int
    rows: tuple[tuple[Led, bool], ...] = ()

    @property
    def percent(self) -> int:
        """Rounded down, so that a threshold is never shown as reached before it is."""
        return 100 * self.part // self.whole if self.whole else 0


def count(measure: str, initiatives: Iterable[Led], day: dt.date) -> Count:
    """By what the criterion counts: a share of those launched 90 days ago, or ended work."""
    rows = []
    for one in initiatives:
        launched = one.launched_on
        if measure == InitiativeMeasure.STOPPED:
            stopped = one.phase == Phase.STOPPED
            if stopped or (launched is not None and launched <= day):
                rows.append((one, stopped and one.ended))
        elif launched is not None and launched + dt.timedelta(days=FOLLOW_UP_DAYS) <= day:
            took_root = one.phase == Phase.ESTABLISHED
            counts = took_root if measure == InitiativeMeasure.ESTABLISHED else one.asked_again
            rows.append((one, counts))
    return Count(sum(counts for _one, counts in rows), len(rows), tuple(rows))


def count_level(measure: str, found: Count, threshold: Threshold) -> int | None:
    """The level; None where there is nothing to count: no data is never 0 (rule 2)."""
    if measure == InitiativeMeasure.STOPPED:
        return level_of(found.part, threshold) if found.whole else None
    return share_level(found.part, found.whole, threshold)


def still_needed(measure: str, found: Count, needed: Threshold, level: int) -> int:
    """How many more have to count for a level, the others staying as they are."""
    number = {3: needed.firm, 2: needed.partly, 1: needed.started}[level]
    if measure == InitiativeMeasure.STOPPED:
        return max(0, ceil(number) - found.part)
    return max(0, ceil(Fraction(number) * found.whole / 100) - found.part)
