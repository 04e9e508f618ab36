"""Step × spread: how widespread each technology step is, translated to the levels 0–5.

The staircase says what a department can do; the levels that CDOs know say how widespread it is.
They are those of the DX推進指標 (Ministry of Economy, Trade and Industry, 2019; published by the
Information-technology Promotion Agency, IPA) in the wording for municipalities of DX研究所 (2021):
0 not started, 1 sporadic in some parts, 2 strategic in some parts, 3 across departments by an
overall strategy, 4 sustained, 5 providing new value sustainably. Which spread is which level is
our own reading (目安), for translation only: the indicators are self-assessed in 35 items. Steps
are never averaged: each has its own level, and there is none of the municipality.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

#: (least percent, most percent) of all departments, lowest first. 0 is 0, anything above begins 1.
BANDS: Final = ((0, 0), (1, 24), (25, 49), (50, 79), (80, 100))
SOME, WIDE, NEARLY_ALL = 25, 50, 80
#: Held for so many months it is called sustained.
SUSTAINED_MONTHS: Final = 6


class Rule(StrEnum):
    """Which rule gave the level."""

    UNKNOWN = "unknown"
    NONE = "none"
    BEGUN = "begun"
    NO_STRATEGY = "no_strategy"
    FEW = "few"
    SOME = "some"
    MANY = "many"
    NOT_YET_SUSTAINED = "not_yet_sustained"
    SUSTAINED = "sustained"
    NEW_VALUE = "new_value"


#: Rule → its level, in the order in which they are tried.
LEVELS: Final = {
    Rule.UNKNOWN: None,
    Rule.NONE: 0,
    Rule.BEGUN: 1,
    Rule.FEW: 1,
    Rule.NO_STRATEGY: 1,
    Rule.SOME: 2,
    Rule.MANY: 3,
    Rule.NOT_YET_SUSTAINED: 3,
    Rule.SUSTAINED: 4,
    Rule.NEW_VALUE: 5,
}
WHY: Final = {
    Rule.UNKNOWN: gettext_lazy(
        "fewer than half of the departments have a position: no level is given"
    ),
    Rule.NONE: gettext_lazy("no department has reached it or is working on it"),
    Rule.BEGUN: gettext_lazy("departments are working on it, none has reached it"),
    Rule.NO_STRATEGY: gettext_lazy(
        "departments have reached it, but no overall policy is recorded as in place"
    ),
    Rule.FEW: gettext_lazy("under 25% of departments have reached it"),
    Rule.SOME: gettext_lazy("25% or more have reached it, by an overall policy"),
    Rule.MANY: gettext_lazy("half or more have reached it, by an overall policy"),
    Rule.NOT_YET_SUSTAINED: gettext_lazy(
        "80% or more have reached it, but not yet for 6 months on end"
    ),
    Rule.SUSTAINED: gettext_lazy("80% or more have reached it for 6 months on end"),
    Rule.NEW_VALUE: gettext_lazy(
        "80% or more have reached the last step, new value, for 6 months on end"
    ),
}
NAMES: Final = (
    gettext_lazy("Not started"),
    gettext_lazy("Sporadic, in some parts"),
    gettext_lazy("Strategic, in some parts"),
    gettext_lazy("Across departments, by an overall strategy"),
    gettext_lazy("Sustained"),
    gettext_lazy("Providing new value sustainably"),
)


@dataclass(frozen=True, slots=True)
class Spread:
    """One step: of `departments`, those with a position, those that have reached the step, and
    those that work on it (standing on it, or with a seed there) without having reached it."""

    departments: int
    placed: int
    reached: int
    begun: int = 0

    @property
    def percent(self) -> int | None:
        """Share that has reached it, rounded down: 80 is never 79.6; None without departments."""
        return 100 * self.reached // self.departments if self.departments else None


@dataclass(frozen=True, slots=True)
class Reading:
    """The level of one step, and the rule that gave it."""

    level: int | None
    rule: Rule

    @property
    def name(self) -> str:
        """What the level is called; empty where there is none."""
        return "" if self.level is None else str(NAMES[self.level])

    @property
    def why(self) -> str:
        """The rule in words."""
        return str(WHY[self.rule])


def band(spread: Spread) -> tuple[int, int] | None:
    """The band of the share; above nothing it is never the band of nothing. None: no data."""
    if spread.percent is None:
        return None
    least = max(1, spread.percent) if spread.reached else 0
    return next(band for band in BANDS if band[0] <= least <= band[1])


def band_text(found: tuple[int, int] | None) -> str:
    """25–49%, or 0%."""
    if found is None:
        return "–"
    return f"{found[0]}%" if found[0] == found[1] else f"{found[0]}–{found[1]}%"


def read(spread: Spread, *, strategy: bool, sustained: bool, last: bool) -> Reading:
    """The first rule that fits; compared in whole numbers.

    strategy: an overall policy is in place; sustained: 80 % held for six months on end, this one
    included; last: it is the last step, new value.
    """
    rule = _rule(spread, strategy=strategy, sustained=sustained, last=last)
    return Reading(LEVELS[rule], rule)


def _rule(spread: Spread, *, strategy: bool, sustained: bool, last: bool) -> Rule:
    share, of = 100 * spread.reached, spread.departments
    fits = (
        (Rule.UNKNOWN, not of or 2 * spread.placed < of),
        (Rule.NONE, not spread.reached and not spread.begun),
        (Rule.BEGUN, not spread.reached),
        (Rule.FEW, share < SOME * of),
        (Rule.NO_STRATEGY, not strategy),
        (Rule.SOME, share < WIDE * of),
        (Rule.MANY, share < NEARLY_ALL * of),
        (Rule.NOT_YET_SUSTAINED, not sustained),
        (Rule.SUSTAINED, not last),
        (Rule.NEW_VALUE, True),
    )
    return next(rule for rule, holds in fits if holds)


def sustained(months: Sequence[tuple[int, int] | None]) -> bool:
    """Whether 80 % held in each of the months on end; (reached, departments), None: not counted.

    The months run without a gap; fewer than SUSTAINED_MONTHS + 1 of them (half a year lies between
    the first and the last) say nothing.
    """
    if len(months) <= SUSTAINED_MONTHS:
        return False
    return all(
        month is not None and month[1] > 0 and 100 * month[0] >= NEARLY_ALL * month[1]
        for month in months
    )


def provisional() -> str:
    """What stands beside every level."""
    return _("A rough translation of our own, not a self-assessment by the indicators.")
