"""Where bars, dots and lines of result charts stand, in percent of the width: plain values only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dxportal.shared.charts import LIKERT, ink_on

#: A value is printed in its own part of a bar from this share of the bar's width on.
ROOM = 7.0
#: Between the bar itself and what stands apart from it.
GAP = 2.0
#: Width of a part whose share is not stored as a number.
UNKNOWN = 4.0
#: Middle of the five points, counted from the first.
MIDDLE = 2
#: What has no place in the order of agreement.
APART = -1


@dataclass(frozen=True, slots=True)
class Box:
    """One rectangle: percent of the width, fill, the value in it; hatched where none is stored."""

    left: str
    width: str
    fill: str
    middle: str
    text: str = ""
    ink: str = ""
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One answer of a scale: its place among the five (0 disagrees most), its share if stored.

    `most` is the width where no share is stored: what it can be at most.
    """

    place: int
    value: float | None
    text: str = ""
    most: float = UNKNOWN


@dataclass(frozen=True, slots=True)
class Axis:
    """One scale for all rows of a chart: how far they reach left, right and apart."""

    left: float
    right: float
    apart: float

    @property
    def unit(self) -> float:
        """Percent of the width for one percent of the answers."""
        return (100 - GAP) / max(self.left + self.right + self.apart, 1)

    @property
    def zero(self) -> float:
        """Where the middle of the neutral answers stands."""
        return self.left * self.unit

    @property
    def zero_at(self) -> str:
        """The same, as an attribute."""
        return at(self.zero)


def at(value: float) -> str:
    """A coordinate for an attribute, the same in every language."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def _width(part: Part) -> float:
    return part.most if part.value is None else part.value


def axis_of(rows: Iterable[Sequence[Part]]) -> Axis:
    """The scale on which all rows fit."""
    left = right = apart = 1.0
    for parts in rows:
        neutral = sum(_width(part) for part in parts if part.place == MIDDLE) / 2
        left = max(left, neutral + sum(_width(p) for p in parts if 0 <= p.place < MIDDLE))
        right = max(right, neutral + sum(_width(p) for p in parts if p.place > MIDDLE))
        apart = max(apart, sum(_width(p) for p in parts if p.place == APART))
    return Axis(left, right, apart)


def diverging(parts: Sequence[Part], axis: Axis) -> list[Box]:
    """One row: disagreement left, the neutral answers centred, agreement right, the rest apart."""
    ordered = sorted((part for part in parts if part.place != APART), key=lambda p: p.place)
    before = sum(_width(p) for p in ordered if p.place < MIDDLE)
    before += sum(_width(p) for p in ordered if p.place == MIDDLE) / 2
    x = axis.zero - before * axis.unit
    boxes = []
    for part in ordered:
        boxes.append(_box(part, x, axis.unit, LIKERT[part.place]))
        x += _width(part) * axis.unit
    x = (axis.left + axis.right) * axis.unit + GAP
    for part in parts:
        if part.place == APART:
            boxes.append(_box(part, x, axis.unit, ""))
            x += _width(part) * axis.unit
    return [box for box in boxes if box.width != "0%"]


def _box(part: Part, x: float, unit: float, fill: str) -> Box:
    width = _width(part) * unit
    hatched = part.value is None or part.place == APART
    text = part.text if part.value is not None and width >= ROOM else ""
    ink = ink_on("" if hatched else fill)
    return Box(at(x), at(width), fill, at(x + width / 2), text, ink, hatched)


def bar(value: float | None, most: float) -> Box:
    """A bar from 0 to 100; hatched up to what it can be at most where no share is stored."""
    width = most if value is None else value
    return Box("0%", at(width), "", at(width / 2), hatched=value is None)


@dataclass(frozen=True, slots=True)
class Range:
    """A range on a line from 0: where it begins, how wide it is."""

    left: str
    width: str
    end: str


def range_on(low: float, high: float, highest: float) -> Range:
    """A range as part of the longest one; never thinner than can be seen."""
    unit = 100 / highest if highest > 0 else 0
    width = max((high - low) * unit, 0.6)
    left = min(low * unit, 100 - width)
    return Range(at(left), at(width), at(left + width))


@dataclass(frozen=True, slots=True)
class Dots:
    """Two shares on a line from 0 to 100; either may be a span, or missing."""

    staff: Range | None
    heads: Range | None
    between: Range | None


#: Dots keep this far from both ends, so that none is cut.
MARGIN = 3.0


def _spot(low: float, high: float) -> Range:
    unit = (100 - 2 * MARGIN) / 100
    return Range(at(MARGIN + low * unit), at((high - low) * unit), at(MARGIN + high * unit))


def dots(staff: tuple[float, float] | None, heads: tuple[float, float] | None) -> Dots:
    """Where both stand, and the line between them where both are known."""
    between = None
    if staff and heads:
        ends = sorted([sum(staff) / 2, sum(heads) / 2])
        between = _spot(ends[0], ends[1])
    return Dots(_spot(*staff) if staff else None, _spot(*heads) if heads else None, between)


@dataclass(frozen=True, slots=True)
class Stroke:
    """One piece of a small line: percent of width and height."""

    x1: str
    y1: str
    x2: str
    y2: str


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line with a gap where nothing is stored, and its last point."""

    strokes: Sequence[Stroke]
    last: tuple[str, str] | None


def spark(values: Sequence[float | None], highest: float) -> Spark:
    """Values from left to right; two neighbours are joined, a missing one leaves a gap."""
    step = (100 - 2 * MARGIN) / max(len(values) - 1, 1)
    places = [
        None if value is None else (MARGIN + i * step, 90 - 80 * value / (highest or 1))
        for i, value in enumerate(values)
    ]
    strokes = [
        Stroke(at(a[0]), at(a[1]), at(b[0]), at(b[1])) for a, b in pairwise(places) if a and b
    ]
    known = [place for place in places if place]
    return Spark(strokes, (at(known[-1][0]), at(known[-1][1])) if known else None)
