"""The return of one department: what is missing, submitting it, and what the office answers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.shared.htmx import notify, render_page
from roadmap.actions import returns
from roadmap.actions.rounds import RoundRefused
from roadmap.choices import ReturnState, RoundState
from roadmap.forms.rounds import DecideForm, SubmitForm
from roadmap.models import RoundReturn
from roadmap.round_gaps import days_left
from roadmap.rounds import heads_on, may_see_return, may_submit, return_lines
from roadmap.views.parts import version_of
from roadmap.views.rounds import visible_round


def _visible_return(request: HttpRequest, pk: int, department_pk: int) -> RoundReturn:
    """The return, for the department's people and those who see all."""
    found = visible_round(request, pk)
    rows = found.returns.select_related("department__bureau", "submitted_by", "decided_by")
    row = get_object_or_404(rows, department_id=department_pk)
    row.round = found
    if not may_see_return(signed_in(request), department_pk, timezone.localdate()):
        raise PermissionDenied
    return row


@require_safe
@requires(Permission.SEE_INITIATIVES, Permission.SEE_RETURNS)
def return_detail(request: HttpRequest, pk: int, department_pk: int) -> HttpResponse:
    """The initiatives of the department with what each lacks."""
    return _page(request, _visible_return(request, pk, department_pk))


@require_POST
@requires(Permission.SUBMIT_ROUNDS)
def return_submit(request: HttpRequest, pk: int, department_pk: int) -> HttpResponse:
    """Hand it in."""
    user, found = signed_in(request), _visible_return(request, pk, department_pk)
    if not may_submit(user, department_pk):
        raise PermissionDenied
    form = SubmitForm(request.POST)
    if not form.is_valid():
        return _page(request, found, submit=form, status=422)
    try:
        done = returns.submit_return(found, by=user, now=timezone.now(), **form.cleaned_data)
    except ValidationError as refused:
        form.add_error("note", refused.message_dict["note"])
        return _page(request, found, submit=form, status=422)
    except (returns.ReturnConflict, RoundRefused) as refused:
        return _conflict(request, refused, submit=form)
    sentence = _("The progress report of %(department)s was submitted.")
    return notify(request, redirect(done), sentence % {"department": done.department})


@require_POST
@requires(Permission.SUBMIT_ROUNDS)
def return_take_back(request: HttpRequest, pk: int, department_pk: int) -> HttpResponse:
    """Go on filling in."""
    user, found = signed_in(request), _visible_return(request, pk, department_pk)
    if not may_submit(user, department_pk):
        raise PermissionDenied
    version = version_of(request)
    try:
        done = returns.take_back_return(found, by=user, version=version, now=timezone.now())
    except (returns.ReturnConflict, RoundRefused) as refused:
        return _conflict(request, refused)
    return notify(request, redirect(done), _("You can go on filling in, then submit again."))


@require_POST
@requires(Permission.RUN_ROUNDS)
def return_decide(request: HttpRequest, pk: int, department_pk: int) -> HttpResponse:
    """Accept it, or send it back with a comment; also after it was accepted."""
    user, found = signed_in(request), _visible_return(request, pk, department_pk)
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _page(request, found, decide=form, status=422)
    sends_back = request.POST.get("answer") == "send_back"
    act = returns.send_back_return if sends_back else returns.accept_return
    try:
        act(found, by=user, now=timezone.now(), **form.cleaned_data)
    except ValidationError as refused:
        form.add_error("comment", refused.message_dict["comment"])
        return _page(request, found, decide=form, status=422)
    except (returns.ReturnConflict, RoundRefused) as refused:
        return _conflict(request, refused, decide=form)
    back = _("The progress report of %(department)s was sent back.")
    taken = _("The progress report of %(department)s was accepted.")
    sentence = (back if sends_back else taken) % {"department": found.department}
    return notify(request, redirect(found.round), sentence)


def _conflict(request: HttpRequest, refused: Exception, **forms: Any) -> HttpResponse:
    """409: how it stands now, and what was typed."""
    match = request.resolver_match
    kwargs = match.kwargs if match else {}
    found = _visible_return(request, kwargs["pk"], kwargs["department_pk"])
    if isinstance(refused, returns.ReturnConflict):
        problem = _("Somebody else took a step in between: it is now “%(state)s”.")
        problem = problem % {"state": found.get_state_display()}
    else:
        problem = str(refused)
    return _page(request, found, problem=problem, status=409, **forms)


def _page(
    request: HttpRequest,
    found: RoundReturn,
    *,
    problem: str = "",
    submit: SubmitForm | None = None,
    decide: DecideForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, day = signed_in(request), timezone.localdate()
    is_open = found.round.state == RoundState.OPEN
    start = {"version": found.version}
    context: dict[str, Any] = {
        "found": found,
        "round": found.round,
        "problem": problem,
        "is_open": is_open,
        "left": days_left(found.round.due_on, day),
        "back": found.get_absolute_url(),
        "may_submit": is_open and may_submit(user, found.department_id),
        "may_decide": is_open and can(user, Permission.RUN_ROUNDS),
        "can_submit": found.state in (ReturnState.FILLING, ReturnState.RETURNED),
        "submit": _again(submit, found) or SubmitForm(initial=start | {"note": found.note}),
        "decide": _again(decide, found) or DecideForm(initial=start),
        **(_lines(request, found, day) if is_open else {}),
    }
    partial = "roadmap/_return_gaps.html" if status == 200 else None
    return render_page(
        request, "roadmap/return_detail.html", context, partial=partial, status=status
    )


def _again(form: Any, found: RoundReturn) -> Any:
    """What was typed, on top of the step that stands now."""
    if form is not None:
        form.data = form.data.copy()
        form.data["version"] = found.version
    return form


def _lines(request: HttpRequest, found: RoundReturn, day: dt.date) -> dict[str, Any]:
    lines = return_lines(signed_in(request), found.round, found.department_id, day)
    return {
        "lines": lines,
        "owed": [line for line in lines if line.gap],
        "incomplete": [line for line in lines if line.row.missing],
        "heads": heads_on([found.department_id], day).get(found.department_id, []),
    }
