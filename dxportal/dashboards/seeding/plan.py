"""What the town looks like, decided from one random source: sections, sizes, people, tracks."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from dxportal.dashboards.seeding.names import (
    BUREAUS,
    GIVEN_NAMES,
    HOME,
    NEW_SECTION,
    OFFICE,
    SURNAMES,
    TYPICAL,
)
from dxportal.shared.fiscal import add_months, fiscal_year, fiscal_year_start, month_start

SMALLEST, MEDIAN, LARGEST = 3, 12, 40
#: Sections from this size on have a promoter.
WITH_PROMOTER = 6
#: From this number of sections on one of them begins late.
WITH_NEW_SECTION = 20
HISTORY_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that the seed's history hangs on, all relative to the day it ends."""

    as_of: dt.date

    @property
    def start(self) -> dt.date:
        """First day of the first month with figures."""
        return add_months(month_start(self.as_of), -HISTORY_MONTHS)

    @property
    def founded(self) -> dt.date:
        """First day of the fiscal year before that: people and posts begin here."""
        return fiscal_year_start(fiscal_year(self.start) - 1)

    @property
    def half(self) -> dt.date:
        """Where the second half-year begins."""
        return add_months(self.start, HISTORY_MONTHS // 2)

    @property
    def recent(self) -> dt.date:
        """A day of the present month, at most five days ago."""
        return max(month_start(self.as_of), self.as_of - dt.timedelta(days=5))

    def ago(self, days: int) -> dt.date:
        """So many days before the end."""
        return self.as_of - dt.timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Track:
    """How many steps are reached on one axis, before and from a day on."""

    before: int
    after: int
    moved_on: dt.date | None = None

    def reached(self, day: dt.date) -> int:
        """Steps reached on that day."""
        return self.after if self.moved_on is not None and day >= self.moved_on else self.before

    def most(self, start: dt.date, end: dt.date) -> int:
        """The most steps reached between two days."""
        return max(self.reached(start), self.reached(end))


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """One section as it shall become."""

    name: str
    bureau: str
    size: int
    technology: Track
    culture: Track
    late: bool = False


@dataclass(slots=True)
class TownPlan:
    """All sections, the home section first in `accounts` order."""

    calendar: Calendar
    bureaus: list[str]
    sections: list[SectionPlan]
    home: str
    office: str
    names: list[str] = field(default_factory=list)

    @property
    def by_account(self) -> list[SectionPlan]:
        """The order in which accounts are numbered: the home section first."""
        return sorted(self.sections, key=lambda s: (s.name != self.home, s.late))


def draw_town(random: Random, as_of: dt.date, *, sections: int, staff: int) -> TownPlan:
    """Decide everything; the same source gives the same town."""
    calendar = Calendar(as_of)
    chosen = choose_sections(sections)
    bureaus = list(dict.fromkeys(bureau for bureau, _name in chosen))
    in_sections = staff - len(bureaus) - 1
    sizes = draw_sizes(random, [name for _bureau, name in chosen], in_sections)
    tracks = _tracks(random, calendar, [name for _bureau, name in chosen])
    plans = [
        SectionPlan(
            name=name,
            bureau=bureau,
            size=sizes[name],
            technology=tracks[name][0],
            culture=tracks[name][1],
            late=(bureau, name) == NEW_SECTION,
        )
        for bureau, name in chosen
    ]
    return TownPlan(calendar, bureaus, plans, HOME, OFFICE, draw_names(random, staff + 10))


def choose_sections(count: int) -> list[tuple[str, str]]:
    """(bureau, section) in the chart's order: the home section and the DX office are always in."""
    listed = [(bureau, name) for bureau, names in BUREAUS for name in names]
    if count >= WITH_NEW_SECTION:
        listed.append(NEW_SECTION)
    fixed = [pair for pair in listed if pair[1] in (HOME, OFFICE, NEW_SECTION[1])]
    rest = [pair for pair in listed if pair not in fixed]
    wanted = max(0, count - len(fixed))
    chosen = {
        *fixed[: max(2, count)],
        *(rest[i * len(rest) // wanted] for i in range(min(wanted, len(rest)))),
    }
    if wanted <= len(rest):
        found = [pair for pair in listed if pair in chosen]
    else:
        rounds = range(2, 2 + math.ceil((wanted - len(rest)) / len(rest)))
        again = [(bureau, f"{name}（第{k}）") for k in rounds for bureau, name in rest]
        found = [*listed, *again[: wanted - len(rest)]]
    order = {bureau: place for place, (bureau, _names) in enumerate(BUREAUS)}
    return sorted(found, key=lambda pair: order[pair[0]])


def draw_sizes(random: Random, names: Sequence[str], staff: int) -> dict[str, int]:
    """Lognormal sizes with the median of real sections, brought to the wanted sum.

    The sum must be at least the number of sections.
    """
    sizes = {
        name: min(LARGEST, max(SMALLEST, round(random.lognormvariate(math.log(MEDIAN), 0.5))))
        for name in names
    }
    sizes |= {name: size for name, size in TYPICAL.items() if name in sizes}
    free = [name for name in names if name not in TYPICAL] or list(names)
    smallest, largest = SMALLEST, LARGEST
    while (missing := staff - sum(sizes.values())) != 0:
        step = 1 if missing > 0 else -1
        able = [name for name in free if smallest <= sizes[name] + step <= largest]
        if not able and len(free) < len(names):
            free = list(names)
        elif not able:
            smallest, largest = 1, largest * 2
        for name in random.sample(able, min(abs(missing), len(able))):
            sizes[name] += step
    return sizes


def draw_names(random: Random, count: int) -> list[str]:
    """So many full names; the first ones differ from each other."""
    pairs = [f"{surname} {given}" for surname in SURNAMES for given in GIVEN_NAMES]
    random.shuffle(pairs)
    return [pairs[i % len(pairs)] for i in range(count)]


# Tracks -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Mix:
    """How an axis shall look: shares of 0, 1 and 2 steps reached, and how many rose and fell."""

    shares: tuple[float, float, float]
    rose: float
    recent: int
    fell: int


TECHNOLOGY = Mix((0.34, 0.44, 0.22), rose=0.62, recent=4, fell=3)
CULTURE = Mix((0.52, 0.38, 0.10), rose=0.5, recent=2, fell=3)


def draw_tracks(
    random: Random, calendar: Calendar, names: Sequence[str], mix: Mix
) -> dict[str, Track]:
    """Dealt like cards, so that every seed has the wanted mix; rises spread over the year."""
    count = len(names)
    cards = [steps for steps, share in enumerate(mix.shares) for _ in range(round(share * count))]
    cards = [*cards, *([1] * count)][:count]
    random.shuffle(cards)
    tracks = {name: Track(after, after) for name, after in zip(names, cards, strict=True)}
    order = random.sample(list(names), count)
    up = [name for name in order if tracks[name].after > 0]
    up = up[: round(mix.rose * len(up))]
    for place, name in enumerate(up):
        after = tracks[name].after
        days = 330 - (place - mix.recent) * 300 // max(1, len(up) - mix.recent)
        moved_on = calendar.recent if place < mix.recent else calendar.ago(days)
        tracks[name] = Track(after - 1, after, moved_on)
    down = [name for name in order if name not in up and tracks[name].after < len(mix.shares) - 1]
    for place, name in enumerate(down[: mix.fell]):
        after = tracks[name].after
        tracks[name] = Track(
            after + 1, after, calendar.ago(55 * place) if place else calendar.recent
        )
    return tracks


def _tracks(random: Random, calendar: Calendar, names: Sequence[str]) -> dict[str, list[Track]]:
    """Technology and culture of every section; the accounts' own sections have stories to show."""
    axes = [draw_tracks(random, calendar, names, mix) for mix in (TECHNOLOGY, CULTURE)]
    told = {
        HOME: (
            Track(0, 1, calendar.ago(70)),
            Track(0, 1, calendar.half + dt.timedelta(days=30)),
        ),
        OFFICE: (Track(2, 3, calendar.recent), Track(1, 2, calendar.ago(110))),
    }
    return {name: [*told.get(name, [axis[name] for axis in axes])] for name in names}
