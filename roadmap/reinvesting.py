"""Where freed time and money went: how much may be used, what remains, what reaches what.

Amounts are minutes a week (time) or yen a year (money).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from roadmap.choices import Measure, Standing
from roadmap.value_sums import Amount, Figure, Line, added

#: What can be used elsewhere: paper and visits are no means.
MEASURES = (Measure.HOURS, Measure.MONEY)


@dataclass(frozen=True, slots=True)
class Use:
    """A part of what one initiative freed, and the initiative that gets it, if it is one."""

    pk: int
    source: int
    target: int | None
    measure: str
    amount: int


@dataclass(frozen=True, slots=True)
class Freed:
    """What an initiative freed, and whether that was verified or could only be reported."""

    amount: Amount
    standing: Standing


@dataclass(frozen=True, slots=True)
class Balance:
    """What was freed against what is used of it; None: nothing that counts yet."""

    freed: Freed | None
    used: int

    @property
    def left(self) -> Amount | None:
        """What nobody has a use for yet, never below 0."""
        if self.freed is None:
            return None
        low, high = self.freed.amount
        return Amount(max(low - self.used, 0), max(high - self.used, 0))

    @property
    def over(self) -> int:
        """How much more is used than can have been freed: after a later, smaller figure."""
        most = max(self.freed.amount.high, 0) if self.freed else 0
        return max(self.used - most, 0)

    @property
    def beyond_sure(self) -> bool:
        """More is used than the lower end, which is all that is sure."""
        return self.freed is not None and self.used > self.freed.amount.low and not self.over

    def allows(self, amount: int) -> bool:
        """Whether so much more may be used."""
        return self.freed is not None and 0 < amount <= self.freed.amount.high - self.used


def freed(figures: Iterable[Figure], measure: str, *, nobody_to_ask: bool) -> Freed | None:
    """What one initiative freed of a measure: verified, else reported where nobody can be asked.

    `nobody_to_ask`: it was stopped, or its outcome was declared because too few use it. Money can
    always be checked against a document, so only its verified figure counts.
    """
    line = Line(measure)
    own = [figure for figure in figures if figure.line == line]
    verified = added(f.amount for f in own if f.standing == Standing.VERIFIED)
    if verified is not None:
        return Freed(verified, Standing.VERIFIED)
    reported = added(f.amount for f in own if f.standing == Standing.REPORTED)
    if reported is not None and nobody_to_ask and measure == Measure.HOURS:
        return Freed(reported, Standing.REPORTED)
    return None


def used(uses: Iterable[Use], source: int, measure: str) -> int:
    """How much of what an initiative freed is used."""
    return sum(use.amount for use in uses if use.source == source and use.measure == measure)


def circle(uses: Iterable[Use], source: int, target: int) -> list[int] | None:
    """Round the circle that `source` → `target` would close, beginning with the source."""
    after = _after(uses)
    ways: list[list[int]] = [[target]]
    seen = {target}
    while ways:
        way = ways.pop(0)
        if way[-1] == source:
            return [source, *way]
        for following in after.get(way[-1], ()):
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return None


def onward(uses: Iterable[Use], start: int) -> list[int]:
    """Every initiative that something of the start reaches, the nearest first."""
    after = _after(uses)
    found: list[int] = []
    waiting = list(after.get(start, ()))
    while waiting:
        at = waiting.pop(0)
        if at not in found and at != start:
            found.append(at)
            waiting += after.get(at, ())
    return found


def _after(uses: Iterable[Use]) -> Mapping[int, Sequence[int]]:
    after: dict[int, list[int]] = {}
    for use in uses:
        if use.target is not None:
            after.setdefault(use.source, []).append(use.target)
    return after
