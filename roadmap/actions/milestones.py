"""Milestones: added, renamed, moved with a reason, done, removed; every step can be retraced."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Event, User
from roadmap.actions.parts import PartConflict, record_part, removed_part
from roadmap.actions.updates import mark_initiative
from roadmap.choices import Channel
from roadmap.models import Initiative, Milestone, MilestoneMove

ADDED = "milestone.added"
EDITED = "milestone.edited"
DONE = "milestone.done"
REOPENED = "milestone.reopened"
REMOVED = "milestone.removed"
RESTORED = "milestone.restored"

_COLUMNS = ("title", "due_on", "done_on", "removed_on")


@transaction.atomic
def add_milestone(
    initiative: Initiative,
    *,
    by: User | None,
    title: str,
    due_on: date,
    channel: str = Channel.SCREEN,
) -> Milestone:
    """Add one; the same title on the same day is there once, however often it is sent."""
    locked = Initiative.objects.select_for_update().get(pk=initiative.pk)
    title = " ".join(title.split())
    found = Milestone.objects.filter(initiative=locked, title=title, due_on=due_on).first()
    if found is not None:
        return found
    made = Milestone.objects.create(initiative=locked, title=title, due_on=due_on)
    record_part(ADDED, locked, made, by=by, channel=channel, after=_facts(made))
    mark_initiative(locked)
    return made


@transaction.atomic
def edit_milestone(
    milestone: Milestone,
    *,
    by: User | None,
    title: str,
    due_on: date,
    done_on: date | None,
    reason: str = "",
    version: int,
    channel: str = Channel.SCREEN,
) -> Milestone:
    """Rename it, move its date, for which a reason is needed and kept, or change when it was done.

    Raises PartConflict where it was changed since `version`, ValidationError without a reason and
    for a day of doing that has not come.
    """
    locked = _lock(milestone)
    wanted: dict[str, Any] = {
        "title": " ".join(title.split()),
        "due_on": due_on,
        "done_on": done_on,
    }
    before = _facts(locked)
    if before == {**before, **wanted}:
        return locked
    _refuse_stale(locked, version)
    _refuse_future(done_on)
    reason = reason.strip()
    if due_on != locked.due_on:
        if not reason:
            raise ValidationError(
                {"reason": _("Say why the date moves; it is kept with the milestone.")}
            )
        MilestoneMove.objects.create(
            milestone=locked,
            from_on=locked.due_on,
            to_on=due_on,
            reason=reason,
            by=by,
            channel=channel,
        )
        wanted["reason"] = reason
    _save(locked, EDITED, by=by, channel=channel, before=before, after={**before, **wanted})
    return locked


@transaction.atomic
def mark_milestone_done(
    milestone: Milestone, *, by: User | None, on: date, channel: str = Channel.SCREEN
) -> Milestone:
    """Done on a day; where it is done already, that day stays."""
    locked = _lock(milestone)
    if locked.done_on is not None:
        return locked
    _refuse_future(on)
    before = _facts(locked)
    _save(locked, DONE, by=by, channel=channel, before=before, after={**before, "done_on": on})
    return locked


@transaction.atomic
def reopen_milestone(
    milestone: Milestone, *, by: User | None, version: int, channel: str = Channel.SCREEN
) -> Milestone:
    """Not done after all. Raises PartConflict where it was changed since `version`."""
    locked = _lock(milestone)
    if locked.done_on is None:
        return locked
    _refuse_stale(locked, version)
    before = _facts(locked)
    after = {**before, "done_on": None}
    _save(locked, REOPENED, by=by, channel=channel, before=before, after=after)
    return locked


@transaction.atomic
def remove_milestone(
    milestone: Milestone, *, by: User | None, version: int, channel: str = Channel.SCREEN
) -> Event:
    """Take it away; the event serves `restore_milestone`.

    Raises PartConflict where it was changed since `version`, Milestone.DoesNotExist where it is
    gone already.
    """
    locked = _lock(milestone)
    _refuse_stale(locked, version)
    before = _facts(locked)
    return _save(
        locked,
        REMOVED,
        by=by,
        channel=channel,
        before=before,
        after={**before, "removed_on": timezone.localdate()},
    )


@transaction.atomic
def restore_milestone(event: Event, *, by: User | None, channel: str = Channel.SCREEN) -> Milestone:
    """Bring back what an event of `remove_milestone` took away, with its moves; once."""
    _initiative, pk = removed_part(event, REMOVED, Milestone)
    locked = Milestone.every.select_for_update(of=("self",)).select_related("initiative").get(pk=pk)
    if locked.removed_on is None:
        return locked
    before = _facts(locked)
    _save(
        locked,
        RESTORED,
        by=by,
        channel=channel,
        before=before,
        after={**before, "removed_on": None},
    )
    return locked


def _lock(milestone: Milestone) -> Milestone:
    """Changes of one milestone come one after the other."""
    return (
        Milestone.objects.select_for_update(of=("self",))
        .select_related("initiative")
        .get(pk=milestone.pk)
    )


def _refuse_stale(locked: Milestone, version: int) -> None:
    if locked.version != version:
        raise PartConflict(locked)


def _refuse_future(done_on: date | None) -> None:
    if done_on is not None and done_on > timezone.localdate():
        raise ValidationError({"done_on": _("Choose today or an earlier day.")})


def _save(
    locked: Milestone,
    action: str,
    *,
    by: User | None,
    channel: str,
    before: dict[str, Any],
    after: dict[str, Any],
) -> Event:
    """Write the row, the history and the marks. `after` may name a reason, which is no column."""
    for name in before:
        setattr(locked, name, after[name])
    locked.version += 1
    locked.save()
    mark_initiative(locked.initiative)
    return record_part(
        action, locked.initiative, locked, by=by, channel=channel, before=before, after=after
    )


def _facts(milestone: Milestone) -> dict[str, Any]:
    return {name: getattr(milestone, name) for name in _COLUMNS}
