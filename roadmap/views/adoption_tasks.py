"""What follows from a verdict: the card beside it, and what is posted from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import Event, User
from dxportal.shared.htmx import notify
from roadmap.actions import adoption_tasks as actions
from roadmap.actions.parts import PART, PartConflict
from roadmap.actions.task_rows import CHOSEN
from roadmap.aftercare import suggested
from roadmap.board import BoardRow
from roadmap.choices import TaskChoice
from roadmap.forms.adoption_task import TaskForm
from roadmap.models import AdoptionTask, Initiative
from roadmap.views.parts import changeable, draw_card, last_change, removal, version_of


@dataclass(frozen=True)
class Aftercare:
    """The task of the newest verdict with its form, and those of older ones."""

    task: AdoptionTask
    suggested: TaskChoice
    form: TaskForm
    overdue: bool
    earlier: list[AdoptionTask]

    @property
    def ends_by_hand(self) -> bool:
        """Whether somebody marks it as done; stopping and asking again end by themselves."""
        return self.task.choice in (TaskChoice.FIX, TaskChoice.TRAIN, TaskChoice.PASS_ON)


def aftercare_card(row: BoardRow, _user: User, day: date) -> Aftercare | None:
    """None before the first verdict; one query."""
    tasks = AdoptionTask.objects.filter(initiative=row.initiative)
    found = list(tasks.select_related("verdict", "done_by").order_by("-verdict__on"))
    if not found:
        return None
    task, *earlier = found
    choice = suggested(task.verdict.verdict)
    form = TaskForm.of(task, suggested=choice)
    return Aftercare(task, choice, form, task.is_open and task.due_on < day, earlier)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def adoption_task_choose(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """Choose what is done, by when, in a sentence; the suggestion is one press."""
    initiative, user = changeable(request, pk), signed_in(request)
    task = get_object_or_404(initiative.adoption_tasks, pk=part_pk)
    form = TaskForm.of(task, request.POST)
    if not form.is_valid():
        return _draw(request, initiative, status=422, form=form)
    version = form.cleaned_data["version"] or 0
    try:
        done = actions.choose_task(task, fields=form.values(), version=version, by=user)
    except PartConflict as conflict:
        return _draw_conflict(request, initiative, conflict)
    except ValidationError as refused:
        form.add_error(None, refused)
        return _draw(request, initiative, status=422, form=form)
    sentence = _("What follows: %(choice)s.") % {"choice": done.get_choice_display()}
    return notify(request, _draw(request, initiative), sentence, _way_back(initiative, user, done))


@require_POST
@requires(Permission.SEE_INITIATIVES)
def adoption_task_done(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """Done today, or with `reopen` not done after all."""
    initiative, user = changeable(request, pk), signed_in(request)
    task = get_object_or_404(initiative.adoption_tasks, pk=part_pk)
    version = version_of(request)
    try:
        if "reopen" in request.POST:
            actions.reopen_task(task, version=version, by=user)
            sentence = _("What follows from the verdict is not done yet.")
        else:
            actions.finish_task(task, version=version, by=user, on=timezone.localdate())
            sentence = _("What follows from the verdict is done.")
    except PartConflict as conflict:
        return _draw_conflict(request, initiative, conflict)
    except ValidationError as refused:
        return _draw(request, initiative, status=422, errors=refused.messages)
    return notify(request, _draw(request, initiative), sentence)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def adoption_task_restore(request: HttpRequest, pk: int, event_pk: int) -> HttpResponse:
    """Take a choice back, as long as nothing else was chosen since."""
    initiative, user = changeable(request, pk), signed_in(request)
    event = removal(user, initiative, event_pk, CHOSEN)
    try:
        actions.take_back_choice(event, by=user)
    except ValidationError as refused:
        return notify(request, _draw(request, initiative), refused.messages[0], tone="error")
    return notify(request, _draw(request, initiative), _("It is as it was before."))


def _way_back(initiative: Initiative, user: User, task: AdoptionTask) -> str:
    """The address that takes the newest choice back."""
    named = {f"after__{PART}__0": "adoptiontask", f"after__{PART}__1": task.pk}
    events = Event.objects.visible_to(user).about("initiative", initiative.pk)
    event = events.filter(action=CHOSEN, **named).first()
    if event is None:
        return ""
    return reverse("roadmap:adoption_task_restore", args=[initiative.pk, event.pk])


def _draw(
    request: HttpRequest, initiative: Initiative, *, status: int = 200, **asked: Any
) -> HttpResponse:
    return draw_card(request, initiative, "aftercare", aftercare_card, status=status, **asked)


def _draw_conflict(
    request: HttpRequest, initiative: Initiative, conflict: PartConflict
) -> HttpResponse:
    """409: theirs stands in the card, mine in the form, which now starts from theirs."""
    theirs = cast(AdoptionTask, conflict.theirs)
    typed = request.POST.copy()
    typed["version"] = str(theirs.version)
    form = TaskForm.of(theirs, typed if "choice" in typed else None)
    last = last_change(signed_in(request), initiative, theirs)
    return _draw(request, initiative, status=409, form=form, conflict=True, last=last)
