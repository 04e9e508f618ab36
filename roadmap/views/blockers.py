"""Blockers of an initiative, and the list of those that wait for the CDO."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.shared.htmx import notify
from roadmap.actions import blockers as actions
from roadmap.actions.blockers import BlockerConflict
from roadmap.escalations import waiting_decisions
from roadmap.forms.talk import BlockerForm
from roadmap.models import Blocker, Initiative
from roadmap.views.parts import back_to, changeable_initiative, version_of

ANCHOR = "blockers"


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def blocker_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what holds it back."""
    initiative, user, day = changeable_initiative(request, pk, Permission.RECORD_DECISIONS)
    form = BlockerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = actions.open_blocker(initiative, fields=form.values(), by=user, on=day)
        return _done(request, row, _("The blocker was written down."))
    return _page(request, initiative, form)


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def blocker_edit(request: HttpRequest, pk: int, blocker_pk: int) -> HttpResponse:
    """Change its words; where somebody else did so meanwhile, theirs are shown."""
    initiative, user, _day = changeable_initiative(request, pk, Permission.RECORD_DECISIONS)
    blocker = get_object_or_404(initiative.blockers, pk=blocker_pk)
    sent = request.method == "POST"
    form = BlockerForm.of(blocker, request.POST if sent else None)
    if not sent or not form.is_valid():
        return _page(request, initiative, form, blocker)
    try:
        actions.edit_blocker(blocker, fields=form.values(), version=version_of(request), by=user)
    except BlockerConflict as conflict:
        return _page(request, initiative, form, conflict.theirs, conflict=True)
    return _done(request, blocker, _("The blocker was saved."))


@require_POST
@requires(Permission.SEE_INITIATIVES)
def blocker_escalate(request: HttpRequest, pk: int, blocker_pk: int) -> HttpResponse:
    """Put it on the CDO's list."""
    return _act(
        request,
        pk,
        blocker_pk,
        lambda row, how: actions.escalate_blocker(
            row, wanted=request.POST.get("wanted", "")[:400], on=timezone.localdate(), **how
        ),
        sentence=_("The blocker is on the CDO's list."),
        undo="roadmap:blocker_withdraw",
    )


@require_POST
@requires(Permission.SEE_INITIATIVES)
def blocker_withdraw(request: HttpRequest, pk: int, blocker_pk: int) -> HttpResponse:
    """Take it off the CDO's list."""
    return _act(
        request,
        pk,
        blocker_pk,
        lambda row, how: actions.withdraw_blocker(row, **how),
        sentence=_("The blocker is off the CDO's list."),
    )


@require_POST
@requires(Permission.SEE_INITIATIVES)
def blocker_close(request: HttpRequest, pk: int, blocker_pk: int) -> HttpResponse:
    """It is solved."""
    return _act(
        request,
        pk,
        blocker_pk,
        lambda row, how: actions.close_blocker(
            row, resolution=request.POST.get("resolution", "")[:400], on=timezone.localdate(), **how
        ),
        sentence=_("The blocker is solved."),
        undo="roadmap:blocker_reopen",
    )


@require_POST
@requires(Permission.SEE_INITIATIVES)
def blocker_reopen(request: HttpRequest, pk: int, blocker_pk: int) -> HttpResponse:
    """It is not solved after all."""
    return _act(
        request,
        pk,
        blocker_pk,
        lambda row, how: actions.reopen_blocker(row, **how),
        sentence=_("The blocker is open again."),
    )


@require_safe
@requires(Permission.SEE_ESCALATIONS)
def escalation_list(request: HttpRequest) -> HttpResponse:
    """What waits for a decision of the CDO, the oldest first."""
    user, day = signed_in(request), timezone.localdate()
    context = {
        "waiting": waiting_decisions(user, day),
        "may_decide": can(user, Permission.RECORD_DECISIONS),
    }
    return render(request, "roadmap/escalation_list.html", context)


def _act(
    request: HttpRequest,
    pk: int,
    blocker_pk: int,
    act: Callable[[Blocker, dict[str, Any]], Blocker],
    *,
    sentence: str,
    undo: str = "",
) -> HttpResponse:
    """One step of a blocker: saved with a way back, or a sentence that says why not."""
    initiative, user, _day = changeable_initiative(request, pk, Permission.RECORD_DECISIONS)
    blocker = get_object_or_404(initiative.blockers, pk=blocker_pk)
    # The way back of a toast knows no version: it undoes what was done last.
    version = version_of(request) or blocker.version
    try:
        act(blocker, {"by": user, "version": version})
    except BlockerConflict:
        words = _("Somebody else changed this blocker meanwhile. Please look at it again.")
        return notify(request, back_to(request, initiative, ANCHOR), words, tone="error")
    except ValidationError as refused:
        words = " ".join(refused.messages)
        return notify(request, back_to(request, initiative, ANCHOR), words, tone="error")
    way_back = reverse(undo, args=[pk, blocker_pk]) if undo else None
    return notify(request, back_to(request, initiative, ANCHOR), sentence, way_back)


def _done(request: HttpRequest, row: Blocker, sentence: str) -> HttpResponse:
    return notify(request, back_to(request, row.initiative, ANCHOR), sentence)


def _page(
    request: HttpRequest,
    initiative: Initiative,
    form: BlockerForm,
    blocker: Blocker | None = None,
    *,
    conflict: bool = False,
) -> HttpResponse:
    context = {"initiative": initiative, "form": form, "blocker": blocker, "conflict": conflict}
    status = 409 if conflict else 422 if form.is_bound else 200
    return render(request, "roadmap/blocker_edit.html", context, status=status)
