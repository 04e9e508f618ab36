"""What the figures of an indicator mean: numbers as people type them, behind or not, next day.

`as_of` is always a parameter. Availability and use are two indicators and are never added.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final

from django.utils.translation import gettext_lazy as _

from dxportal.shared.fiscal import add_months, fiscal_year, fiscal_year_start
from dxportal.shared.messages import Message
from roadmap.choices import Direction, IndicatorKind

#: Columns are numeric(16, 3).
WHOLE_DIGITS: Final = 13
DECIMALS: Final = 3
_MOST_CHARACTERS: Final = 40
_MINUS = str.maketrans(dict.fromkeys("−‐‑‒–—ー△▲", "-"))
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[+-]?\.\d+")


def read_number(text: str) -> Decimal:
    """The number that was typed: １，２３４．５, 1,234.5, 85%, ▲3; a % sign is the unit's.

    Raises ValueError whose text says what to write instead.
    """
    folded = unicodedata.normalize("NFKC", text[:_MOST_CHARACTERS]).translate(_MINUS)
    plain = re.sub(r"\s+", "", folded).removesuffix("%").replace("、", ",").replace("。", ".")
    if len(text) > _MOST_CHARACTERS or not _NUMBER.fullmatch(plain):
        raise ValueError(
            Message(
                _("“%(value)s” could not be read as a number. Write for example 1,234.5 or 85%%."),
                {"value": text[:_MOST_CHARACTERS]},
            )
        )
    number = Decimal(plain.replace(",", ""))
    if abs(number) >= Decimal(10) ** WHOLE_DIGITS or number != round(number, DECIMALS):
        raise ValueError(
            Message(
                _("Write at most %(digits)s digits before and %(decimals)s after the point."),
                {"digits": WHOLE_DIGITS, "decimals": DECIMALS},
            )
        )
    return number


def written(value: Decimal) -> str:
    """1,234.5: with commas, without zeros at the end."""
    text = f"{value:,.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def exact(value: Decimal) -> str:
    """1234.5: as the history keeps it, the same text for the same number."""
    return written(value).replace(",", "")


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured value and its day."""

    on: dt.date
    value: Decimal


@dataclass(frozen=True, slots=True)
class Aim:
    """What is to be reached by the end of a fiscal year."""

    fiscal_year: int
    value: Decimal


def judged_by(aims: Iterable[Aim], as_of: dt.date) -> Aim | None:
    """The target that may be held against a measurement: of the latest year that has ended.

    A target says what the end of its year will show. How it is to grow on the way there is said
    nowhere, so a running year is not judged: a straight line would call a system that opens in
    January late from April on, and who measures early would look worse than who does not measure.
    """
    ended = [aim for aim in aims if aim.fiscal_year < fiscal_year(as_of)]
    return max(ended, key=lambda aim: aim.fiscal_year, default=None)


def result_of(aim: Aim, readings: Iterable[Reading], as_of: dt.date) -> Reading | None:
    """The latest measurement at or before `as_of`, if it was taken since the target's year began.

    One that is older says nothing about that year. One that came after its end counts: what was
    reached late is behind no longer.
    """
    begin = fiscal_year_start(aim.fiscal_year)
    known = [reading for reading in readings if begin <= reading.on <= as_of]
    return max(known, key=lambda reading: reading.on, default=None)


def is_short(direction: str, value: Decimal, target: Decimal) -> bool:
    """Whether a value is on the worse side of its target; the target itself is reached."""
    return value > target if direction == Direction.DOWN else value < target


def indicator_behind(
    direction: str, aims: Sequence[Aim], readings: Sequence[Reading], as_of: dt.date
) -> bool:
    """Whether the latest measurement misses the target of the latest year that has ended.

    Not measured since that year began: not behind. What nobody measured is unknown, which the
    queue of measurements that are due says (rule 2: no data is never 0).
    """
    aim = judged_by(aims, as_of)
    reading = result_of(aim, readings, as_of) if aim else None
    return aim is not None and reading is not None and is_short(direction, reading.value, aim.value)


def indicator_edges(
    direction: str, aims: Sequence[Aim], readings: Sequence[Reading]
) -> list[dt.date]:
    """The days on which `indicator_behind` changes if only time passes."""
    days = {fiscal_year_start(aim.fiscal_year + 1) for aim in aims} | {r.on for r in readings}
    return [
        day
        for day in sorted(days)
        if indicator_behind(direction, aims, readings, day)
        != indicator_behind(direction, aims, readings, day - dt.timedelta(days=1))
    ]


def behind_sql(initiative: str, year: str, day: str) -> str:
    """The same rule as a condition on an initiative; the arguments are SQL: its id, the fiscal
    year that is running (an int), and the day."""
    return (
        "EXISTS (SELECT 1 FROM roadmap_indicator indicator"
        " JOIN LATERAL (SELECT aim.fiscal_year, aim.value FROM roadmap_target aim"
        f" WHERE aim.indicator_id = indicator.id AND aim.fiscal_year < {year}"
        " ORDER BY aim.fiscal_year DESC LIMIT 1) aim ON true"
        " JOIN LATERAL (SELECT reading.value FROM roadmap_measurement reading"
        " WHERE reading.indicator_id = indicator.id"
        " AND reading.measured_on >= make_date(aim.fiscal_year, 4, 1)"
        f" AND reading.measured_on <= {day}"
        " ORDER BY reading.measured_on DESC LIMIT 1) reading ON true"
        f" WHERE indicator.initiative_id = {initiative}"
        f" AND CASE indicator.direction WHEN '{Direction.DOWN}' THEN reading.value > aim.value"
        " ELSE reading.value < aim.value END)"
    )


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest value of one indicator; None: not measured yet."""

    kind: str
    direction: str
    value: Decimal | None


class Use(Enum):
    """What the indicators of use say together."""

    UNKNOWN = "unknown"
    ZERO = "zero"
    SOME = "some"


def known_use(rows: Iterable[Latest]) -> Use:
    """From the newest values of what counts use upwards; one that is to fall counts something else.

    Zero only where every one of them is 0; without a value unknown, which is never 0.
    """
    values = [
        row.value
        for row in rows
        if (row.kind, row.direction) == (IndicatorKind.USE, Direction.UP) and row.value is not None
    ]
    if not values:
        return Use.UNKNOWN
    return Use.SOME if any(values) else Use.ZERO


def use_is_zero(rows: Iterable[Latest]) -> bool:
    """Whether nobody uses it by its own figures."""
    return known_use(rows) == Use.ZERO


def use_is_zero_sql(initiative: str, day: str) -> str:
    """The same rule as a condition on an initiative; the arguments are SQL: its id, a day."""
    return (
        "coalesce((SELECT bool_and(reading.value = 0) FROM roadmap_indicator indicator"
        " JOIN LATERAL (SELECT reading.value FROM roadmap_measurement reading"
        f" WHERE reading.indicator_id = indicator.id AND reading.measured_on <= {day}"
        " ORDER BY reading.measured_on DESC LIMIT 1) reading ON true"
        f" WHERE indicator.initiative_id = {initiative} AND indicator.kind = '{IndicatorKind.USE}'"
        f" AND indicator.direction = '{Direction.UP}'), false)"
    )


def next_measurement(
    next_due: dt.date | None, measured_on: dt.date, every_months: int
) -> dt.date | None:
    """When it is measured next, after a measurement; None where it was due on no day.

    A measurement counts for the day that is due if it comes in the second half of the interval
    before it, or later; an older one that is only typed in moves nothing.
    """
    if next_due is None:
        return None
    steps = 0
    while True:
        due = add_months(next_due, steps * every_months)
        before = add_months(next_due, (steps - 1) * every_months)
        if measured_on < before + (due - before) / 2:
            return due
        steps += 1
