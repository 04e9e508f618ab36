"""What figures of effects mean: units, sums a standing, promised against verified, in words.

Promised, reported and verified figures are never added together. No figure is never 0.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dxportal.shared.messages import Message
from roadmap.choices import Measure, Standing
from roadmap.measuring import read_number, written

MINUTES: Final = 60
#: No town saves more; keeps sums within eight bytes.
MOST: Final = 10**13


class Line(NamedTuple):
    """One kind of figure: only figures of one line are added."""

    measure: str
    once: bool = False


#: In the order of the page: what cuts work, then what creates value.
LINES: Final = (
    Line(Measure.HOURS),
    Line(Measure.PAPER),
    Line(Measure.VISITS),
    Line(Measure.MONEY),
    Line(Measure.MONEY, True),
    Line(Measure.NEW_VALUE),
)
#: Unit in which a figure is stored, as files name it.
UNITS: Final = {
    Line(Measure.HOURS): gettext_lazy("minutes a week"),
    Line(Measure.PAPER): gettext_lazy("sheets a year"),
    Line(Measure.VISITS): gettext_lazy("visits a year"),
    Line(Measure.MONEY): gettext_lazy("yen a year"),
    Line(Measure.MONEY, True): gettext_lazy("yen, once"),
    Line(Measure.NEW_VALUE): gettext_lazy("people a year"),
}


class Amount(NamedTuple):
    """From low to high, in the unit of its line."""

    low: int
    high: int

    def plus(self, other: Amount) -> Amount:
        """Both together."""
        return Amount(self.low + other.low, self.high + other.high)


@dataclass(frozen=True, slots=True)
class Figure:
    """One entry in force."""

    initiative: int
    line: Line
    standing: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Total:
    """A sum, the number of initiatives it comes from, and of those without a figure."""

    amount: Amount | None = None
    initiatives: int = 0
    without: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """What one initiative promised on one line, and what was verified; None: not yet."""

    initiative: int
    line: Line
    promised: Amount | None
    reported: Amount | None
    verified: Amount | None


def added(amounts: Iterable[Amount]) -> Amount | None:
    """Their sum; None where there is none, which is not 0."""
    found = list(amounts)
    if not found:
        return None
    return Amount(sum(a.low for a in found), sum(a.high for a in found))


def totals(figures: Iterable[Figure], initiatives: Collection[int]) -> dict[Line, dict[str, Total]]:
    """Every line and standing of these initiatives."""
    held: dict[tuple[Line, str], list[Figure]] = {}
    for figure in figures:
        if figure.initiative in initiatives:
            held.setdefault((figure.line, figure.standing), []).append(figure)
    return {
        line: {
            standing.value: _total(held.get((line, standing.value), []), len(initiatives))
            for standing in Standing
        }
        for line in LINES
    }


def _total(figures: Sequence[Figure], initiatives: int) -> Total:
    known = len({figure.initiative for figure in figures})
    return Total(added(figure.amount for figure in figures), known, initiatives - known)


def promises(figures: Iterable[Figure]) -> list[Kept]:
    """Line by line, the largest promise first, every initiative with a figure."""
    held: dict[tuple[Line, int], dict[str, list[Amount]]] = {}
    for figure in figures:
        of = held.setdefault((figure.line, figure.initiative), {})
        of.setdefault(figure.standing, []).append(figure.amount)
    kept = [
        Kept(
            initiative,
            line,
            *(added(of.get(standing.value, ())) for standing in Standing),
        )
        for (line, initiative), of in held.items()
    ]
    return sorted(kept, key=lambda k: (LINES.index(k.line), -_size(k), k.initiative))


def _size(kept: Kept) -> int:
    amount = kept.promised or kept.reported or kept.verified
    return amount.high if amount else 0


def amount_text(line: Line, amount: Amount) -> str:
    """週5〜9時間, 年1,200枚, 1回1,000,000円."""
    if line.measure == Measure.HOURS:
        return _hours_text(amount)
    words = {"range": span(amount)}
    if line == Line(Measure.PAPER):
        return _("%(range)s sheets a year") % words
    if line == Line(Measure.VISITS):
        return _("%(range)s visits a year") % words
    if line == Line(Measure.NEW_VALUE):
        return _("%(range)s people a year") % words
    return (_("%(range)s yen once") if line.once else _("%(range)s yen a year")) % words


def _hours_text(amount: Amount) -> str:
    if max(abs(amount.low), abs(amount.high)) < MINUTES:
        return _("%(range)s minutes a week") % {"range": span(amount)}
    low, high = (hours(value) for value in amount)
    return _("%(range)s hours a week") % {"range": low if low == high else f"{low}〜{high}"}


def hours(minutes: int) -> str:
    """Minutes as hours with one decimal at most: 90 → 1.5."""
    return written(round(Decimal(minutes) / MINUTES, 1))


def span(amount: Amount) -> str:
    """5〜9, or one number where both are the same."""
    low, high = (written(Decimal(value)) for value in amount)
    return low if low == high else f"{low}〜{high}"


_BETWEEN = re.compile(r"\s*(?:[〜~～–—]|から|(?<=\d)-)\s*")


def read_hours(text: str) -> Amount | None:
    """Hours a week as typed, one number or two with 〜 between: 5, 5〜9, 0.5-1.5; in minutes.

    None for nothing. Raises ValueError whose text says what to write instead.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = plain.removesuffix("時間")
    if not plain:
        return None
    parts = _BETWEEN.split(plain)
    if len(parts) > 2:
        raise ValueError(_RANGE)
    low, high = (to_minutes(read_number(part)) for part in (parts[0], parts[-1]))
    if low > high:
        raise ValueError(_SMALLER_FIRST)
    return Amount(low, high)


def to_minutes(number: Decimal) -> int:
    """Hours to whole minutes."""
    return whole(number * MINUTES)


def whole(number: Decimal) -> int:
    """A figure without decimals, not below 0. Raises ValueError with what to write instead."""
    if number < 0 or number > MOST:
        raise ValueError(_NOT_NEGATIVE)
    return int(number.to_integral_value())


_RANGE = Message(gettext_lazy("Write one number, or two with 〜 between, for example 5〜9."), {})
_SMALLER_FIRST = Message(gettext_lazy("Write the smaller number first."), {})
_NOT_NEGATIVE = Message(gettext_lazy("Write 0 or more, and not more than 13 digits."), {})


def by_line(held: Mapping[Line, Mapping[str, Total]], line: Line) -> list[Total]:
    """The three totals of a line in the order of the standings."""
    return [held[line][standing.value] for standing in Standing]
