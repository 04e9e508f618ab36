"""Nobody left behind: how promoters were chosen, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from dxportal.accounts.actions.promoters import Term, ask_for_promoter, change_promoter
from dxportal.accounts.choices import ChosenBy, Role
from dxportal.accounts.models import RoleGrant
from dxportal.dashboards.seeding.initiatives import Story
from dxportal.dashboards.seeding.organisation import Section, Town
from dxportal.dashboards.seeding.timeline import Timeline, moment
from dxportal.shared.fiscal import fiscal_year, fiscal_year_start
from surveys.workdays import on_or_after

#: Days ago on which the office went through the promoters.
SORTED_AGO: Final = 22
#: What the seed wrote as text → the way of choosing that it means.
_CHOSEN: Final = {
    "所属長の推薦": ChosenBy.RECOMMENDED,
    "公募": ChosenBy.VOLUNTEERED,
    "前任からの引継ぎ": ChosenBy.ROTATION,
}
#: Minutes a week, promoter by promoter; None: not agreed yet.
_MINUTES: Final = (120, 60, None, 90)
#: Of so many promoters one ends soon.
_SOON_EVERY: Final = 9
_SOON_DAYS: Final = 20


def plan_support(town: Town, timeline: Timeline, stories: Sequence[Story]) -> None:
    """The office enters terms and time, and asks a head for a promoter."""
    day = on_or_after(town.plan.calendar.ago(SORTED_AGO))
    timeline.on(day, lambda: _terms(town, day), hour=11)


def _terms(town: Town, day: dt.date) -> None:
    """Terms until the end of the fiscal year, some of them sooner; one section is asked."""
    until = fiscal_year_start(fiscal_year(town.plan.calendar.as_of) + 1)
    soon = town.plan.calendar.as_of + dt.timedelta(days=_SOON_DAYS)
    helped = [s for s in _standing(town) if s.promoter is not None]
    for number, section in enumerate(helped):
        grant = RoleGrant.objects.get(user=section.promoter, role=Role.PROMOTER)
        chosen = _CHOSEN.get(grant.how, ChosenBy.OTHER)
        ends = soon if number % _SOON_EVERY == 3 else until
        minutes = _MINUTES[number % len(_MINUTES)]
        term = Term(grant.valid_from, ends, chosen, "", minutes)
        change_promoter(grant, term=term, by=town.dx, channel="command")
    for section in [s for s in _standing(town) if s.promoter is None][:1]:
        ask_for_promoter(section.department, by=town.dx, now=moment(day, 11))


def _standing(town: Town) -> list[Section]:
    return [section for section in town.sections.values() if section.department.pk]
