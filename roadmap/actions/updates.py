"""Reporting on an initiative and taking it back: append-only, the latest report is the status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dxportal.accounts import audit
from dxportal.accounts.models import Event, User
from roadmap import marks
from roadmap.actions.rooted import keep_honest
from roadmap.actions.stopping import settle_freed_time
from roadmap.actions.task_rows import follow_stops
from roadmap.choices import CHOOSABLE_PHASES, LAUNCHED_PHASES, Channel, Phase, Progress
from roadmap.models import Initiative, InitiativeDepartment, Update

REPORTED = "initiative.reported"
UNDONE = "initiative.undone"


@dataclass(frozen=True)
class Status:
    """The two words that a person chooses."""

    phase: str
    progress: str


@dataclass(frozen=True)
class Report:
    """What a person says; None and empty: as before.

    Where it is stopped, `ended`: the work, form or tool that ended ("": none did), `freed`:
    minutes a week that this frees, low to high.
    """

    phase: str | None = None
    progress: str | None = None
    note: str = ""
    unchanged: bool = False
    cause: str = ""
    next_step: str = ""
    next_due: date | None = None
    ended: str | None = None
    freed: tuple[int, int] | None = None


@dataclass(frozen=True)
class Origin:
    """Who says it, through what, for which day, and how many seconds it took, where measured."""

    by: User | None
    channel: str = Channel.SCREEN
    on: date | None = None
    seconds: int | None = None


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
    seconds: int | None = None,
    ended: str | None = None,
    freed: tuple[int, int] | None = None,
) -> Update:
    """Append a report; what is not given stays. The same words again write nothing.

    `expected_update_id`: the report the person had before their eyes (0: none). Raises
    StatusConflict where another one with other words came after it, ValidationError for a phase
    that nobody may choose and for stopping without a reason or without what ended. `seconds`:
    what it cost the person.
    """
    locked = _lock(initiative)
    latest = latest_update(locked)
    said = Report(phase, progress, note, unchanged, cause, next_step, next_due, ended, freed)
    base = _base(locked, latest, expected_update_id)
    update = compose(
        locked,
        latest,
        said,
        Origin(by, channel, on, seconds),
        expected=expected_update_id,
        base=base,
    )
    if update is not None:
        append_all([(locked, update, latest)], by=by, action=REPORTED)
    return cast(Update, update or latest)


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
    restored = as_before(update, previous, by=by, channel=channel)
    append_all([(locked, restored, update)], by=by, action=UNDONE)
    return restored


def compose(
    initiative: Initiative,
    latest: Update | None,
    said: Report,
    origin: Origin,
    *,
    expected: int | None = None,
    base: Update | None = None,
) -> Update | None:
    """The next report of a locked initiative, unsaved; None where it would only repeat.

    `expected`: the report that the person had seen, `base`: that row where a later one came.
    """
    before = Status(latest.phase, latest.progress) if latest else Status(Phase.IDEA, "")
    mine = before if said.unchanged else _wanted(before, said.phase, said.progress)
    if expected is not None and latest is not None and latest.pk != expected:
        _refuse_overwriting(latest, mine, base)
    _check(before, mine, said, latest, imported=origin.channel == Channel.IMPORT)
    update = Update(
        initiative=initiative,
        phase=mine.phase,
        progress=mine.progress,
        note=said.note.strip(),
        unchanged=said.unchanged,
        cause=said.cause,
        next_step=said.next_step.strip(),
        next_due=said.next_due,
        reported_on=origin.on or timezone.localdate(),
        by=origin.by,
        channel=origin.channel,
        seconds=origin.seconds,
        ended=None if said.ended is None else " ".join(said.ended.split()),
    )
    update.freed = said.freed if mine.phase == Phase.STOPPED else None
    _keep_care(update, latest)
    keep_ended(update, latest)
    if latest is None:
        return update
    if said.unchanged:
        sent_again = latest.unchanged and latest.by_id == update.by_id
        return None if sent_again and expected not in {None, latest.pk} else update
    return None if _says_the_same(update, latest) else update


def as_before(
    update: Update, previous: Update, *, by: User, channel: str = Channel.SCREEN
) -> Update:
    """The report before this one as a new row, unsaved."""
    return Update(
        initiative_id=update.initiative_id,
        phase=previous.phase,
        progress=previous.progress,
        note=previous.note,
        cause=previous.cause,
        next_step=previous.next_step,
        next_due=previous.next_due,
        reported_on=previous.reported_on,
        is_report=previous.is_report,
        ended=previous.ended,
        undoes=update,
        by=by,
        channel=channel,
    )


def append_all(
    rows: Sequence[tuple[Initiative, Update, Update | None]],
    *,
    by: User | None,
    action: str,
    batch: str = "",
) -> None:
    """Write (locked initiative, report, the one before): rows, days of going live, history, marks.

    A constant number of statements for any number of rows, and a few more for each that is stopped
    or goes on after a stop (`follow_stops`). `batch`: what was done at once.
    """
    back = [u for _i, u, latest in rows if latest is None or u.phase != latest.phase]
    keep_honest(back, timezone.localdate())
    Update.objects.bulk_create([update for _initiative, update, _latest in rows])
    live_before = _live_before(rows)
    events, launched = [], []
    for initiative, update, latest in rows:
        before, after = _facts(latest), _facts(update)
        if _sets_launch(initiative, update, latest, live_before):
            before |= {"launched_on": initiative.launched_on, "version": initiative.version}
            initiative.launched_on = None if initiative.launched_on else update.reported_on
            initiative.version += 1
            launched.append(initiative)
            after |= {"launched_on": initiative.launched_on, "version": initiative.version}
        after |= {"batch": batch, "update": update.pk} if batch else {}
        channel = update.channel
        events.append(
            audit.event_row(action, initiative, by=by, channel=channel, before=before, after=after)
        )
    if launched:
        Initiative.objects.bulk_update(launched, ["launched_on", "version"])
    Event.objects.bulk_create(events)
    follow_stops([u for _i, u, latest in rows if _stops(u) != _stops(latest)])
    settle_freed_time(rows, by=by)
    mark_initiatives([initiative for initiative, _update, _latest in rows])


def _lock(initiative: Initiative) -> Initiative:
    """Reports on one initiative come one after the other."""
    return Initiative.objects.select_for_update().get(pk=initiative.pk)


def _wanted(before: Status, phase: str | None, progress: str | None) -> Status:
    return Status(
        before.phase if phase is None else phase,
        before.progress if progress is None else progress,
    )


def _base(locked: Initiative, latest: Update | None, expected: int | None) -> Update | None:
    """The report that the person had seen, where a later one came."""
    if expected is None or latest is None or latest.pk == expected:
        return None
    return Update.objects.filter(initiative=locked, pk=expected).first()


def _refuse_overwriting(latest: Update, mine: Status, base: Update | None) -> None:
    """Nothing that somebody else said in between is covered without a choice."""
    theirs = Status(latest.phase, latest.progress)
    seen = Status(base.phase, base.progress) if base else Status(Phase.IDEA, "")
    if theirs not in (mine, seen):
        raise StatusConflict(mine, latest, base)


def _check(
    before: Status, mine: Status, said: Report, latest: Update | None, *, imported: bool
) -> None:
    """A person may choose most phases; stopping says why, and what ended (a file need not)."""
    if mine.phase != before.phase and mine.phase not in CHOOSABLE_PHASES:
        raise ValidationError({"phase": _("This phase follows from the staff's answers.")})
    if mine.progress and mine.progress not in Progress.values:
        raise ValidationError({"progress": _("Choose one of the words.")})
    stops = mine.phase == Phase.STOPPED and (latest is None or before.phase != Phase.STOPPED)
    missing = {}
    if stops and not said.note.strip():
        missing["note"] = _("Say why it is stopped.")
    if stops and said.ended is None and not imported:
        missing["ended"] = _("Say what work, form or tool ended, or that none did.")
    if missing:
        raise ValidationError(missing, code="stopped")


def _keep_care(update: Update, latest: Update | None) -> None:
    """Cause, next step and reason stay as long as it is late; they end with the delay."""
    if update.progress != Progress.LATE:
        update.cause, update.next_step, update.next_due = "", "", None
    elif latest is not None and latest.progress == Progress.LATE:
        update.cause = update.cause or latest.cause
        update.next_step = update.next_step or latest.next_step
        update.next_due = update.next_due or latest.next_due
        update.note = update.note or latest.note


def keep_ended(update: Update, latest: Update | None) -> None:
    """What ended stays said as long as it is stopped; it belongs to no other phase."""
    if update.phase != Phase.STOPPED:
        update.ended = None
    elif update.ended is None and latest is not None:
        update.ended = latest.ended


def _says_the_same(update: Update, latest: Update) -> bool:
    """Whether a second click or a repeated request would only copy the latest report."""
    same = ("phase", "progress", "cause", "next_step", "next_due", "ended")
    return (not update.note or update.note == latest.note) and all(
        getattr(update, name) == getattr(latest, name) for name in same
    )


def _live_before(rows: Iterable[tuple[Initiative, Update, Update | None]]) -> set[int]:
    """Initiatives that were in operation before the report that is taken back."""
    undone = {
        initiative.pk: update.undoes_id for initiative, update, _l in rows if update.undoes_id
    }
    if not undone:
        return set()
    found = Update.objects.filter(initiative__in=undone, phase__in=LAUNCHED_PHASES)
    return {
        initiative
        for initiative, pk in found.values_list("initiative_id", "pk")
        if pk < (undone[initiative] or 0)
    }


def _sets_launch(
    initiative: Initiative, update: Update, latest: Update | None, live_before: set[int]
) -> bool:
    """Going live sets the day once; only taking that very report back clears it."""
    if update.undoes_id is None or latest is None:
        return update.phase == Phase.LIVE and initiative.launched_on is None
    if update.phase == Phase.LIVE:
        return initiative.launched_on is None
    return (
        latest.phase == Phase.LIVE
        and initiative.pk not in live_before
        and initiative.launched_on == latest.reported_on
    )


def _stops(update: Update | None) -> bool:
    return update is not None and update.phase == Phase.STOPPED


def _facts(update: Update | None) -> dict[str, object]:
    names = ("phase", "progress", "note", "cause", "next_step", "next_due", "ended")
    return {} if update is None else {name: getattr(update, name) for name in names}


def mark_initiative(initiative: Initiative, departments: set[int] | None = None) -> None:
    """The initiative and its departments must be counted again."""
    mark_initiatives([initiative], departments)


def mark_initiatives(
    initiatives: Sequence[Initiative], departments: set[int] | None = None
) -> None:
    """Initiatives of one municipality and their departments must be counted again."""
    if not initiatives:
        return
    parts = InitiativeDepartment.objects.filter(initiative__in=initiatives)
    found = set(parts.values_list("department_id", flat=True)) | (departments or set())
    municipality = initiatives[0].municipality_id
    marks.mark(municipality, marks.INITIATIVE, [initiative.pk for initiative in initiatives])
    marks.mark(municipality, marks.DEPARTMENT, found)
