"""A head's page: both stairs, what is missing, the top pain point, the initiatives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from dxportal.accounts.models import Department, DepartmentSuccession, User
from dxportal.dashboards import criteria
from dxportal.dashboards.criteria import CriterionState, StageState
from dxportal.dashboards.painpoints import department_pain
from dxportal.shared.fiscal import month_start
from roadmap import staircase
from roadmap.board import adoptions
from roadmap.choices import Axis, DepartmentRole
from roadmap.models import Initiative, InitiativeSnapshot
from roadmap.shown_words import shown_words


@dataclass(frozen=True, slots=True)
class Stair:
    """One small stair: per cent per step, where the department stands, what comes next."""

    axis: str
    label: str
    stages: list[StageState]
    position: staircase.Position | None
    next_steps: list[CriterionState]

    @property
    def levels(self) -> list[int | None]:
        """Firmness per step, None where nothing is answered."""
        return [stage.percent if stage.result.answered else None for stage in self.stages]

    @property
    def current(self) -> int | None:
        """The step being firmed; None is no data."""
        return self.position.current if self.position else None

    @property
    def current_stage(self) -> StageState | None:
        """The stage being firmed."""
        return self.stages[self.position.current - 1] if self.position else None

    @property
    def done(self) -> list[CriterionState]:
        """Mandatory criteria of the current step that are firm."""
        stage = self.current_stage or self.stages[0]
        return [c for c in stage.criteria if c.criterion.mandatory and c.firm]


def stairs(department: Department, *, as_of: date, with_culture: bool) -> list[Stair]:
    """Technology first; culture only for those who may see it."""
    states = criteria.stage_states(department, as_of=as_of)
    axes = (Axis.TECHNOLOGY, Axis.CULTURE) if with_culture else (Axis.TECHNOLOGY,)
    return [
        Stair(
            axis=axis,
            label=str(axis.label),
            stages=states[axis],
            position=criteria.position(states[axis]),
            next_steps=criteria.next_steps(states[axis]),
        )
        for axis in axes
    ]


def initiatives_of(department: Department, *, as_of: date) -> list[InitiativeSnapshot]:
    """The department's initiatives as counted this month, the late ones first."""
    rows = InitiativeSnapshot.objects.filter(
        municipality_id=department.municipality_id,
        period=month_start(as_of),
        initiative__in=Initiative.objects.standing().filter(
            parts__department=department,
            parts__role__in=(DepartmentRole.LEAD, DepartmentRole.PARTNER),
        ),
    ).select_related("initiative")
    late_first = {"late": 0, "on_track": 2, "ahead": 3}
    return sorted(
        rows.distinct(), key=lambda row: (late_first.get(row.progress, 1), row.initiative.title)
    )


def successors(department: Department, day: date) -> list[Department] | None:
    """Who goes on with its work, where it has ended; None where it has not."""
    if department.valid_to is None or department.valid_to > day:
        return None
    heirs = DepartmentSuccession.objects.filter(predecessor=department).order_by("pk")
    return [row.successor for row in heirs.select_related("successor")]


def build(
    user: User,
    department: Department,
    *,
    now: datetime,
    with_culture: bool,
    with_results: bool,
) -> dict[str, Any]:
    """The template's context."""
    as_of = timezone.localdate(now)
    words = shown_words(department.municipality_id)
    rows = initiatives_of(department, as_of=as_of)
    states = adoptions([row.initiative_id for row in rows], as_of)
    return {
        "department": department,
        "pain": department_pain(user, department, now) if with_results else None,
        "with_results": with_results,
        "stairs": stairs(department, as_of=as_of, with_culture=with_culture),
        "with_culture": with_culture,
        "initiatives": [
            (row, words.progress(row.progress), words.phase(row.phase), states[row.initiative_id])
            for row in rows
        ],
        "as_of": as_of,
        "successors": successors(department, as_of),
    }
