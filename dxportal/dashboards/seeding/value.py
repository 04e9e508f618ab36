"""Effects of a few initiatives, checked or not, and what was freed for what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dxportal.dashboards.seeding.initiatives import Story
from dxportal.dashboards.seeding.organisation import Town
from dxportal.dashboards.seeding.timeline import Timeline
from roadmap.actions.reinvestments import reinvest
from roadmap.actions.value import ValueFields, add_value, check_value
from roadmap.choices import Measure, Standing
from roadmap.models import Initiative
from roadmap.value_ledger import balances_of
from surveys.workdays import on_or_after


@dataclass(frozen=True, slots=True)
class Told:
    """One figure of an initiative, days before the end; `document`: found there by the office."""

    title: str
    days: int
    standing: Standing
    measure: Measure
    low: int
    high: int
    basis: str
    sentence: str = ""
    document: str = ""


P, R = Standing.PROMISED, Standing.REPORTED
CHAT, COUNTER = "庁内ビジネスチャットの全庁利用", "書かない窓口（住民異動・証明）"
APPROVALS, MINUTES_BOOK = "電子決裁システムの導入", "会議録の自動文字起こし"
ROBOT, ROADS = "RPAによる口座振替データの転記", "道路の不具合通報アプリ"
NURSERY, COUNCIL = "保育所の入所申込みのオンライン化", "議会資料のペーパーレス化"
WRITTEN_ONCE = "窓口で書かずに、1回で届け出られる"
AT_NIGHT = "夜でも、写真で通報できる"

FIGURES: Final = (
    Told(CHAT, 260, P, Measure.HOURS, 720, 720, "導入前の1週間に内線電話の回数を数えた"),
    Told(
        CHAT,
        60,
        R,
        Measure.PAPER,
        24_000,
        24_000,
        "伝言メモの購入冊数",
        document="用品の払出簿（総務課）",
    ),
    Told(APPROVALS, 250, P, Measure.HOURS, 1_200, 1_200, "起案1件15分、月320件として計算"),
    Told(APPROVALS, 250, P, Measure.PAPER, 60_000, 60_000, "前の年度の起案の枚数"),
    Told(APPROVALS, 50, R, Measure.PAPER, 18_000, 22_000, "複合機の月報から推計"),
    Told(ROBOT, 240, P, Measure.HOURS, 480, 480, "読み合わせにかかる時間を担当者が計測"),
    Told(MINUTES_BOOK, 260, P, Measure.HOURS, 900, 900, "会議1時間あたりの作成時間を3回計測"),
    Told(
        MINUTES_BOOK,
        45,
        R,
        Measure.MONEY,
        1_200_000,
        1_200_000,
        "反訳の委託をやめた分",
        document="委託料の支払調書",
    ),
    Told(COUNTER, 230, P, Measure.NEW_VALUE, 6_000, 6_000, "届出の年間件数", WRITTEN_ONCE),
    Told(COUNTER, 40, R, Measure.NEW_VALUE, 1_800, 1_900, "窓口システムの月報", WRITTEN_ONCE),
    Told(
        ROADS, 120, P, Measure.NEW_VALUE, 1_200, 1_200, "電話での通報件数", "夜でも写真で通報できる"
    ),
    Told(NURSERY, 120, P, Measure.VISITS, 900, 1_100, "申込みの年間件数"),
)
#: (from, to, measure, amount, what for); only as far as something is freed.
USES: Final = (
    (MINUTES_BOOK, ROADS, Measure.MONEY, 800_000, "通報への返信を出す委託費"),
    (COUNCIL, "", Measure.HOURS, 60, "議員への資料の説明"),
    (CHAT, COUNTER, Measure.HOURS, 60, "窓口の聞き取りの練習"),
)
_HOUR: Final = 17


def plan_value(town: Town, timeline: Timeline, stories: Sequence[Story]) -> None:
    """Put figures, checks and uses on the timeline; a small town tells fewer of them."""
    told = {story.idea.title: story for story in stories if story.days}
    for number, figure in enumerate(FIGURES):
        if figure.title in told:
            _plan_figure(town, timeline, told[figure.title], figure, number)
    day = on_or_after(town.plan.calendar.ago(10))
    timeline.on(day, lambda: _use(town, told, day), hour=_HOUR, minute=59)


def _plan_figure(town: Town, timeline: Timeline, story: Story, figure: Told, number: int) -> None:
    day = _day(town, story, figure.days)

    def tell() -> None:
        fields = ValueFields(
            measure=figure.measure,
            standing=figure.standing,
            low=figure.low,
            high=figure.high,
            basis=figure.basis,
            sentence=figure.sentence,
            on=day,
        )
        entry = add_value(_told(story), by=story.lead.head, fields=fields)
        if figure.document and story.lead.head.pk != town.dx.pk:
            check_value(entry, by=town.dx, document=figure.document, on=day)

    timeline.on(day, tell, hour=_HOUR, minute=number)


def _use(town: Town, told: dict[str, Story], day: dt.date) -> None:
    """What the staff said or a document showed by then is used; the rest waits for a use."""
    for source, target, measure, amount, sentence in USES:
        if source not in told:
            continue
        initiative = _told(told[source])
        if not balances_of(initiative)[measure].allows(amount):
            continue
        reinvest(
            initiative,
            by=told[source].lead.head,
            measure=measure,
            amount=amount,
            sentence=sentence,
            target=_told(told[target]) if target in told else None,
            on=day,
        )


def _day(town: Town, story: Story, ago: int) -> dt.date:
    """A working day about so long ago, after the initiative was entered and not after the end."""
    day = max(town.plan.calendar.ago(ago), min(story.days) + dt.timedelta(days=1))
    return min(on_or_after(day), town.plan.calendar.as_of)


def _told(story: Story) -> Initiative:
    if story.initiative is None:
        raise AssertionError(story.idea.title)
    return story.initiative
