"""One change of many ticked rows: in one transaction, row by row, with one way back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts import audit
from dxportal.accounts.models import Event, User
from roadmap.actions.initiatives import EDITED
from roadmap.actions.updates import (
    REPORTED,
    UNDONE,
    Origin,
    Report,
    StatusConflict,
    append_all,
    as_before,
    compose,
    mark_initiatives,
)
from roadmap.choices import Channel, DepartmentRole
from roadmap.effort import shared
from roadmap.models import Initiative, InitiativeDepartment, Update
from roadmap.permissions import update_rights

#: Rows of one change; a list shows fewer on a page.
MOST_ROWS = 1000
#: Fields of an initiative that may be set for many at once.
OWNERS = ("accountable_post_id", "contact_id")


@dataclass(frozen=True)
class Tick:
    """A ticked row as it was seen: the initiative, its latest report (0: none), its version."""

    pk: int
    update: int = 0
    version: int = 0


@dataclass(frozen=True)
class Left:
    """A row that was not changed, and why; `now`: what somebody else made of it meanwhile."""

    initiative: Initiative
    why: str
    now: Update | None = None


@dataclass
class BulkResult:
    """What became of each row. `batch` names the change for taking it back."""

    batch: str = ""
    done: list[Initiative] = field(default_factory=list)
    same: list[Initiative] = field(default_factory=list)
    conflicts: list[Left] = field(default_factory=list)
    refused: list[Left] = field(default_factory=list)

    @property
    def left(self) -> bool:
        """Whether a person has to look at some rows."""
        return bool(self.conflicts or self.refused)


@transaction.atomic
def report_many(
    ticks: Sequence[Tick],
    *,
    by: User,
    said: Report,
    channel: str = Channel.SCREEN,
    seconds: int | None = None,
) -> BulkResult:
    """Report the same on every row that one may report on and nobody changed meanwhile.

    The number of statements does not depend on the number of rows.
    """
    result = BulkResult(uuid.uuid4().hex)
    seen = {tick.pk: tick for tick in ticks}
    rows = _allowed(_locked(seen, by), by, result)
    latest = _latest([row.pk for row in rows])
    bases = _bases(rows, latest, seen)
    parts: list[tuple[Initiative, Update, Update | None]] = []
    origin = Origin(by, channel)
    for row in rows:
        now, expected = latest.get(row.pk), seen[row.pk].update
        if said.unchanged and now is None:
            result.refused.append(Left(row, _("Nothing has been reported yet.")))
            continue
        try:
            update = compose(
                row, now, said, origin, expected=expected, base=bases.get((row.pk, expected))
            )
        except StatusConflict:
            result.conflicts.append(Left(row, _("Somebody reported meanwhile."), now))
        except ValidationError as refused:
            result.refused.append(Left(row, " ".join(refused.messages)))
        else:
            (result.same if update is None else result.done).append(row)
            parts += [] if update is None else [(row, update, now)]
    for (_row, update, _now), spent in zip(parts, shared(seconds, len(parts)), strict=True):
        update.seconds = spent
    if parts:
        append_all(parts, by=by, action=REPORTED, batch=result.batch)
    return result


@transaction.atomic
def assign_many(ticks: Sequence[Tick], *, by: User, owners: dict[str, int | None]) -> BulkResult:
    """Set accountable post or person in charge (keys of OWNERS) of every row.

    A row whose owner somebody else changed meanwhile is a conflict and stays as it is.
    """
    result = BulkResult(uuid.uuid4().hex)
    seen = {tick.pk: tick for tick in ticks}
    rows = _locked(seen, by)
    touched = _touched_since(rows, seen, owners)
    changed, events = [], []
    for row in rows:
        before = {name: getattr(row, name) for name in owners}
        if before == owners:
            result.same.append(row)
        elif row.pk in touched:
            result.conflicts.append(Left(row, _("Somebody changed it meanwhile.")))
        else:
            events.append(_set_owners(row, owners, by=by, batch=result.batch))
            changed.append(row)
    _save_owners(changed, events)
    result.done = changed
    return result


@transaction.atomic
def undo_many(batch: str, *, by: User) -> tuple[int, list[Initiative]]:
    """Take back what one did at once: how many rows, and those that others changed since.

    Safe to repeat: what is taken back already counts as neither.
    """
    events = list(
        Event.objects.filter(
            municipality_id=by.municipality_id,
            actor_id=by.pk,
            action__in=(REPORTED, EDITED),
            after__batch=batch,
        ).order_by("id")
    )
    rows = {row.pk: row for row in _locked([int(event.object_id) for event in events], by)}
    told = [(rows[int(event.object_id)], event) for event in events if int(event.object_id) in rows]
    done, kept = _undo_reports([pair for pair in told if pair[1].action == REPORTED], by=by)
    more, stay = _undo_owners([pair for pair in told if pair[1].action == EDITED], by=by)
    return done + more, kept + stay


def _undo_reports(
    told: list[tuple[Initiative, Event]], *, by: User
) -> tuple[int, list[Initiative]]:
    latest = _latest([row.pk for row, _event in told])
    ids = [event.after["update"] for _row, event in told]
    earlier = (
        Update.objects.filter(initiative=OuterRef("initiative"), pk__lt=OuterRef("pk"))
        .order_by("-id")
        .values("pk")[:1]
    )
    pairs = Update.objects.filter(pk__in=ids).annotate(before=Subquery(earlier))
    before = dict(pairs.values_list("pk", "before"))
    previous = Update.objects.in_bulk([pk for pk in before.values() if pk])
    parts: list[tuple[Initiative, Update, Update | None]] = []
    kept = []
    for row, event in told:
        now, pk = latest[row.pk], event.after["update"]
        old = previous.get(before.get(pk))
        if now.pk == pk and old is not None:
            parts.append((row, as_before(now, old, by=by), now))
        elif now.undoes_id != pk:
            kept.append(row)
    if parts:
        append_all(parts, by=by, action=UNDONE)
    return len(parts), kept


def _undo_owners(told: list[tuple[Initiative, Event]], *, by: User) -> tuple[int, list[Initiative]]:
    changed, events, kept = [], [], []
    for row, event in told:
        names = [name for name in OWNERS if _plain(name) in event.after]
        old = {name: event.before.get(_plain(name)) for name in names}
        new = {name: event.after.get(_plain(name)) for name in names}
        now = {name: getattr(row, name) for name in names}
        if now == new:
            events.append(_set_owners(row, old, by=by))
            changed.append(row)
        elif now != old:
            kept.append(row)
    _save_owners(changed, events)
    return len(changed), kept


def _set_owners(row: Initiative, owners: dict[str, Any], *, by: User, batch: str = "") -> Event:
    """Put the owners on a locked row, unsaved, and say so in an unsaved event."""
    before: dict[str, Any] = {_plain(name): getattr(row, name) for name in owners}
    before |= {"version": row.version}
    row.version += 1
    for name, value in owners.items():
        setattr(row, name, value)
    after: dict[str, Any] = {_plain(name): value for name, value in owners.items()}
    after |= {"version": row.version, **({"batch": batch} if batch else {})}
    return audit.event_row(EDITED, row, by=by, before=before, after=after)


def _save_owners(rows: list[Initiative], events: list[Event]) -> None:
    if rows:
        Initiative.objects.bulk_update(rows, [*OWNERS, "version"])
        Event.objects.bulk_create(events)
        mark_initiatives(rows)


def _plain(name: str) -> str:
    """The field's name in the history."""
    return name.removesuffix("_id")


def _locked(pks: Iterable[int], by: User) -> list[Initiative]:
    """The rows that one may read, locked in one order, with their leading department."""
    lead = InitiativeDepartment.objects.filter(
        initiative=OuterRef("pk"), role=DepartmentRole.LEAD
    ).values("department")[:1]
    found = Initiative.objects.visible_to(by).filter(pk__in=list(pks)).order_by("pk")
    return list(found.annotate(lead_id=Subquery(lead)).select_for_update(of=("self",)))


def _allowed(rows: list[Initiative], by: User, result: BulkResult) -> list[Initiative]:
    """Those that one may report on; the others are refused by name."""
    rights = update_rights(by, timezone.localdate())
    allowed = [row for row in rows if rights.allow(row, getattr(row, "lead_id", None))]
    pks = {row.pk for row in allowed}
    why = _("You may not report on it.")
    result.refused += [Left(row, why) for row in rows if row.pk not in pks]
    return allowed


def _latest(pks: list[int]) -> dict[int, Update]:
    """The status of each."""
    newest = Update.objects.filter(initiative=OuterRef("pk")).order_by("-id").values("pk")[:1]
    ids = Initiative.objects.filter(pk__in=pks).annotate(newest=Subquery(newest)).values("newest")
    found = Update.objects.filter(pk__in=ids).select_related("by")
    return {update.initiative_id: update for update in found}


def _bases(
    rows: list[Initiative], latest: dict[int, Update], seen: dict[int, Tick]
) -> dict[tuple[int, int], Update]:
    """What the person had seen, where something else stands there now."""
    wanted = [
        seen[row.pk].update
        for row in rows
        if row.pk in latest and latest[row.pk].pk != seen[row.pk].update
    ]
    found = Update.objects.filter(pk__in=wanted, initiative__in=rows) if wanted else ()
    return {(update.initiative_id, update.pk): update for update in found}


def _touched_since(
    rows: list[Initiative], seen: dict[int, Tick], owners: dict[str, int | None]
) -> set[int]:
    """Those whose owner was changed after the version that the person saw."""
    stale = [str(row.pk) for row in rows if row.version != seen[row.pk].version]
    if not stale:
        return set()
    events = Event.objects.filter(
        municipality_id=rows[0].municipality_id,
        object_type="initiative",
        object_id__in=stale,
        action=EDITED,
    )
    names = {_plain(name) for name in owners}
    return {
        int(event.object_id)
        for event in events
        if event.after.get("version", 0) > seen[int(event.object_id)].version
        and names & event.after.keys()
    }
