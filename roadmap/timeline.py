"""Where things stand in time: quarters, bars from start to target, marks of milestones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dxportal.shared.fiscal import fiscal_year, quarter, quarter_end, quarter_start

#: Fiscal years that one page of the timeline shows.
YEARS = 2


class MarkState(StrEnum):
    """How a milestone stands on a day; each has its shape and its word."""

    DONE = "done"
    OPEN = "open"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Quarter:
    """One column."""

    fy: int
    number: int

    @property
    def index(self) -> int:
        """Quarters since year 0, so that quarters can be counted."""
        return self.fy * 4 + self.number - 1

    @property
    def start(self) -> dt.date:
        """First day."""
        return quarter_start(self.fy, self.number)

    @property
    def end(self) -> dt.date:
        """Last day."""
        return quarter_end(self.fy, self.number)

    @property
    def months(self) -> tuple[int, int]:
        """First and last month."""
        return self.start.month, self.end.month

    def shifted(self, quarters: int) -> Quarter:
        """So many quarters later."""
        return quarter_at(self.index + quarters)

    def share(self, day: dt.date) -> float | None:
        """How far the day stands in the quarter, 0 to 100; None where it is not in it."""
        if not self.start <= day <= self.end:
            return None
        return round(100 * (day - self.start).days / ((self.end - self.start).days + 1), 1)


def quarter_at(index: int) -> Quarter:
    """The quarter of an index."""
    return Quarter(index // 4, index % 4 + 1)


def quarter_of(day: dt.date) -> Quarter:
    """The quarter in which a day lies."""
    return Quarter(fiscal_year(day), quarter(day))


def columns(first_fy: int, years: int = YEARS) -> list[Quarter]:
    """The quarters of so many fiscal years."""
    return [Quarter(first_fy + step // 4, step % 4 + 1) for step in range(years * 4)]


@dataclass(frozen=True)
class Span:
    """From which to which quarter something goes; an end that nobody named is None."""

    start: Quarter | None
    target: Quarter | None

    @property
    def first(self) -> int | None:
        """The first quarter of the bar: the target alone where no start is named."""
        named = self.start or self.target
        return named.index if named else None

    @property
    def last(self) -> int | None:
        """The last quarter; None: it goes on."""
        return self.target.index if self.target else None


def span(
    start_fy: int | None,
    start_quarter: int | None,
    target_fy: int | None,
    target_quarter: int | None,
) -> Span:
    """A year without a quarter begins with its first and ends with its last."""
    return Span(
        Quarter(start_fy, start_quarter or 1) if start_fy is not None else None,
        Quarter(target_fy, target_quarter or 4) if target_fy is not None else None,
    )


@dataclass(frozen=True)
class Mark:
    """A milestone as it is drawn."""

    pk: int
    title: str
    due_on: dt.date
    done_on: dt.date | None
    state: MarkState


def mark_state(due_on: dt.date, done_on: dt.date | None, day: dt.date) -> MarkState:
    """Done, overdue from the day after its date, else open."""
    if done_on is not None:
        return MarkState.DONE
    return MarkState.OVERDUE if due_on < day else MarkState.OPEN


@dataclass
class Cell:
    """One quarter of one row: a piece of the bar, and the milestones that fall into it."""

    quarter: Quarter
    bar: bool = False
    first: bool = False
    last: bool = False
    before: bool = False
    after: bool = False
    today: float | None = None
    marks: list[Mark] = field(default_factory=list)

    @property
    def css(self) -> str:
        """Classes of the piece of the bar; widths are those of the columns."""
        names = ("bar", "first", "last", "before", "after")
        return " ".join(name for name in names if getattr(self, name))


def cells(found: Span, shown: Sequence[Quarter], marks: Iterable[Mark], day: dt.date) -> list[Cell]:
    """The row of a span: pieces of its bar, arrows where it leaves the page, milestones, today."""
    row = [Cell(one, today=one.share(day)) for one in shown]
    low, high = shown[0].index, shown[-1].index
    first, last = found.first, found.last
    if first is not None:
        end = high + 1 if last is None else last
        for cell in row:
            index = cell.quarter.index
            cell.bar = min(first, end) <= index <= end
            cell.first = cell.bar and index == first
            cell.last = cell.bar and index == end
        row[0].before = min(first, end) < low
        row[-1].after = end > high
    for mark in marks:
        place = quarter_of(mark.due_on).index - low
        if 0 <= place < len(row):
            row[place].marks.append(mark)
    return row
