"""Next 1 April, as the office has begun to write it down, and the note of one post."""

from __future__ import annotations

from dxportal.dashboards.seeding.organisation import Town
from dxportal.dashboards.seeding.timeline import Timeline
from dxportal.shared.fiscal import fiscal_year, fiscal_year_start
from roadmap.actions.handovers import save_note
from roadmap.actions.reorganisations import draft_reorganisation
from roadmap.reorganising.rows import Change

#: How many days ago the draft was begun.
BEGUN_AGO = 4
NOTE = (
    "月初めの定例は市長公室と共催です。資料は共有フォルダ「DX推進」にあります。\n"
    "標準化の移行計画は、県の説明会（毎年5月）のあとに見直します。"
)


def plan_next_april(town: Town, timeline: Timeline) -> None:
    """A draft with a merger, a new head and a new name; nothing is confirmed."""

    def begin() -> None:
        sections = [s for s in town.sections.values() if s.department.pk]
        office = town.sections[town.plan.office]
        others = [section for section in sections if section is not office]
        if len(others) < 3:
            return
        first, second, third = others[:3]
        name = f"{first.plan.name.removesuffix('課').removesuffix('室')}サービス課"
        draft_reorganisation(
            town.municipality,
            by=town.dx,
            effective_on=fiscal_year_start(fiscal_year(town.plan.calendar.as_of) + 1),
            changes=[
                Change("merge", (first.plan.name, second.plan.name), (name,)),
                Change("rename", (office.plan.name,), ("デジタル戦略課",)),
                Change("move", (), (third.plan.name,), email=second.head.email, head=True),
            ],
        )
        save_note(office.post, NOTE, version=0, by=office.head)

    timeline.on(town.plan.calendar.ago(BEGUN_AGO), begin, hour=15)
