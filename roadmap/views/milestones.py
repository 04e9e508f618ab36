"""Milestones of an initiative: the card, and what is posted from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.htmx import notify
from roadmap.actions import milestones as actions
from roadmap.actions.parts import PartConflict
from roadmap.board import BoardRow
from roadmap.forms.parts import MilestoneForm
from roadmap.models import Initiative, Milestone, MilestoneMove
from roadmap.timeliness import milestone_overdue
from roadmap.views.parts import changeable, draw_card, last_change, removal, version_of


@dataclass(frozen=True)
class MilestoneRow:
    """One milestone with the dates it had, newest first, and its form."""

    milestone: Milestone
    overdue: bool
    moves: list[MilestoneMove]
    form: MilestoneForm


@dataclass(frozen=True)
class MilestoneCard:
    """All of one initiative, and the form that adds one."""

    rows: list[MilestoneRow]
    done: int
    form: MilestoneForm
    today: date


def milestone_card(row: BoardRow, _user: User, day: date) -> MilestoneCard:
    """Two queries, whatever the number of milestones."""
    found = Milestone.objects.filter(initiative=row.initiative).prefetch_related("moves__by")
    rows = [
        MilestoneRow(
            milestone,
            milestone_overdue(milestone.due_on, milestone.done_on, day),
            list(milestone.moves.all()),
            _form(milestone),
        )
        for milestone in found
    ]
    done = sum(1 for item in rows if item.milestone.done_on)
    return MilestoneCard(rows, done, MilestoneForm(new=True, auto_id="milestone-new-%s"), day)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def milestone_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Add one; sent twice, it is there once."""
    initiative = changeable(request, pk)
    form = MilestoneForm(request.POST, new=True, auto_id="milestone-new-%s")
    if not form.is_valid():
        return _draw(request, initiative, status=422, new=form)
    data = form.cleaned_data
    made = actions.add_milestone(
        initiative, by=signed_in(request), title=data["title"], due_on=data["due_on"]
    )
    sentence = _("“%(title)s” was added.") % {"title": made.title}
    return notify(request, _draw(request, initiative), sentence)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def milestone_edit(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """Rename it or move it; a moved date wants its reason, a stale form shows both sides."""
    initiative = changeable(request, pk)
    milestone = initiative.milestones.filter(pk=part_pk).first()
    if milestone is None:
        return _draw_gone(request, initiative)
    form = _form(milestone, request.POST)
    if not form.is_valid():
        return _draw(request, initiative, status=422, pk=part_pk, form=form)
    data = form.cleaned_data
    data["version"] = data["version"] or 0
    try:
        actions.edit_milestone(milestone, by=signed_in(request), **data)
    except PartConflict as conflict:
        return _draw_conflict(request, initiative, conflict)
    except ValidationError as refused:
        form.add_error(None, refused)
        return _draw(request, initiative, status=422, pk=part_pk, form=form)
    sentence = _("“%(title)s” was saved.") % {"title": data["title"]}
    return notify(request, _draw(request, initiative), sentence)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def milestone_done(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """Done today, or with `reopen` not done after all."""
    initiative, user = changeable(request, pk), signed_in(request)
    milestone = initiative.milestones.filter(pk=part_pk).first()
    if milestone is None:
        return _draw_gone(request, initiative)
    try:
        if "reopen" in request.POST:
            actions.reopen_milestone(milestone, by=user, version=version_of(request))
            sentence = _("“%(title)s” is not done yet.")
        else:
            actions.mark_milestone_done(milestone, by=user, on=timezone.localdate())
            sentence = _("“%(title)s” is done.")
    except PartConflict as conflict:
        return _draw_conflict(request, initiative, conflict)
    sentence = sentence % {"title": milestone.title}
    return notify(request, _draw(request, initiative), sentence)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def milestone_remove(request: HttpRequest, pk: int, part_pk: int) -> HttpResponse:
    """Take it away, with the way back."""
    initiative = changeable(request, pk)
    milestone = initiative.milestones.filter(pk=part_pk).first()
    if milestone is None:
        return _draw(request, initiative)
    try:
        event = actions.remove_milestone(
            milestone, by=signed_in(request), version=version_of(request)
        )
    except PartConflict as conflict:
        return _draw_conflict(request, initiative, conflict)
    except Milestone.DoesNotExist:
        return _draw(request, initiative)
    undo = reverse("roadmap:milestone_restore", args=[initiative.pk, event.pk])
    sentence = _("“%(title)s” was removed.") % {"title": milestone.title}
    return notify(request, _draw(request, initiative), sentence, undo)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def milestone_restore(request: HttpRequest, pk: int, event_pk: int) -> HttpResponse:
    """Bring it back with the dates it had."""
    initiative, user = changeable(request, pk), signed_in(request)
    event = removal(user, initiative, event_pk, actions.REMOVED)
    milestone = actions.restore_milestone(event, by=user)
    sentence = _("“%(title)s” is as it was before.") % {"title": milestone.title}
    return notify(request, _draw(request, initiative), sentence)


def _form(milestone: Milestone, data: Any = None) -> MilestoneForm:
    names = ("title", "due_on", "done_on", "version")
    initial = {name: getattr(milestone, name) for name in names}
    return MilestoneForm(data, initial=initial, auto_id=f"milestone-{milestone.pk}-%s")


def _draw(
    request: HttpRequest, initiative: Initiative, *, status: int = 200, **asked: Any
) -> HttpResponse:
    return draw_card(request, initiative, "milestones", milestone_card, status=status, **asked)


def _draw_gone(request: HttpRequest, initiative: Initiative) -> HttpResponse:
    """409: it was removed meanwhile; what was typed stands in the form that adds one."""
    form = MilestoneForm(initial=request.POST.dict(), new=True, auto_id="milestone-new-%s")
    return _draw(request, initiative, status=409, new=form, gone=True)


def _draw_conflict(
    request: HttpRequest, initiative: Initiative, conflict: PartConflict
) -> HttpResponse:
    """409: theirs stands in the row, mine in the form, which now starts from theirs."""
    theirs = cast(Milestone, conflict.theirs)
    typed = request.POST.copy()
    typed["version"] = str(theirs.version)
    form = _form(theirs, typed if "title" in typed else None)
    last = last_change(signed_in(request), initiative, theirs)
    return _draw(request, initiative, status=409, pk=theirs.pk, form=form, theirs=theirs, last=last)
