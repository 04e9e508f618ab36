"""How a change of something that hangs on an initiative goes into the initiative's history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models

from dxportal.accounts import audit
from dxportal.accounts.models import Event, User
from roadmap.choices import Channel
from roadmap.models import Initiative, Reinvestment, ValueEntry

#: Key under which an event of an initiative names the part it is about: [model, key, words].
PART = "part"


def record_part(
    action: str,
    initiative: Initiative,
    part: models.Model,
    *,
    by: User | None,
    channel: str = Channel.SCREEN,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Event:
    """One event of the initiative, about one of its milestones, indicators, blockers and so on.

    Only what differs is kept; `after["part"]` says which part, in words that outlive it.
    """
    event = part_event(action, initiative, part, by=by, channel=channel, before=before, after=after)
    event.save(force_insert=True)
    return event


def part_event(
    action: str,
    initiative: Initiative,
    part: models.Model,
    *,
    by: User | None,
    channel: str = Channel.SCREEN,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Event:
    """The same event, unsaved: for actions that write many at once."""
    event = audit.event_row(
        action, initiative, by=by, channel=channel, before=before or {}, after=after or {}
    )
    event.after[PART] = [part._meta.model_name or "", part.pk, str(part)[:200]]
    return event


def set_removed(
    part: ValueEntry | Reinvestment,
    day: date | None,
    action: str,
    *,
    by: User | None,
    channel: str = Channel.SCREEN,
) -> Event:
    """Hide a locked part of the ledger from `day` on, or (None) let it stand again; one event."""
    before = {"removed_on": part.removed_on}
    part.removed_on = day
    part.save(update_fields=["removed_on"])
    after = {"removed_on": day}
    return record_part(
        action, part.initiative, part, by=by, channel=channel, before=before, after=after
    )


class PartConflict(Exception):
    """Somebody else changed the same part in between; nothing was written."""

    def __init__(self, theirs: models.Model) -> None:
        """Keep the part as it stands now."""
        super().__init__("the part was changed in between")
        self.theirs = theirs


def removed_part(event: Event, action: str, model: type[models.Model]) -> tuple[Initiative, int]:
    """The initiative, locked, and the key of the part that an event of removal took away.

    Raises ValueError for an event of another kind, Initiative.DoesNotExist where it is gone.
    """
    part = event.after.get(PART) or []
    if event.action != action or part[:1] != [model._meta.model_name]:
        raise ValueError(f"{event} removed no {model._meta.model_name}")
    initiative = Initiative.objects.select_for_update().get(pk=int(event.object_id))
    return initiative, int(part[1])
