"""Moving the start or the target of an initiative to another quarter."""

from __future__ import annotations

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import User
from roadmap.actions.initiatives import edit_initiative, fields_of
from roadmap.choices import Channel
from roadmap.models import Initiative
from roadmap.timeline import span


@transaction.atomic
def move_quarter(
    initiative: Initiative,
    *,
    by: User,
    which: str,
    fy: int,
    quarter: int | None,
    version: int,
    channel: str = Channel.SCREEN,
) -> Initiative:
    """Put `which` ("start" or "target") into a quarter (None: the year alone).

    Sent twice it writes once. Raises EditConflict where somebody else moved it elsewhere since
    `version`, ValidationError where the start would come after the target.
    """
    moved = {f"{which}_fy": fy, f"{which}_quarter": quarter}
    fields = replace(fields_of(initiative), **moved)  # type: ignore[arg-type]
    found = span(fields.start_fy, fields.start_quarter, fields.target_fy, fields.target_quarter)
    if found.start and found.target and found.start.index > found.target.index:
        raise ValidationError(_("The start cannot come after the target. Move the target first."))
    return edit_initiative(initiative, by=by, fields=fields, version=version, channel=channel)
