"""What the accountable posts did after each verdict: chosen, done, or still waiting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from dxportal.dashboards.seeding.initiatives import Story
from dxportal.dashboards.seeding.organisation import Town
from dxportal.dashboards.seeding.timeline import Timeline
from dxportal.shared.workdays import on_or_after, on_or_before
from roadmap.actions.adoption_tasks import TaskFields, choose_task, finish_task
from roadmap.choices import TaskChoice, Verdict
from roadmap.models import AdoptionTask

#: Verdict → (care, in a sentence, done). What is not used still waits for somebody to choose.
_CARE: Final = {
    Verdict.SUPPORT: (TaskChoice.TRAIN, "使っていない係で操作の説明会を2回開く", True),
    Verdict.RETHINK: (TaskChoice.FIX, "合議の範囲を減らし、様式を1枚にする", False),
    Verdict.TOO_FEW: (TaskChoice.ASK_AGAIN, "窓口の繁忙期を避けて聞き直す", False),
    Verdict.ESTABLISHED: (TaskChoice.PASS_ON, "空いた時間を訪問相談に充てる", True),
}
#: So many days before the end of the story they were chosen.
_BEFORE: Final = dt.timedelta(days=4)


#: What is still under way is due so many days after that.
_MORE: Final = dt.timedelta(days=25)


def plan_aftercare(town: Town, timeline: Timeline, stories: Sequence[Story]) -> None:
    """A few days before the end every open task gets its care."""
    day = on_or_before(town.plan.calendar.as_of - _BEFORE)

    def care() -> None:
        by_initiative = {s.initiative.pk: s for s in stories if s.initiative is not None}
        waiting = AdoptionTask.objects.unfinished().filter(initiative__in=by_initiative)
        for task in waiting.select_related("verdict").order_by("pk"):
            _care(task, by_initiative[task.initiative_id], day)

    timeline.on(day, care, hour=16)


def _care(task: AdoptionTask, story: Story, day: dt.date) -> None:
    planned = _CARE.get(Verdict(task.verdict.verdict))
    if planned is None:
        return
    choice, note, done = planned
    head = story.lead.head
    due = task.due_on if done else max(task.due_on, on_or_after(day + _MORE))
    fields = TaskFields(choice, due, note)
    task = choose_task(task, fields=fields, version=task.version, by=head)
    if done:
        finish_task(task, version=task.version, by=head, on=day)
