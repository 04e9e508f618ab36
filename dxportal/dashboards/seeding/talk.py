"""What holds late initiatives back, what the CDO decided, and what people said to each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from dxportal.dashboards.seeding.initiatives import Story
from dxportal.dashboards.seeding.organisation import Town
from dxportal.dashboards.seeding.timeline import Timeline
from roadmap.actions.blockers import BlockerFields, close_blocker, escalate_blocker, open_blocker
from roadmap.actions.comments import add_comment
from roadmap.actions.decisions import DecisionFields, record_decision
from roadmap.actions.links import add_link
from roadmap.choices import Cause
from surveys.workdays import on_or_after

#: (category, words, decision wanted): the first still waits, the second was decided and solved.
_BLOCKERS = (
    (
        Cause.LAW,
        "手数料条例が窓口での納付だけを定めている",
        "12月議会に条例改正を出すかどうか",
    ),
    (
        Cause.BUDGET,
        "端末の追加費用が当初予算に入っていない",
        "補正予算で要求するか、来年度に送るか",
    ),
    (Cause.BUSY, "繁忙期と重なり、研修の時間が取れない", ""),
)
_DECIDED = "補正予算で要求する。端末は20台を上限とし、残りは庁内の遊休端末を回す。"


def plan_talk(town: Town, timeline: Timeline, stories: Sequence[Story]) -> None:
    """On the first late initiatives: blockers, one decision, comments and a link."""
    late = [story for story in stories if any(entry.cause for entry in story.arc.reports)]
    for number, story in enumerate(late[: len(_BLOCKERS)]):
        entries = zip(story.arc.reports, story.days, strict=False)
        told = next(day for entry, day in entries if entry.cause)
        _plan_one(town, timeline, story, number, on_or_after(told + dt.timedelta(days=1)))


def _plan_one(town: Town, timeline: Timeline, story: Story, number: int, day: dt.date) -> None:
    category, text, wanted = _BLOCKERS[number]
    day = min(day, town.plan.calendar.as_of)

    def begin() -> None:
        initiative, head = story.initiative, story.lead.head
        if initiative is None:
            raise AssertionError(story.idea.title)
        fields = BlockerFields(category, text, wanted=wanted)
        row = open_blocker(initiative, fields=fields, by=head, on=day)
        if wanted:
            row = escalate_blocker(row, wanted=wanted, version=row.version, by=head, on=day)
        promoter = story.lead.promoter
        if promoter:
            text_to = "週末までに、影響する帳票を洗い出してもらえますか。"
            add_comment(initiative, text=text_to, named=[promoter.pk], by=head)
            add_comment(initiative, text="承知しました。帳票は14件でした。", by=promoter)
        address = "https://bunsho.mihon.example/kihon-sekkei"
        add_link(initiative, label="基本設計書（文書管理）", url=address, by=town.dx)

    def decide() -> None:
        if story.initiative is None:
            raise AssertionError(story.idea.title)
        row = story.initiative.blockers.get()
        fields = DecisionFields(
            text=_DECIDED,
            decided_by="CDO",
            decided_on=later,
            meeting="DX推進本部会議",
            blocker=row.pk,
        )
        record_decision(story.initiative, fields=fields, by=town.people["cdo"])
        row.refresh_from_db()
        how = "補正予算が成立し、端末が届いた"
        close_blocker(row, resolution=how, version=row.version, by=town.dx, on=later)

    timeline.on(day, begin, hour=15)
    later = min(on_or_after(day + dt.timedelta(days=9)), town.plan.calendar.as_of)
    if number == 1:
        timeline.on(later, decide, hour=16)
