"""Asking once more because of what follows from a verdict: dates come and go with its task."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from roadmap.choices import Verdict
from roadmap.models import AdoptionTask
from surveys import followups
from surveys.actions.follow_up_endings import free_day
from surveys.models import FollowUp
from surveys.workdays import is_workday, on_or_after


@transaction.atomic
def plan_by_tasks(today: dt.date, *, municipality_id: int | None = None) -> int:
    """Give everything that a task wants asked again its date; return how many are new or moved.

    A date that the office has set stays. Where the task wants nothing asked any more, the date that
    it brought goes. Safe to repeat.
    """
    tasks = AdoptionTask.objects.to_ask_again()
    if municipality_id is not None:
        tasks = tasks.filter(initiative__municipality_id=municipality_id)
    wanted = {task.pk: task for task in tasks}
    changed = sum(_plan(task, today) for task in wanted.values())
    _withdraw(wanted, municipality_id)
    return changed


def _plan(task: AdoptionTask, today: dt.date) -> bool:
    """One task's date; False where it stands already or somebody set another one."""
    if task.ask_on is None or task.follow_ups.exclude(wave=None, closed_on=None).exists():
        return False
    day = on_or_after(max(task.ask_on, today))
    rows = FollowUp.objects.select_for_update(of=("self",)).waiting()
    row = rows.filter(initiative=task.initiative_id).first()
    if row is None:
        row = FollowUp(initiative=task.initiative, task=task)
    elif row.version > 1 or (row.task_id == task.pk and row.due_on in (day, task.ask_on)):
        return False
    row.task, row.due_on = task, free_day(row, day)
    row.save()
    return True


def _withdraw(wanted: dict[int, AdoptionTask], municipality_id: int | None) -> None:
    """Dates of tasks that want nothing asked: gone, after too few answers back to their own."""
    rows = FollowUp.objects.waiting().filter(task__isnull=False, version=1)
    if municipality_id is not None:
        rows = rows.filter(initiative__municipality_id=municipality_id)
    for row in rows.exclude(task__in=wanted).select_related("task__verdict"):
        verdict = row.task.verdict if row.task else None
        if verdict is not None and verdict.verdict == Verdict.TOO_FEW:
            row.task = None
            row.due_on = free_day(row, followups.follow_up_due(verdict.on, is_workday))
            row.save(update_fields=["task", "due_on"])
        else:
            row.delete()
