"""Nobody left behind: how promoters were chosen, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from dxportal.accounts.actions.promoters import Term, ask_for_promoter, change_promoter
from dxportal.accounts.choices import ChosenBy, Role
from dxportal.accounts.models import RoleGrant
from dxportal.dashboards.seeding.initiatives import Story
from dxportal.dashboards.seeding.organisation import Section, Town
from dxportal.dashboards.seeding.timeline import Timeline, moment
from dxportal.shared.fiscal import fiscal_year, fiscal_year_start
from roadmap.actions.care import Care, set_care
from roadmap.actions.trainings import TrainingFields, enter_attendance, save_training
from roadmap.models import Initiative
from surveys.workdays import on_or_after

#: Days ago, title, minutes, for whom.
TRAININGS: Final = (
    (150, "電子申請の受付画面を使ってみる", 40, "窓口のある課"),
    (90, "表計算の二度打ちをなくす", 60, "どの課の人でも"),
    (15, "聞きながら覚える：庁内チャット", 30, "初めて使う人"),
)
#: Words in the title of the initiative that a training prepares.
_ABOUT: Final = (("電子申請", "申請"), (), ("チャット",))
_CARE: Final = (
    Care(
        True,
        "窓口の申請書",
        "窓口でもこれまでどおり受け付ける",
        "総合案内の職員が一緒に入力する（来年3月まで）",
    ),
    Care(True, "電話での予約", "", ""),
    Care(False),
    Care(True, "紙のお知らせ", "希望する人には紙で送る", "地区の集会所で、月に1回職員が説明する"),
)
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
    begun = [story for story in stories if story.days and story.days[0] < day]
    timeline.on(day, lambda: _care(town, begun), hour=13)
    for number, (ago, title, minutes, whom) in enumerate(TRAININGS):
        held = on_or_after(town.plan.calendar.ago(ago))

        def train(
            number: int = number,
            held: dt.date = held,
            title: str = title,
            minutes: int = minutes,
            whom: str = whom,
        ) -> None:
            _train(
                town, number, TrainingFields(title, held, minutes, "本庁舎3階 会議室", whom), begun
            )

        timeline.on(held, train, hour=16)


def _care(town: Town, begun: Sequence[Story]) -> None:
    """Of what residents use, most name another way; one replaces the counter and does not yet."""
    lines = iter(_CARE)
    for story in begun:
        if story.initiative is None or "residents" not in story.idea.whom:
            continue
        care = next(lines, None)
        if care is None:
            return
        initiative = Initiative.objects.get(pk=story.initiative.pk)
        set_care(initiative, by=town.dx, care=care, version=initiative.version, channel="command")


def _train(town: Town, number: int, fields: TrainingFields, begun: Sequence[Story]) -> None:
    """Offered to two sections of three, and counted where somebody told the number."""
    sections = [s for place, s in enumerate(_standing(town)) if (place + number) % 3]
    words = _ABOUT[number]
    story = next((s for s in begun if any(word in s.idea.title for word in words)), None)
    wanted = replace(
        fields,
        initiative=story.initiative.pk if story and story.initiative else None,
        offered_to=tuple(sorted(section.department.pk for section in sections)),
    )
    training = save_training(None, town.municipality, fields=wanted, by=town.dx)
    people = {
        s.department.pk: 1 + (place * 5 + number) % max(1, s.plan.size // 2)
        for place, s in enumerate(sections)
        if place % 7 != 6
    }
    enter_attendance(training, people=people, by=town.dx)


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
