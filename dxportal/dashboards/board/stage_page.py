"""One step opened: its departments with their sums, which add up to the figures of the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from dxportal.accounts.models import User
from dxportal.dashboards.board.picture import Step, may_tell, steps_of
from dxportal.dashboards.board.standing import Scene, StageName, Tally, percent
from roadmap.choices import STARTED_PHASES, Axis, DepartmentRole
from roadmap.models import Initiative, InitiativeSnapshot, RoundStage, StageSnapshot
from roadmap.sharing import coarse

#: Initiatives that are named; the list has all of them.
MOST_INITIATIVES = 20


@dataclass(frozen=True, slots=True)
class StageRow:
    """One department on the step; firmness is worked out from its own sums."""

    pk: int
    name: str
    bureau: str
    reached: bool
    level_sum: int
    answered: int
    total: int
    contributing: int
    here: bool
    seed: bool

    @property
    def asked(self) -> int:
        """The highest sum of levels that there could be."""
        return 3 * self.total

    @property
    def begun(self) -> bool:
        """Whether it works on the step without having reached it."""
        return (self.here or self.seed) and not self.reached

    @property
    def firmness(self) -> int | None:
        """In percent; None without criteria."""
        return percent(self.level_sum, self.total)


@dataclass(frozen=True, slots=True)
class StagePage:
    """The step with all of its axis, its rows where they are for the viewer, and their sums.

    `veiled`: culture for those who may not read it by name: firmness to 5 %, counts where they
    tell of no single department (`told`), and no sums, from which one could be subtracted.
    """

    stage: StageName
    step: Step
    steps: Sequence[Step]
    rows: Sequence[StageRow]
    sums: Tally
    here: int
    seeds: int
    veiled: bool = False
    told: bool = True

    @property
    def firmness(self) -> int | None:
        """In percent, as exact as the viewer may know it."""
        exact = self.step.firmness
        return (coarse(exact) if self.told else None) if self.veiled else exact

    @property
    def differs(self) -> bool:
        """Whether rows and stored sums say something else: they never may."""
        return bool(self.rows) and self.step.tally is not None and self.step.tally != self.sums


def stage_page(
    user: User, scene: Scene, axis: str, step: int, *, unit: int | None, by_name: bool
) -> StagePage | None:
    """None where the axis has no such step; one statement for the rows."""
    steps = steps_of(scene, None, axis)
    found = next((one for one in steps if one.step == step), None)
    if found is None:
        return None
    rows = list(_rows(user, scene, found.stage, unit)) if by_name else []
    sums = Tally(
        len(rows),
        sum(row.reached for row in rows),
        sum(row.level_sum for row in rows),
        sum(row.answered for row in rows),
        sum(row.total for row in rows),
        sum(row.contributing for row in rows),
    )
    if not by_name and found.tally:
        sums = found.tally
    veiled = not by_name and axis == Axis.CULTURE
    told = not veiled or may_tell(steps)
    return StagePage(found.stage, found, steps, rows, sums, found.here, found.seeds, veiled, told)


def _rows(user: User, scene: Scene, stage: StageName, unit: int | None) -> Iterable[StageRow]:
    here = set(scene.here(stage.axis, stage.step))
    seeds = set(scene.seeded(stage.axis, stage.step))
    for pk, name, bureau, reached, levels, answered, total, working in _stored(
        user, scene, stage, unit
    ):
        sums = (reached, levels, answered, total, working)
        yield StageRow(pk, name, bureau or "", *sums, pk in here, pk in seeds)


_SUMS = ("reached", "level_sum", "answered", "total", "contributing")


def _stored(
    user: User, scene: Scene, stage: StageName, unit: int | None
) -> Iterable[tuple[Any, ...]]:
    """Departments with their sums, in the order of the chart; one statement."""
    if scene.moment.period is None:
        kept = RoundStage.objects.filter(
            round=scene.moment.round,
            round__municipality_id=user.municipality_id or 0,
            axis=stage.axis,
            step=stage.step,
        )
        kept = kept.filter(unit_key=unit) if unit else kept
        return kept.order_by("pk").values_list("department_key", "department", "unit", *_SUMS)
    rows = StageSnapshot.objects.visible_to(user).in_period(scene.moment.period)
    if unit:
        alone = Q(department=unit, department__bureau__isnull=True)
        rows = rows.filter(Q(department__bureau=unit) | alone)
    return (
        rows.filter(stage=stage.pk)
        .order_by("department__order", "department__code")
        .values_list("department_id", "department__name", "department__bureau__name", *_SUMS)
    )


def contributing(user: User, scene: Scene, stage: StageName) -> list[Initiative]:
    """Initiatives that contribute to the step in that month; none are kept by closed rounds."""
    if scene.moment.period is None or not stage.pk:
        return []
    counted = InitiativeSnapshot.objects.visible_to(user).in_period(scene.moment.period)
    counted = counted.filter(complete=True, phase__in=STARTED_PHASES)
    found = Initiative.objects.visible_to(user).filter(
        pk__in=counted.values("initiative"),
        criterion_links__criterion__stage=stage.pk,
        parts__role__in=(DepartmentRole.LEAD, DepartmentRole.PARTNER),
    )
    return list(found.distinct().order_by("title", "pk")[: MOST_INITIATIVES + 1])
