"""Indicators as screens and reminders ask for them: what was measured, and what is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from dxportal.accounts.models import Municipality
from dxportal.shared.fiscal import fiscal_year
from roadmap.choices import IndicatorKind
from roadmap.figures import Line, indicator_line
from roadmap.measuring import (
    Aim,
    Latest,
    Reading,
    Use,
    is_short,
    judged_by,
    known_use,
    result_of,
    written,
)
from roadmap.models import Indicator, Initiative, Measurement


def due_measurements(municipality: Municipality, day: date) -> list[Indicator]:
    """Indicators whose next measurement is due by that day, longest overdue first; each with its
    initiative. Without those of removed, established and stopped initiatives: one query."""
    rows = Indicator.objects.of_municipality(municipality.pk).due_by(day)
    return list(rows.select_related("initiative"))


@dataclass(frozen=True)
class YearRow:
    """A fiscal year: what was to be reached, and what was measured last in it."""

    year: int
    target: str
    result: str
    short: bool | None


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator as its card shows it; numbers are text. `short` None: not judged."""

    indicator: Indicator
    latest: Measurement | None
    value: str
    target: Aim | None
    target_value: str
    judged: Aim | None
    judged_value: str
    short: bool | None
    is_due: bool
    years: list[YearRow]
    line: Line | None
    measurements: list[tuple[Measurement, str]]
    baseline: str
    use: Use = Use.UNKNOWN

    @property
    def says_nothing_of_use(self) -> bool:
        """Whether it is introduced as planned, which says nothing of whether it is used."""
        introduced = self.indicator.kind == IndicatorKind.AVAILABILITY
        return introduced and self.short is False and self.use != Use.SOME

    @property
    def unit(self) -> str:
        """What the numbers count."""
        return self.indicator.unit

    @property
    def first_value(self) -> str:
        """The oldest number of the line."""
        return self.baseline or (self.measurements[-1][1] if self.measurements else "")


def indicator_rows(initiative: Initiative, day: date) -> list[IndicatorRow]:
    """All of one initiative, in their order: three queries, whatever their number."""
    rows = Indicator.objects.filter(initiative=initiative)
    found = [_row(row, day) for row in rows.prefetch_related("targets", "measurements__by")]
    use = known_use(
        Latest(one.kind, one.direction, row.latest.value if row.latest else None)
        for row in found
        for one in [row.indicator]
    )
    return [replace(row, use=use) for row in found]


def by_kind(rows: Iterable[IndicatorRow]) -> dict[str, list[IndicatorRow]]:
    """Availability, use and effect apart: they are never one figure."""
    found: dict[str, list[IndicatorRow]] = {kind: [] for kind in IndicatorKind.values}
    for row in rows:
        found[row.indicator.kind].append(row)
    return found


def _row(indicator: Indicator, day: date) -> IndicatorRow:
    measured = [m for m in indicator.measurements.all() if m.measured_on <= day]
    readings = [Reading(m.measured_on, m.value) for m in measured]
    aims = [Aim(target.fiscal_year, target.value) for target in indicator.targets.all()]
    latest = measured[-1] if measured else None
    judged = judged_by(aims, day)
    result = result_of(judged, readings, day) if judged else None
    target = _shown_target(aims, day)
    return IndicatorRow(
        indicator=indicator,
        latest=latest,
        value=written(latest.value) if latest else "",
        target=target,
        target_value=written(target.value) if target else "",
        judged=judged,
        judged_value=written(judged.value) if judged else "",
        short=is_short(indicator.direction, result.value, judged.value)
        if judged and result
        else None,
        is_due=indicator.next_due is not None and indicator.next_due <= day,
        years=_years(indicator.direction, aims, readings, day),
        line=indicator_line([*_baseline(indicator), *readings], aims),
        measurements=[(m, written(m.value)) for m in reversed(measured)],
        baseline="" if indicator.baseline is None else written(indicator.baseline),
    )


def _baseline(indicator: Indicator) -> list[Reading]:
    if indicator.baseline is None or indicator.baseline_on is None:
        return []
    return [Reading(indicator.baseline_on, indicator.baseline)]


def _shown_target(aims: list[Aim], day: date) -> Aim | None:
    """What is to be reached next; where every year has passed, the last one."""
    ahead = [aim for aim in aims if aim.fiscal_year >= fiscal_year(day)]
    return min(ahead, key=_year, default=None) or max(aims, key=_year, default=None)


def _year(aim: Aim) -> int:
    return aim.fiscal_year


def _years(direction: str, aims: list[Aim], readings: list[Reading], day: date) -> list[YearRow]:
    """Years with a target or a value; only a year that has ended is judged."""
    targets = {aim.fiscal_year: aim.value for aim in aims}
    results: dict[int, Decimal] = {fiscal_year(r.on): r.value for r in readings}
    rows = []
    for year in sorted(targets.keys() | results.keys()):
        target, result = targets.get(year), results.get(year)
        ended = year < fiscal_year(day)
        rows.append(
            YearRow(
                year=year,
                target="" if target is None else written(target),
                result="" if result is None else written(result),
                short=is_short(direction, result, target)
                if ended and target is not None and result is not None
                else None,
            )
        )
    return rows
