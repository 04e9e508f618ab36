"""Changing a follow-up before it is asked: date, people, reason; not asking; the limit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from dxportal.accounts.audit import record
from dxportal.accounts.models import Department, Municipality, User
from surveys.actions.follow_up_endings import free_day
from surveys.choices import NotAsked
from surveys.models import AskLimit, FollowUp
from surveys.workdays import on_or_after


class FollowUpRefused(Exception):
    """The follow-up cannot be changed so; the sentence says why. Nothing was written."""


class FollowUpConflict(Exception):
    """Somebody else changed it in between; `theirs` is how it stands now."""

    def __init__(self, theirs: FollowUp) -> None:
        """Keep how it stands."""
        super().__init__("changed in between")
        self.theirs = theirs


@dataclass(frozen=True)
class FollowUpFields:
    """What can be set of a follow-up; no departments: those that are meant to use it."""

    due_on: dt.date
    departments: Sequence[Department]
    why: str


def fields_of(follow_up: FollowUp) -> FollowUpFields:
    """How it stands."""
    return FollowUpFields(
        follow_up.due_on, list(follow_up.departments.order_by("pk")), follow_up.why
    )


@transaction.atomic
def change_follow_up(
    follow_up: FollowUp, fields: FollowUpFields, *, by: User, expected: int | None = None
) -> FollowUp:
    """Set date, people and reason, while it waits; what is the same writes nothing.

    Raises FollowUpConflict where it is not as `expected` any more, FollowUpRefused where it has
    been asked, or another asking about the initiative stands on that day.
    """
    row = _waiting(follow_up)
    if expected is not None and row.version != expected and fields_of(row) != fields:
        raise FollowUpConflict(row)
    if fields_of(row) == fields:
        return row
    if free_day(row, fields.due_on) != fields.due_on:
        raise FollowUpRefused(_("Staff are asked about this initiative on that day already."))
    before = _told(row)
    row.due_on, row.why = fields.due_on, fields.why
    row.version += 1
    row.save(update_fields=["due_on", "why", "version"])
    row.departments.set(fields.departments)
    record("follow_up.changed", row.initiative, by=by, before=before, after=_told(row))
    return row


@transaction.atomic
def do_not_ask(follow_up: FollowUp, note: str, *, by: User, on: dt.date) -> FollowUp:
    """Nobody is asked, for a reason that everybody can read; it can be planned anew."""
    row = _waiting(follow_up)
    row.closed_on, row.not_asked, row.not_asked_note = on, NotAsked.OFFICE, note.strip()
    row.version += 1
    row.save(update_fields=["closed_on", "not_asked", "not_asked_note", "version"])
    after = {"due_on": row.due_on, "reason": row.not_asked_note}
    record("follow_up.not_asked", row.initiative, by=by, after=after)
    return row


@transaction.atomic
def plan_again(follow_up: FollowUp, *, by: User, today: dt.date) -> FollowUp:
    """What was listed as not asked gets a new date, the next working day; twice changes nothing."""
    row = _locked(follow_up)
    if row.wave_id is None and row.closed_on is None:
        return row
    if not row.not_asked:
        raise FollowUpRefused(_("There is an outcome already."))
    before = {"due_on": row.due_on, "reason": row.not_asked_note or row.not_asked}
    row.due_on = free_day(row, on_or_after(today))
    row.closed_on, row.not_asked, row.not_asked_note = None, "", ""
    row.version += 1
    row.save()
    record(
        "follow_up.planned_again",
        row.initiative,
        by=by,
        before=before,
        after={"due_on": row.due_on, "reason": ""},
    )
    return row


@transaction.atomic
def set_ask_limit(municipality: Municipality, number: int, *, by: User) -> AskLimit:
    """How often one person is asked in a quarter, at most; 1 to 12."""
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    row, _is_new = AskLimit.objects.get_or_create(municipality=municipality)
    if row.asks_per_quarter != number or _is_new:
        before = {"asks_per_quarter": row.asks_per_quarter}
        row.asks_per_quarter = number
        row.version += 1
        row.save(update_fields=["asks_per_quarter", "version"])
        after = {"asks_per_quarter": number}
        record("ask_limit.set", municipality, by=by, before=before, after=after)
    return row


def _locked(follow_up: FollowUp) -> FollowUp:
    rows = FollowUp.objects.select_for_update(of=("self",)).select_related("initiative")
    return rows.get(pk=follow_up.pk)


def _waiting(follow_up: FollowUp) -> FollowUp:
    row = _locked(follow_up)
    if row.wave_id is not None:
        raise FollowUpRefused(_("Staff have been asked already."))
    if row.closed_on is not None:
        raise FollowUpRefused(_("This asking has ended already."))
    return row


def _told(row: FollowUp) -> dict[str, Any]:
    return {
        "due_on": row.due_on,
        "why": row.why,
        "departments": sorted(row.departments.values_list("name", flat=True)),
    }
