"""What departments owe about their criteria, for reminders: a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from dxportal.accounts.models import Department
from roadmap.choices import CriterionSource, Level, ReminderReason
from roadmap.evidence_queue import newest
from roadmap.models import Assessment, CriterionReading, EvidenceRequest
from roadmap.reminding import RENEW_DAYS, CellFacts

_DAY = timedelta(days=1)
_NAMES = ("department_id", "department__name", "department__bureau_id", "expires_on")


def cell_facts(municipality_id: int, day: date) -> Iterator[CellFacts]:
    """Open requests one by one; what expires soon, or has lately, by department: three queries."""
    here = Q(
        department__in=Department.objects.filter(municipality_id=municipality_id).on(day).sections()
    )
    yield from _asked(here, day)
    span = timedelta(days=RENEW_DAYS)
    soon = Q(expires_on__gt=day - span, expires_on__lte=day + span, criterion__retired=False)
    about = EvidenceRequest.objects.filter(
        department=OuterRef("department"), criterion=OuterRef("criterion")
    ).open_on(day)
    declared = (
        Assessment.objects.filter(
            here,
            soon,
            criterion__source=CriterionSource.DECLARED,
            level__gt=Level.NOT_STARTED,
            confirmed_on__lte=day,
        )
        .exclude(newest())
        .exclude(Exists(about))
    )
    yield from _renewed(ReminderReason.EXPIRY, declared.values_list(*_NAMES))
    later = CriterionReading.objects.filter(
        department=OuterRef("department"),
        criterion=OuterRef("criterion"),
        measured_on__gt=OuterRef("measured_on"),
    )
    read = CriterionReading.objects.filter(
        here, soon, criterion__source=CriterionSource.INDICATOR, measured_on__lte=day
    ).exclude(Exists(later))
    yield from _renewed(ReminderReason.FIGURE, read.values_list(*_NAMES))


def _asked(here: Q, day: date) -> Iterator[CellFacts]:
    """What the office asks and nobody has answered."""
    asked = EvidenceRequest.objects.filter(here).open_on(day).order_by("pk")
    for row in asked.select_related("department", "criterion"):
        back = row.assessment_id is not None
        yield CellFacts(
            ReminderReason.ASKED_BACK if back else ReminderReason.EVIDENCE,
            f"request-{row.pk}",
            row.department_id,
            row.department.name,
            row.due_on,
            row.criterion.code,
            above=row.department.bureau_id,
        )


def _renewed(
    reason: ReminderReason, rows: Iterable[tuple[int, str, int | None, date]]
) -> Iterator[CellFacts]:
    """One line a department: how many, and the earliest last day."""
    found: defaultdict[tuple[int, str, int | None], list[date]] = defaultdict(list)
    for department, name, bureau, expires_on in rows:
        found[department, name, bureau].append(expires_on - _DAY)
    for (department, name, bureau), days in sorted(found.items(), key=lambda one: one[0][0]):
        on = min(days)
        key = f"{reason.value}-{department}-{on:%Y%m%d}"
        yield CellFacts(reason, key, department, name, on, count=len(days), above=bureau)
