"""The five lines before going live (domain 3.6): written by whoever reports on the initiative."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date

from django.db import transaction

from dxportal.accounts.models import User
from roadmap.actions.initiatives import edit_initiative, fields_of
from roadmap.choices import Channel
from roadmap.models import Initiative


@dataclass(frozen=True)
class LaunchPlan:
    """Who must learn what, minutes each, who helps, which old way ends when, when it is asked."""

    learners: str = ""
    learn_minutes: int | None = None
    helpers: str = ""
    old_way: str = ""
    old_way_ends_on: date | None = None
    ask_again_on: date | None = None


@transaction.atomic
def set_launch_plan(
    initiative: Initiative,
    *,
    by: User,
    plan: LaunchPlan,
    version: int,
    channel: str = Channel.SCREEN,
) -> Initiative:
    """Write the five lines; raises EditConflict where somebody changed the same one in between."""
    locked = Initiative.objects.select_for_update().get(pk=initiative.pk)
    wanted = replace(fields_of(locked), **asdict(plan))
    return edit_initiative(locked, by=by, fields=wanted, version=version, channel=channel)
