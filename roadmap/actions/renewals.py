"""「変わりなし」: confirming what stands once more, and taking that back by the one of before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from dxportal.accounts.audit import record
from dxportal.accounts.models import Department, Event, User
from dxportal.shared.fiscal import add_months
from roadmap.actions.assessments import VALID_MONTHS, Claim, confirm_criteria
from roadmap.choices import CriterionSource
from roadmap.marks import DEPARTMENT, mark
from roadmap.models import Assessment, EvidenceRequest

RENEWED = "criteria.renewed"
TAKEN_BACK = "criteria.renewal_undone"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a department has confirmed as of a day: criterion → its latest confirmation.

    `asked_back`: criteria whose latest confirmation the office asks back about.
    """

    latest: Mapping[int, Assessment]
    asked_back: frozenset[int]

    def renewable(self, on: date) -> dict[int, Assessment]:
        """What can be confirmed as it was.

        Not where it holds for a year from that day already, where the office asks back about it,
        or where the head no longer types it.
        """
        full = add_months(on, VALID_MONTHS)
        return {
            pk: row
            for pk, row in self.latest.items()
            if row.criterion.source == CriterionSource.DECLARED
            and not row.criterion.retired
            and row.expires_on < full
            and pk not in self.asked_back
        }


def standing(department: Department, on: date) -> Standing:
    """Two statements."""
    rows = Assessment.objects.filter(department=department).latest_on(on)
    latest = {row.criterion_id: row for row in rows.select_related("criterion")}
    asked = EvidenceRequest.objects.filter(department=department).open_on(on)
    about = set(asked.exclude(assessment=None).values_list("assessment_id", flat=True))
    return Standing(latest, frozenset(pk for pk, row in latest.items() if row.pk in about))


@transaction.atomic
def renew(
    department: Department, *, by: User, on: date, only: Collection[int] | None = None
) -> Event | None:
    """Confirm what can be confirmed at its latest level; the event that an undo needs.

    Nobody else confirms meanwhile: the department's row is held. None where nothing was left.
    """
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    found = standing(department, on).renewable(on)
    before = {pk: row for pk, row in found.items() if only is None or pk in only}
    if not before:
        return None
    claims = {pk: Claim(row.level, row.evidence) for pk, row in before.items()}
    rows = confirm_criteria(department, claims, by=by, on=on)
    return record(
        RENEWED,
        department,
        by=by,
        before={"confirmations": [row.pk for row in before.values()]},
        after={"confirmations": [row.pk for row in rows]},
    )


@transaction.atomic
def take_back_renewal(department: Department, renewal: Event, *, by: User, on: date) -> int:
    """Append the confirmations before a renewal again; return how many.

    Level, evidence and last day are those of before. One that had expired ends with this day, as
    a confirmation holds for a day at least. What was confirmed since then stays.
    """
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    own = Assessment.objects.filter(department=department)
    made = set(renewal.after["confirmations"])
    unchanged = [row.criterion_id for row in own.latest_on(on) if row.pk in made]
    earlier = own.filter(pk__in=renewal.before["confirmations"], criterion__in=unchanged)
    rows = Assessment.objects.bulk_create(
        Assessment(
            department=department,
            criterion_id=row.criterion_id,
            level=row.level,
            evidence=row.evidence,
            confirmed_by=by,
            confirmed_on=on,
            expires_on=max(row.expires_on, on + timedelta(days=1)),
        )
        for row in earlier
    )
    if not rows:
        return 0
    record(
        TAKEN_BACK,
        department,
        by=by,
        before={"renewal": renewal.pk},
        after={"confirmations": [row.pk for row in rows]},
    )
    mark(department.municipality_id, DEPARTMENT, [department.pk])
    return len(rows)
