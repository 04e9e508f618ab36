"""Initiatives and their reports, entered on the days on which they would have been."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from random import Random

from dxportal.accounts.models import User
from dxportal.dashboards.seeding.arcs import ARCS, Arc, Report
from dxportal.dashboards.seeding.ideas import IDEAS, Idea
from dxportal.dashboards.seeding.organisation import Section, Town
from dxportal.dashboards.seeding.plan import Calendar
from dxportal.dashboards.seeding.status import channel_of, seconds_of
from dxportal.dashboards.seeding.timeline import Timeline
from dxportal.shared.fiscal import add_months, fiscal_year, quarter
from roadmap.actions.initiatives import InitiativeFields, create_initiative
from roadmap.actions.updates import report
from roadmap.choices import InitiativeKind, Phase
from roadmap.models import Criterion, Initiative, Theme
from surveys.workdays import on_or_after


@dataclass(slots=True)
class Story:
    """One initiative as it is told."""

    idea: Idea
    arc: Arc
    lead: Section
    users: list[Section]
    days: list[dt.date] = field(default_factory=list)
    initiative: Initiative | None = None

    @property
    def live_day(self) -> dt.date | None:
        """The day of going live, if it did."""
        reports = zip(self.arc.reports, self.days, strict=False)
        return next((day for entry, day in reports if entry.phase == Phase.LIVE), None)


def plan_initiatives(town: Town, timeline: Timeline, random: Random, count: int) -> list[Story]:
    """Put every initiative and its reports on the timeline."""
    codes = Criterion.objects.filter(stage__municipality=town.municipality).in_force()
    criteria = dict(codes.values_list("code", "id"))
    themes = dict(Theme.objects.filter(municipality=town.municipality).values_list("code", "id"))
    stories = [_story(town, random, number) for number in range(count)]
    for story in stories:
        fields = _fields(story, town.plan.calendar, criteria, themes)
        calendar = town.plan.calendar
        story.days = [_day(calendar, entry.days, random) for entry in story.arc.reports]
        _plan_beginning(town, timeline, story, fields)
        for entry, day in list(zip(story.arc.reports, story.days, strict=True))[1:]:
            _plan_report(town, timeline, story, entry, day)
    return stories


def _story(town: Town, random: Random, number: int) -> Story:
    """The number-th idea; in a town without its section another one leads it."""
    idea = IDEAS[number % len(IDEAS)]
    grown = list(town.sections.values())
    lead = town.sections.get(idea.lead) or random.choice(grown)
    users = [s for s in grown if s.plan.name in idea.users or s.plan.bureau in idea.users]
    return Story(idea, ARCS[idea.arc], lead, users or [lead])


def _day(calendar: Calendar, days: int, random: Random) -> dt.date:
    """A working day about so long ago; a week or more apart reports stay in order."""
    spread = 2 if days > 9 else 1
    day = calendar.ago(max(1, days + random.randint(-spread, spread)))
    return min(on_or_after(day), calendar.as_of)


def _fields(
    story: Story, calendar: Calendar, criteria: dict[str, int], themes: dict[str, int]
) -> InitiativeFields:
    idea, arc = story.idea, story.arc
    given = {
        "purpose": idea.purpose,
        "kind": InitiativeKind.SUBTRACT if idea.subtracts else InitiativeKind.ADD,
        "beneficiaries": idea.whom,
        "criteria": tuple(sorted(criteria[code] for code in idea.criteria)),
    }
    start = calendar.ago(max((entry.days for entry in arc.reports), default=60))
    target = None if arc.target is None else add_months(calendar.as_of, 3 * arc.target)
    return InitiativeFields(
        title=idea.title,
        stops=idea.what if idea.subtracts else "",
        adds="" if idea.subtracts else idea.what,
        lead=story.lead.department.pk,
        accountable_post=story.lead.post.pk if arc.owned else None,
        contact=story.lead.promoter.pk if arc.owned and story.lead.promoter else None,
        start_fy=fiscal_year(start),
        start_quarter=quarter(start),
        target_fy=fiscal_year(target) if target else None,
        target_quarter=quarter(target) if target else None,
        users=tuple(sorted(section.department.pk for section in story.users)),
        themes=tuple(sorted(themes[code] for code in idea.themes)),
        **{name: value for name, value in given.items() if name not in arc.leaves_out},  # type: ignore[arg-type]
    )


def _plan_beginning(town: Town, timeline: Timeline, story: Story, fields: InitiativeFields) -> None:
    """Entered by the DX office together with its first report, if there is one."""
    first = story.arc.reports[0] if story.arc.reports else None
    day = story.days[0] if story.days else on_or_after(town.plan.calendar.ago(60))

    def begin() -> None:
        story.initiative = create_initiative(
            town.municipality,
            by=town.dx,
            fields=fields,
            phase=first.phase if first else None,
            progress=first.progress if first else "",
            note=first.note if first else "",
            on=day,
        )

    timeline.on(day, begin, hour=11)


def _plan_report(town: Town, timeline: Timeline, story: Story, entry: Report, day: dt.date) -> None:

    def tell() -> None:
        if story.initiative is None:
            raise AssertionError(story.idea.title)
        due = entry.next_due
        report(
            story.initiative,
            by=_reporter(town, story, entry),
            phase=entry.phase or None,
            progress=entry.progress or None,
            note=entry.note,
            unchanged=not (entry.phase or entry.progress),
            cause=entry.cause,
            next_step=entry.next_step,
            next_due=None if due is None else town.plan.calendar.ago(due),
            on=day,
            channel=channel_of(entry, day),
            seconds=seconds_of(entry, day),
            ended=entry.ended,
            freed=entry.freed,
        )

    timeline.on(day, tell, hour=14, minute=day.toordinal() % 60)


def _reporter(town: Town, story: Story, entry: Report) -> User:
    if entry.by == "dx":
        return town.dx
    return (
        story.lead.promoter if entry.by == "promoter" and story.lead.promoter else story.lead.head
    )
