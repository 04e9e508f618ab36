"""A head's page: both stairs, the way to the next step, what is due, whom to ask, since last time.

Each part has its own module; here they are put together for one viewer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from dxportal.accounts.models import Department, DepartmentSuccession, Event, User
from dxportal.dashboards.cells import states as criteria
from dxportal.dashboards.cells.states import CriterionState, StageState
from dxportal.dashboards.heads import ahead, duties, since_round, way
from dxportal.dashboards.heads.own import own_departments
from dxportal.dashboards.heads.way import Ways
from dxportal.dashboards.painpoints import department_pain
from dxportal.shared.fiscal import month_start
from roadmap import staircase
from roadmap.actions.renewals import RENEWED, TAKEN_BACK
from roadmap.board import adoptions
from roadmap.choices import Axis, DepartmentRole
from roadmap.models import Initiative, InitiativeSnapshot
from roadmap.shown_words import shown_words

#: A department is called new for so long.
NEW_DAYS = 31
#: Entries of the history of confirmations.
ENTRIES = 5


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
        """The step being firmed."""
        return self.stages[self.position.current - 1] if self.position else None

    @property
    def done(self) -> list[CriterionState]:
        """Mandatory criteria of the current step that are firm."""
        stage = self.current_stage or (self.stages[0] if self.stages else None)
        return [c for c in stage.criteria if c.criterion.mandatory and c.firm] if stage else []


@dataclass(frozen=True, slots=True)
class Entry:
    """One 「変わりなし」 or one that was taken back; `undoable`: nothing newer took it back."""

    event: Event
    count: int
    taken_back: bool
    undoable: bool


def stairs(department: Department, *, as_of: date, with_culture: bool) -> list[Stair]:
    """Technology first; culture only for those who may see it."""
    return stairs_of(criteria.stage_states(department, as_of=as_of), axes_for(with_culture))


def stairs_of(states: Mapping[str, list[StageState]], axes: Sequence[Axis]) -> list[Stair]:
    """The same from states that were read already."""
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


def axes_for(with_culture: bool) -> tuple[Axis, ...]:
    """The axes that a viewer may see of a department by name."""
    return (Axis.TECHNOLOGY, Axis.CULTURE) if with_culture else (Axis.TECHNOLOGY,)


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


def history(department: Department) -> list[Entry]:
    """The newest renewals of confirmations; one statement."""
    events = Event.objects.about("department", department.pk).filter(
        action__in=(RENEWED, TAKEN_BACK)
    )[: ENTRIES * 2]
    undone = {event.before.get("renewal") for event in events if event.action == TAKEN_BACK}
    return [
        Entry(
            event,
            len(event.after.get("confirmations", ())),
            taken_back=event.action == TAKEN_BACK,
            undoable=event.action == RENEWED and event.pk not in undone,
        )
        for event in events[:ENTRIES]
    ]


def build(
    user: User,
    department: Department,
    *,
    now: datetime,
    with_culture: bool,
    with_results: bool,
) -> dict[str, Any]:
    """The template's context.

    Who may see culture by name sees what is due from the department, what the office asks of it
    and what its staff answered, on both axes.
    """
    as_of = timezone.localdate(now)
    axes = axes_for(with_culture)
    states = criteria.stage_states(department, as_of=as_of)
    for axis, stages in states.items():
        states[axis] = [one.seen_by(answers=with_culture, requests=with_culture) for one in stages]
    shown = stairs_of(states, axes)
    ways = way.ways_of(department, states, axes=axes, as_of=as_of)
    each = [state for axis in axes for stage in states[axis] for state in stage.criteria]
    return {
        "department": department,
        "own": own_departments(user, as_of),
        "pain": department_pain(user, department, now) if with_results else None,
        "with_results": with_results,
        "stairs": shown,
        "ways": ways,
        "answered": any(stair.position for stair in shown),
        "next_pulse": way.next_pulse(user),
        "with_culture": with_culture,
        "with_duties": with_culture,
        "duties": duties.duties_of(department, each, as_of) if with_culture else [],
        "help": ahead.ahead_of(user, department, _climbing(ways), as_of=as_of),
        "comparison": since_round.compare(user, department, states, axes=axes, as_of=as_of),
        "history": history(department) if with_culture else [],
        "initiatives": _initiative_rows(department, as_of),
        "as_of": as_of,
        "is_new": department.valid_from > as_of - timedelta(days=NEW_DAYS),
        "successors": successors(department, as_of),
    }


def _climbing(ways: Ways) -> dict[str, int | None]:
    """Axis → the step that is being climbed; None where all are reached."""
    return {one.axis: None if one.way.all_reached else one.way.step for one in ways.axes}


def _initiative_rows(department: Department, as_of: date) -> list[tuple[Any, ...]]:
    """Each with its progress and phase in the municipality's words, and how it is adopted."""
    words = shown_words(department.municipality_id)
    rows = initiatives_of(department, as_of=as_of)
    states = adoptions([row.initiative_id for row in rows], as_of)
    return [
        (row, words.progress(row.progress), words.phase(row.phase), states[row.initiative_id])
        for row in rows
    ]
