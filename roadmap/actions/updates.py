"""Reporting on an initiative and taking it back: append-only, the latest report is the status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dxportal.accounts import audit
from dxportal.accounts.models import User
from roadmap import marks
from roadmap.choices import CHOOSABLE_PHASES, LAUNCHED_PHASES, Channel, Phase, Progress
from roadmap.models import Initiative, InitiativeDepartment, Update

REPORTED = "initiative.reported"
UNDONE = "initiative.undone"


@dataclass(frozen=True)
class Status:
    """The two words that a person chooses."""

    phase: str
    progress: str


class StatusConflict(Exception):
    """Somebody else reported something different in between; nothing was written."""

    def __init__(self, mine: Status, theirs: Update, base: Update | None) -> None:
        """Keep both sides, and what the person had seen."""
        super().__init__("another report came in between")
        self.mine, self.theirs, self.base = mine, theirs, base


def latest_update(initiative: Initiative) -> Update | None:
    """The status of an initiative; None before the first report."""
    return Update.objects.select_related("by").filter(initiative=initiative).order_by("-id").first()


@transaction.atomic
def report(
    initiative: Initiative,
    *,
    by: User | None,
    phase: str | None = None,
    progress: str | None = None,
    note: str = "",
    unchanged: bool = False,
    cause: str = "",
    next_step: str = "",
    next_due: date | None = None,
    channel: str = Channel.SCREEN,
    expected_update_id: int | None = None,
    on: date | None = None,
) -> Update:
    """Append a report; what is not given stays. The same words again write nothing.

    `expected_update_id`: the report the person had before their eyes (0: none). Raises
    StatusConflict where another one with other words came after it, ValidationError for a phase
    that nobody may choose and for stopping without a reason.
    """
    locked = _lock(initiative)
    latest = latest_update(locked)
    before = Status(latest.phase, latest.progress) if latest else Status(Phase.IDEA, "")
    mine = before if unchanged else _wanted(before, phase, progress)
    _refuse_overwriting(locked, latest, mine, expected_update_id)
    _check(before, mine, note, latest)
    update = Update(
        initiative=locked,
        phase=mine.phase,
        progress=mine.progress,
        note=note.strip(),
        unchanged=unchanged,
        cause=cause,
        next_step=next_step.strip(),
        next_due=next_due,
        reported_on=on or timezone.localdate(),
        by=by,
        channel=channel,
    )
    _keep_care(update, latest)
    if latest is not None and not unchanged and _says_the_same(update, latest):
        return latest
    return _append(locked, update, latest, by=by, action=REPORTED)


@transaction.atomic
def undo_update(update: Update, *, by: User, channel: str = Channel.SCREEN) -> Update:
    """Append the state before this report; undoing an undo brings the report back.

    Raises StatusConflict where it is not the latest one any more, ValidationError for the first
    report and for what the system wrote.
    """
    locked = _lock(update.initiative)
    latest = latest_update(locked)
    previous = Update.objects.filter(initiative=locked, pk__lt=update.pk).order_by("-id").first()
    if previous is None or update.channel == Channel.SYSTEM:
        raise ValidationError(_("This report cannot be taken back."))
    if latest is not None and latest.pk != update.pk:
        raise StatusConflict(Status(previous.phase, previous.progress), latest, update)
    restored = Update(
        initiative=locked,
        phase=previous.phase,
        progress=previous.progress,
        note=previous.note,
        cause=previous.cause,
        next_step=previous.next_step,
        next_due=previous.next_due,
        reported_on=previous.reported_on,
        is_report=previous.is_report,
        undoes=update,
        by=by,
        channel=channel,
    )
    return _append(locked, restored, update, by=by, action=UNDONE)


def _lock(initiative: Initiative) -> Initiative:
    """Reports on one initiative come one after the other."""
    return Initiative.objects.select_for_update().get(pk=initiative.pk)


def _wanted(before: Status, phase: str | None, progress: str | None) -> Status:
    return Status(
        before.phase if phase is None else phase,
        before.progress if progress is None else progress,
    )


def _refuse_overwriting(
    initiative: Initiative, latest: Update | None, mine: Status, expected: int | None
) -> None:
    """Nothing that somebody else said in between is covered without a choice."""
    if expected is None or latest is None or latest.pk == expected:
        return
    base = Update.objects.filter(initiative=initiative, pk=expected).first()
    theirs = Status(latest.phase, latest.progress)
    seen = Status(base.phase, base.progress) if base else Status(Phase.IDEA, "")
    if theirs not in (mine, seen):
        raise StatusConflict(mine, latest, base)


def _check(before: Status, mine: Status, note: str, latest: Update | None) -> None:
    """A person may choose most phases; stopping says why."""
    if mine.phase != before.phase and mine.phase not in CHOOSABLE_PHASES:
        raise ValidationError({"phase": _("This phase follows from the staff's answers.")})
    if mine.progress and mine.progress not in Progress.values:
        raise ValidationError({"progress": _("Choose one of the words.")})
    stops = mine.phase == Phase.STOPPED and (latest is None or before.phase != Phase.STOPPED)
    if stops and not note.strip():
        raise ValidationError({"note": _("Say why it is stopped.")}, code="stopped")


def _keep_care(update: Update, latest: Update | None) -> None:
    """Cause, next step and reason stay as long as it is late; they end with the delay."""
    if update.progress != Progress.LATE:
        update.cause, update.next_step, update.next_due = "", "", None
    elif latest is not None and latest.progress == Progress.LATE:
        update.cause = update.cause or latest.cause
        update.next_step = update.next_step or latest.next_step
        update.next_due = update.next_due or latest.next_due
        update.note = update.note or latest.note


def _says_the_same(update: Update, latest: Update) -> bool:
    """Whether a second click or a repeated request would only copy the latest report."""
    same = ("phase", "progress", "cause", "next_step", "next_due")
    return (not update.note or update.note == latest.note) and all(
        getattr(update, name) == getattr(latest, name) for name in same
    )


def _append(
    locked: Initiative, update: Update, latest: Update | None, *, by: User | None, action: str
) -> Update:
    """Write the row, the day of going live, the history and the marks."""
    update.save(force_insert=True)
    before, after = _facts(latest), _facts(update)
    if _set_launch(locked, update, latest):
        before |= {"launched_on": locked.launched_on, "version": locked.version}
        locked.launched_on = None if locked.launched_on else update.reported_on
        locked.version += 1
        locked.save(update_fields=["launched_on", "version"])
        after |= {"launched_on": locked.launched_on, "version": locked.version}
    audit.record(action, locked, by=by, channel=update.channel, before=before, after=after)
    mark_initiative(locked)
    return update


def _set_launch(initiative: Initiative, update: Update, latest: Update | None) -> bool:
    """Going live sets the day once; only taking that very report back clears it."""
    if update.undoes_id is None or latest is None:
        return update.phase == Phase.LIVE and initiative.launched_on is None
    if update.phase == Phase.LIVE:
        return initiative.launched_on is None
    went_live_before = Update.objects.filter(
        initiative=initiative, phase__in=LAUNCHED_PHASES, pk__lt=latest.pk
    ).exists()
    return (
        latest.phase == Phase.LIVE
        and not went_live_before
        and initiative.launched_on == latest.reported_on
    )


def _facts(update: Update | None) -> dict[str, object]:
    names = ("phase", "progress", "note", "cause", "next_step", "next_due")
    return {} if update is None else {name: getattr(update, name) for name in names}


def mark_initiative(initiative: Initiative, departments: set[int] | None = None) -> None:
    """The initiative and its departments must be counted again."""
    parts = InitiativeDepartment.objects.filter(initiative=initiative)
    found = set(parts.values_list("department_id", flat=True)) | (departments or set())
    marks.mark(initiative.municipality_id, marks.INITIATIVE, [initiative.pk])
    marks.mark(initiative.municipality_id, marks.DEPARTMENT, found)
