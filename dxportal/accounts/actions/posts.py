"""Posts and who sits on them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction

from dxportal.accounts.audit import record
from dxportal.accounts.models import Assignment, Department, Post, User


class PostExists(Exception):
    """The department has a post of that name."""


class AssignedAlready(Exception):
    """The person holds the post from that day."""


def save_post(
    post: Post | None,
    *,
    department: Department,
    name: str,
    is_head: bool,
    by: User,
    channel: str = "screen",
) -> Post:
    """Create a post, or change its name and whether it heads the department."""
    kept = post or Post(department=department)
    before = _facts(kept) if post else {}
    kept.name, kept.is_head = name, is_head
    action = "post.edited" if post else "post.created"
    try:
        with transaction.atomic():
            kept.save()
            details = {"before": before, "after": _facts(kept), **_where(kept)}
            record(action, kept, by=by, channel=channel, **details)
    except IntegrityError as error:
        raise PostExists from error
    return kept


def assign(
    post: Post,
    person: User,
    *,
    valid_from: dt.date,
    valid_to: dt.date | None,
    by: User,
    channel: str = "screen",
) -> Assignment:
    """Put a person on a post from a day on."""
    try:
        with transaction.atomic():
            made = Assignment.objects.create(
                post=post, user=person, valid_from=valid_from, valid_to=valid_to
            )
            after = _seat(made)
            record("post.assigned", post, by=by, channel=channel, after=after, **_where(post))
    except IntegrityError as error:
        raise AssignedAlready from error
    return made


@transaction.atomic
def end_assignment(
    assignment: Assignment, *, on: dt.date, by: User, channel: str = "screen"
) -> None:
    """End it on a day (that day the seat is free); one that never began goes."""
    locked = Assignment.objects.select_for_update().get(pk=assignment.pk)
    before = _seat(locked)
    if on <= locked.valid_from:
        locked.delete()
        after: dict[str, Any] = {}
    else:
        locked.valid_to = on
        locked.save(update_fields=["valid_to"])
        after = _seat(locked)
    post = assignment.post
    details = {"before": before, "after": after, **_where(post)}
    record("post.vacated", post, by=by, channel=channel, **details)


def _facts(post: Post) -> dict[str, Any]:
    return {"department": str(post.department), "name": post.name, "is_head": post.is_head}


def _seat(assignment: Assignment) -> dict[str, Any]:
    return {
        "user": str(assignment.user),
        "valid_from": assignment.valid_from,
        "valid_to": assignment.valid_to,
    }


def _where(post: Post) -> dict[str, int]:
    return {"municipality_id": post.department.municipality_id}
