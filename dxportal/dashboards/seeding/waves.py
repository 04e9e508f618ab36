"""Survey rounds of the past year: opened, answered and really closed on their days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from django.db.models import Q
from django.utils import timezone

from dxportal.dashboards.seeding import ballots
from dxportal.dashboards.seeding.initiatives import Story
from dxportal.dashboards.seeding.organisation import Town
from dxportal.dashboards.seeding.texts import readers, sort_voices, word_voices
from dxportal.dashboards.seeding.timeline import Timeline, moment
from dxportal.dashboards.seeding.voices import REPLIES
from dxportal.shared.fiscal import fiscal_year, format_fiscal_year
from roadmap.models import Theme
from surveys.actions.closing import close_wave
from surveys.actions.definitions import create_survey
from surveys.actions.follow_ups import open_due_of, schedule_follow_ups
from surveys.actions.replies import Words, reply
from surveys.actions.waves import open_wave, plan_wave
from surveys.choices import Template
from surveys.models import FollowUp, Survey, Wave
from surveys.participation import write_bands
from surveys.workdays import on_or_after

DAY = dt.timedelta(days=1)
WEEK = 7 * DAY
#: Days before the end on which the last pain round began, and the one that is open now.
CLOSED_ROUND, OPEN_ROUND = 92, 9


def label(day: dt.date, word: str) -> str:
    """「令和7年度 秋の困りごと調査」, as offices name them."""
    season = "冬春夏秋"[day.month % 12 // 3]
    return f"{format_fiscal_year(fiscal_year(day), 'wareki')} {season}の{word}"


def after(day: dt.date) -> dt.date:
    """The next working day."""
    return on_or_after(day + DAY)


@dataclass(slots=True)
class Rounds:
    """Puts every survey round of one town on its timeline.

    `wanted`: follow-ups that shall be asked, with their stories; `asked`: sittings seen so far.
    """

    town: Town
    timeline: Timeline
    random: Random
    wanted: dict[int, Story] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)

    def _begin(self, survey: Survey, word: str, opens: dt.date, closes: dt.date) -> Wave:
        """Plan and open; results are shown one working day after the deadline."""
        wave = plan_wave(
            survey,
            label=label(opens, word),
            opens_at=moment(opens, 9),
            closes_at=moment(closes, 17, 15),
            publish_at=moment(after(closes), 9),
            readers=readers(self.town) if survey.template == Template.PAIN else (),
            by=self.town.dx,
        )
        return open_wave(wave, by=self.town.dx, now=moment(opens, 9))

    def _plan_close(self, wave: Wave) -> None:
        """As the beat would: a minute after the deadline."""
        when = wave.closes_at + dt.timedelta(minutes=1)
        self.timeline.add(when, lambda: close_wave(wave.pk, now=when))

    # The culture pulse --------------------------------------------------------------------------
    def plan_pulses(self) -> None:
        """One in each half-year, published within its first month, and the heads' beside it."""
        calendar = self.town.plan.calendar
        survey = create_survey(self.town.municipality, Template.PULSE, by=self.town.dx)
        theirs = create_survey(self.town.municipality, Template.PULSE_HEADS, by=self.town.dx)
        for start, end in ((calendar.start, calendar.half), (calendar.half, calendar.as_of)):
            opens = on_or_after(start + 4 * DAY)

            def run(opens: dt.date = opens, until: dt.date = end - DAY) -> None:
                self._pulse(survey, opens, until)
                self._heads(theirs, opens)

            self.timeline.on(opens, run, hour=9)

    def _pulse(self, survey: Survey, opens: dt.date, until: dt.date) -> None:
        closes = on_or_after(opens + 11 * DAY)
        wave = self._begin(survey, "風土アンケート", opens, closes)

        def answer() -> None:
            people = ballots.asked(wave, self.town)
            given = ballots.pulse_ballots(people, self.town, self.random, start=closes, end=until)
            ballots.send(wave, given, moment(closes, 12))

        self.timeline.on(closes, answer, hour=12)
        self._plan_close(wave)

    def _heads(self, survey: Survey, opens: dt.date) -> None:
        """What heads think that their staff answer, in a sealed round of their own.

        Drawn apart, so that the rest of the town does not depend on it.
        """
        closes = on_or_after(opens + 11 * DAY)
        wave = self._begin(survey, "風土アンケート（所属長）", opens, closes)

        def answer() -> None:
            people = ballots.asked(wave, self.town)
            given = ballots.heads_ballots(people, Random(f"heads {opens}"))  # noqa: S311 - invented
            ballots.send(wave, given, moment(closes, 13))

        self.timeline.on(closes, answer, hour=13)
        self._plan_close(wave)

    # Pain points --------------------------------------------------------------------------------
    def plan_pain(self) -> None:
        """One that was closed and replied to, and one that is open now."""
        calendar = self.town.plan.calendar
        survey = create_survey(self.town.municipality, Template.PAIN, by=self.town.dx)
        past = on_or_after(calendar.ago(CLOSED_ROUND))
        now = min(on_or_after(calendar.ago(OPEN_ROUND)), calendar.ago(1))
        self.timeline.on(past, lambda: self._closed_round(survey, past), hour=9)
        self.timeline.on(now, lambda: self._open_round(survey, now), hour=9)

    def _closed_round(self, survey: Survey, opens: dt.date) -> None:
        closes = on_or_after(opens + 2 * WEEK)
        wave = self._begin(survey, "困りごと調査", opens, closes)

        def answer() -> None:
            people = ballots.asked(wave, self.town)
            given = ballots.pain_ballots(people, self.town, self.random, (0.62, 0.9))
            ballots.send(wave, given, moment(closes, 12))

        self.timeline.on(closes, answer, hour=12)
        self._plan_close(wave)
        self._plan_replies(wave, after(closes))
        self._plan_reading(wave, on_or_after(after(closes) + DAY))

    def _open_round(self, survey: Survey, opens: dt.date) -> None:
        """A good third have answered; staff1 has not."""
        end = self.town.plan.calendar.as_of
        wave = self._begin(survey, "困りごと調査", opens, on_or_after(end + WEEK))
        members = self.town.sections[self.town.plan.home].members
        staff1 = next(person.pk for person in members if person.email.startswith("staff1@"))

        def answer() -> None:
            people = ballots.asked(wave, self.town)
            given = ballots.pain_ballots(people, self.town, self.random, (0.2, 0.6))
            given.pop(staff1, None)
            ballots.send(wave, given, self.timeline.end)
            write_bands(wave.pk, end)

        self.timeline.add(self.timeline.end, answer)

    def _plan_reading(self, wave: Wave, day: dt.date) -> None:
        """Both readers sort a part of the texts, then put what was said in their own words."""
        worded = on_or_after(day + WEEK)
        if worded <= self.town.plan.calendar.as_of:
            self.timeline.on(day, lambda: sort_voices(self.town, wave), hour=14)
            self.timeline.on(worded, lambda: word_voices(self.town, wave, worded), hour=14)

    def _plan_replies(self, wave: Wave, shown: dt.date) -> None:
        """Replies to most themes over the weeks after the results; some are still owed."""
        municipality, end = self.town.municipality, self.town.plan.calendar.as_of
        themes = {theme.code: theme for theme in Theme.objects.filter(municipality=municipality)}
        for code, promise in REPLIES.items():
            day = on_or_after(shown + promise.days * DAY)
            until = max(day, on_or_after(end + promise.until * DAY))

            def answer(code: str = code, day: dt.date = day, until: dt.date = until) -> None:
                told = REPLIES[code]  # noqa: PLR1733 - bound to this step
                initiative = municipality.initiatives.filter(title=told.initiative).first()
                owner = initiative.accountable_post if initiative else None
                head = self.town.sections.get(told.owner, self.town.sections[self.town.plan.home])
                words = Words(told.state, told.sentence, initiative, owner or head.post, until)
                reply(wave, themes[code], words, by=self.town.dx, on=day)

            if day <= end:
                self.timeline.on(day, answer, hour=15)

    # Follow-ups ---------------------------------------------------------------------------------
    def plan_follow_ups(self, stories: Sequence[Story]) -> None:
        """Everything that went live gets its date, and what was due is asked."""
        for story in stories:
            live = story.live_day
            if live is None:
                continue

            def schedule(story: Story = story, live: dt.date = live) -> None:
                schedule_follow_ups(live, municipality_id=self.town.municipality.pk)
                found = FollowUp.objects.get(initiative=story.initiative)
                if story.arc.verdict not in ("", "due"):
                    self.wanted[found.pk] = story
                    self._try(found, found.due_on)

            self.timeline.on(live, schedule, hour=20)

    def _try(self, follow_up: FollowUp, day: dt.date) -> None:
        """Open on the day, or on the next one on which those concerned may be asked."""

        def attempt() -> None:
            municipality = self.town.municipality.pk
            open_due_of(municipality, day, only=self.wanted)
            found = Wave.objects.open_on(timezone.now()).filter(follow_ups_of(municipality))
            for wave in found.exclude(pk__in=self.asked):
                self.asked.add(wave.pk)
                self._ask(wave)
            if FollowUp.objects.waiting().filter(pk=follow_up.pk).exists():
                self._try(follow_up, after(day))

        if day <= self.town.plan.calendar.as_of:
            self.timeline.on(day, attempt, hour=9, minute=30)

    def _ask(self, wave: Wave) -> None:
        when = min(wave.closes_at - dt.timedelta(hours=1), self.timeline.end)

        def answer() -> None:
            people = ballots.asked(wave, self.town)
            ballots.send(wave, self._given(wave, people), when)

        self.timeline.add(when, answer)
        if wave.closes_at < self.timeline.end:
            self._plan_close(wave)

    def _given(self, wave: Wave, people: dict[str, list[int]]) -> dict[int, ballots.Answers]:
        """Answers that lead each initiative of the sitting to its verdict."""
        stories = {s.initiative.pk: s for s in self.wanted.values() if s.initiative}
        if not wave.several:
            return ballots.follow_up_ballots(people, self._outcome(stories, wave), self.random)
        placed = list(wave.eligible.values_list("employee_id", "segment"))
        asks = wave.frozen_org["asks"]
        blocks = {
            number: (
                {person for person, segment in placed if number in asks[str(segment)]},
                self._outcome(stories, block),
            )
            for number, block in enumerate(wave.blocks.order_by("pk"), start=1)
        }
        return ballots.sitting_ballots(people, blocks, self.random)

    def _outcome(self, stories: dict[int, Story], wave: Wave) -> str:
        return stories[wave.initiative_id or 0].arc.verdict


def follow_ups_of(municipality: int) -> Q:
    """What asks about initiatives in one municipality."""
    return Q(survey__municipality=municipality, survey__template=Template.FOLLOW_UP)
