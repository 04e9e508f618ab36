"""Asking again after go-live: planned by date, opened when due, declared where too few use it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.actions.messages import notify
from dxportal.accounts.choices import Role
from dxportal.accounts.models import Department, Municipality, User
from dxportal.shared.tenancy import set_municipality
from roadmap.actions.published import begin_check, publish_verdict
from roadmap.actions.updates import latest_update
from roadmap.choices import LAUNCHED_PHASES, DepartmentRole, Phase, Verdict
from roadmap.models import AdoptionVerdict, Initiative
from surveys import followups
from surveys.actions.definitions import create_survey
from surveys.actions.waves import WaveRefused, open_wave, plan_wave
from surveys.choices import Template, WaveState
from surveys.eligibility import frame
from surveys.models import FollowUp, Survey, Wave
from surveys.workdays import is_workday, on_or_after

log = logging.getLogger("dxportal.surveys")

#: How long a follow-up stays open, and the hour at which it ends.
OPEN_DAYS = 14
CLOSING_HOUR = dt.time(17, 0)
#: Outcomes that a person may declare; "too few answers" is only ever counted.
DECLARABLE = tuple(verdict for verdict in Verdict if verdict != Verdict.TOO_FEW)


@transaction.atomic
def schedule_follow_ups(today: dt.date, *, municipality_id: int | None = None) -> int:
    """Plan the asking again of everything in operation that has no date yet; return how many.

    Due 90 days after go-live, moved to a working day. What is stopped, on hold or has taken root
    is not asked about. `today` keeps go-lives in the future from being planned too early.
    """
    launched = (
        Initiative.objects.standing()
        .real()
        .filter(launched_on__isnull=False, launched_on__lte=today, follow_ups__isnull=True)
    )
    if municipality_id is not None:
        launched = launched.filter(municipality_id=municipality_id)
    due = [i for i in launched.order_by("id") if _phase(i) in (Phase.LIVE, Phase.CHECKING)]
    rows = [
        FollowUp(initiative=i, due_on=followups.follow_up_due(i.launched_on, is_workday))
        for i in due
        if i.launched_on is not None
    ]
    FollowUp.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def open_due(today: dt.date) -> int:
    """Open what is due, each in a transaction of its own; return how many waves were opened."""
    waiting = FollowUp.objects.filter(
        due_on__lte=today,
        wave__isnull=True,
        closed_on__isnull=True,
        initiative__removed_on__isnull=True,
    ).order_by("due_on", "id")
    opened = 0
    for pk in list(waiting.values_list("pk", flat=True)):
        try:
            opened += open_follow_up(pk, today) is not None
        except WaveRefused as refused:
            log.warning("follow-up %s was not opened: %s", pk, refused)
    return opened


@transaction.atomic
def open_follow_up(follow_up_id: int, today: dt.date) -> Wave | None:
    """Ask those who are meant to use it, or ask the accountable post to declare the outcome.

    A department is asked by one follow-up at a time: another one waits for the next day. None
    where nothing was opened.
    """
    follow_up = (
        FollowUp.objects.select_for_update(of=("self",))
        .select_related("initiative__municipality", "initiative__accountable_post")
        .get(pk=follow_up_id)
    )
    initiative = follow_up.initiative
    set_municipality(initiative.municipality_id)
    if follow_up.wave_id or follow_up.closed_on or _phase(initiative) not in LAUNCHED_PHASES:
        return None
    departments = addressed(initiative)
    if must_declare(initiative, today):
        _ask_to_declare(follow_up, today)
        return None
    if _being_asked(departments):
        return None
    wave = _open(initiative, departments, today)
    follow_up.wave = wave
    follow_up.save(update_fields=["wave"])
    begin_check(initiative, on=today)
    return wave


def addressed(initiative: Initiative) -> list[Department]:
    """The departments that are meant to use it; the lead department where none is named."""
    parts = list(initiative.parts.select_related("department").order_by("department_id"))
    users = [part.department for part in parts if part.role == DepartmentRole.USER]
    return users or [part.department for part in parts if part.role == DepartmentRole.LEAD]


def must_declare(initiative: Initiative, today: dt.date) -> bool:
    """Whether the outcome is declared: fewer than 5 users, or two times too few answers."""
    departments = [department.pk for department in addressed(initiative)]
    _nodes, placed = frame(initiative.municipality, today, only=departments)
    verdicts = AdoptionVerdict.objects.filter(initiative=initiative).order_by("on", "id")
    return followups.is_declared(len(placed), list(verdicts.values_list("verdict", flat=True)))


@transaction.atomic
def declare_outcome(
    initiative: Initiative, verdict: str, reason: str, *, by: User, on: dt.date
) -> AdoptionVerdict:
    """Record what the accountable post judges, with a reason, where nobody could be asked."""
    if verdict not in DECLARABLE:
        raise ValidationError({"verdict": _("Choose one of the outcomes.")})
    if not must_declare(initiative, on):
        raise ValidationError(_("The staff can be asked about this initiative."))
    open_now = FollowUp.objects.filter(initiative=initiative, wave__isnull=True, closed_on=None)
    if not open_now.filter(due_on__lte=on).exists():
        raise ValidationError(_("The time to ask about this initiative has not come yet."))
    row = publish_verdict(
        initiative, on=on, verdict=verdict, figures={}, declared=True, reason=reason, by=by
    )
    open_now.filter(due_on__lte=on).update(closed_on=on)
    return row


def _phase(initiative: Initiative) -> str:
    latest = latest_update(initiative)
    return latest.phase if latest else Phase.IDEA


def _being_asked(departments: Iterable[Department]) -> bool:
    """Whether somebody there has an open follow-up already."""
    return Wave.objects.filter(
        state=WaveState.OPEN,
        initiative__isnull=False,
        asks__department__in=[department.pk for department in departments],
    ).exists()


def _open(initiative: Initiative, departments: list[Department], today: dt.date) -> Wave:
    zone = timezone.get_current_timezone()
    last_day = on_or_after(today + dt.timedelta(days=OPEN_DAYS))
    now = max(timezone.now(), dt.datetime.combine(today, dt.time(), zone))
    closes_at = dt.datetime.combine(last_day, CLOSING_HOUR, zone)
    wave = plan_wave(
        _survey(initiative.municipality),
        label=_("%(title)s: three months later") % {"title": initiative.title[:90]},
        opens_at=now,
        closes_at=closes_at,
        publish_at=closes_at,
        departments=departments,
        initiative=initiative,
        by=None,
    )
    return open_wave(wave, by=None, now=now)


def _survey(municipality: Municipality) -> Survey:
    """The municipality's follow-up survey; its waves differ by initiative."""
    found = Survey.objects.filter(municipality=municipality, template=Template.FOLLOW_UP)
    return found.order_by("-id").first() or create_survey(municipality, Template.FOLLOW_UP, by=None)


def _ask_to_declare(follow_up: FollowUp, today: dt.date) -> None:
    """A notice to who holds the accountable post, else the person in charge, else the office."""
    initiative = follow_up.initiative
    notify(
        _responsible(initiative, today),
        subject=_("Please say what became of “%(title)s”") % {"title": initiative.title},
        body=_("Too few people use it to ask them. Choose an outcome and say why in a sentence."),
        path=reverse("surveys:followup_declare", args=[follow_up.pk]),
        key=f"declare-{follow_up.pk}",
        municipality=initiative.municipality_id,
        now=timezone.now(),
    )


def _responsible(initiative: Initiative, today: dt.date) -> list[User]:
    if initiative.accountable_post is not None:
        seats = initiative.accountable_post.assignments.on(today).select_related("user")
        holders = [seat.user for seat in seats if seat.user.is_active]
        if holders:
            return holders
    if initiative.contact is not None and initiative.contact.is_active:
        return [initiative.contact]
    office = User.objects.filter(
        municipality_id=initiative.municipality_id, grants__role=Role.DX_OFFICE, is_active=True
    )
    return list(office.distinct())
