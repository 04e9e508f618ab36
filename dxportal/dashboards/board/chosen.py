"""The side card of one department: both stairs, what comes next, its pain, whom to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dxportal.accounts.access import Permission, can
from dxportal.accounts.models import Department
from dxportal.dashboards.board.look import Look
from dxportal.dashboards.board.standing import Place, Scenes
from dxportal.dashboards.heads import department_page
from dxportal.dashboards.heads.department_page import Stair
from dxportal.dashboards.painpoints import DepartmentPain, department_pain
from dxportal.dashboards.scope import may_see_culture
from roadmap.choices import Axis

#: So many departments that went ahead are named.
MOST_AHEAD: Final = 3


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the card shows; `ahead`: departments that have reached the step being firmed."""

    department: Department
    stairs: Sequence[Stair]
    pain: DepartmentPain | None
    ahead: Sequence[Place]


def chosen(look: Look, scenes: Scenes) -> Chosen | None:
    """The department of the address, for those who see names; culture as far as they may."""
    user, pk = look.user, look.state.department
    if pk is None or not can(user, Permission.SEE_TECHNOLOGY_NAMES):
        return None
    visible = Department.objects.visible_to(user).select_related("bureau")
    department = visible.filter(pk=pk).first()
    if department is None:
        return None
    culture = may_see_culture(user, department)
    stairs = department_page.stairs(department, as_of=look.today, with_culture=culture)
    results = can(user, Permission.SEE_RESULTS)
    return Chosen(
        department,
        stairs,
        department_pain(user, department, look.at) if results else None,
        _ahead(scenes, stairs[0], department),
    )


def _ahead(scenes: Scenes, stair: Stair, department: Department) -> list[Place]:
    """Those of the own bureau first, then the nearest step above."""
    scene, current = scenes.now, stair.current
    if scene is None or current is None:
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
