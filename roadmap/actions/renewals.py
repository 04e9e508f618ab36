"""「変わりなし」: confirming what stands once more, and taking that back by the one of before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from dxportal.accounts.audit import record
from dxportal.accounts.models import Department, Event, User
from roadmap.actions.assessments import Claim, confirm_criteria, renewable
from roadmap.actions.evidence import criteria_asked, lock_standing_department
from roadmap.marks import DEPARTMENT, mark
from roadmap.models import Assessment

RENEWED = "criteria.renewed"
TAKEN_BACK = "criteria.renewal_undone"


@transaction.atomic
def renew(
    department: Department, *, by: User, on: date, only: Collection[int] | None = None
) -> Event | None:
    """Confirm what can be confirmed at its latest level; the event that an undo needs.

    Nobody else confirms meanwhile: the department's row is held. None where nothing was left.
    Raises DepartmentEnded.
    """
    lock_standing_department(department, on)
    found = renewable(department, on)
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


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How many criteria stand as before, and how many stay because something is asked of them."""

    count: int
    asked: int


@transaction.atomic
def take_back_renewal(department: Department, renewal: Event, *, by: User, on: date) -> TakenBack:
    """Append the confirmations before a renewal again.

    Level, evidence and last day are those of before. One that had expired ends with this day, as
    a confirmation holds for a day at least. What was confirmed since then stays, and what the
    office asks about: it wants an answer of its own. Raises DepartmentEnded.
    """
    lock_standing_department(department, on)
    own = Assessment.objects.filter(department=department)
    made = set(renewal.after["confirmations"])
    unchanged = {row.criterion_id for row in own.latest_on(on) if row.pk in made}
    asked = unchanged & criteria_asked(department, on)
    earlier = own.filter(pk__in=renewal.before["confirmations"], criterion__in=unchanged - asked)
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
        return TakenBack(0, len(asked))
    record(
        TAKEN_BACK,
        department,
        by=by,
        before={"renewal": renewal.pk},
        after={"confirmations": [row.pk for row in rows]},
    )
    mark(department.municipality_id, DEPARTMENT, [department.pk])
    return TakenBack(len(rows), len(asked))
