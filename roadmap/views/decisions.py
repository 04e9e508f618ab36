"""Decisions about an initiative."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires
from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event, User
from dxportal.shared.htmx import notify
from roadmap.actions.decisions import (
    DecisionConflict,
    edit_decision,
    record_decision,
    remove_decision,
    restore_decision,
)
from roadmap.forms.talk import DecisionForm
from roadmap.models import Decision, Initiative
from roadmap.views.parts import back_to, version_of, visible_initiative

ANCHOR = "decisions"


@require_http_methods(["GET", "POST"])
@requires(Permission.RECORD_DECISIONS)
def decision_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what was decided; opened from a blocker it answers that one."""
    initiative, user, day = visible_initiative(request, pk)
    blockers = list(initiative.blockers.all())
    if request.method == "GET":
        asked = request.GET.get("blocker", "")
        blocker = next((row.pk for row in blockers if str(row.pk) == asked), None)
        fresh = DecisionForm.fresh(blockers, day=day, blocker=blocker, by=_own_title(user))
        return _page(request, initiative, fresh)
    form = DecisionForm(request.POST, blockers=blockers)
    if not form.is_valid():
        return _page(request, initiative, form)
    record_decision(initiative, fields=form.values(), by=user)
    return notify(request, back_to(request, initiative, ANCHOR), _("The decision was recorded."))


@require_http_methods(["GET", "POST"])
@requires(Permission.RECORD_DECISIONS)
def decision_edit(request: HttpRequest, pk: int, decision_pk: int) -> HttpResponse:
    """Correct it; where somebody else did so meanwhile, theirs is shown."""
    initiative, user, _day = visible_initiative(request, pk)
    decision = get_object_or_404(initiative.decisions, pk=decision_pk)
    sent = request.method == "POST"
    blockers = list(initiative.blockers.all())
    form = DecisionForm.of(decision, blockers, request.POST if sent else None)
    if not sent or not form.is_valid():
        return _page(request, initiative, form, decision)
    try:
        edit_decision(decision, fields=form.values(), version=version_of(request), by=user)
    except DecisionConflict as conflict:
        return _page(request, initiative, form, conflict.theirs, conflict=True)
    return notify(request, back_to(request, initiative, ANCHOR), _("The decision was saved."))


@require_POST
@requires(Permission.RECORD_DECISIONS)
def decision_remove(request: HttpRequest, pk: int, decision_pk: int) -> HttpResponse:
    """Take it off the page, with a way back."""
    initiative, user, _day = visible_initiative(request, pk)
    decision = get_object_or_404(initiative.decisions, pk=decision_pk)
    event = remove_decision(decision, by=user)
    undo = reverse("roadmap:decision_restore", args=[pk, event.pk]) if event else None
    sentence = _("The decision was removed.")
    return notify(request, back_to(request, initiative, ANCHOR), sentence, undo)


@require_POST
@requires(Permission.RECORD_DECISIONS)
def decision_restore(request: HttpRequest, pk: int, event_pk: int) -> HttpResponse:
    """Bring a removed one back."""
    initiative, user, _day = visible_initiative(request, pk)
    events = Event.objects.visible_to(user).about("initiative", initiative.pk)
    event = get_object_or_404(events, pk=event_pk)
    try:
        restore_decision(event, initiative, by=user)
    except ValidationError as refused:
        words = " ".join(refused.messages)
        return notify(request, back_to(request, initiative, ANCHOR), words, tone="error")
    return notify(request, back_to(request, initiative, ANCHOR), _("The decision is back."))


def _own_title(user: User) -> str:
    """What stands as the decider where the CDO writes it down."""
    grants = user.grants.filter(role=Role.CDO, valid_to__isnull=True)
    return str(Role.CDO.label) if grants.exists() else ""


def _page(
    request: HttpRequest,
    initiative: Initiative,
    form: DecisionForm,
    decision: Decision | None = None,
    *,
    conflict: bool = False,
) -> HttpResponse:
    context = {"initiative": initiative, "form": form, "decision": decision, "conflict": conflict}
    status = 409 if conflict else 422 if form.is_bound else 200
    return render(request, "roadmap/decision_edit.html", context, status=status)
