"""Moving the start or the target of an initiative to another quarter."""

from __future__ import annotations

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Event, User
from roadmap.actions.initiatives import EditConflict, edit_initiative, fields_of
from roadmap.actions.parts import PART
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
    locked = Initiative.objects.select_for_update().get(pk=initiative.pk)
    mine = {f"{which}_fy": fy, f"{which}_quarter": quarter}
    current = fields_of(locked)
    theirs = {name: getattr(current, name) for name in mine}
    base = _ends_at(locked, theirs, version)
    if theirs not in (mine, base):
        everything = current.plain()
        raise EditConflict(
            {**everything, **mine}, everything, {**everything, **base}, locked.version
        )
    fields = replace(current, **mine)  # type: ignore[arg-type]
    found = span(fields.start_fy, fields.start_quarter, fields.target_fy, fields.target_quarter)
    if found.start and found.target and found.start.index > found.target.index:
        raise ValidationError(_("The start cannot come after the target. Move the target first."))
    return edit_initiative(locked, by=by, fields=fields, version=locked.version, channel=channel)


def _ends_at(
    locked: Initiative, current: dict[str, int | None], version: int
) -> dict[str, int | None]:
    """Year and quarter, which belong together, as they stood at an earlier version."""
    base = dict(current)
    if locked.version != version:
        events = Event.objects.filter(municipality_id=locked.municipality_id)
        for event in events.about("initiative", locked.pk):
            if PART not in event.after and event.after.get("version", 0) > version:
                base.update({name: event.before[name] for name in base if name in event.before})
    return base
