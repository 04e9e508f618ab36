"""The side card of one department: both stairs, what comes next, its pain, whom to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dxportal.accounts.access import Permission, can
from dxportal.accounts.models import Department, User
from dxportal.dashboards.board.department_rows import step_sums
from dxportal.dashboards.board.look import Look
from dxportal.dashboards.board.standing import Place, Scene, Scenes
from dxportal.dashboards.heads import department_page
from dxportal.dashboards.heads.department_page import Stair
from dxportal.dashboards.painpoints import DepartmentPain, department_pain
from dxportal.dashboards.scope import may_see_culture
from roadmap import staircase
from roadmap.choices import Axis

#: So many departments that went ahead are named.
MOST_AHEAD: Final = 3


@dataclass(frozen=True, slots=True)
class ChosenStep:
    """One step as it was called and counted in the month or round that is shown."""

    stage: str
    result: staircase.StageResult

    @property
    def percent(self) -> int:
        """Firmness in percent."""
        return round(100 * self.result.firmness)


@dataclass(frozen=True, slots=True)
class ChosenStair:
    """One small stair of the month or round; without a position there is no data."""

    axis: str
    label: str
    steps: Sequence[ChosenStep]
    position: staircase.Position | None

    @property
    def levels(self) -> list[int | None]:
        """Firmness of each step, None where nothing is answered."""
        return [step.percent if step.result.answered else None for step in self.steps]

    @property
    def current(self) -> int | None:
        """The step being firmed."""
        return self.position.current if self.position else None

    @property
    def current_stage(self) -> ChosenStep | None:
        """The same with its name and sums."""
        return self.steps[self.position.current - 1] if self.position else None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the card shows. `stairs`: of the month or round; `now`: technology as it stands now.

    `ahead`: departments that have reached the step being firmed.
    """

    department: Department
    stairs: Sequence[ChosenStair]
    now: Stair
    pain: DepartmentPain | None
    ahead: Sequence[Place]


def chosen(look: Look, scenes: Scenes) -> Chosen | None:
    """The department of the address, for those who see names; culture as far as they may."""
    user, pk, scene = look.user, look.state.department, scenes.now
    if pk is None or scene is None or not can(user, Permission.SEE_TECHNOLOGY_NAMES):
        return None
    visible = Department.objects.visible_to(user).select_related("bureau")
    department = visible.filter(pk=pk).first()
    if department is None:
        return None
    axes = department_page.axes_for(may_see_culture(user, department))
    stairs = _stairs(user, scene, department.pk, axes)
    (now,) = department_page.stairs(department, as_of=look.today, with_culture=False)
    results = can(user, Permission.SEE_RESULTS)
    return Chosen(
        department,
        stairs,
        now,
        department_pain(user, department, look.at) if results else None,
        _ahead(scene, stairs[0].current, department),
    )


def _stairs(user: User, scene: Scene, pk: int, axes: Sequence[Axis]) -> list[ChosenStair]:
    """The stairs of the scene, in its own words; one statement."""
    sums = {
        (axis, step): staircase.StageResult(reached, levels, answered, total)
        for _pk, axis, step, levels, answered, total, reached in step_sums(user, [pk], scene)
    }
    nothing = staircase.StageResult(reached=False, level_sum=0, answered=0, total=0)
    return [
        ChosenStair(
            axis,
            str(axis.label),
            [
                ChosenStep(stage.name, sums.get((axis, stage.step), nothing))
                for stage in scene.of_axis(axis)
            ],
            scene.position(pk, axis),
        )
        for axis in axes
    ]


def _ahead(scene: Scene, current: int | None, department: Department) -> list[Place]:
    """Those of the own bureau first, then the nearest step above."""
    if current is None:
        return []
    unit = department.bureau_id or department.pk
    reached = [
        (place.unit != unit, position.reached, place)
        for pk, place in scene.places.items()
        if pk != department.pk
        and (position := scene.position(pk, Axis.TECHNOLOGY))
        and position.reached >= current
    ]
    return [place for *_order, place in sorted(reached, key=lambda row: row[:2])[:MOST_AHEAD]]
