"""Writing what a table of departments or people changes: set-based, inside one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby

from django.contrib.auth.hashers import make_password
from django.db import models, transaction

from dxportal.accounts.audit import event_row, plain
from dxportal.accounts.choices import DEPARTMENT_ROLES
from dxportal.accounts.department_tree import Node
from dxportal.accounts.hooks import tell_organisation_changed
from dxportal.accounts.import_plan import Plan, Tell
from dxportal.accounts.models import (
    Assignment,
    Department,
    DepartmentSuccession,
    Event,
    Municipality,
    Post,
    RoleGrant,
    User,
)
from dxportal.accounts.staff_importer import HOW, StaffChange, chunks
from dxportal.shared.bulk import copy_in

BATCH = 1_000


def silent(_done: int, _total: int) -> None:
    """For callers that nobody waits for."""


@transaction.atomic
def apply_departments(
    plan: Plan[Node],
    *,
    municipality: Municipality,
    as_of: dt.date,
    by: User | None,
    channel: str = "import",
    tell: Tell = silent,
) -> None:
    """Write new and changed departments level by level, their successions, events and marks."""
    if not plan.has_changes:
        return
    total, done = len(plan.changes), 0
    for _depth, level in groupby(plan.changes, key=lambda node: node.depth):
        nodes = list(level)
        _write_level(nodes, municipality)
        done += len(nodes)
        tell(done, total)
    _write_bureaus(plan.changes)
    _write_successions(plan.changes, as_of)
    events = (
        event_row(
            "department.edited" if node.before else "department.created",
            _department(node, municipality),
            by=by,
            channel=channel,
            before=node.before,
            after=node.facts(),
        )
        for node in plan.changes
    )
    write_events(events)
    tell_organisation_changed(municipality.pk)


def _department(node: Node, municipality: Municipality) -> Department:
    """The row of a node; its parent has been written before."""
    return Department(
        pk=node.pk,
        municipality=municipality,
        parent_id=node.parent.pk if node.parent else None,
        bureau_id=node.bureau.pk if node.bureau else None,
        code=node.code,
        name=node.name,
        kind=node.kind,
        stands=node.stands,
        without_account=node.without_account,
        order=node.order,
        valid_from=node.valid_from,
        valid_to=node.valid_to,
    )


def _write_level(nodes: Sequence[Node], municipality: Municipality) -> None:
    """Those of one depth: new ones get their keys."""
    new = [node for node in nodes if node.pk is None]
    old = [_department(node, municipality) for node in nodes if node.pk is not None]
    rows = [_department(node, municipality) for node in new]
    for node, row in zip(new, Department.objects.bulk_create(rows, BATCH), strict=True):
        node.pk = row.pk
    names = ["parent", "code", "name", "kind", "stands", "without_account"]
    names += ["valid_from", "valid_to"]
    Department.objects.bulk_update(old, names, BATCH)


def _write_bureaus(nodes: Iterable[Node]) -> None:
    """Bureaus of what changed and of everything below it."""
    found = {id(node): node for top in nodes for node in (top, *top.below())}
    rows = [
        Department(pk=node.pk, bureau_id=node.bureau.pk if node.bureau else None)
        for node in found.values()
        if node.pk is not None
    ]
    Department.objects.bulk_update(rows, ["bureau"], BATCH)


def _write_successions(nodes: Iterable[Node], as_of: dt.date) -> None:
    """From the first day of the one that continues; what is known already stays."""
    rows = [
        DepartmentSuccession(predecessor_id=before.pk, successor_id=node.pk, on=node.valid_from)
        for node in nodes
        for before in node.predecessors
        if before.pk is not None and node.pk is not None
    ]
    DepartmentSuccession.objects.bulk_create(rows, BATCH, ignore_conflicts=True)


@transaction.atomic
def apply_staff(
    plan: Plan[StaffChange],
    *,
    municipality: Municipality,
    as_of: dt.date,
    by: User | None,
    channel: str = "import",
    tell: Tell = silent,
) -> None:
    """Write accounts, seats and roles. New accounts have no password; nobody is written to."""
    if not plan.has_changes:
        return
    _write_people(plan.changes, tell)
    events = [
        event_row(
            "person.edited" if change.before else "person.created",
            change.user,
            by=by,
            channel=channel,
            before=change.before,
            after={**change.facts(), "email": change.user.email},
        )
        for change in plan.changes
        if change.before is None or change.before != change.facts()
    ]
    events += _write_seats(plan.changes, as_of, by, channel, municipality)
    events += _write_roles(plan.changes, as_of, by, channel)
    write_events(events)


def _write_people(changes: Sequence[StaffChange], tell: Tell) -> None:
    """New accounts with one unusable password each; changed ones by their fields."""
    new = [change.user for change in changes if change.before is None]
    for done, part in enumerate(chunks(new, BATCH), start=1):
        for person in part:
            person.password = make_password(None)
        User.objects.bulk_create(part)
        tell(min(done * BATCH, len(new)), len(changes))
    old = [change.user for change in changes if change.before is not None]
    User.objects.bulk_update(old, ["name", "department", "employment"], BATCH)


def _write_seats(
    changes: Sequence[StaffChange],
    as_of: dt.date,
    by: User | None,
    channel: str,
    municipality: Municipality,
) -> list[Event]:
    """End the seats that were left, find or create the posts, sit down."""
    left = [seat for change in changes for seat in change.left]
    _end(Assignment.objects, left, as_of)
    sitting = [change for change in changes if change.sits]
    posts = _posts(sitting, municipality)
    events: list[Event] = []
    rows: list[Assignment] = []
    for change in sitting:
        post = posts[_post_key(change)]
        rows.append(Assignment(post=post, user=change.user, valid_from=as_of))
        after = {"user": change.user.name, "valid_from": as_of, "valid_to": None}
        key = municipality.pk
        row = event_row("post.assigned", post, by=by, channel=channel, municipality_id=key)
        row.after = {name: plain(value) for name, value in after.items()}
        events.append(row)
    Assignment.objects.bulk_create(rows, BATCH, ignore_conflicts=True)
    for seat in left:
        row = event_row(
            "post.vacated", seat.post, by=by, channel=channel, municipality_id=municipality.pk
        )
        row.after = {"user": str(seat.user), "valid_to": plain(as_of)}
        events.append(row)
    return events


def _post_key(change: StaffChange) -> tuple[int, str]:
    """Department and name of the post on which the person will sit."""
    department = change.department.pk if change.department else None
    length = Post._meta.get_field("name").max_length
    return department or 0, change.row.post_title[:length]


def _posts(
    changes: Sequence[StaffChange], municipality: Municipality
) -> dict[tuple[int, str], Post]:
    """The posts that are needed; those of heads are marked as such."""
    found = {
        (post.department_id, post.name): post
        for post in Post.objects.filter(department__municipality=municipality)
    }
    wanted: dict[tuple[int, str], bool] = {}
    for change in changes:
        key = _post_key(change)
        wanted[key] = wanted.get(key, False) or change.row.is_head
    new = [
        Post(department_id=department, name=name, is_head=is_head)
        for (department, name), is_head in wanted.items()
        if (department, name) not in found
    ]
    for post in Post.objects.bulk_create(new, BATCH):
        found[post.department_id, post.name] = post
    heads = [found[key] for key, is_head in wanted.items() if is_head and not found[key].is_head]
    for post in heads:
        post.is_head = True
    Post.objects.bulk_update(heads, ["is_head"], BATCH)
    return found


def _write_roles(
    changes: Sequence[StaffChange], as_of: dt.date, by: User | None, channel: str
) -> list[Event]:
    """Give and end roles."""
    _end(RoleGrant.objects, [grant for change in changes for grant in change.ended], as_of)
    events: list[Event] = []
    rows: list[RoleGrant] = []
    for change in changes:
        for role in change.roles:
            department = change.department if role in DEPARTMENT_ROLES else None
            key = department.pk if department else None
            grant = RoleGrant(user=change.user, role=role, department_id=key, how=HOW)
            grant.valid_from = as_of
            rows.append(grant)
            place = department.name if department else None
            after = {"role": role, "department": place, "valid_from": as_of, "how": HOW}
            events.append(
                event_row("role.granted", change.user, by=by, channel=channel, after=after)
            )
        for grant in change.ended:
            row = event_row("role.ended", change.user, by=by, channel=channel)
            row.before = {"role": grant.role, "valid_to": None}
            row.after = {"role": grant.role, "valid_to": plain(as_of)}
            events.append(row)
    RoleGrant.objects.bulk_create(rows, BATCH, ignore_conflicts=True)
    return events


def _end(
    manager: models.Manager[Assignment] | models.Manager[RoleGrant],
    rows: Sequence[Assignment | RoleGrant],
    day: dt.date,
) -> None:
    """End them on a day; those that would never have been in force go."""
    gone = [row.pk for row in rows if row.valid_from >= day]
    kept = [row.pk for row in rows if row.valid_from < day]
    manager.filter(pk__in=gone).delete()
    manager.filter(pk__in=kept).update(valid_to=day)


def write_events(events: Iterable[Event]) -> None:
    """Many events in a few statements, without holding them all."""
    for part in chunks(events, BATCH):
        copy_in(part)
