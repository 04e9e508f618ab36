"""Removing an initiative and bringing it back: nothing is deleted, it only stands nowhere."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from dxportal.accounts import audit
from dxportal.accounts.models import User
from roadmap.actions.updates import mark_initiative
from roadmap.choices import Channel
from roadmap.models import Initiative

REMOVED, BROUGHT_BACK = "initiative.removed", "initiative.brought_back"


@transaction.atomic
def remove_initiative(
    initiative: Initiative, *, by: User, on: date | None = None, channel: str = Channel.SCREEN
) -> bool:
    """Take it out of every list and figure; whether it stood there until now."""
    return _set(initiative, on or timezone.localdate(), REMOVED, by=by, channel=channel)


@transaction.atomic
def bring_back_initiative(
    initiative: Initiative, *, by: User, channel: str = Channel.SCREEN
) -> bool:
    """Let it stand where it stood, with everything that hangs on it; whether it was removed."""
    return _set(initiative, None, BROUGHT_BACK, by=by, channel=channel)


def _set(initiative: Initiative, day: date | None, action: str, *, by: User, channel: str) -> bool:
    row = Initiative.objects.select_for_update().get(pk=initiative.pk)
    if (row.removed_on is None) == (day is None):
        return False
    before, after = {"removed_on": row.removed_on}, {"removed_on": day}
    row.removed_on = day
    row.save(update_fields=["removed_on"])
    audit.record(action, row, by=by, channel=channel, before=before, after=after)
    mark_initiative(row)
    return True
