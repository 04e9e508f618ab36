"""How each section's declared criteria grew over the year, confirmed by its head."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from dxportal.dashboards.seeding.evidence import EVIDENCE
from dxportal.dashboards.seeding.organisation import Section, Town
from dxportal.dashboards.seeding.plan import SectionPlan, Track
from dxportal.dashboards.seeding.timeline import Timeline
from roadmap.actions.assessments import Claim, confirm_criteria, confirm_unchanged
from roadmap.choices import Axis, Channel, CriterionSource, Level
from roadmap.content import CRITERIA, CriterionContent
from roadmap.models import Criterion
from surveys.workdays import on_or_after

#: One in so many sections has not confirmed anything on culture.
WITHOUT_CULTURE = 9


@dataclass(frozen=True, slots=True)
class Course:
    """One criterion of one section: a level before and one after a day; None is unanswered."""

    code: str
    before: int | None
    after: int | None
    changed_on: dt.date

    def level(self, day: dt.date) -> int | None:
        """The level on that day."""
        return self.after if day >= self.changed_on else self.before


def plan_confirmations(town: Town, timeline: Timeline, random: Random) -> None:
    """Put every section's confirmations on the timeline."""
    ids = dict(
        Criterion.objects.filter(stage__municipality=town.municipality)
        .in_force()
        .values_list("code", "id")
    )
    calendar = town.plan.calendar
    for place, section in enumerate(town.sections.values()):
        courses = list(draw_courses(section.plan, random, calendar.start, calendar.as_of))
        if place % WITHOUT_CULTURE == 5:
            courses = [course for course in courses if course.code.startswith("T")]
        first = calendar.start + dt.timedelta(days=random.randint(3, 22))
        known: dict[str, int | None] = {}
        renewed = False
        for day in _days(section.plan, random, first, calendar.as_of):
            claims = {}
            for course in courses:
                level = course.level(day)
                if level is not None and known.get(course.code) != level:
                    claims[ids[course.code]] = Claim(level, _evidence(course.code, level, random))
                known[course.code] = level
            again = day > calendar.half and not renewed
            renewed = renewed or again
            _plan(timeline, section, claims, day, random, again=again)


def draw_courses(
    plan: SectionPlan, random: Random, start: dt.date, end: dt.date
) -> Iterator[Course]:
    """A course for every declared criterion, so that the section's tracks come out."""
    days = (end - start).days
    tracks = {Axis.TECHNOLOGY: plan.technology, Axis.CULTURE: plan.culture}
    declared = [c for c in CRITERIA if c.source == CriterionSource.DECLARED]
    for axis, track in tracks.items():
        own = [c for c in declared if c.axis == axis]
        held_back = {step: _last_mandatory(own, step, random) for step in (1, 2, 3, 4)}
        for content in own:
            changed = start + dt.timedelta(days=random.randint(40, days))
            yield _course(content, track, held_back[content.step], changed, random)


def _course(
    content: CriterionContent, track: Track, held_back: str, changed: dt.date, random: Random
) -> Course:
    before = _level(content, track.before, held_back, random)
    after = _level(content, track.after, held_back, random)
    if track.moved_on and content.code == held_back and track.before != track.after:
        changed = track.moved_on
    elif track.after > track.before and content.mandatory and content.step <= track.after:
        changed = min(changed, track.moved_on or changed)
    elif track.after >= track.before:
        before = _earlier(before, after, random)
    elif content.mandatory:
        after = before
    if content.mandatory and content.step <= min(track.before, track.after):
        before = after = Level.FIRM
    return Course(content.code, before, after, changed)


def _level(content: CriterionContent, reached: int, held_back: str, random: Random) -> int | None:
    """A plausible level where so many steps are reached."""
    ahead = content.step - reached
    if ahead <= 0:
        return Level.FIRM if content.mandatory else random.choice((1, 2, 2, 3, 3))
    if ahead == 1:
        if content.code == held_back:
            return random.choice((0, 1, 2, 2))
        return random.choice((1, 2, 2, 3, 3) if content.mandatory else (0, 1, 1, 2, None))
    return random.choice((None, None, 0, 0, 1) if ahead == 2 else (None, None, None, 0, 0, 1))


def _earlier(before: int | None, after: int | None, random: Random) -> int | None:
    """The year's work: what was lower, or not answered yet."""
    if after is None:
        return None
    lower = after - random.choice((0, 0, 1, 1, 2))
    return None if lower < 0 or (before is None and lower == 0) else lower


def _last_mandatory(own: list[CriterionContent], step: int, random: Random) -> str:
    """The criterion that decides when the step is reached."""
    codes = [c.code for c in own if c.step == step and c.mandatory]
    return random.choice(codes) if codes else ""


def _days(plan: SectionPlan, random: Random, first: dt.date, end: dt.date) -> Iterator[dt.date]:
    """The first confirmation, then one in three or four months, and the days of moves."""
    days = {first}
    day = first
    while (day := day + dt.timedelta(days=random.randint(75, 140))) < end:
        days.add(day)
    days |= {
        track.moved_on
        for track in (plan.technology, plan.culture)
        if track.moved_on is not None and first < track.moved_on <= end
    }
    yield from sorted({min(on_or_after(day), end) for day in days})


def _plan(
    timeline: Timeline,
    section: Section,
    claims: dict[int, Claim],
    day: dt.date,
    random: Random,
    *,
    again: bool,
) -> None:
    """The head confirms; once in the second half-year the rest as well, by 「変わりなし」."""

    def confirm() -> None:
        by, department = section.head, section.department
        if claims:
            confirm_criteria(department, claims, by=by, on=day, channel=Channel.SCREEN)
        if again:
            confirm_unchanged(department, by=by, on=day, except_for=frozenset(claims))

    timeline.on(day, confirm, hour=random.randint(9, 16), minute=random.randint(0, 59))


def _evidence(code: str, level: int, random: Random) -> str:
    """Evidence for what is firm, sometimes for what is partly there."""
    text = EVIDENCE[code].format(n=random.randint(8, 46), m=random.randint(2, 5))
    return text if level == Level.FIRM or (level == Level.PARTLY and random.random() < 0.5) else ""
