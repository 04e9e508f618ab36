"""Rows of what follows from a verdict: how each is written, and what a stop does to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q

from dxportal.accounts.models import Event, User
from roadmap import aftercare
from roadmap.actions.parts import record_part
from roadmap.choices import Channel, Phase, TaskChoice
from roadmap.models import AdoptionTask, Update

OPENED, CHOSEN = "task.opened", "task.chosen"
DONE, REOPENED = "task.done", "task.reopened"
SUPERSEDED, RESTORED = "task.superseded", "task.restored"
_FACTS = ("choice", "due_on", "note", "done_on", "superseded_on", "ask_on")


def facts(row: AdoptionTask) -> dict[str, Any]:
    """What the history keeps."""
    return {name: getattr(row, name) for name in _FACTS}


def save(
    row: AdoptionTask,
    action: str,
    before: dict[str, Any],
    *,
    by: User | None,
    on: date,
    channel: str = Channel.SCREEN,
) -> AdoptionTask:
    """Write and record. `on`: the day from which a first choice counts."""
    row.ask_on = aftercare.ask_on(row.choice, row.due_on, row.done_on)
    row.chosen_on = (row.chosen_on or on) if row.choice else None
    row.version += 1
    row.save()
    record_part(
        action, row.initiative, row, by=by, channel=channel, before=before, after=facts(row)
    )
    return row


def follow_stops(updates: Sequence[Update]) -> None:
    """What waits ends with the stop of its initiative, and stands again when that goes on.

    One statement, and a few more for each task that is concerned; none without updates.
    """
    said = {update.initiative_id: update for update in updates}
    if not said:
        return
    stopped = [pk for pk, update in said.items() if update.phase == Phase.STOPPED]
    going_on = [pk for pk in said if pk not in stopped]
    waits = Q(initiative__in=stopped, done_on__isnull=True, superseded_on__isnull=True)
    ended = Q(initiative__in=going_on, choice=TaskChoice.STOP, done_on__isnull=False)
    rows = AdoptionTask.objects.newest().filter(waits | ended).select_related("initiative")
    for row in rows.select_for_update(of=("self",)).order_by("pk"):
        before, update = facts(row), said[row.initiative_id]
        if row.is_open:
            row.choice, row.done_on, row.done_by = TaskChoice.STOP, update.reported_on, update.by
        else:
            row.choice = _chosen_before(row)
            row.done_on, row.done_by = None, None
        action = REOPENED if row.is_open else DONE
        day, channel = update.reported_on, update.channel
        save(row, action, before, by=update.by, on=day, channel=channel)


def _chosen_before(row: AdoptionTask) -> str:
    """What was chosen before the stop ended it."""
    ended = Event.objects.filter(
        action=DONE, object_type="initiative", object_id=str(row.initiative_id)
    )
    last = ended.filter(after__part__1=row.pk).order_by("-pk").first()
    return str(last.before.get("choice", row.choice)) if last else row.choice
