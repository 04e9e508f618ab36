"""What follows from a verdict: opened with it, chosen, done, taken up again, overtaken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Event, User
from roadmap import aftercare
from roadmap.actions.parts import PART, PartConflict, record_part
from roadmap.actions.task_rows import (
    CHOSEN,
    DONE,
    OPENED,
    REOPENED,
    RESTORED,
    SUPERSEDED,
    facts,
    save,
)
from roadmap.actions.updates import mark_initiative
from roadmap.choices import Channel, TaskChoice
from roadmap.models import AdoptionTask, AdoptionVerdict
from roadmap.talk_notices import tell_task_opened


@dataclass(frozen=True)
class TaskFields:
    """What a person chooses: the care, by when, in a sentence. `choice` empty: not yet."""

    choice: str
    due_on: date
    note: str = ""


def open_task(
    verdict: AdoptionVerdict, *, by: User | None, channel: str = Channel.SYSTEM
) -> AdoptionTask:
    """The task of a new verdict, in its transaction; an unfinished older one is overtaken.

    The accountable post is told, unless it is the one who declared the outcome.
    """
    initiative = verdict.initiative
    for older in AdoptionTask.objects.unfinished().filter(initiative=initiative):
        before = facts(older)
        older.superseded_on = verdict.on
        save(older, SUPERSEDED, before, by=by, on=verdict.on, channel=channel)
    task = AdoptionTask.objects.create(
        verdict=verdict,
        initiative=initiative,
        due_on=aftercare.due_day(verdict.on),
        owner_id=initiative.accountable_post_id,
    )
    record_part(OPENED, initiative, task, by=by, channel=channel, after={"due_on": task.due_on})
    tell_task_opened(task, by=by)
    return task


@transaction.atomic
def choose_task(task: AdoptionTask, *, fields: TaskFields, version: int, by: User) -> AdoptionTask:
    """Say what is done, by when and why. The same again writes nothing.

    Raises PartConflict where somebody else changed it since `version`, ValidationError where it is
    finished.
    """
    row = _lock(task)
    note = " ".join(fields.note.split())
    if (row.choice, row.due_on, row.note) == (fields.choice, fields.due_on, note):
        return row
    _refuse_stale(row, version)
    if not row.is_open:
        raise ValidationError(_("This is finished. Take it up again to change it."))
    before = facts(row)
    row.choice, row.due_on, row.note = fields.choice, fields.due_on, note
    return _save(row, CHOSEN, before, by=by)


@transaction.atomic
def finish_task(task: AdoptionTask, *, version: int, by: User, on: date) -> AdoptionTask:
    """It is done. A second time writes nothing.

    Stopping is done by the report that stops the initiative, asking again by the next verdict:
    raises ValidationError for both and before anything is chosen, PartConflict as `choose_task`.
    """
    row = _lock(task)
    if row.done_on is not None:
        return row
    _refuse_stale(row, version)
    if row.superseded_on is not None:
        raise ValidationError(_("A later outcome has taken its place."))
    if not row.choice:
        raise ValidationError(_("Choose first what is done."))
    if row.choice == TaskChoice.STOP:
        raise ValidationError(_("It is done once the initiative is reported as stopped."))
    if row.choice == TaskChoice.ASK_AGAIN:
        raise ValidationError(_("It is done once the staff have been asked."))
    before = facts(row)
    row.done_on, row.done_by = on, by
    return _save(row, DONE, before, by=by)


@transaction.atomic
def reopen_task(task: AdoptionTask, *, version: int, by: User) -> AdoptionTask:
    """Not done after all; not where a later outcome has come or the initiative is stopped."""
    row = _lock(task)
    if row.is_open:
        return row
    _refuse_stale(row, version)
    if AdoptionVerdict.objects.filter(initiative=row.initiative, on__gt=row.verdict.on).exists():
        raise ValidationError(_("A later outcome has taken its place."))
    if row.choice == TaskChoice.STOP:
        raise ValidationError(_("Report another phase first: the initiative is stopped."))
    before = facts(row)
    row.done_on, row.done_by = None, None
    return _save(row, REOPENED, before, by=by)


@transaction.atomic
def take_back_choice(event: Event, *, by: User) -> AdoptionTask:
    """What stood before an event of `choose_task`; where it changed since, ValidationError."""
    part = event.after.get(PART) or ["", 0]
    if event.action != CHOSEN:
        raise ValueError(f"{event} chose nothing")
    row = _lock(AdoptionTask.objects.get(pk=part[1], initiative_id=int(event.object_id)))
    now = {name: _plain(getattr(row, name)) for name in event.before}
    if now == event.before:
        return row
    changed = any(now[name] != event.after.get(name) for name in event.before)
    if changed or not row.is_open:
        raise ValidationError(_("This was changed again since; nothing was taken back."))
    before = facts(row)
    for name in ("choice", "note"):
        setattr(row, name, event.before.get(name, getattr(row, name)))
    if event.before.get("due_on"):
        row.due_on = date.fromisoformat(event.before["due_on"])
    return _save(row, RESTORED, before, by=by)


def _lock(task: AdoptionTask) -> AdoptionTask:
    """Changes of one task come one after the other."""
    rows = AdoptionTask.objects.select_for_update(of=("self",))
    return rows.select_related("initiative", "verdict").get(pk=task.pk)


def _refuse_stale(row: AdoptionTask, version: int) -> None:
    if row.version != version:
        raise PartConflict(row)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _save(row: AdoptionTask, action: str, before: dict[str, Any], *, by: User) -> AdoptionTask:
    """Written today; the steps of its department (C3-3) may differ."""
    saved = save(row, action, before, by=by, on=timezone.localdate())
    mark_initiative(saved.initiative)
    return saved
