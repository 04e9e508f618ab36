"""What those get who cannot use an initiative: written by whoever reports on it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from django.db import transaction

from dxportal.accounts.models import User
from roadmap.actions.initiatives import edit_initiative, fields_of
from roadmap.choices import Channel
from roadmap.models import Initiative


@dataclass(frozen=True)
class Care:
    """Whether it replaces a channel (None: not answered) and which; another way; who helps."""

    replaces_channel: bool | None = None
    replaced_channel: str = ""
    alternative: str = ""
    support: str = ""


@transaction.atomic
def set_care(
    initiative: Initiative, *, by: User, care: Care, version: int, channel: str = Channel.SCREEN
) -> Initiative:
    """Write the lines; raises EditConflict where somebody changed the same one in between."""
    locked = Initiative.objects.select_for_update().get(pk=initiative.pk)
    wanted = replace(fields_of(locked), **asdict(care))
    return edit_initiative(locked, by=by, fields=wanted, version=version, channel=channel)
