"""Halves and quarters of a fiscal year: their days, their names, and when one reports on them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from dxportal.shared import fiscal
from dxportal.shared.workdays import before, on_or_after
from roadmap.choices import RoundKind

#: Departments get about four weeks (own proposal; reports are due at the end of the period).
DAYS_TO_RETURN: Final = 28
_LAST_QUARTERS: Final = {RoundKind.HALF: (2, 4), RoundKind.QUARTER: (1, 2, 3, 4)}


@dataclass(frozen=True, slots=True)
class Period:
    """One half-year (1 or 2) or quarter (1 to 4) of a fiscal year."""

    kind: RoundKind
    fiscal_year: int
    number: int

    @property
    def exists(self) -> bool:
        """Whether the year has a period of this number."""
        return 1 <= self.number <= len(_LAST_QUARTERS[self.kind])

    @property
    def starts_on(self) -> dt.date:
        """Its first day."""
        quarters = _LAST_QUARTERS[self.kind]
        first = quarters[self.number - 2] + 1 if self.number > 1 else 1
        return fiscal.quarter_start(self.fiscal_year, first)

    @property
    def ends_on(self) -> dt.date:
        """Its last day."""
        return fiscal.quarter_end(self.fiscal_year, _LAST_QUARTERS[self.kind][self.number - 1])

    @property
    def following(self) -> Period:
        """The next one of its kind."""
        if self.number < len(_LAST_QUARTERS[self.kind]):
            return Period(self.kind, self.fiscal_year, self.number + 1)
        return Period(self.kind, self.fiscal_year + 1, 1)

    @property
    def due_on(self) -> dt.date:
        """The last working day of the period."""
        return before(self.ends_on + dt.timedelta(days=1))

    @property
    def opens_on(self) -> dt.date:
        """A working day about four weeks before it is due."""
        return on_or_after(self.due_on - dt.timedelta(days=DAYS_TO_RETURN))


def period_of(kind: RoundKind, day: dt.date) -> Period:
    """The period in which the day lies."""
    quarter = fiscal.quarter(day)
    number = next(n for n, last in enumerate(_LAST_QUARTERS[kind], start=1) if quarter <= last)
    return Period(kind, fiscal.fiscal_year(day), number)


def proposal(kind: RoundKind, day: dt.date, taken: set[Period]) -> Period:
    """The present period, or the next one for which no round is planned yet."""
    period = period_of(kind, day)
    while period in taken or period.due_on < day:
        period = period.following
    return period


def words(kind: str, number: int) -> str:
    """上期, 下期, 第1四半期."""
    if kind == RoundKind.QUARTER:
        return _("quarter %(number)s") % {"number": number}
    return _("first half") if number == 1 else _("second half")


def label(period: Period, style: fiscal.CalendarStyle) -> str:
    """令和8年度 上期."""
    year = fiscal.format_fiscal_year(period.fiscal_year, style)
    return f"{year} {words(period.kind, period.number)}"
