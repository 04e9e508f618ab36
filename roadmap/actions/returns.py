"""Steps of one department's return: submit, take back, accept, send back. Each one is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts import audit
from dxportal.accounts.actions.messages import notify
from dxportal.accounts.choices import Role
from dxportal.accounts.models import RoleGrant, User
from roadmap.actions.rounds import RoundRefused, locked_round
from roadmap.choices import ReturnState, RoundState
from roadmap.models import RoundReturn
from roadmap.rounds import Tally, tallies

SUBMITTED, TAKEN_BACK = "return.submitted", "return.taken_back"
ACCEPTED, SENT_BACK = "return.accepted", "return.sent_back"
_DEPARTMENTS_TURN = (ReturnState.FILLING, ReturnState.RETURNED)
_FACTS = ("state", "note", "comment")


class ReturnConflict(Exception):
    """Somebody else took a step in between; nothing was written. `found` is how it stands now."""

    def __init__(self, found: RoundReturn) -> None:
        """Keep what stands now."""
        super().__init__("the return was changed in between")
        self.found = found


@transaction.atomic
def submit_return(
    found: RoundReturn, *, by: User, version: int, note: str = "", now: dt.datetime
) -> RoundReturn:
    """Hand the return to the office; where something is missing, a note has to say why.

    Raises ValidationError without that note, ReturnConflict after another step in between.
    """
    row = _locked(found)
    note = note.strip()
    if row.state == ReturnState.SUBMITTED and row.submitted_by_id == by.pk and row.note == note:
        return row
    _refuse_another_step(row, version, _DEPARTMENTS_TURN)
    tally = tallies(row.round, [row.department_id]).get(row.department_id, Tally())
    if tally.open and not note:
        raise ValidationError({"note": _("Say in a sentence why something is still missing.")})
    before = _facts(row)
    row.state, row.note = ReturnState.SUBMITTED, note
    row.submitted_at, row.submitted_by = now, by
    row.decided_at = row.decided_by = None
    more = {"initiatives": tally.total, "missing": tally.open}
    _save(row, SUBMITTED, by=by, before=before, more=more)
    subject = _("%(department)s submitted its progress report")
    _tell(row, _office(row, now), subject, note, by=by, now=now)
    return row


@transaction.atomic
def take_back_return(
    found: RoundReturn, *, by: User, version: int, now: dt.datetime
) -> RoundReturn:
    """The department goes on filling in, as long as the office has not accepted."""
    row = _locked(found)
    if row.state == ReturnState.FILLING:
        return row
    _refuse_another_step(row, version, (ReturnState.SUBMITTED,))
    before = _facts(row)
    row.state = ReturnState.FILLING
    row.submitted_at = row.submitted_by = None
    _save(row, TAKEN_BACK, by=by, before=before)
    return row


@transaction.atomic
def accept_return(
    found: RoundReturn, *, by: User, version: int, comment: str = "", now: dt.datetime
) -> RoundReturn:
    """The office has read it and has no question."""
    row = _locked(found)
    if row.state == ReturnState.ACCEPTED and row.comment == comment.strip():
        return row
    _refuse_another_step(row, version, (ReturnState.SUBMITTED,))
    before = _facts(row)
    row.state, row.comment = ReturnState.ACCEPTED, comment.strip()
    row.decided_at, row.decided_by = now, by
    _save(row, ACCEPTED, by=by, before=before)
    subject = _("The progress report of %(department)s was accepted")
    _tell(row, _department_people(row, now), subject, row.comment, by=by, now=now)
    return row


@transaction.atomic
def send_back_return(
    found: RoundReturn, *, by: User, version: int, comment: str, now: dt.datetime
) -> RoundReturn:
    """The office asks for something more, also after it had accepted; the comment says what."""
    row = _locked(found)
    if not comment.strip():
        raise ValidationError({"comment": _("Say what the department should look at again.")})
    if row.state == ReturnState.RETURNED and row.comment == comment.strip():
        return row
    _refuse_another_step(row, version, (ReturnState.SUBMITTED, ReturnState.ACCEPTED))
    before = _facts(row)
    row.state, row.comment = ReturnState.RETURNED, comment.strip()
    row.decided_at, row.decided_by = now, by
    _save(row, SENT_BACK, by=by, before=before)
    subject = _("The progress report of %(department)s came back")
    _tell(row, _department_people(row, now), subject, row.comment, by=by, now=now)
    return row


def _locked(found: RoundReturn) -> RoundReturn:
    """The return of an open round; closing it waits for this step, or this step is too late."""
    parent = locked_round(found.round_id)
    rows = RoundReturn.objects.select_related("department", "submitted_by", "decided_by")
    row = rows.select_for_update(of=("self",)).get(pk=found.pk)
    row.round = parent
    if parent.state != RoundState.OPEN:
        raise RoundRefused(_("“%(round)s” is closed and does not change.") % {"round": parent})
    return row


def _refuse_another_step(row: RoundReturn, version: int, states: Iterable[str]) -> None:
    if row.version != version or row.state not in states:
        raise ReturnConflict(row)


def _facts(row: RoundReturn) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _FACTS}


def _save(
    row: RoundReturn,
    action: str,
    *,
    by: User,
    before: dict[str, Any],
    more: dict[str, Any] | None = None,
) -> None:
    row.version += 1
    row.save()
    audit.record(
        action,
        row,
        by=by,
        municipality_id=row.round.municipality_id,
        before=before,
        after=_facts(row) | (more or {}),
    )


def _office(row: RoundReturn, now: dt.datetime) -> list[User]:
    return _holders(RoleGrant.objects.filter(role=Role.DX_OFFICE), row, now)


def _department_people(row: RoundReturn, now: dt.datetime) -> list[User]:
    """Heads and promoters of the department, and who had submitted."""
    roles = RoleGrant.objects.filter(
        role__in=(Role.HEAD, Role.PROMOTER), department_id=row.department_id
    )
    sender = [row.submitted_by] if row.submitted_by else []
    return [*_holders(roles, row, now), *sender]


def _holders(grants: Any, row: RoundReturn, now: dt.datetime) -> list[User]:
    held = grants.on(timezone.localdate(now)).select_related("user")
    return [grant.user for grant in held.filter(user__municipality_id=row.round.municipality_id)]


def _tell(
    row: RoundReturn,
    people: Iterable[User],
    subject: str,
    text: str,
    *,
    by: User,
    now: dt.datetime,
) -> None:
    """One message to each, not to whoever did it."""
    notify(
        {person.pk: person for person in people if person.pk != by.pk}.values(),
        subject=subject % {"department": row.department.name},
        body="\n\n".join(part for part in (row.round.label, text) if part),
        path=row.get_absolute_url(),
        key=f"return-{row.pk}-{row.version}",
        municipality=row.round.municipality_id,
        now=now,
    )
