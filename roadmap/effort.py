"""What updating costs the staff: seconds that were measured, and an estimate for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: A shorter time is no person's, a longer one an open window that somebody went away from.
LEAST_SECONDS: Final = 1
MOST_SECONDS: Final = 900
#: A median of fewer updates says more about one person than about the way of updating.
FEWEST: Final = 5


def measured(text: str) -> int | None:
    """Seconds as a form sends them; None for anything that is not 1 to 900."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST_SECONDS))):
        return None
    seconds = int(text)
    return seconds if LEAST_SECONDS <= seconds <= MOST_SECONDS else None


def shared(seconds: int | None, number: int) -> list[int | None]:
    """The seconds of one act on many rows, whole seconds whose sum is what was measured."""
    if seconds is None or not number:
        return [None] * number
    each, rest = divmod(seconds, number)
    return [each + (1 if place < rest else 0) for place in range(number)]


@dataclass(frozen=True)
class Effort:
    """Updates of one time: how many, how many of them measured, with the sum of their seconds."""

    updates: int = 0
    unchanged: int = 0
    measured: int = 0
    seconds: int = 0
    median: float | None = None

    @property
    def told_median(self) -> float | None:
        """The median, where enough were measured."""
        return self.median if self.measured >= FEWEST else None

    @property
    def unchanged_percent(self) -> int | None:
        """The share of 「変わりなし」, where there are enough updates."""
        return round(100 * self.unchanged / self.updates) if self.updates >= FEWEST else None


@dataclass(frozen=True)
class Cost:
    """Minutes of a round or a month: measured, and estimated for what was not measured."""

    effort: Effort
    typical: float | None

    @property
    def few(self) -> bool:
        """Too few updates to tell minutes: they could be one person's."""
        return self.effort.updates < FEWEST

    @property
    def measured_minutes(self) -> float:
        """What was measured."""
        return self.effort.seconds / 60

    @property
    def unmeasured(self) -> int:
        """Updates whose time is not known."""
        return self.effort.updates - self.effort.measured

    @property
    def estimated_minutes(self) -> float | None:
        """The unmeasured at the typical time; None where no typical time is known."""
        if not self.unmeasured:
            return 0.0
        return None if self.typical is None else self.unmeasured * self.typical / 60

    @property
    def minutes(self) -> float | None:
        """Both together; None for few updates and where a part cannot be estimated."""
        estimated = self.estimated_minutes
        return None if estimated is None or self.few else self.measured_minutes + estimated


def cost(effort: Effort, everywhere: Effort) -> Cost:
    """The typical time is that of the same time span, else that of all updates together."""
    own = effort.told_median
    return Cost(effort, own if own is not None else everywhere.told_median)
