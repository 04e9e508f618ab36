"""Who decided what and when: kept with the initiative, and with the blocker it answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Event, User
from roadmap.actions.parts import PART, record_part
from roadmap.models import Blocker, Decision, Initiative
from roadmap.talk_notices import tell_decided

RECORDED, EDITED = "decision.recorded", "decision.edited"
REMOVED, RESTORED = "decision.removed", "decision.restored"
ANSWERED = "blocker.answered"


@dataclass(frozen=True)
class DecisionFields:
    """What was decided. `blocker`: key of the blocker that it answers."""

    text: str
    decided_by: str
    decided_on: date
    meeting: str = ""
    blocker: int | None = None


class DecisionConflict(Exception):
    """Somebody else changed the decision in between; nothing was written."""

    def __init__(self, theirs: Decision) -> None:
        """Keep what stands now."""
        super().__init__("the decision was changed in between")
        self.theirs = theirs


@transaction.atomic
def record_decision(initiative: Initiative, *, fields: DecisionFields, by: User) -> Decision:
    """Keep a decision and tell those who answer for the initiative; the same again is one.

    A blocker that it answers leaves the CDO's list, and can be taken there again.

    Raises ValidationError for a blocker of another initiative.
    """
    locked = Initiative.objects.select_for_update().get(pk=initiative.pk)
    known = locked.decisions.filter(
        text=fields.text, decided_on=fields.decided_on, decided_by=fields.decided_by
    )
    if found := known.first():
        return found
    row = Decision(initiative=locked, recorded_by=by)
    _fill(row, fields)
    row.save(force_insert=True)
    record_part(RECORDED, locked, row, by=by, after=asdict(fields))
    _answer(row, by)
    tell_decided(row, by=by)
    return row


@transaction.atomic
def edit_decision(
    decision: Decision, *, fields: DecisionFields, version: int, by: User
) -> Decision:
    """Correct a decision, starting from `version`; raises DecisionConflict."""
    row = _locked(decision)
    if row.version != version:
        raise DecisionConflict(row)
    before = asdict(fields_of_decision(row))
    _fill(row, fields)
    after = asdict(fields_of_decision(row))
    if before != after:
        row.version += 1
        row.save()
        record_part(EDITED, row.initiative, row, by=by, before=before, after=after)
    return row


@transaction.atomic
def remove_decision(decision: Decision, *, by: User) -> Event | None:
    """Take a decision off the page; None where it is gone already. The event brings it back."""
    rows = Decision.objects.select_for_update(of=("self",)).select_related("initiative")
    row = rows.filter(pk=decision.pk).first()
    if row is None:
        return None
    before = asdict(fields_of_decision(row))
    event = record_part(REMOVED, row.initiative, row, by=by, before=before)
    row.delete()
    return event


@transaction.atomic
def restore_decision(event: Event, initiative: Initiative, *, by: User) -> Decision:
    """Bring back what `remove_decision` took away, once."""
    locked = Initiative.objects.select_for_update().get(pk=initiative.pk)
    if event.action != REMOVED or event.object_id != str(locked.pk):
        raise ValidationError(_("This cannot be brought back."))
    kept = dict(event.before)
    decided_on = date.fromisoformat(kept["decided_on"])
    fields = DecisionFields(**{**kept, "decided_on": decided_on})
    same = locked.decisions.filter(pk=event.after[PART][1])
    if found := same.first():
        return found
    row = Decision(pk=event.after[PART][1], initiative=locked, recorded_by=by)
    if fields.blocker and not locked.blockers.filter(pk=fields.blocker).exists():
        fields = DecisionFields(**{**asdict(fields), "blocker": None})
    _fill(row, fields)
    row.save(force_insert=True)
    record_part(RESTORED, locked, row, by=by, after=asdict(fields))
    return row


def fields_of_decision(row: Decision) -> DecisionFields:
    """What was entered."""
    return DecisionFields(
        text=row.text,
        decided_by=row.decided_by,
        decided_on=row.decided_on,
        meeting=row.meeting,
        blocker=row.blocker_id,
    )


def _answer(row: Decision, by: User) -> None:
    """What was decided is not wanted any more."""
    waiting = Blocker.objects.select_for_update(of=("self",)).filter(decisions=row).escalated()
    blocker = waiting.first()
    if blocker is None:
        return
    before = {"escalated_on": blocker.escalated_on}
    blocker.escalated_on, blocker.escalated_by = None, None
    blocker.version += 1
    blocker.save(update_fields=["escalated_on", "escalated_by", "version"])
    after = {"escalated_on": None}
    record_part(ANSWERED, row.initiative, blocker, by=by, before=before, after=after)


def _locked(decision: Decision) -> Decision:
    rows = Decision.objects.select_for_update(of=("self",)).select_related("initiative")
    return rows.get(pk=decision.pk)


def _fill(row: Decision, fields: DecisionFields) -> None:
    if fields.blocker is not None:
        own = Blocker.objects.filter(pk=fields.blocker, initiative=row.initiative_id)
        if not own.exists():
            raise ValidationError({"blocker": _("Choose a blocker of this initiative.")})
    values: dict[str, Any] = asdict(fields)
    row.blocker_id = values.pop("blocker")
    for name, value in values.items():
        setattr(row, name, value)
