"""Planning, opening and dropping reporting rounds, and telling those who still have to return."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import cast

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts import audit
from dxportal.accounts.actions.messages import notify
from dxportal.accounts.models import Municipality, Outbox, User
from dxportal.shared.fiscal import CalendarStyle, format_date
from roadmap.choices import Channel, RoundKind, RoundState
from roadmap.models import ReportingRound, RoundReturn
from roadmap.round_calendar import Period, label
from roadmap.rounds import heads_on, owing_departments

PLANNED, CHANGED, DROPPED = "round.planned", "round.changed", "round.dropped"
OPENED, JOINED, TOLD = "round.opened", "round.joined", "round.told"
_PLAN = ("kind", "fiscal_year", "number", "opens_on", "due_on", "note")
#: What may still be changed while departments are filling in.
_WHILE_OPEN = ("due_on", "note")


class RoundRefused(Exception):
    """It cannot be done now; the text says why."""


class RoundConflict(Exception):
    """Somebody else changed it in between; nothing was written."""


def locked_round(pk: int) -> ReportingRound:
    """The round; steps of one round come one after the other."""
    rows = ReportingRound.objects.select_related("municipality")
    return rows.select_for_update(of=("self",)).get(pk=pk)


@transaction.atomic
def plan_round(
    municipality: Municipality,
    *,
    by: User,
    period: Period,
    opens_on: dt.date,
    due_on: dt.date,
    note: str = "",
) -> ReportingRound:
    """Plan the round of a period; the same plan sent twice is one round.

    Raises RoundRefused where the period has another one already.
    """
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    wanted = _values(period, opens_on, due_on, note)
    found = _of_period(municipality, period)
    if found is not None:
        if _plan(found) == wanted and found.state == RoundState.PLANNED:
            return found
        raise RoundRefused(_("“%(round)s” is planned already.") % {"round": found})
    made = ReportingRound.objects.create(
        municipality=municipality, label=_label(municipality, period), **wanted
    )
    audit.record(PLANNED, made, by=by, after=wanted)
    return made


@transaction.atomic
def change_round(
    found: ReportingRound,
    *,
    by: User,
    version: int,
    period: Period,
    opens_on: dt.date,
    due_on: dt.date,
    note: str = "",
) -> ReportingRound:
    """Change the plan; of an open round only the deadline and the words to the departments.

    Raises RoundConflict where somebody changed it since `version`, RoundRefused once it is closed.
    """
    row = locked_round(found.pk)
    before, wanted = _plan(row), _values(period, opens_on, due_on, note)
    if row.state == RoundState.CLOSED:
        raise RoundRefused(_("“%(round)s” is closed and does not change.") % {"round": row})
    if row.state == RoundState.OPEN:
        wanted = before | {name: wanted[name] for name in _WHILE_OPEN}
    if wanted == before:
        return row
    if row.version != version:
        raise RoundConflict
    other = _of_period(row.municipality, period)
    if other is not None and other.pk != row.pk:
        raise RoundRefused(_("“%(round)s” is planned already.") % {"round": other})
    for name, value in wanted.items():
        setattr(row, name, value)
    if row.state == RoundState.PLANNED:
        row.label = _label(row.municipality, period)
    row.version += 1
    row.save()
    audit.record(CHANGED, row, by=by, before=before, after=wanted)
    return row


@transaction.atomic
def drop_round(found: ReportingRound, *, by: User) -> None:
    """Remove a plan that was never opened; nothing else can be removed."""
    row = ReportingRound.objects.select_for_update().filter(pk=found.pk).first()
    if row is None:
        return
    if row.state != RoundState.PLANNED:
        raise RoundRefused(_("“%(round)s” is open already.") % {"round": row})
    audit.record(DROPPED, row, by=by, before=_plan(row))
    row.delete()


@transaction.atomic
def open_round(found: ReportingRound, *, by: User | None, now: dt.datetime) -> ReportingRound:
    """Let the departments return, exactly once: an open round is left as it is.

    Every department that stands in the organisation or leads an initiative owes a return; their
    heads are told.
    """
    row = locked_round(found.pk)
    if row.state == RoundState.OPEN:
        return row
    if row.state == RoundState.CLOSED:
        raise RoundRefused(_("“%(round)s” is closed and does not change.") % {"round": row})
    day = timezone.localdate(now)
    row.state, row.opened_at, row.version = RoundState.OPEN, now, row.version + 1
    row.due_on = max(row.due_on, day)
    row.opens_on = min(row.opens_on, day)
    row.save()
    joined = _join(row, day)
    audit.record(
        OPENED,
        row,
        by=by,
        channel=Channel.SCREEN if by else Channel.SYSTEM,
        before={"state": RoundState.PLANNED},
        after={"state": row.state, "departments": len(joined)},
    )
    _tell_heads(row, joined, key=f"round-{row.pk}-opened", now=now, opened=True)
    return row


@transaction.atomic
def join_new_departments(found: ReportingRound, *, now: dt.datetime) -> int:
    """Departments that began, or began to lead an initiative, after the opening; how many came."""
    row, day = locked_round(found.pk), timezone.localdate(now)
    if row.state != RoundState.OPEN:
        return 0
    joined = _join(row, day)
    if joined:
        after = {"departments": sorted(joined)}
        audit.record(JOINED, row, by=None, channel=Channel.SYSTEM, after=after)
        _tell_heads(row, joined, key=f"round-{row.pk}-opened", now=now, opened=True)
    return len(joined)


@transaction.atomic
def turn_round(municipality_id: int, pk: int, *, now: dt.datetime) -> str:
    """What the clock does: open a planned round whose day has come, let new departments join."""
    rows = ReportingRound.objects.filter(municipality_id=municipality_id, pk=pk)
    found = rows.first()
    if found is None or found.opens_on > timezone.localdate(now):
        return "waits"
    if found.state == RoundState.PLANNED:
        open_round(found, by=None, now=now)
        return "opened"
    return f"{join_new_departments(found, now=now)} joined"


@transaction.atomic
def tell_waiting(found: ReportingRound, *, by: User, now: dt.datetime) -> int | None:
    """Remind the heads who have not submitted, once a day; None where it was done today."""
    row = locked_round(found.pk)
    if row.state != RoundState.OPEN:
        raise RoundRefused(_("“%(round)s” is not open.") % {"round": row})
    key = told_key(row, timezone.localdate(now))
    if Outbox.objects.filter(municipality_id=row.municipality_id, key=key).exists():
        return None
    waiting = set(row.returns.unsubmitted().values_list("department_id", flat=True))
    told = _tell_heads(row, waiting, key=key, now=now, opened=False)
    audit.record(TOLD, row, by=by, after={"departments": len(waiting), "people": told})
    return told


def told_key(found: ReportingRound, day: dt.date) -> str:
    """The occasion of a reminder by the office on one day."""
    return f"round-{found.pk}-told-{day:%Y%m%d}"


def _join(row: ReportingRound, day: dt.date) -> set[int]:
    """Give each department that owes a return one; the ids of those that are new."""
    present = set(row.returns.values_list("department_id", flat=True))
    owing = [one.pk for one in owing_departments(row.municipality_id, day)]
    joined = [pk for pk in owing if pk not in present]
    RoundReturn.objects.bulk_create(RoundReturn(round=row, department_id=pk) for pk in joined)
    return set(joined)


def _tell_heads(
    row: ReportingRound, departments: Iterable[int], *, key: str, now: dt.datetime, opened: bool
) -> int:
    """One message to every head of the departments; how many people."""
    heads = heads_on(list(departments), timezone.localdate(now))
    people = {head.pk: head for found in heads.values() for head in found}
    due = format_date(row.due_on, cast(CalendarStyle, row.municipality.calendar_style or "both"))
    subject = _("Progress report %(round)s: please return it") if opened else None
    subject = subject or _("Progress report %(round)s: still to be returned")
    body = _("Please look at the initiatives of your department and submit by %(due)s.")
    notify(
        people.values(),
        subject=subject % {"round": row.label},
        body=(body % {"due": due}) + (f"\n\n{row.note}" if row.note else ""),
        path=reverse("roadmap:round_detail", args=[row.pk]),
        key=key,
        municipality=row.municipality_id,
        now=now,
    )
    return len(people)


def _label(municipality: Municipality, period: Period) -> str:
    return label(period, cast(CalendarStyle, municipality.calendar_style or "both"))


def _of_period(municipality: Municipality, period: Period) -> ReportingRound | None:
    rows = municipality.rounds.filter(kind=period.kind, fiscal_year=period.fiscal_year)
    return rows.filter(number=period.number).first()


def _values(period: Period, opens_on: dt.date, due_on: dt.date, note: str) -> dict[str, object]:
    return {
        "kind": period.kind.value,
        "fiscal_year": period.fiscal_year,
        "number": period.number,
        "opens_on": opens_on,
        "due_on": due_on,
        "note": note.strip(),
    }


def _plan(row: ReportingRound) -> dict[str, object]:
    return {name: getattr(row, name) for name in _PLAN}


def period_of(found: ReportingRound) -> Period:
    """Which period a round reports on."""
    return Period(RoundKind(found.kind), found.fiscal_year, found.number)
