"""The check list of the national procedure, filled in over the year."""

from __future__ import annotations

from dxportal.dashboards.seeding.organisation import Town
from dxportal.dashboards.seeding.timeline import Timeline
from roadmap.actions.procedure import say_procedure
from roadmap.choices import ProcedureState
from roadmap.models import ProcedureEntry

#: (days ago, item, state, evidence); what is not named has not begun.
SAID = (
    (340, "talked", "in_place", "庁議（DXの進め方）"),
    (330, "cdo", "in_place", "見本市DX推進本部設置規程 第3条"),
    (330, "headquarters", "in_place", "見本市DX推進本部設置規程"),
    (325, "office", "in_place", "見本市事務分掌規則 DX推進室"),
    (320, "policy", "under_way", "見本市DX推進計画（案）"),
    (300, "explained", "in_place", "全職員説明会 4回"),
    (240, "policy", "in_place", "見本市DX推進計画"),
    (240, "budget", "in_place", "見本市DX推進計画 第4章 工程表"),
    (200, "training", "under_way", "推進員研修（年3回）"),
    (150, "residents", "under_way", "市民アンケートの設問を検討"),
    (90, "review", "in_place", "推進本部会議（5月・11月）"),
    (60, "outside", "under_way", "県の共同調達の会議"),
)


def plan_procedure(town: Town, timeline: Timeline) -> None:
    """The office writes down what is in place, with its evidence."""
    for ago, item, state, evidence in SAID:
        day = town.plan.calendar.ago(ago)
        if day < town.plan.calendar.founded:
            continue

        def say(
            item: str = item, state: str = state, evidence: str = evidence, ago: int = ago
        ) -> None:
            day = town.plan.calendar.ago(ago)
            seen = ProcedureEntry.objects.filter(municipality=town.municipality, item=item).last()
            say_procedure(
                town.municipality,
                item,
                state=state,
                evidence=evidence,
                held_on=day if state == ProcedureState.IN_PLACE else None,
                seen=seen.pk if seen else None,
                by=town.dx,
                today=day,
            )

        timeline.on(day, say, hour=15)
