"""What the exploring page is asked for: read from the address and written into it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from roadmap.choices import Axis
from roadmap.models import WHOLE

#: Months that are shown where nobody says from when.
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """The filters: all of them valid, whatever the address says."""

    unit: int
    axis: str
    step: int | None
    first: date
    last: date
    compare: date | None

    @property
    def query(self) -> str:
        """As it stands in the address; what is not narrowed is left out."""
        told = {
            "unit": str(self.unit) if self.unit != WHOLE else "",
            "step": self.step_code,
            "from": f"{self.first:%Y-%m}",
            "to": f"{self.last:%Y-%m}",
            "compare": f"{self.compare:%Y-%m}" if self.compare else "",
        }
        return urlencode({key: value for key, value in told.items() if value})

    @property
    def step_code(self) -> str:
        """technology, technology-2, or nothing for both axes."""
        return f"{self.axis}-{self.step}" if self.step else self.axis

    def shows(self, axis: str) -> bool:
        """Whether that axis is asked for."""
        return self.axis in ("", axis)


def choose(
    told: Mapping[str, str],
    *,
    months: Sequence[date],
    units: Sequence[int],
    steps: Sequence[tuple[str, int]],
) -> Choice | None:
    """Read the address; what is unknown in it counts as not said. None without a counted month.

    `months`: the newest first.
    """
    if not months:
        return None
    known = {f"{month:%Y-%m}": month for month in months}
    first = known.get(told.get("from", ""), months[min(MONTHS, len(months)) - 1])
    last = known.get(told.get("to", ""), months[0])
    if first > last:
        first, last = last, first
    compare = known.get(told.get("compare", ""))
    axis, step = _step(told.get("step", ""), steps)
    unit = next((pk for pk in units if str(pk) == told.get("unit", "")), WHOLE)
    return Choice(unit, axis, step, first, last, compare if compare and compare < last else None)


def _step(text: str, steps: Sequence[tuple[str, int]]) -> tuple[str, int | None]:
    axis, _dash, number = text.partition("-")
    if axis not in Axis.values:
        return "", None
    step = next((step for a, step in steps if a == axis and str(step) == number), None)
    return axis, step
