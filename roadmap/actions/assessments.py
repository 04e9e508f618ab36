"""Confirming criteria: a head says how far the department is, with evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from dxportal.accounts.audit import event_row
from dxportal.accounts.models import Department, Event, User
from dxportal.shared.fiscal import add_months
from roadmap.actions.evidence import close_requests, criteria_asked, lock_standing_department
from roadmap.choices import Channel, CriterionSource, Level
from roadmap.marks import DEPARTMENT, mark
from roadmap.models import Assessment, Criterion

#: A confirmation holds for this long (domain 3.3).
VALID_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Claim:
    """What a head says about one criterion."""

    level: int
    evidence: str


def _latest(department: Department, day: date) -> dict[int, Assessment]:
    rows = Assessment.objects.filter(department=department).select_related("criterion")
    rows = rows.latest_on(day)
    return {row.criterion_id: row for row in rows}


def renewable(department: Department, on: date) -> dict[int, Assessment]:
    """Criterion → its latest confirmation, where it can be confirmed as it was; two statements.

    Not where it holds for a year from that day already, where the office asks about it (an answer
    of its own is wanted), or where the head no longer types it.
    """
    asked = criteria_asked(department, on)
    full = add_months(on, VALID_MONTHS)
    return {
        pk: row
        for pk, row in _latest(department, on).items()
        if row.criterion.source == CriterionSource.DECLARED
        and not row.criterion.retired
        and row.expires_on < full
        and pk not in asked
    }


@transaction.atomic
def confirm_criteria(
    department: Department,
    claims: Mapping[int, Claim],
    *,
    by: User,
    on: date,
    channel: str = Channel.SCREEN,
) -> list[Assessment]:
    """Append one assessment per claim (criterion id → claim).

    Raises DepartmentEnded, and ValidationError keyed by criterion id: a survey's or an
    initiative's criterion cannot be typed, and a firm one needs evidence.
    """
    lock_standing_department(department, on)
    own = Criterion.objects.filter(stage__municipality_id=department.municipality_id)
    criteria = own.in_force().in_bulk(list(claims))
    _check(claims, criteria)
    before = _latest(department, on)
    rows = Assessment.objects.bulk_create(
        Assessment(
            department=department,
            criterion=criteria[pk],
            level=claim.level,
            evidence=claim.evidence.strip(),
            confirmed_by=by,
            confirmed_on=on,
            expires_on=add_months(on, VALID_MONTHS),
        )
        for pk, claim in claims.items()
    )
    _record(department, rows, before, by=by, channel=channel)
    close_requests(department, rows, by=by, on=on, channel=channel)
    return rows


def _check(claims: Mapping[int, Claim], criteria: Mapping[int, Criterion]) -> None:
    """Only declared criteria of the present staircase, and evidence for what is firm."""
    problems = {}
    for pk, claim in claims.items():
        criterion = criteria.get(pk)
        if criterion is None or criterion.source != CriterionSource.DECLARED:
            problems[str(pk)] = _("This criterion is measured; nobody can type it.")
        elif claim.level == Level.FIRM and not claim.evidence.strip():
            problems[str(pk)] = _("Name the evidence: a document, an address or a figure.")
    if problems:
        raise ValidationError({key: [text] for key, text in problems.items()})


@transaction.atomic
def confirm_unchanged(
    department: Department, *, by: User, on: date, except_for: frozenset[int] = frozenset()
) -> list[Assessment]:
    """「変わりなし」: confirm what is `renewable` at its latest level, beside what was typed."""
    claims = {
        pk: Claim(row.level, row.evidence)
        for pk, row in renewable(department, on).items()
        if pk not in except_for
    }
    return confirm_criteria(department, claims, by=by, on=on) if claims else []


def _record(
    department: Department,
    rows: list[Assessment],
    before: Mapping[int, Assessment],
    *,
    by: User,
    channel: str,
) -> None:
    """One event per criterion, and the department's mark."""
    Event.objects.bulk_create(
        event_row(
            "criterion.confirmed",
            row,
            by=by,
            channel=channel,
            municipality_id=department.municipality_id,
            before=_facts(before.get(row.criterion_id)),
            after=_facts(row),
        )
        for row in rows
    )
    mark(department.municipality_id, DEPARTMENT, [department.pk])


def _facts(row: Assessment | None) -> dict[str, object]:
    if row is None:
        return {}
    return {
        "department": row.department_id,
        "criterion": row.criterion.code,
        "level": row.level,
        "evidence": row.evidence,
        "expires_on": row.expires_on,
    }
