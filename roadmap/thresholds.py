"""From where a level holds: numbers of a measured criterion, the same in Python and in SQL.

Percentages (0 to 100) for surveys and shares of initiatives, counts for ended work, the
criterion's own unit for an indicator. A threshold itself is reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext as _

from roadmap.choices import CriterionSource, Direction, InitiativeMeasure, Level

NAMES: Final = ("firm", "partly", "started")


@dataclass(frozen=True, slots=True)
class Threshold:
    """What is needed for level 3, 2 and 1; DOWN: the smaller the better."""

    firm: Decimal
    partly: Decimal
    started: Decimal
    direction: str = Direction.UP

    @property
    def steps(self) -> tuple[tuple[Decimal, Level], ...]:
        """(number, level), the highest level first."""
        return (
            (self.firm, Level.FIRM),
            (self.partly, Level.PARTLY),
            (self.started, Level.STARTED),
        )

    @property
    def plain(self) -> dict[str, str]:
        """As it is stored."""
        return {**{name: f"{getattr(self, name):f}" for name in NAMES}, "direction": self.direction}


def _of(firm: int, partly: int, started: int) -> Threshold:
    return Threshold(Decimal(firm), Decimal(partly), Decimal(started))


#: Survey: the published results of the National Personnel Authority's survey of 2016, where a good
#: item has about 60 % positive answers (architecture, rule 3). The others are own proposals: all,
#: half, any of the launched initiatives asked again (domain 3.3, C3-3); as many took root as a
#: verdict asks to use it weekly (domain 3.6); ended work by the piece.
DEFAULTS: Final[Mapping[tuple[str, str], Threshold]] = {
    (CriterionSource.SURVEY, ""): _of(60, 50, 40),
    (CriterionSource.INITIATIVE, InitiativeMeasure.ASKED_AGAIN): _of(100, 50, 1),
    (CriterionSource.INITIATIVE, InitiativeMeasure.ESTABLISHED): _of(60, 30, 1),
    (CriterionSource.INITIATIVE, InitiativeMeasure.STOPPED): _of(3, 2, 1),
    (CriterionSource.INDICATOR, ""): _of(60, 30, 1),
}


def default_threshold(source: str, measure: str = "") -> Threshold:
    """Of a measured source; KeyError for a declared one, whose level a person names."""
    return DEFAULTS[source, measure if source == CriterionSource.INITIATIVE else ""]


def read_threshold(source: str, measure: str, raw: Mapping[str, Any]) -> Threshold:
    """The stored or typed numbers, the default ones where there are none.

    Raises ValueError whose text says what to mend: not a number, out of the range of percentages,
    or not in order. Equal neighbours are allowed: a level that cannot be told from the next one.
    """
    if not raw:
        return default_threshold(source, measure)
    try:
        numbers = [Decimal(str(raw[name])) for name in NAMES]
    except (KeyError, InvalidOperation):
        raise ValueError(_("Write a number for each of the three levels.")) from None
    direction = str(raw.get("direction", Direction.UP))
    if not all(number.is_finite() for number in numbers) or direction not in Direction.values:
        raise ValueError(_("Write a number for each of the three levels."))
    ordered = sorted(numbers, reverse=direction == Direction.UP)
    if ordered != numbers:
        raise ValueError(
            _("Put the numbers in order: level 3 asks for the most, level 1 for the least.")
        )
    shares = source == CriterionSource.SURVEY or measure in (
        InitiativeMeasure.ASKED_AGAIN,
        InitiativeMeasure.ESTABLISHED,
    )
    if source != CriterionSource.INDICATOR and direction == Direction.DOWN:
        raise ValueError(_("Here more is better; only an indicator can count downwards."))
    if shares and not all(0 < number <= 100 for number in numbers):
        raise ValueError(_("Percentages are above 0 and at most 100."))
    if measure == InitiativeMeasure.STOPPED and not all(
        number >= 1 and number == int(number) for number in numbers
    ):
        raise ValueError(_("Counts are whole numbers from 1."))
    firm, partly, started = numbers
    return Threshold(firm, partly, started, direction)


def level_of(value: Decimal | Fraction | int, threshold: Threshold) -> int:
    """The level that a value gives, 0 to 3; a share is 100 × part / whole as a Fraction."""
    for number, level in threshold.steps:
        bound = Fraction(number)
        if value <= bound if threshold.direction == Direction.DOWN else value >= bound:
            return int(level)
    return int(Level.NOT_STARTED)


def share_level(part: int, whole: int, threshold: Threshold) -> int | None:
    """The level of a share of initiatives; None without any: no data is never 0 (rule 2)."""
    return level_of(Fraction(100 * part, whole), threshold) if whole else None


def threshold_sql(name: str) -> str:
    """The number `name` of a row `k` of roadmap_criterionversion, default included."""
    cases = " ".join(
        f"WHEN k.source = '{source}' AND k.measure = '{measure}' THEN {getattr(threshold, name)}"
        if source == CriterionSource.INITIATIVE
        else f"WHEN k.source = '{source}' THEN {getattr(threshold, name)}"
        for (source, measure), threshold in DEFAULTS.items()
    )
    return f"coalesce((k.threshold->>'{name}')::numeric, CASE {cases} END)"


def level_sql(value: str, of: str = "1") -> str:
    """`level_of` in SQL of `value / of` against the columns firm, partly, started and sign."""
    steps = " ".join(
        f"WHEN sign * ({value}) >= sign * {name} * ({of}) THEN {int(level)}"
        for name, level in zip(NAMES, (Level.FIRM, Level.PARTLY, Level.STARTED), strict=True)
    )
    return f"CASE {steps} ELSE 0 END"
