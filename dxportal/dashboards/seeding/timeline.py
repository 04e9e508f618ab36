"""Dated steps in the order in which they would have happened, each at its own time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.utils import timezone

Step = Callable[[], object]


def moment(day: dt.date, hour: int = 10, minute: int = 0) -> dt.datetime:
    """A time of that day in the municipality's zone."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour, minute)))


@contextmanager
def clock_at(when: dt.datetime) -> Iterator[None]:
    """Let Django's clock stand, so that rows that note their own time note this one.

    For a command that works alone in its process: invented history, never real people's.
    """
    kept = timezone.now
    timezone.now = lambda: when
    try:
        yield
    finally:
        timezone.now = kept


@dataclass(slots=True)
class Timeline:
    """Steps may be added in any order, while it runs too; none may lie before the one running."""

    end: dt.datetime
    _steps: list[tuple[dt.datetime, int, Step]] = field(default_factory=list)
    _added: int = 0

    def add(self, when: dt.datetime, step: Step) -> None:
        """Do this then; what would lie after the end is done at the end."""
        self._added += 1
        self._steps.append((min(when, self.end), self._added, step))

    def on(self, day: dt.date, step: Step, *, hour: int = 10, minute: int = 0) -> None:
        """Do this on that day."""
        self.add(moment(day, hour, minute), step)

    def run(self) -> None:
        """Do everything, the earliest first."""
        while self._steps:
            self._steps.sort(key=lambda entry: entry[:2], reverse=True)
            when, _number, step = self._steps.pop()
            with clock_at(when):
                step()
