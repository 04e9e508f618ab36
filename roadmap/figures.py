"""Pictures of plain values, as coordinates for a template to draw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dxportal.shared.fiscal import fiscal_year_end
from roadmap.measuring import Aim, Reading

#: Of the drawing, in its own units; the page scales it.
WIDTH: Final = 280
HEIGHT: Final = 72
_EDGE: Final = 6


@dataclass(frozen=True, slots=True)
class Line:
    """Measured values as a line, targets as marks at the end of their years."""

    points: tuple[tuple[int, int], ...]
    targets: tuple[tuple[int, int], ...]

    @property
    def path(self) -> str:
        """The points of an SVG polyline."""
        return " ".join(f"{x},{y}" for x, y in self.points)


def indicator_line(readings: Sequence[Reading], aims: Sequence[Aim]) -> Line | None:
    """Time to the right, larger values higher; None where there is nothing to compare."""
    marks = [(fiscal_year_end(aim.fiscal_year), aim.value) for aim in aims]
    values = sorted((reading.on, reading.value) for reading in readings)
    if not values or len({day for day, _value in (*values, *marks)}) < 2:
        return None
    days = [day.toordinal() for day, _value in (*values, *marks)]
    heights = [value for _day, value in (*values, *marks)]

    def place(day: dt.date, value: Decimal) -> tuple[int, int]:
        across = (day.toordinal() - min(days)) / (max(days) - min(days))
        span = max(heights) - min(heights)
        up = float((value - min(heights)) / span) if span else 0.5
        return (
            round(_EDGE + across * (WIDTH - 2 * _EDGE)),
            round(HEIGHT - _EDGE - up * (HEIGHT - 2 * _EDGE)),
        )

    return Line(
        points=tuple(place(day, value) for day, value in values),
        targets=tuple(place(day, value) for day, value in sorted(marks)),
    )
