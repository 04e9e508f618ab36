"""What stopping freed: written with the report that stops, taken back with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone

from dxportal.accounts import audit
from dxportal.accounts.models import Event, User
from roadmap.actions.parts import PART
from roadmap.actions.value import ADDED, BLANK, REMOVED, RESTORED, facts, stopped_basis
from roadmap.choices import Measure, Phase, Standing, ValueSource
from roadmap.models import Initiative, Update, ValueEntry

#: (initiative, the report that was written, the one before).
Pair = tuple[Initiative, Update, Update | None]


def settle_freed_time(rows: Sequence[Pair], *, by: User | None) -> None:
    """Write, take away and bring back the time that stopping frees, for saved reports.

    A stop with a figure adds it; leaving the phase, or undoing the report that gave the figure,
    takes it away; undoing that brings it back. No query where nothing is or was stopped.
    """
    touched = [row for row in rows if _is_stop(row[1]) or _is_stop(row[2])]
    if not touched:
        return
    events = [*_take(touched, by), *_bring_back(touched, by), *_add(touched, by)]
    Event.objects.bulk_create(events)


def _is_stop(update: Update | None) -> bool:
    return update is not None and update.phase == Phase.STOPPED


def _add(rows: Sequence[Pair], by: User | None) -> list[Event]:
    """One figure for each stop that names one."""
    made = [
        (
            initiative,
            ValueEntry(
                initiative=initiative,
                measure=Measure.HOURS,
                standing=Standing.REPORTED,
                low=update.freed[0],
                high=update.freed[1],
                basis=update.ended or stopped_basis(),
                source=ValueSource.STOP,
                on=update.reported_on,
                by=by,
                report=update,
            ),
        )
        for initiative, update, _latest in rows
        if update.freed is not None and _is_stop(update)
    ]
    ValueEntry.objects.bulk_create([entry for _initiative, entry in made])
    return [_event(ADDED, initiative, entry, by, BLANK) for initiative, entry in made]


def _take(rows: Sequence[Pair], by: User | None) -> list[Event]:
    """Figures of initiatives that leave the phase, and of a report that is undone."""
    by_pk = {initiative.pk: (initiative, update) for initiative, update, _latest in rows}
    left = [pk for pk, (_initiative, update) in by_pk.items() if not _is_stop(update)]
    undone = [update.undoes_id for _initiative, update in by_pk.values() if update.undoes_id]
    standing = ValueEntry.objects.in_force().filter(source=ValueSource.STOP)
    found = list(standing.filter(Q(initiative__in=left) | Q(report__in=undone)))
    events = []
    for entry in found:
        initiative, update = by_pk[entry.initiative_id]
        entry.removed_on, entry.taken_by = timezone.localdate(), update
        before = {**facts(entry), "removed_on": None}
        events.append(_event(REMOVED, initiative, entry, by, before))
    ValueEntry.objects.bulk_update(found, ["removed_on", "taken_by"])
    return events


def _bring_back(rows: Sequence[Pair], by: User | None) -> list[Event]:
    """Figures that the report took away which is undone now."""
    undone = {u.undoes_id or 0: i for i, u, _latest in rows if u.undoes_id and _is_stop(u)}
    if not undone:
        return []
    found = list(ValueEntry.objects.filter(taken_by__in=undone, removed_on__isnull=False))
    events = []
    for entry in found:
        before = {**facts(entry), "removed_on": entry.removed_on}
        initiative = undone[entry.taken_by_id or 0]
        entry.removed_on, entry.taken_by = None, None
        events.append(_event(RESTORED, initiative, entry, by, before))
    ValueEntry.objects.bulk_update(found, ["removed_on", "taken_by"])
    return events


def _event(
    action: str,
    initiative: Initiative,
    entry: ValueEntry,
    by: User | None,
    before: Mapping[str, Any],
) -> Event:
    """The event that `record_part` would write, unsaved."""
    after = facts(entry)
    if "removed_on" in before:
        after["removed_on"] = entry.removed_on
    event = audit.event_row(action, initiative, by=by, before=before, after=after)
    event.after[PART] = [entry._meta.model_name or "", entry.pk, str(entry)[:200]]
    return event
