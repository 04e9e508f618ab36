"""A version of the staircase that is planned for the next 1 April: a small change, with its why."""

from __future__ import annotations

from typing import Any, Final

from dxportal.dashboards.seeding.organisation import Town
from dxportal.dashboards.seeding.timeline import Timeline
from dxportal.shared.fiscal import fiscal_year, fiscal_year_start
from roadmap.actions.staircase_applying import plan_version
from roadmap.actions.staircase_versions import (
    add_criterion,
    begin_draft,
    change_criterion,
    edit_words,
)
from roadmap.choices import CriterionSource
from roadmap.models import CriterionVersion, StaircaseVersion
from roadmap.staircase_diff import STAGE_FIELDS
from roadmap.staircase_versions import COLUMNS

SINCE: Final = 9
NOTE: Final = (
    "連絡・相談が記録に残る職場が増えたため、T1-3の基準の数値を5ポイント上げます。"
    "分析の段には、出どころと更新日を示すことを加えます。"
)
_ADDED: Final = {
    "text": "分析に使うデータの出どころと更新日を、資料に書いている",
    "text_en": "Papers say where the data of an analysis comes from and when it was updated",
    "help": "最近の資料を3件、書いてある箇所とともに挙げてください。",
    "help_en": "Name three recent papers and the passage in each.",
}


def plan_staircase(town: Town, timeline: Timeline) -> None:
    """The office drafts it and says from which day it applies."""
    timeline.on(town.plan.calendar.ago(SINCE), lambda: _plan(town), hour=16)


def _plan(town: Town) -> None:
    day = town.plan.calendar.ago(SINCE)
    draft = begin_draft(town.municipality, by=town.dx, today=day)
    line = _line(draft, "T1-3")
    cuts = {"firm": "65", "partly": "55", "started": "45", "direction": "up"}
    text = line.text.replace("基本で", "当たり前で")
    change_criterion(line, values=_values(line, threshold=cuts, text=text), same=True, by=town.dx)
    last = _line(draft, "T3-5")
    values = _values(last, code="T3-6", source=CriterionSource.DECLARED.value, **_ADDED)
    add_criterion(draft, values=values, by=town.dx)
    names = {
        row.stage_id: {name: getattr(row, name) for name in STAGE_FIELDS}
        for row in draft.stages.all()
    }
    edit_words(draft, label=draft.label, note=NOTE, names=names, by=town.dx)
    april = fiscal_year_start(fiscal_year(town.plan.calendar.as_of) + 1)
    plan_version(draft, valid_from=april, by=town.dx, today=day)


def _line(draft: StaircaseVersion, code: str) -> CriterionVersion:
    return draft.criteria.select_related("staircase").get(code=code)


def _values(line: CriterionVersion, **changes: Any) -> dict[str, Any]:
    found = {name: getattr(line, name) for name in COLUMNS if name != "order"}
    return {**found, "stage": line.stage_id, **changes}
