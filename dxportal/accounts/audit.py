"""Writing the audit trail: one function, used by every action except answering."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models

from dxportal.accounts.models import Event, User


def plain(value: Any) -> Any:
    """A JSON value for a field's value: dates as ISO text, objects as their key."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def changed_fields(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what differs, on both sides."""
    old = {key: plain(value) for key, value in before.items()}
    new = {key: plain(value) for key, value in after.items()}
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return {k: old.get(k) for k in keys}, {k: new.get(k) for k in keys}


def event_row(
    action: str,
    target: models.Model,
    *,
    by: User | None,
    channel: str = "screen",
    municipality_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Event:
    """One event, unsaved: for actions that write many at once with bulk_create."""
    old, new = changed_fields(before or {}, after or {})
    return Event(
        municipality_id=municipality_id
        or getattr(target, "municipality_id", None)
        or (by.municipality_id if by else None),
        actor_id=by.pk if by else None,
        actor_name=by.name if by else "",
        channel=channel,
        action=action,
        object_type=target._meta.model_name or "",
        object_id=str(target.pk),
        object_label=str(target)[:200],
        before=old,
        after=new,
    )


def record(action: str, target: models.Model, **details: Any) -> Event:
    """Write one event; arguments as in `event_row`."""
    event = event_row(action, target, **details)
    event.save(force_insert=True)
    return event
