"""Pillars and tags, the five lines before going live, and what is published, on a few rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from dxportal.dashboards.seeding.initiatives import Story
from dxportal.dashboards.seeding.organisation import Town
from dxportal.dashboards.seeding.timeline import Timeline
from roadmap.actions.initiatives import Withheld, edit_initiative, fields_of
from roadmap.actions.launch_plan import LaunchPlan, set_launch_plan
from roadmap.actions.tags import add_tags
from roadmap.choices import Disclosure, TagScheme
from roadmap.launch_lines import ask_again_day
from roadmap.models import Initiative, Tag
from surveys.workdays import on_or_after

PILLARS: Final = ("待たせない窓口", "人にしかできない仕事に時間を", "データで考える市政")
#: A word in the title → code of the national priority.
_PRIORITIES: Final = {
    "窓口": "1",
    "申請": "1",
    "標準": "2",
    "AI": "6",
    "RPA": "6",
    "テレワーク": "7",
}
#: Days ago on which the office went through the list, and how many initiatives it got through.
REVIEWED_AGO: Final = 20
REVIEWED: Final = 9


def plan_fields(town: Town, timeline: Timeline, stories: Sequence[Story]) -> None:
    """The office goes through the first initiatives; a section plans its going live."""
    day = on_or_after(town.plan.calendar.ago(REVIEWED_AGO))
    begun = [story for story in stories if story.days and story.days[0] < day][:REVIEWED]

    def review() -> None:
        add_tags(
            town.municipality, scheme=TagScheme.PILLAR, labels=PILLARS, by=town.dx, valid_from=None
        )
        for number, story in enumerate(begun):
            _review(town, story, number, day)

    timeline.on(day, review, hour=16)
    waiting = [story for story in begun if story.live_day is None]
    if waiting:
        timeline.on(day, lambda: _plan_launch(waiting[0], day), hour=17)


def _review(town: Town, story: Story, number: int, day: dt.date) -> None:
    """Tags for each; every third is published but for its budget, every fourth is not decided."""
    initiative = _now(story)
    before = fields_of(initiative)
    fields = replace(before, tags=_tags(town, story, number))
    if number % 4 != 3:
        fields = replace(fields, disclosure=Disclosure.OPEN.value, may_introduce=number % 2 == 0)
    if number % 3 == 1:
        review = day + dt.timedelta(days=10 if number == 1 else 200)
        row = Withheld("contract", "入札の前で、予定の額が分かるため", review)
        fields = replace(fields, withholdings=(row,), contract="公募型プロポーザルを予定")
    if number == 2:
        fields = replace(fields, partner_bodies="見本県、隣接する2町（共同調達）")
    edit_initiative(initiative, by=town.dx, fields=fields, version=initiative.version)


def _tags(town: Town, story: Story, number: int) -> tuple[int, ...]:
    """One pillar, and the national priorities that the title speaks of."""
    tags = Tag.objects.filter(municipality=town.municipality)
    codes = {code for word, code in _PRIORITIES.items() if word in story.idea.title}
    wanted = [tags.get(scheme=TagScheme.PILLAR, label=PILLARS[number % len(PILLARS)])]
    wanted += tags.filter(scheme=TagScheme.NATIONAL, version="3.0", code__in=codes)
    return tuple(sorted(tag.pk for tag in wanted))


def _plan_launch(story: Story, day: dt.date) -> None:
    """Three of the five lines: the others stand on the card as missing."""
    initiative = _now(story)
    launch = day + dt.timedelta(days=60)
    plan = LaunchPlan(
        learners="窓口の職員全員が、受付の画面と、止まったときの手順を覚える",
        learn_minutes=40,
        helpers="推進員が初日から2週間、隣の席にいる",
        ask_again_on=ask_again_day(launch),
    )
    person = story.lead.head
    set_launch_plan(initiative, by=person, plan=plan, version=initiative.version)


def _now(story: Story) -> Initiative:
    if story.initiative is None:
        raise AssertionError(story.idea.title)
    return Initiative.objects.get(pk=story.initiative.pk)
