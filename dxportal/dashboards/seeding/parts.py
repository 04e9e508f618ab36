"""Milestones, order and indicators of a few initiatives, so that their cards tell a story."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dxportal.dashboards.seeding.initiatives import Story
from dxportal.dashboards.seeding.organisation import Town
from dxportal.dashboards.seeding.timeline import Timeline
from dxportal.shared.fiscal import fiscal_year
from roadmap.actions.dependencies import add_dependency
from roadmap.actions.indicators import IndicatorFields, add_indicator, measure
from roadmap.actions.milestones import add_milestone, edit_milestone, mark_milestone_done
from roadmap.choices import IndicatorKind, Phase
from roadmap.models import Indicator, Initiative, Milestone
from surveys.workdays import on_or_after

#: Everything of this file happens on days before the end, in the order of the days.
_HOUR: Final = 16


@dataclass(frozen=True, slots=True)
class Point:
    """A milestone: title, due and done in days before the end; moved from an earlier day, why."""

    title: str
    due: int
    done: int | None = None
    moved_from: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator: baseline, targets of last and this year, values by days before the end."""

    name: str
    kind: IndicatorKind
    unit: str
    source: str
    baseline: int
    targets: tuple[int, int]
    values: tuple[tuple[int, str], ...]


#: By the section that leads; the first initiative of it that fits tells it.
MILESTONES: Final[dict[str, Sequence[Point]]] = {
    "市民課": (
        Point("様式と項目の整理", 210, 214),
        Point("先行窓口での試行", 120, 118, 150, "住民異動の繁忙期を避けるため"),
        Point("出張所への展開", -60),
    ),
    "総務課": (
        Point("文書規程の改正", 160, 155),
        Point("全課での電子決裁開始", 75, 70),
    ),
    "DX推進室": (Point("利用の手引きの配布", 90, 92), Point("使い方の相談会", -45)),
    "福祉課": (Point("仕様の確定", 40), Point("契約", -80)),
}
FIGURES: Final[dict[str, Sequence[Figure]]] = {
    "市民課": (
        Figure(
            "書かずに済む手続",
            IndicatorKind.AVAILABILITY,
            "手続",
            "窓口システムの設定一覧",
            0,
            (12, 26),
            ((150, "6"), (20, "26")),
        ),
        Figure(
            "書かずに済んだ申請の割合",
            IndicatorKind.USE,
            "%",
            "窓口システムの月報",
            0,
            (10, 60),
            ((150, "4.5"), (20, "31.2")),
        ),
    ),
    "DX推進室": (
        Figure(
            "週1回以上使った職員の割合",
            IndicatorKind.USE,
            "%",
            "チャットの利用統計",
            12,
            (50, 80),
            ((170, "48"), (15, "83")),
        ),
    ),
}


def plan_parts(town: Town, timeline: Timeline, stories: Sequence[Story]) -> None:
    """Put the parts of those initiatives that are told on the timeline."""
    for story in _first_of_each(stories):
        name = story.lead.plan.name
        for point in MILESTONES.get(name, ()):
            _plan_point(town, timeline, story, point)
        for figure in FIGURES.get(name, ()):
            _plan_figure(town, timeline, story, figure)
    _plan_order(town, timeline, stories)


def _first_of_each(stories: Sequence[Story]) -> list[Story]:
    """One initiative a section, which goes on."""
    found: dict[str, Story] = {}
    for story in stories:
        stopped = any(entry.phase == Phase.STOPPED for entry in story.arc.reports)
        if story.days and not stopped:
            found.setdefault(story.lead.plan.name, story)
    return list(found.values())


def _when(town: Town, story: Story, ago: int) -> dt.date:
    """A working day about so long ago, after the initiative was entered and not after the end."""
    day = max(town.plan.calendar.ago(max(ago, 1)), min(story.days) + dt.timedelta(days=1))
    return min(on_or_after(day), town.plan.calendar.as_of)


def _told(story: Story) -> Initiative:
    if story.initiative is None:
        raise AssertionError(story.idea.title)
    return story.initiative


def _plan_point(town: Town, timeline: Timeline, story: Story, point: Point) -> None:
    calendar = town.plan.calendar
    made: list[Milestone] = []

    def add() -> None:
        due = calendar.ago(point.due if point.moved_from is None else point.moved_from)
        made.append(add_milestone(_told(story), by=story.lead.head, title=point.title, due_on=due))

    def move() -> None:
        one = Milestone.objects.get(pk=made[0].pk)
        edit_milestone(
            one,
            by=story.lead.head,
            title=one.title,
            due_on=calendar.ago(point.due),
            done_on=one.done_on,
            reason=point.reason,
            version=one.version,
        )

    def finish() -> None:
        on = _when(town, story, point.done or 0)
        mark_milestone_done(made[0], by=story.lead.head, on=on)

    steps: list[tuple[dt.date, Callable[[], None]]] = [(_when(town, story, 300), add)]
    if point.moved_from is not None:
        steps.append((_when(town, story, point.moved_from + 5), move))
    if point.done is not None:
        steps.append((_when(town, story, point.done), finish))
    for minute, (day, step) in enumerate(steps):
        timeline.on(day, step, hour=_HOUR, minute=minute)


def _plan_figure(town: Town, timeline: Timeline, story: Story, figure: Figure) -> None:
    made: list[Indicator] = []
    year = fiscal_year(town.plan.calendar.as_of)
    first = _when(town, story, 300)

    def add() -> None:
        values = IndicatorFields(
            name=figure.name,
            kind=figure.kind,
            unit=figure.unit,
            source=figure.source,
            baseline=Decimal(figure.baseline),
            baseline_on=first,
            every_months=6,
            next_due=_when(town, story, figure.values[0][0]),
            targets=tuple(
                (year - 1 + number, Decimal(value)) for number, value in enumerate(figure.targets)
            ),
        )
        made.append(add_indicator(_told(story), by=town.dx, values=values))

    timeline.on(first, add, hour=_HOUR, minute=10)
    for ago, value in figure.values:
        day = _when(town, story, ago)

        def enter(day: dt.date = day, value: str = value) -> None:
            measure(made[0], by=story.lead.head, value=Decimal(value), on=day)

        timeline.on(day, enter, hour=_HOUR, minute=20)


def _plan_order(town: Town, timeline: Timeline, stories: Sequence[Story]) -> None:
    """The first initiative of the DX office comes before two others."""
    told = [story for story in stories if story.days]
    first = next((story for story in told if story.lead.plan.name == "DX推進室"), None)
    if first is None:
        return
    others = [story for story in told if story is not first][:2]

    def order() -> None:
        for story in others:
            add_dependency(_told(first), _told(story), by=town.dx)

    day = max(min(first.days), *(min(story.days) for story in others)) if others else None
    if day is not None:
        timeline.on(on_or_after(day + dt.timedelta(days=1)), order, hour=_HOUR, minute=40)
