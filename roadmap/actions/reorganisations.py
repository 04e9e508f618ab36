"""Reorganisations: drafted, confirmed, carried out on their day, taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from dxportal.accounts import audit
from dxportal.accounts.hooks import tell_organisation_changed
from dxportal.accounts.models import Department, Municipality, Post, User
from roadmap.actions.reorganisation_events import Trail
from roadmap.actions.reorganisation_notices import UNDO_DAYS, tell_holders, tell_office
from roadmap.actions.reorganisation_writes import Moved, names_of, take_back, write
from roadmap.choices import Channel, ReorganisationState
from roadmap.models import Reorganisation
from roadmap.reorganisation_facts import load_state
from roadmap.reorganising.plan import Plan, make_plan
from roadmap.reorganising.rows import Change
from roadmap.reorganising.state import Operation

#: No plan has more rows; the largest transfer of a year in a city of this size is below it.
MOST_ROWS = 3_000


class PlanMoved(Exception):
    """What would be done is no longer what was shown; nothing was written."""


class NotReady(Exception):
    """The plan has problems, or an initiative without an owner; nothing was written."""


class NotADraft(Exception):
    """It has been confirmed, carried out, or taken back already."""


class TooLate(Exception):
    """It was carried out too long ago to be taken back."""


@transaction.atomic
def draft_reorganisation(
    municipality: Municipality,
    *,
    by: User,
    effective_on: dt.date,
    changes: Iterable[Change] = (),
    file_name: str = "",
) -> Reorganisation:
    """A new draft, empty or from a file; nothing of the organisation is touched."""
    rows = [replace(change, id=f"r{place}").plain() for place, change in enumerate(changes, 1)]
    draft = Reorganisation.objects.create(
        municipality=municipality,
        effective_on=effective_on,
        file_name=file_name[:200],
        plan={"changes": rows},
        created_by=by,
    )
    after = {"effective_on": effective_on, "file_name": draft.file_name, "rows": len(rows)}
    audit.record("reorganisation.drafted", draft, by=by, channel=channel_of(draft), after=after)
    return draft


def channel_of(reorganisation: Reorganisation) -> Channel:
    """Through what the plan came in."""
    return Channel.IMPORT if reorganisation.file_name else Channel.SCREEN


def changes_of(reorganisation: Reorganisation) -> list[Change]:
    """The rows of the plan; those typed on the screen are numbered by their place."""
    rows = [Change.from_plain(row) for row in reorganisation.plan.get("changes", [])]
    return [change if change.row else replace(change, row=n) for n, change in enumerate(rows, 1)]


def plan_of(reorganisation: Reorganisation, *, by_default: bool = False) -> Plan:
    """What carrying it out would do now."""
    day = reorganisation.effective_on
    return make_plan(
        load_state(reorganisation.municipality_id, day),
        changes_of(reorganisation),
        day,
        reorganisation.plan.get("owners", {}),
        by_default=by_default,
    )


def draft_again(reorganisation: Reorganisation, *, by: User) -> Reorganisation:
    """A new draft with the same rows, read anew."""
    return draft_reorganisation(
        reorganisation.municipality,
        by=by,
        effective_on=reorganisation.effective_on,
        changes=[replace(change, refs={}) for change in changes_of(reorganisation)],
        file_name=reorganisation.file_name,
    )


@transaction.atomic
def add_change(reorganisation: Reorganisation, change: Change, *, by: User) -> Reorganisation:
    """One more row at the end; the same id a second time adds nothing."""
    locked = _draft(reorganisation)
    rows = locked.plan.get("changes", [])
    if all(row.get("id") != change.id for row in rows) and len(rows) < MOST_ROWS:
        _save(locked, changes=[*rows, change.plain()])
    return locked


@transaction.atomic
def remove_change(reorganisation: Reorganisation, change_id: str, *, by: User) -> Reorganisation:
    """Without that row; one that is gone already stays gone."""
    locked = _draft(reorganisation)
    rows = locked.plan.get("changes", [])
    _save(locked, changes=[row for row in rows if row.get("id") != change_id])
    return locked


@transaction.atomic
def raise_change(reorganisation: Reorganisation, change_id: str, *, by: User) -> Reorganisation:
    """The row one place further up."""
    locked = _draft(reorganisation)
    rows = list(locked.plan.get("changes", []))
    place = next((n for n, row in enumerate(rows) if row.get("id") == change_id), 0)
    if place:
        rows[place - 1], rows[place] = rows[place], rows[place - 1]
        _save(locked, changes=rows)
    return locked


@transaction.atomic
def set_day(reorganisation: Reorganisation, day: dt.date, *, by: User) -> Reorganisation:
    """From which day it holds."""
    locked = _draft(reorganisation)
    locked.effective_on = day
    _save(locked)
    return locked


@transaction.atomic
def choose_owners(
    reorganisation: Reorganisation, owners: Mapping[str, Any], *, by: User
) -> Reorganisation:
    """Which post answers for which initiative that would be without an owner."""
    locked = _draft(reorganisation)
    _save(locked, owners={**locked.plan.get("owners", {}), **owners})
    return locked


@transaction.atomic
def discard(reorganisation: Reorganisation, *, by: User) -> None:
    """A draft that nobody wants any more."""
    locked = _draft(reorganisation)
    after = {"file_name": locked.file_name, "rows": len(locked.plan.get("changes", []))}
    audit.record("reorganisation.discarded", locked, by=by, before=after)
    locked.delete()


def _draft(reorganisation: Reorganisation) -> Reorganisation:
    """The row, locked; NotADraft where it no longer is one."""
    locked = Reorganisation.objects.select_for_update().filter(pk=reorganisation.pk).first()
    if locked is None or not locked.is_draft:
        raise NotADraft
    return locked


def _save(locked: Reorganisation, **plan: Any) -> None:
    locked.plan = {**locked.plan, **plan}
    locked.version += 1
    locked.save(update_fields=["plan", "version", "effective_on"])


@transaction.atomic
def confirm(
    reorganisation: Reorganisation, *, fingerprint: str, by: User, now: dt.datetime
) -> Reorganisation:
    """Do what was shown: today's and past ones whole; of a future one what carries its day.

    Raises PlanMoved, NotReady or NotADraft, with nothing written.
    """
    municipality = _alone(reorganisation.municipality_id)
    locked = _draft(reorganisation)
    plan = plan_of(locked)
    if plan.fingerprint != fingerprint:
        raise PlanMoved
    if not plan.is_ready:
        raise NotReady
    waits = locked.effective_on > timezone.localdate(now)
    operations = [o for o in plan.operations if o.can_be_early] if waits else plan.operations
    locked.state = ReorganisationState.SCHEDULED if waits else ReorganisationState.APPLIED
    locked.fingerprint = fingerprint
    locked.applied_at = None if waits else now
    _keep_keys(locked, plan, by)
    _write(locked, plan, operations, municipality, by=by, channel=channel_of(locked))
    action = "reorganisation.scheduled" if waits else "reorganisation.applied"
    after = {"effective_on": locked.effective_on, "rows": len(operations)}
    audit.record(action, locked, by=by, channel=channel_of(locked), after=after)
    if not waits:
        tell_holders(locked, now)
    return locked


def _alone(municipality_id: int) -> Municipality:
    """One reorganisation at a time; nobody hangs anything on a department or post meanwhile."""
    municipality = Municipality.objects.select_for_update().get(pk=municipality_id)
    departments = Department.objects.filter(municipality=municipality)
    list(departments.order_by("pk").select_for_update().values_list("pk"))
    posts = Post.objects.filter(department__in=departments).order_by("pk")
    list(posts.select_for_update(of=("self",)).values_list("pk"))
    return municipality


def _keep_keys(locked: Reorganisation, plan: Plan, by: User) -> None:
    """From now on the rows mean the departments and people that were shown, whatever their name."""
    refs = plan.draft.refs
    rows = [
        replace(change, refs=refs.get(place, {})).plain()
        for place, change in enumerate(changes_of(locked))
    ]
    owners = {str(item.initiative): item.chosen for item in plan.ownerless}
    locked.plan = {**locked.plan, "changes": rows, "owners": owners, "confirmed_by": by.pk}


def _write(
    locked: Reorganisation,
    plan: Plan,
    operations: Sequence[Operation],
    municipality: Municipality,
    *,
    by: User | None,
    channel: str,
) -> None:
    """Write operations with their events, and keep what takes them back."""
    try:
        written, made = write(operations, municipality_id=municipality.pk)
    except Moved as error:
        raise PlanMoved from error
    owners = {k: made.get(v, v) for k, v in locked.plan.get("owners", {}).items()}
    locked.plan = {**locked.plan, "owners": owners}
    steps = [*locked.inverse.get("steps", []), [operation.plain() for operation in written]]
    locked.inverse = {**locked.inverse, "steps": steps}
    locked.version += 1
    locked.save()
    Trail(written, municipality=municipality, by=by, channel=channel).write()
    tell_organisation_changed(municipality.pk)


@transaction.atomic
def carry_out(reorganisation_id: Any, *, now: dt.datetime) -> bool:
    """Do the rest of a scheduled one whose day has come; whether it was done now.

    What came up since is decided by the suggestion. What cannot be decided is told to the office,
    once a day, and nothing is written.
    """
    found = Reorganisation.objects.filter(pk=reorganisation_id).first()
    if found is None:
        return False
    municipality = _alone(found.municipality_id)
    locked = Reorganisation.objects.select_for_update().get(pk=reorganisation_id)
    today = timezone.localdate(now)
    if locked.state != ReorganisationState.SCHEDULED or locked.effective_on > today:
        return False
    plan = plan_of(locked, by_default=True)
    if plan.problems or plan.undecided:
        tell_office(locked, now, plan)
        return False
    by = User.objects.filter(pk=locked.plan.get("confirmed_by")).first()
    owners = {str(item.initiative): item.chosen for item in plan.ownerless}
    locked.plan = {**locked.plan, "owners": owners}
    locked.state = ReorganisationState.APPLIED
    locked.applied_at = now
    _write(locked, plan, plan.operations, municipality, by=by, channel=Channel.SYSTEM)
    after = {"effective_on": locked.effective_on, "rows": len(plan.operations)}
    audit.record("reorganisation.applied", locked, by=by, channel=Channel.SYSTEM, after=after)
    tell_office(locked, now, None)
    tell_holders(locked, now)
    return True


def due(today: dt.date) -> list[tuple[int, str]]:
    """(municipality, reorganisation) of those whose day has come."""
    waiting = Reorganisation.objects.filter(
        state=ReorganisationState.SCHEDULED, effective_on__lte=today
    )
    rows = waiting.order_by("effective_on", "created_at").values_list("municipality_id", "pk")
    return [(municipality, str(pk)) for municipality, pk in rows]


@transaction.atomic
def undo(reorganisation: Reorganisation, *, by: User, now: dt.datetime) -> Reorganisation:
    """Set back exactly what was changed and still is so; the rest is kept and listed.

    Raises NotADraft where there is nothing to take back, TooLate after 30 days.
    """
    municipality = _alone(reorganisation.municipality_id)
    locked = Reorganisation.objects.select_for_update().get(pk=reorganisation.pk)
    if locked.state not in (ReorganisationState.SCHEDULED, ReorganisationState.APPLIED):
        raise NotADraft
    if not may_undo(locked, now):
        raise TooLate
    steps = [[Operation.from_plain(o) for o in step] for step in locked.inverse.get("steps", [])]
    names = names_of([operation for step in steps for operation in step])
    done: list[Operation] = []
    left: list[Operation] = []
    for step in reversed(steps):
        back, kept = take_back(step)
        done += back
        left += kept
    locked.inverse = {**locked.inverse, "left": [operation.plain() for operation in left]}
    locked.state, locked.undone_at = ReorganisationState.UNDONE, now
    locked.version += 1
    locked.save()
    Trail(done, municipality=municipality, by=by, channel=Channel.SCREEN, names=names).write()
    after = {"rows": len(done), "left": len(left)}
    audit.record("reorganisation.undone", locked, by=by, after=after)
    tell_organisation_changed(municipality.pk)
    return locked


def what_stays(reorganisation: Reorganisation) -> list[Any]:
    """What taking it back now would leave as it is; tried out and rolled back."""
    with transaction.atomic():
        left: list[Operation] = []
        for step in reversed(reorganisation.inverse.get("steps", [])):
            left += take_back([Operation.from_plain(operation) for operation in step])[1]
        transaction.set_rollback(True)
    return [operation.plain() for operation in left]


def counts_of(reorganisation: Reorganisation) -> dict[str, int]:
    """How many departments, people and initiatives it changed."""
    found: dict[str, set[Any]] = {"department": set(), "person": set(), "initiative": set()}
    for step in reorganisation.inverse.get("steps", []):
        for table, key, before, after in step:
            row = {**(before or {}), **(after or {})}
            if table in found:
                found[table].add(key)
            elif table == "assignment" and "user" in row:
                found["person"].add(row["user"])
    return {table: len(keys) for table, keys in found.items()}


def may_undo(reorganisation: Reorganisation, now: dt.datetime) -> bool:
    """Whether it can still be taken back."""
    if reorganisation.state == ReorganisationState.SCHEDULED:
        return True
    if reorganisation.state != ReorganisationState.APPLIED or reorganisation.applied_at is None:
        return False
    return now < reorganisation.applied_at + dt.timedelta(days=UNDO_DAYS)
