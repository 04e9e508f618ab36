"""Promoters in words and dates: when a term ends, and which sections are helped. No database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

#: Days before the last day from which a term is said to end soon.
ENDING_DAYS: Final = 30
#: Postings change on 1 April, so a term that ends the day before is looked at first.
FISCAL_START: Final = (4, 1)
#: Most hours a week that can be given for it: a working week has 38 hours 45 minutes.
MOST_HOURS: Final = 38
MINUTES: Final = 60


class Cover(StrEnum):
    """Whether a section is helped by a promoter."""

    HELPED = "helped"
    ENDING = "ending"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many sections there are, and how many of them stand where."""

    sections: int = 0
    helped: int = 0
    ending: int = 0

    @property
    def without(self) -> int:
        """Sections without a promoter; `ending` is a part of `helped`."""
        return self.sections - self.helped


def last_day(valid_to: dt.date | None) -> dt.date | None:
    """The last day of a period that is stored with its first day after."""
    return valid_to - dt.timedelta(days=1) if valid_to else None


def ends_soon(valid_to: dt.date | None, today: dt.date) -> bool:
    """Whether the last day comes within ENDING_DAYS, today included; never where it has passed."""
    last = last_day(valid_to)
    return last is not None and 0 <= (last - today).days <= ENDING_DAYS


def ends_with_the_year(valid_to: dt.date | None) -> bool:
    """Whether 31 March is the last day."""
    return valid_to is not None and (valid_to.month, valid_to.day) == FISCAL_START


def cover(ends: Iterable[dt.date | None], today: dt.date) -> Cover:
    """One section, from the ends of the terms in force there today (None: open).

    It is ending only where every term ends soon: one that goes on is enough.
    """
    soon = [ends_soon(valid_to, today) for valid_to in ends]
    if not soon:
        return Cover.NONE
    return Cover.ENDING if all(soon) else Cover.HELPED


def counted(covers: Iterable[Cover]) -> Counted:
    """Sections by cover; those that are ending are helped today."""
    found = list(covers)
    ending = found.count(Cover.ENDING)
    return Counted(len(found), ending + found.count(Cover.HELPED), ending)


def a_year_more(valid_to: dt.date) -> dt.date:
    """The same day of the next year; 29 February becomes 1 March."""
    try:
        return valid_to.replace(year=valid_to.year + 1)
    except ValueError:
        return dt.date(valid_to.year + 1, 3, 1)


def year_end(day: dt.date) -> dt.date:
    """31 March of the fiscal year of a day."""
    return dt.date(day.year + (day.month > FISCAL_START[0] - 1), 3, 31)
