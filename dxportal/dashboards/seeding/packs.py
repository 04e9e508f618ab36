"""A template of a neighbouring municipality, and what went wrong in some of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from dxportal.dashboards.seeding.initiatives import Story
from dxportal.dashboards.seeding.organisation import Town
from dxportal.dashboards.seeding.timeline import Timeline
from dxportal.shared.workdays import on_or_after
from roadmap.actions.initiatives import edit_initiative, fields_of
from roadmap.actions.packs import receive_pack, take_over_pack
from roadmap.models import Initiative
from roadmap.pack_format import FORMAT, LICENCES, VERSION, written

#: A smaller town has exactly as many initiatives as were asked for.
FROM_INITIATIVES: Final = 20
#: Days ago on which the file came.
CAME_AGO: Final = 12
PITFALLS: Final = (
    "紙の様式をそのまま画面にしたため、入力の項目が多すぎました。先に項目を減らすべきでした。",
    "研修を導入の2か月前に行い、始まるころには忘れられていました。直前の短い回に分けました。",
)
TEMPLATE: Final[dict[str, Any]] = {
    "title": "会議の録音から議事録の下書きをつくる",
    "purpose": "議事録づくりにかかる時間を減らし、会議の翌日に共有できるようにする",
    "kind": "subtract",
    "beneficiaries": ["staff"],
    "eased": [
        {"code": "meetings", "label": "会議や資料づくり", "hours_low": 120, "hours_high": 210}
    ],
    "stops": "録音を聞き直しての書き起こし",
    "adds": "",
    "year": 2025,
    "milestones": [
        {"title": "使ってよい会議の範囲を決める", "days": 30, "done_days": 41},
        {"title": "3つの課で試す", "days": 75, "done_days": 75},
        {"title": "全庁で使い始める", "days": 150, "done_days": 170},
    ],
    "live_after_days": 170,
    "indicators": [
        {
            "name": "議事録が翌日に共有された会議の割合",
            "unit": "%",
            "kind": "effect",
            "direction": "up",
            "every_months": 3,
            "baseline": 12,
            "targets": [{"year": 0, "value": 50}],
            "results": [{"days": 270, "value": 64}],
        }
    ],
    "budget": "初年度 1,860千円（利用料のみ）",
    "blockers": [
        {
            "category": "leak_fear",
            "text": "録音が庁外に出ることへの不安があった",
            "resolution": "使ってよい会議を一覧にし、個人情報を扱う会議を外した",
            "solved": True,
        }
    ],
    "delay_causes": ["leak_fear"],
    "pitfalls": "マイクの置き方で結果が大きく変わります。先に会議室ごとに試してください。",
    "launch": {
        "learners": "会議を開く課の庶務担当が、録音と直し方を",
        "minutes": 20,
        "old_way": "録音を聞き直しての書き起こし",
    },
    "criteria": ["T1-2"],
    "verdicts": [
        {
            "verdict": "established",
            "year": 2025,
            "days_after_live": 92,
            "declared": False,
            "answers": "50-99",
            "shares": {
                "weekly_or_more": {"percent": 60, "bound": "exact"},
                "easier": {"percent": 75, "bound": "exact"},
            },
        }
    ],
}
PACK: Final[dict[str, Any]] = {
    "format": FORMAT,
    "version": VERSION,
    "made": {
        "municipality_code": "999989",
        "municipality_name": "となり市",
        "size_band": "city_50k",
        "on": "2026-06-01",
        "licence": LICENCES[0],
    },
    "initiatives": [TEMPLATE],
}


def plan_packs(town: Town, timeline: Timeline, stories: Sequence[Story], initiatives: int) -> None:
    """The office notes what went wrong, and takes a template over."""
    if initiatives < FROM_INITIATIVES:
        return
    day = on_or_after(town.plan.calendar.ago(CAME_AGO))
    live = [story for story in stories if story.live_day and story.live_day < day]
    timeline.on(day, lambda: _note(town, live), hour=15)
    timeline.on(day, lambda: _take_over(town), hour=16)


def _note(town: Town, live: Sequence[Story]) -> None:
    """What went wrong, in the first of those that are in operation."""
    for story, text in zip(live, PITFALLS, strict=False):
        if story.initiative is None:
            raise AssertionError(story.idea.title)
        row = Initiative.objects.get(pk=story.initiative.pk)
        fields = replace(fields_of(row), pitfalls=text)
        edit_initiative(row, by=town.dx, fields=fields, version=row.version)


def _take_over(town: Town) -> None:
    upload = receive_pack(
        town.municipality,
        name="となり市_取組_2026-06-01.pack.json",
        content=written(PACK),
        by=town.dx,
    )
    start = on_or_after(town.plan.calendar.ago(0))
    take_over_pack(upload, places=(0,), start_on=start, by=town.dx)
