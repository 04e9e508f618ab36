"""One department's criteria: latest answers beside the texts, and what is missing next."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Prefetch, Q

from dxportal.accounts.models import Department
from roadmap import staircase
from roadmap.choices import CriterionSource, DepartmentRole, Level, Verdict
from roadmap.models import (
    AdoptionVerdict,
    Assessment,
    Criterion,
    Initiative,
    MeasuredValue,
    Stage,
)
from roadmap.timeliness import FOLLOW_UP_DAYS


@dataclass(frozen=True, slots=True)
class CriterionState:
    """One criterion of one department as of a day; `level` None is unanswered."""

    criterion: Criterion
    level: int | None
    evidence: str
    confirmed_on: date | None
    confirmed_by: str
    expires_on: date | None
    expired: bool
    share_band: str = ""
    from_parent: bool = False

    @property
    def declared(self) -> bool:
        """Whether the head types it."""
        return self.criterion.source == CriterionSource.DECLARED

    @property
    def firm(self) -> bool:
        """At level 3 and not expired."""
        return self.level == Level.FIRM and not self.expired

    @property
    def level_label(self) -> str:
        """The level in words."""
        return str(Level(self.level).label) if self.level is not None else ""

    def as_answer(self) -> staircase.Answer:
        """For the pure rules."""
        return staircase.Answer(
            self.criterion.code, self.criterion.mandatory, self.level, self.expired
        )


@dataclass(frozen=True, slots=True)
class StageState:
    """One stage of one department with its criteria."""

    stage: Stage
    criteria: list[CriterionState]
    result: staircase.StageResult

    @property
    def percent(self) -> int:
        """Firmness in percent."""
        return round(100 * self.result.firmness)


def stage_states(department: Department, *, as_of: date) -> dict[str, list[StageState]]:
    """Axis → its stages in step order, live from the facts; five statements."""
    stages = list(
        Stage.objects.filter(municipality_id=department.municipality_id)
        .order_by("axis", "step")
        .prefetch_related(Prefetch("criteria", Criterion.objects.in_force()))
    )
    latest = Assessment.objects.filter(department=department).latest_on(as_of)
    declared = {row.criterion_id: row for row in latest.select_related("confirmed_by")}
    measured = {
        row.criterion_id: row
        for row in MeasuredValue.objects.filter(
            department=department, measured_on__lte=as_of
        ).order_by("measured_on", "id")
    }
    asked_again = _asked_again(department, as_of)
    found: dict[str, list[StageState]] = defaultdict(list)
    for stage in stages:
        states = [
            _state(criterion, declared, measured, asked_again, as_of)
            for criterion in stage.criteria.all()
        ]
        result = staircase.stage_result(state.as_answer() for state in states)
        found[stage.axis].append(StageState(stage, states, result))
    return found


def _asked_again(department: Department, as_of: date) -> int | None:
    """The level that the department's launched initiatives give; one statement."""
    since = AdoptionVerdict.objects.filter(
        initiative=OuterRef("pk"), on__lte=as_of, on__gte=OuterRef("launched_on")
    ).exclude(verdict=Verdict.TOO_FEW)
    undecided = Q(task__chosen_on__isnull=True) | Q(task__chosen_on__gt=as_of)
    since = since.exclude(~Q(verdict=Verdict.ESTABLISHED), undecided, task__isnull=False)
    launched = Initiative.objects.standing().filter(
        parts__department=department,
        parts__role=DepartmentRole.LEAD,
        launched_on__lte=as_of - timedelta(days=FOLLOW_UP_DAYS),
    )
    counts = launched.aggregate(all=Count("pk"), confirmed=Count("pk", filter=Exists(since)))
    return staircase.asked_again_level(counts["all"], counts["confirmed"])


def _state(
    criterion: Criterion,
    declared: dict[int, Assessment],
    measured: dict[int, MeasuredValue],
    asked_again: int | None,
    as_of: date,
) -> CriterionState:
    if criterion.source == CriterionSource.INITIATIVE:
        return CriterionState(criterion, asked_again, "", as_of, "", None, False)
    if criterion.source == CriterionSource.SURVEY:
        value = measured.get(criterion.pk)
        if value is None:
            return CriterionState(criterion, None, "", None, "", None, False)
        return CriterionState(
            criterion,
            value.level,
            value.wave_label,
            value.measured_on,
            "",
            value.expires_on,
            value.expires_on <= as_of,
            value.share_band,
            value.from_parent,
        )
    row = declared.get(criterion.pk)
    if row is None:
        return CriterionState(criterion, None, "", None, "", None, False)
    return CriterionState(
        criterion,
        row.level,
        row.evidence,
        row.confirmed_on,
        row.confirmed_by.name,
        row.expires_on,
        row.expires_on <= as_of,
    )


def next_steps(stages: list[StageState]) -> list[CriterionState]:
    """What keeps the current step of one axis from being reached, mandatory first."""
    missing = staircase.missing_for_next([[c.as_answer() for c in s.criteria] for s in stages])
    by_code = {c.criterion.code: c for s in stages for c in s.criteria}
    return [by_code[row.criterion_code] for row in missing if row.mandatory]


def position(stages: list[StageState]) -> staircase.Position | None:
    """Where the department stands on one axis."""
    return staircase.position([stage.result for stage in stages])
