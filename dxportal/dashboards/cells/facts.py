"""What the level of a department's criteria follows from: one statement a source."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Q, Subquery

from dxportal.accounts.models import Department
from roadmap.choices import DepartmentRole, Phase, Verdict
from roadmap.initiative_counts import Led
from roadmap.models import (
    AdoptionVerdict,
    Assessment,
    CriterionReading,
    EvidenceRequest,
    Initiative,
    MeasuredValue,
    Update,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """The newest of each kind by criterion, and the initiatives that the department leads."""

    day: date
    declared: dict[int, Assessment] = field(default_factory=dict)
    measured: dict[int, MeasuredValue] = field(default_factory=dict)
    readings: dict[int, CriterionReading] = field(default_factory=dict)
    asked: dict[int, EvidenceRequest] = field(default_factory=dict)
    led: tuple[Led, ...] = ()


def facts_of(department: Department, day: date) -> Facts:
    """Everything as of a day; five statements."""
    declared = Assessment.objects.filter(department=department).latest_on(day)
    measured = MeasuredValue.objects.filter(department=department, measured_on__lte=day)
    readings = CriterionReading.objects.filter(department=department, measured_on__lte=day)
    asked = EvidenceRequest.objects.filter(department=department).open_on(day)
    return Facts(
        day,
        declared={
            row.criterion_id: row
            for row in declared.select_related("confirmed_by", "acceptance__by")
        },
        measured={row.criterion_id: row for row in measured.order_by("measured_on", "id")},
        readings={
            row.criterion_id: row
            for row in readings.order_by("criterion_id", "-measured_on")
            .distinct("criterion_id")
            .select_related("by")
        },
        asked={row.criterion_id: row for row in asked.select_related("asked_by")},
        led=led_by(department, day),
    )


def led_by(department: Department, day: date) -> tuple[Led, ...]:
    """Standing initiatives of a lead department with their phase of the day; one statement."""
    newest = Update.objects.filter(initiative=OuterRef("pk"), reported_on__lte=day).order_by("-id")
    since = AdoptionVerdict.objects.filter(
        initiative=OuterRef("pk"), on__lte=day, on__gte=OuterRef("launched_on")
    ).exclude(verdict=Verdict.TOO_FEW)
    undecided = Q(task__chosen_on__isnull=True) | Q(task__chosen_on__gt=day)
    since = since.exclude(~Q(verdict=Verdict.ESTABLISHED), undecided, task__isnull=False)
    rows = Initiative.objects.filter(
        Q(removed_on__isnull=True) | Q(removed_on__gt=day),
        parts__department=department,
        parts__role=DepartmentRole.LEAD,
    ).annotate(
        phase_then=Subquery(newest.values("phase")[:1]),
        ended_then=Subquery(newest.values("ended")[:1]),
        answered=Exists(since),
    )
    columns = ("pk", "title", "phase_then", "launched_on", "ended_then", "answered")
    return tuple(
        Led(pk, title, phase or Phase.IDEA, launched_on, ended=bool(ended), asked_again=answered)
        for pk, title, phase, launched_on, ended, answered in rows.order_by("title", "pk")
        .values_list(*columns)
        .distinct()
    )
