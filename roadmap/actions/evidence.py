"""Evidence between a department and the DX office: asked for, looked at, accepted, asked back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import cast
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.actions.messages import notify
from dxportal.accounts.audit import event_row, record
from dxportal.accounts.models import Department, Event, User
from dxportal.shared.fiscal import CalendarStyle, format_date
from dxportal.shared.workdays import is_workday
from roadmap.choices import Channel, CriterionSource
from roadmap.marks import DEPARTMENT, mark
from roadmap.models import Assessment, Criterion, EvidenceAcceptance, EvidenceRequest
from roadmap.rounds import heads_on

ASKED = "evidence.asked"
ASKED_BACK = "evidence.asked_back"
ANSWERED = "evidence.answered"
WITHDRAWN = "evidence.withdrawn"
ACCEPTED = "evidence.accepted"
UNACCEPTED = "evidence.unaccepted"


class EvidenceConflict(Exception):
    """Something happened to it in between; the sentence says what."""


class DepartmentEnded(ValidationError):
    """Nothing is confirmed for a department after its last day, and nothing is asked of it."""


@transaction.atomic
def ask_for_evidence(
    department: Department,
    criterion: Criterion,
    *,
    text: str,
    due_on: date,
    by: User,
    today: date,
    channel: str = Channel.SCREEN,
) -> EvidenceRequest:
    """Ask a department for evidence of a declared criterion; its heads are told.

    Raises ValidationError for a day that cannot be met and where nobody could answer by confirming
    it, EvidenceConflict where one is open.
    """
    return _ask(department, criterion, None, text, due_on, by=by, today=today, channel=channel)


@transaction.atomic
def ask_back(
    assessment: Assessment,
    *,
    text: str,
    due_on: date,
    by: User,
    today: date,
    channel: str = Channel.SCREEN,
) -> EvidenceRequest:
    """Ask back about a confirmation: it does not count until it is answered or withdrawn.

    Also of one that was accepted. Raises EvidenceConflict where it was confirmed anew or asked
    about in between, ValidationError where nobody could answer by confirming it.
    """
    department, criterion = assessment.department, assessment.criterion
    lock_department(department)
    latest = Assessment.objects.filter(department=department, criterion=criterion)
    newest = latest.latest_on(today).first()
    if newest is None or newest.pk != assessment.pk:
        raise EvidenceConflict(_("The department has confirmed it anew in between."))
    return _ask(
        department, criterion, assessment, text, due_on, by=by, today=today, channel=channel
    )


def _ask(
    department: Department,
    criterion: Criterion,
    assessment: Assessment | None,
    text: str,
    due_on: date,
    *,
    by: User,
    today: date,
    channel: str,
) -> EvidenceRequest:
    """The row, its event, the mark, and the message to the heads."""
    if _has_ended(lock_department(department), today):
        raise DepartmentEnded(_("This department has ended; it is not asked any more."))
    _check(department, criterion, text, due_on, today)
    there = EvidenceRequest.objects.filter(department=department, criterion=criterion)
    if there.open_on(today).exists():
        raise EvidenceConflict(_("Something is asked about this criterion already."))
    row = EvidenceRequest.objects.create(
        department=department,
        criterion=criterion,
        assessment=assessment,
        text=text.strip(),
        due_on=due_on,
        asked_by=by,
        asked_on=today,
    )
    record(
        ASKED_BACK if assessment else ASKED,
        row,
        by=by,
        channel=channel,
        municipality_id=department.municipality_id,
        after=_facts(row),
    )
    mark(department.municipality_id, DEPARTMENT, [department.pk])
    _tell_heads(row, today)
    return row


def _check(
    department: Department, criterion: Criterion, text: str, due_on: date, today: date
) -> None:
    """What the forms should have seen before."""
    if department.municipality_id != criterion.stage.municipality_id:
        raise ValidationError(_("The criterion is another municipality's."))
    if criterion.retired:
        raise ValidationError(_("The staircase does not ask this criterion any more."))
    if criterion.source != CriterionSource.DECLARED:
        raise ValidationError(_("This criterion is measured; no evidence is asked for."))
    if not text.strip():
        raise ValidationError({"text": [_("Say what is asked.")]})
    if due_on <= today or not is_workday(due_on):
        raise ValidationError({"due_on": [_("Choose a working day after today.")]})


@transaction.atomic
def withdraw_request(
    request: EvidenceRequest, *, by: User, today: date, channel: str = Channel.SCREEN
) -> bool:
    """Take a request back: what it asked back about counts again. False: was open no more."""
    lock_department(request.department)
    rows = EvidenceRequest.objects.filter(pk=request.pk).open_on(today)
    row = rows.select_related("department", "criterion").select_for_update(of=("self",)).first()
    if row is None:
        return False
    before = _facts(row)
    row.withdrawn_on = today
    row.save(update_fields=["withdrawn_on"])
    municipality_id = row.department.municipality_id
    record(
        WITHDRAWN,
        row,
        by=by,
        channel=channel,
        municipality_id=municipality_id,
        before=before,
        after=_facts(row),
    )
    mark(municipality_id, DEPARTMENT, [row.department_id])
    return True


@transaction.atomic
def accept_evidence(
    assessments: Iterable[Assessment], *, by: User, today: date, channel: str = Channel.SCREEN
) -> tuple[list[EvidenceAcceptance], str]:
    """Accept confirmations that are still the newest ones and are not asked back.

    Returns those that were accepted, and the name of the batch for `take_back_acceptance`. What
    was accepted before, asked back or confirmed anew meanwhile is left out.
    """
    taken = _acceptable({row.pk: row for row in assessments}, today)
    made = EvidenceAcceptance.objects.bulk_create(
        EvidenceAcceptance(assessment=row, by=by, on=today) for row in taken
    )
    batch = uuid4().hex[:12]
    Event.objects.bulk_create(
        event_row(
            ACCEPTED,
            row,
            by=by,
            channel=channel,
            municipality_id=row.department.municipality_id,
            after={
                "department": row.department.name,
                "criterion": row.criterion.code,
                "level": row.level,
                "batch": batch,
                "acceptance": acceptance.pk,
            },
        )
        for row, acceptance in zip(taken, made, strict=True)
    )
    return made, batch


def _acceptable(wanted: dict[int, Assessment], today: date) -> list[Assessment]:
    """Those that are the newest, not accepted and not asked back; their departments are locked."""
    _lock_departments(row.department_id for row in wanted.values())
    rows = Assessment.objects.filter(
        department__in={row.department_id for row in wanted.values()},
        criterion__in={row.criterion_id for row in wanted.values()},
    ).latest_on(today)
    still = {row.pk for row in rows}
    closed = set(
        EvidenceAcceptance.objects.filter(assessment__in=wanted).values_list(
            "assessment_id", flat=True
        )
    )
    asked = EvidenceRequest.objects.filter(assessment__in=wanted).open_on(today)
    closed |= set(asked.values_list("assessment_id", flat=True))
    return [row for pk, row in wanted.items() if pk in still and pk not in closed]


@transaction.atomic
def take_back_acceptance(
    batch: str, *, municipality_id: int, by: User, channel: str = Channel.SCREEN
) -> int:
    """Undo what was accepted in one press; how many stand in the queue again.

    The acceptances of that press alone: what was accepted anew since then stays.
    """
    events = Event.objects.filter(
        municipality_id=municipality_id, action=ACCEPTED, after__batch=batch
    )
    made = [
        after["acceptance"]
        for after in events.values_list("after", flat=True)
        if "acceptance" in after
    ]
    rows = EvidenceAcceptance.objects.filter(
        pk__in=made, assessment__department__municipality_id=municipality_id
    ).select_related("assessment__department", "assessment__criterion")
    _lock_departments(rows.values_list("assessment__department", flat=True))
    found = list(rows.select_for_update(of=("self",)).order_by("pk"))
    Event.objects.bulk_create(
        event_row(
            UNACCEPTED,
            row.assessment,
            by=by,
            channel=channel,
            municipality_id=municipality_id,
            before={
                "department": row.assessment.department.name,
                "criterion": row.assessment.criterion.code,
                "level": row.assessment.level,
            },
        )
        for row in found
    )
    EvidenceAcceptance.objects.filter(pk__in=[row.pk for row in found]).delete()
    return len(found)


def close_requests(
    department: Department, rows: Iterable[Assessment], *, by: User, on: date, channel: str
) -> list[EvidenceRequest]:
    """What was asked about these criteria is answered by their confirmations; the asker is told.

    In the transaction that confirms.
    """
    answers = {row.criterion_id: row for row in rows}
    asked = EvidenceRequest.objects.filter(
        department=department,
        criterion__in=answers,
        answered_on__isnull=True,
        withdrawn_on__isnull=True,
    ).select_related("criterion", "department", "asked_by")
    found = list(asked.select_for_update(of=("self",)).order_by("pk"))
    events = []
    for row in found:
        before = _facts(row)
        row.answered_on, row.answer = on, answers[row.criterion_id]
        row.save(update_fields=["answered_on", "answer"])
        events.append(
            event_row(
                ANSWERED,
                row,
                by=by,
                channel=channel,
                municipality_id=department.municipality_id,
                before=before,
                after=_facts(row),
            )
        )
        _tell_asker(row, by)
    Event.objects.bulk_create(events)
    return found


def criteria_asked(department: Department, day: date) -> frozenset[int]:
    """Criteria of the department about which something is open: each wants its own answer."""
    rows = EvidenceRequest.objects.filter(department=department).open_on(day)
    return frozenset(rows.values_list("criterion_id", flat=True))


def lock_department(department: Department | int) -> Department:
    """Confirming, asking, accepting and withdrawing in one department go one after the other.

    Returns its key and its last day as they are now.
    """
    pk = department if isinstance(department, int) else department.pk
    return Department.objects.select_for_update(no_key=True).only("pk", "valid_to").get(pk=pk)


def lock_standing_department(department: Department, on: date) -> None:
    """The same where something is confirmed: DepartmentEnded after its last day."""
    if _has_ended(lock_department(department), on):
        words = _("This department has ended; its criteria are not confirmed any more.")
        raise DepartmentEnded(words)


def _lock_departments(keys: Iterable[int]) -> None:
    """In one order, so that two presses never wait for each other."""
    for key in sorted(set(keys)):
        lock_department(key)


def _has_ended(department: Department, on: date) -> bool:
    return department.valid_to is not None and department.valid_to <= on


def _facts(row: EvidenceRequest) -> dict[str, object]:
    return {
        "department": row.department.name,
        "criterion": row.criterion.code,
        "text": row.text,
        "due_on": row.due_on,
        "answered_on": row.answered_on,
        "withdrawn_on": row.withdrawn_on,
    }


# Telling ------------------------------------------------------------------------------------------
def page_of(department_id: int, code: str) -> str:
    """The page of one criterion of one department."""
    return reverse("dashboards:criterion_detail", args=[department_id, code])


def _tell_heads(row: EvidenceRequest, today: date) -> None:
    """Each head of the department, else of the bureau above it."""
    department = row.department
    places = [pk for pk in (department.pk, department.bureau_id) if pk is not None]
    heads = heads_on(places, today)
    people = heads.get(department.pk) or heads.get(department.bureau_id or 0) or []
    style = cast(CalendarStyle, department.municipality.calendar_style or "both")
    asked_back = row.assessment_id is not None
    subject = (
        _("Asked back: %(code)s of %(department)s")
        if asked_back
        else _("Evidence wanted: %(code)s of %(department)s")
    )
    body = (
        _("%(text)s\n\nPlease answer by %(due)s. Until then the confirmation does not count.")
        if asked_back
        else _("%(text)s\n\nPlease answer by %(due)s.")
    )
    notify(
        people,
        subject=subject % {"code": row.criterion.code, "department": department.name},
        body=body % {"text": row.text, "due": format_date(row.due_on, style)},
        path=page_of(department.pk, row.criterion.code),
        key=f"evidence-asked-{row.pk}",
        municipality=department.municipality_id,
        now=_now(),
    )


def _tell_asker(row: EvidenceRequest, by: User) -> None:
    values = {"code": row.criterion.code, "department": row.department.name, "name": by.name}
    notify(
        [row.asked_by] if row.asked_by_id != by.pk else [],
        subject=_("Answered: %(code)s of %(department)s") % values,
        body=_("%(name)s has confirmed the criterion.") % values,
        path=page_of(row.department_id, row.criterion.code),
        key=f"evidence-answered-{row.pk}",
        municipality=row.department.municipality_id,
        now=_now(),
    )


def _now() -> datetime:
    return timezone.now()
