"""Snapshots → where departments stand, for the staircase and for one department."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Sum

from dxportal.accounts.models import Department, User
from roadmap import staircase
from roadmap.choices import Axis
from roadmap.models import PositionSnapshot, RollupRun, Stage, StageSnapshot


@dataclass(frozen=True, slots=True)
class Counted:
    """When it was counted and what is not yet in it."""

    as_of: date | None
    finished_at: datetime | None
    waiting: int
    oldest_wait: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """One stage as a step of the picture: firmness in percent over all departments."""

    pk: int
    axis: str
    step: int
    name: str
    short: str
    firmness: int
    answered: int
    total: int
    here: int = 0
    seeds: int = 0


@dataclass(frozen=True, slots=True)
class Chip:
    """One department on a tread; `move` is +1, −1 or 0 against the compared month."""

    pk: int
    name: str
    bureau: str
    move: int
    picked: bool = False


@dataclass(slots=True)
class Cell:
    """One (technology step, culture step): its departments in the chart's order."""

    step: int
    chips: list[Chip] = field(default_factory=list)

    @property
    def shown(self) -> list[Chip]:
        """At most nine names; the rest are behind the count."""
        return self.chips if len(self.chips) <= 12 else self.chips[:9]

    @property
    def hidden(self) -> int:
        """How many are not named in the cell."""
        return len(self.chips) - len(self.shown)


@dataclass(frozen=True, slots=True)
class Row:
    """One culture step with its cells, from the first technology step on."""

    step: Step
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Picture:
    """The two-axis staircase."""

    rows: list[Row]
    columns: list[Step]
    missing: list[Chip]
    departments: int


Positions = Mapping[int, Mapping[str, PositionSnapshot]]


def periods(user: User) -> list[date]:
    """Months that have snapshots, the present first."""
    rows = RollupRun.objects.filter(municipality_id=user.municipality_id or 0, full=True)
    return list(rows.order_by("-period").values_list("period", flat=True).distinct())


def counted(user: User, period: date | None) -> Counted:
    """When the month was counted last, and how many changes wait; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT max(as_of) FROM roadmap_rolluprun"
            "         WHERE municipality_id = %(m)s AND period = %(p)s),"
            " (SELECT max(finished_at) FROM roadmap_rolluprun"
            "   WHERE municipality_id = %(m)s AND period = %(p)s),"
            " count(*), min(created_at) FROM roadmap_dirtymark WHERE municipality_id = %(m)s",
            {"m": user.municipality_id or 0, "p": period},
        )
        row: Any = cursor.fetchone()
    return Counted(*row)


def positions(user: User, *months: date | None) -> list[dict[int, dict[str, PositionSnapshot]]]:
    """Per month: department → axis → position; one statement for all months."""
    found: dict[date | None, dict[int, dict[str, PositionSnapshot]]] = {m: {} for m in months}
    rows = PositionSnapshot.objects.visible_to(user)
    for row in rows.filter(period__in=[month for month in months if month]):
        found[row.period].setdefault(row.department_id, {})[row.axis] = row
    return [found[month] for month in months]


def as_position(row: PositionSnapshot | None) -> staircase.Position | None:
    """The stored row as the pure rules know it; None is no data."""
    if row is None or row.current is None:
        return None
    return staircase.Position(row.reached, row.current, row.all_reached)


def standings(rows: Positions, with_culture: bool) -> dict[int, staircase.Standing]:
    """Every department's pair of positions; no culture where it is not for the viewer."""
    return {
        pk: staircase.Standing(
            technology=as_position(axes.get(Axis.TECHNOLOGY)),
            culture=as_position(axes.get(Axis.CULTURE)) if with_culture else None,
        )
        for pk, axes in rows.items()
    }


def firmness_by_month(user: User) -> dict[date, dict[int, tuple[int, int, int]]]:
    """Month → stage → (Σ level, answered, criteria) over all departments; one statement."""
    rows = (
        StageSnapshot.objects.visible_to(user)
        .values("period", "stage_id")
        .annotate(levels=Sum("level_sum"), given=Sum("answered"), asked=Sum("total"))
        .order_by("period")
    )
    found: dict[date, dict[int, tuple[int, int, int]]] = defaultdict(dict)
    for row in rows:
        found[row["period"]][row["stage_id"]] = (row["levels"], row["given"], row["asked"])
    return found


def percent(levels: int, asked: int) -> int:
    """Firmness in percent: Σ level / (3 × criteria), rule 1."""
    return round(100 * levels / (3 * asked)) if asked else 0


def steps_of(
    stages: Sequence[Stage],
    firm: Mapping[int, tuple[int, int, int]],
    rows: Positions,
    departments: Mapping[int, Department],
) -> dict[str, list[Step]]:
    """Axis → its steps with firmness, how many stand there and on how many it is a seed."""
    found: dict[str, list[Step]] = {Axis.TECHNOLOGY: [], Axis.CULTURE: []}
    for stage in stages:
        levels, given, asked = firm.get(stage.pk, (0, 0, 0))
        here = [a.get(stage.axis) for pk, a in rows.items() if pk in departments]
        found[stage.axis].append(
            Step(
                pk=stage.pk,
                axis=stage.axis,
                step=stage.step,
                name=str(stage),
                short=stage.short_name,
                firmness=percent(levels, asked),
                answered=given,
                total=asked,
                here=sum(p is not None and p.current == stage.step for p in here),
                seeds=sum(p is not None and stage.step in p.seeds for p in here),
            )
        )
    return found


def move_of(
    pk: int,
    now: Mapping[int, staircase.Standing],
    then: Mapping[int, staircase.Standing],
    axes: Iterable[str],
) -> int:
    """+1 up on one of the axes and down on none, −1 the reverse, otherwise 0."""
    up = down = False
    before, after = then.get(pk), now.get(pk)
    if before is None or after is None:
        return 0
    for axis in axes:
        old = before.technology if axis == Axis.TECHNOLOGY else before.culture
        new = after.technology if axis == Axis.TECHNOLOGY else after.culture
        if old and new:
            up |= new.reached > old.reached
            down |= new.reached < old.reached
    return int(up and not down) - int(down and not up)


def picture(
    steps: Mapping[str, list[Step]],
    chips: Mapping[int, Chip],
    now: Mapping[int, staircase.Standing],
    *,
    with_culture: bool,
) -> Picture:
    """Place every chip; without culture there is one row, and no name says anything about it."""
    culture = list(reversed(steps[Axis.CULTURE])) if with_culture else steps[Axis.CULTURE][:1]
    rows = [Row(step, [Cell(s.step) for s in steps[Axis.TECHNOLOGY]]) for step in culture]
    missing = []
    for pk, chip in chips.items():
        where = now.get(pk)
        technology = where.technology if where else None
        level = where.culture if where else None
        if technology is None or (with_culture and level is None):
            missing.append(chip)
            continue
        height = level.current if with_culture and level else culture[0].step
        row = next(row for row in rows if row.step.step == height)
        row.cells[technology.current - 1].chips.append(chip)
    return Picture(rows, steps[Axis.TECHNOLOGY], missing, len(chips))


def departments_standing(user: User, day: date) -> dict[int, Department]:
    """Departments on the staircases on that day, in the chart's order, with their bureau."""
    rows = Department.objects.visible_to(user).on(day).sections().in_order()
    return {row.pk: row for row in rows.select_related("bureau")}
