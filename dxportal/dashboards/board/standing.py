"""Snapshots and closed rounds → where departments stood: one scene a month or round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from dxportal.accounts.models import Department, User
from dxportal.dashboards.board.moments import Moment
from roadmap import staircase
from roadmap.choices import Axis
from roadmap.models import PositionSnapshot, RoundStage, Stage, StageSnapshot, StageSum
from roadmap.models.snapshot import WHOLE
from roadmap.staircase_names import stages_on


@dataclass(frozen=True, slots=True)
class Place:
    """A department as it was then; `unit`: its bureau, its own key where it has none."""

    pk: int
    name: str
    unit: int
    bureau: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one department stood on one axis; without a position there is no data."""

    position: staircase.Position | None
    seeds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums of one step over departments: never means of steps."""

    departments: int = 0
    reached: int = 0
    level_sum: int = 0
    answered: int = 0
    total: int = 0
    contributing: int = 0

    @property
    def asked(self) -> int:
        """The highest sum of levels that there could be."""
        return 3 * self.total

    @property
    def firmness(self) -> int | None:
        """Σ level / (3 × criteria) in percent; None without criteria and without any answer."""
        return percent(self.level_sum, self.total) if self.answered else None


@dataclass(frozen=True, slots=True)
class StageName:
    """A step as it was called then; `pk` 0: no longer there."""

    axis: str
    step: int
    name: str
    short: str
    pk: int = 0


Stands = Mapping[int, Mapping[str, Stand]]


@dataclass(frozen=True, slots=True)
class Scene:
    """What one month or closed round shows of one bureau or of everybody.

    `tallies`: by (axis, step); `sums_missing`: the month was counted before sums were kept and
    nothing can be added up. `version`: key and name of the staircase that it was counted by.
    """

    moment: Moment
    places: Mapping[int, Place]
    stands: Stands
    tallies: Mapping[tuple[str, int], Tally]
    stages: Sequence[StageName]
    version: tuple[int, str] | None = None

    def position(self, pk: int, axis: str) -> staircase.Position | None:
        """Where a department stood, None without data."""
        stand = self.stands.get(pk, {}).get(axis)
        return stand.position if stand else None

    def standing(self, pk: int, *, with_culture: bool) -> staircase.Standing:
        """Both positions; no culture where it is not for the viewer."""
        culture = self.position(pk, Axis.CULTURE) if with_culture else None
        return staircase.Standing(self.position(pk, Axis.TECHNOLOGY), culture)

    def standings(self, *, with_culture: bool) -> dict[int, staircase.Standing]:
        """Those of every department that stands."""
        return {pk: self.standing(pk, with_culture=with_culture) for pk in self.places}

    def of_axis(self, axis: str) -> list[StageName]:
        """The steps of one axis, from the first."""
        return [stage for stage in self.stages if stage.axis == axis]

    def here(self, axis: str, step: int) -> list[int]:
        """Departments whose current step it is."""
        return [pk for pk in self.places if (p := self.position(pk, axis)) and p.current == step]

    def seeded(self, axis: str, step: int) -> list[int]:
        """Departments for which it is a seed."""
        return [
            pk
            for pk in self.places
            if (stand := self.stands.get(pk, {}).get(axis)) and step in stand.seeds
        ]

    def tally(self, axis: str, step: int) -> Tally | None:
        """The sums of one step; None where they are not kept."""
        return self.tallies.get((axis, step))

    def within(self, unit: int | None) -> Scene:
        """The same with the departments of one unit alone; the tallies are its own already."""
        if not unit:
            return self
        kept = {pk: place for pk, place in self.places.items() if place.unit == unit}
        return Scene(self.moment, kept, self.stands, self.tallies, self.stages, self.version)

    def bureaus(self) -> dict[int, str]:
        """Bureaus with departments below them, in the order of the chart."""
        return {place.unit: place.bureau for place in self.places.values() if place.bureau}


def same_staircase(one: tuple[int, str], other: tuple[int, str]) -> bool:
    """Whether two versions (key and name) are one; a closed round keeps the name alone, key 0."""
    return one == other if one[0] and other[0] else one[1] == other[1]


def percent(levels: int, total: int) -> int | None:
    """Firmness in percent: Σ level / (3 × criteria), rule 1; no criterion, no share."""
    return round(100 * levels / (3 * total)) if total else None


@dataclass(slots=True)
class History:
    """Sums of each month: what the line of the months and the crosswalk read."""

    months: dict[date, dict[int, Tally]] = field(default_factory=dict)

    def firmness(self, month: date, stage: int) -> int | None:
        """Firmness of a step in a month."""
        tally = self.months.get(month, {}).get(stage)
        return tally.firmness if tally else None


@dataclass(frozen=True, slots=True)
class Scenes:
    """The moment that is shown, the one it is compared with, and the sums of all months.

    `bureaus`: those that may be chosen, of the moment that is shown; `summed_later`: its sums were
    not kept when it was counted, and are added up from its departments, as those of a unit always
    are.
    """

    now: Scene | None
    then: Scene | None
    history: History
    bureaus: Mapping[int, str] = field(default_factory=dict)
    summed_later: bool = False


def scenes(
    user: User, now: Moment | None, then: Moment | None, *, unit: int | None = None
) -> Scenes:
    """Both moments, whichever they are; at most eight statements, whatever the size.

    Sums of one unit are those of the departments that it has today, in every month: the rows that
    a figure opens to are these, also after a department moved to another bureau.
    """
    if now is None:
        return Scenes(None, None, History())
    moments = [moment for moment in (now, then) if moment]
    months = [moment.period for moment in moments if moment.period]
    today = _stages(user)
    sums, versions = _sums(user)
    missing = [month for month in months if month not in sums]
    if unit:
        sums = _of_unit(user, unit)
    elif missing:
        sums |= _of_months(user, missing)
    stands = _positions(user, months)
    rows = list(_departments(user)) if months else []
    found: list[Scene] = []
    for moment in moments:
        if moment.period is None:
            found.append(_closed(user, moment, today, unit))
            continue
        stages = _stages_on(user, moment.day) or today
        tallies = {
            (stage.axis, stage.step): sums[moment.period][stage.pk]
            for stage in stages
            if stage.pk in sums.get(moment.period, {})
        }
        counted = stands[moment.period]
        places = {
            place.pk: place
            for place, begins, ends in rows
            if place.pk in counted or (begins <= moment.day and (ends is None or ends > moment.day))
        }
        version = versions.get(moment.period)
        found.append(Scene(moment, places, counted, tallies, stages, version))
    bureaus = found[0].bureaus()
    found = [scene.within(unit) for scene in found]
    # Of everybody the line has the months whose sums were kept; of a unit all are added up.
    kept = sums if unit else {month: by for month, by in sums.items() if month not in missing}
    history = History(kept)
    later = now.period in missing and bool(found[0].tallies)
    return Scenes(found[0], found[1] if then else None, history, bureaus, later)


def _stages(user: User) -> list[StageName]:
    """The steps as they are called today; one statement."""
    return [
        StageName(row.axis, row.step, str(row), row.short_name, row.pk)
        for row in Stage.objects.visible_to(user)
    ]


def _stages_on(user: User, day: date) -> list[StageName]:
    """The steps as the version of that day names them; one statement."""
    return [
        StageName(row.axis, row.step, row.name, row.short, row.stage_id)
        for row in stages_on(user.municipality_id or 0, day)
    ]


def _departments(user: User) -> Iterator[tuple[Place, date, date | None]]:
    """Departments that stand on the staircases, in the order of the chart, with their dates."""
    rows = Department.objects.visible_to(user).sections().in_order()
    for pk, name, bureau, above, code, begins, ends in rows.values_list(
        "pk", "name", "bureau_id", "bureau__name", "code", "valid_from", "valid_to"
    ).iterator():
        yield Place(pk, name, bureau or pk, above or "", code), begins, ends


def _positions(user: User, months: Sequence[date]) -> dict[date, dict[int, dict[str, Stand]]]:
    """Month → department → axis → where it stood; one statement for all months."""
    found: dict[date, dict[int, dict[str, Stand]]] = {month: {} for month in months}
    rows = PositionSnapshot.objects.visible_to(user).filter(period__in=months)
    for period, pk, axis, reached, current, every, seeds in rows.values_list(
        "period", "department_id", "axis", "reached", "current", "all_reached", "seeds"
    ).iterator():
        position = None if current is None else staircase.Position(reached, current, every)
        found[period].setdefault(pk, {})[axis] = Stand(position, tuple(seeds))
    return found


_SUMS = ("reached", "level_sum", "answered", "total", "contributing")


def _sums(user: User) -> tuple[dict[date, dict[int, Tally]], dict[date, tuple[int, str]]]:
    """Month → stage → sums of everybody, and the version of each month; one statement.

    A few rows a month: the departments are not gone through.
    """
    found: dict[date, dict[int, Tally]] = {}
    versions: dict[date, tuple[int, str]] = {}
    rows = StageSum.objects.visible_to(user).filter(unit=WHOLE).order_by("period")
    for period, stage, version, label, *sums in rows.values_list(
        "period", "stage_id", "staircase_id", "staircase__label", "departments", *_SUMS
    ):
        found.setdefault(period, {})[stage] = Tally(*sums)
        if version:
            versions[period] = (version, label)
    return found, versions


def _of_unit(user: User, unit: int) -> dict[date, dict[int, Tally]]:
    """The same of all months, over the departments that the unit has today; one statement.

    The stored sums of a unit are of those that it had when the month was counted.
    """
    own = Q(department__bureau=unit) | Q(department=unit, department__bureau__isnull=True)
    return _added_up(StageSnapshot.objects.visible_to(user).filter(own))


def _of_months(user: User, months: Sequence[date]) -> dict[date, dict[int, Tally]]:
    """The same of months counted before sums were kept: one statement over these months alone."""
    return _added_up(StageSnapshot.objects.visible_to(user).filter(period__in=months))


def _added_up(rows: QuerySet[StageSnapshot]) -> dict[date, dict[int, Tally]]:
    """Month → stage → sums of these rows of departments; grouped by the database."""
    found: dict[date, dict[int, Tally]] = {}
    sums = {name: Sum(name) for name in _SUMS if name != "reached"}
    grouped = rows.order_by().values_list("period", "stage_id")
    for period, stage, *counts in grouped.annotate(
        stand=Count("pk"), firm=Count("pk", filter=Q(reached=True)), **sums
    ).values_list("period", "stage_id", "stand", "firm", *list(sums)):
        found.setdefault(period, {})[stage] = Tally(*counts)
    return found


_KEPT = (
    *("department_key", "department", "unit_key", "unit", "axis", "step", "name", "short"),
    *("reached", "level_sum", "answered", "total", "contributing", "here", "seed", "staircase"),
)


def _closed(user: User, moment: Moment, stages: Sequence[StageName], unit: int | None) -> Scene:
    """A closed round in its own names and sums; one statement."""
    rows = RoundStage.objects.filter(
        round=moment.round, round__municipality_id=user.municipality_id or 0
    )
    return _scene_of_round(
        moment,
        rows.order_by("pk").values_list(*_KEPT, named=True),
        {(stage.axis, stage.step): stage.pk for stage in stages},
        unit,
    )


def _scene_of_round(
    moment: Moment, rows: Iterable[Any], keys: Mapping[tuple[str, int], int], unit: int | None
) -> Scene:
    """Rows of (department, step), each department's from its first step on."""
    places: dict[int, Place] = {}
    names: dict[tuple[str, int], StageName] = {}
    steps: dict[int, dict[str, list[Any]]] = {}
    tallies: dict[tuple[str, int], Tally] = {}
    version = ""
    for row in rows:
        at = (row.axis, row.step)
        own = row.unit_key == row.department_key
        places[row.department_key] = Place(
            row.department_key, row.department, row.unit_key, "" if own else row.unit
        )
        short = row.short or row.name
        names[at] = StageName(row.axis, row.step, row.name, short, keys.get(at, 0))
        steps.setdefault(row.department_key, {}).setdefault(row.axis, []).append(row)
        if unit in {None, row.unit_key}:
            tallies[at] = _plus(tallies.get(at, Tally()), row)
        version = row.staircase or version
    stands = {
        pk: {axis: _stand(found) for axis, found in axes.items()} for pk, axes in steps.items()
    }
    ordered = sorted(names.values(), key=lambda stage: (stage.axis != Axis.TECHNOLOGY, stage.step))
    return Scene(moment, places, stands, tallies, ordered, (0, version) if version else None)


def _plus(tally: Tally, row: Any) -> Tally:
    return Tally(
        tally.departments + 1,
        tally.reached + row.reached,
        tally.level_sum + row.level_sum,
        tally.answered + row.answered,
        tally.total + row.total,
        tally.contributing + row.contributing,
    )


def _stand(rows: Sequence[Any]) -> Stand:
    """A department on one axis of a closed round: what the rows say, nothing is judged again."""
    ordered = sorted(rows, key=lambda row: row.step)
    current = next((row.step for row in ordered if row.here), None)
    seeds = tuple(row.step for row in ordered if row.seed)
    if current is None:
        return Stand(None, seeds)
    reached = next((n for n, row in enumerate(ordered) if not row.reached), len(ordered))
    return Stand(staircase.Position(reached, current, reached == len(ordered)), seeds)


def move_of(now: staircase.Standing, then: staircase.Standing) -> str:
    """up on one of the axes and down on none, down the reverse, mixed both; "" stayed or unknown.

    By steps reached, as `staircase.movement` does: a department that is new did not move.
    """
    up = down = False
    pairs = ((then.technology, now.technology), (then.culture, now.culture))
    for old, new in pairs:
        if old and new:
            up |= new.reached > old.reached
            down |= new.reached < old.reached
    if up and down:
        return "mixed"
    return "up" if up else "down" if down else ""
