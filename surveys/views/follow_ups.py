"""Follow-ups: what is asked again when, of whom, why not, and what came of it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.shared.htmx import notify
from roadmap.models import AdoptionVerdict
from roadmap.permissions import may_update
from roadmap.views.parts import version_of
from surveys.actions import follow_up_plans
from surveys.actions.follow_up_plans import FollowUpConflict, FollowUpRefused
from surveys.actions.follow_ups import asked_departments, declare_outcome, limit_of, must_declare
from surveys.asking_again import asked_often, board
from surveys.before_after import finding, theme_hours
from surveys.follow_up_forms import AskLimitForm, FollowUpForm, NotAskedForm
from surveys.models import FollowUp, Wave
from surveys.reply_forms import DeclareForm


def _follow_up(request: HttpRequest, pk: int) -> FollowUp:
    rows = FollowUp.objects.visible_to(signed_in(request))
    rows = rows.select_related("initiative__municipality", "wave", "task")
    return get_object_or_404(rows.prefetch_related("departments"), pk=pk)


@require_safe
@requires(Permission.SEE_INITIATIVES)
def followup_list(request: HttpRequest) -> HttpResponse:
    """Next dates, open ones, what is not asked and why, and verdicts."""
    user = signed_in(request)
    return render(request, "surveys/followup_list.html", {"board": board(user, timezone.now())})


@require_safe
@requires(Permission.SEE_INITIATIVES)
def followup_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One asking: whom, what for, before and after, and the verdict."""
    return _detail(request, _follow_up(request, pk))


def _detail(
    request: HttpRequest,
    follow_up: FollowUp,
    *,
    problem: str = "",
    form: NotAskedForm | None = None,
) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    verdict = None
    if follow_up.closed_on is not None and not follow_up.not_asked:
        verdicts = AdoptionVerdict.objects.filter(initiative=follow_up.initiative)
        verdict = verdicts.filter(on=follow_up.closed_on).first()
    shown = Wave.objects.visible_to(user).shown(now).filter(follow_up=follow_up)
    context: dict[str, Any] = {
        "follow_up": follow_up,
        "departments": [unit.name for unit in asked_departments(follow_up)],
        "verdict": verdict,
        "finding": finding(verdict) if verdict and not verdict.declared else None,
        "themes": theme_hours(user, follow_up, now),
        "has_results": shown.exists(),
        "is_waiting": follow_up.is_waiting,
        "form": form or NotAskedForm(),
        "problem": problem,
    }
    status = 409 if problem else 422 if form is not None else 200
    return render(request, "surveys/followup_detail.html", context, status=status)


# Changing it before it is asked ------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def followup_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another date, other people, or another reason for staff to read."""
    follow_up, today = _follow_up(request, pk), timezone.localdate()
    sent = request.POST if request.method == "POST" else None
    if sent is None and not follow_up.is_waiting:
        return redirect("surveys:followup_detail", follow_up.pk)
    form = FollowUpForm(sent, follow_up=follow_up, today=today)
    conflict = False
    if sent is not None and form.is_valid():
        try:
            follow_up_plans.change_follow_up(
                follow_up,
                form.fields_given(),
                by=signed_in(request),
                expected=version_of(request, default=follow_up.version),
            )
        except FollowUpConflict as other:
            follow_up, conflict = other.theirs, True
        except FollowUpRefused as refused:
            form.add_error(None, str(refused))
        else:
            done = redirect("surveys:followup_detail", follow_up.pk)
            return notify(request, done, _("The asking was changed."))
    context = {"follow_up": follow_up, "form": form, "conflict": conflict}
    status = 409 if conflict else 422 if form.errors else 200
    return render(request, "surveys/followup_edit.html", context, status=status)


@require_POST
@requires(Permission.RUN_SURVEYS)
def followup_skip(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody is asked, with a reason."""
    follow_up, form = _follow_up(request, pk), NotAskedForm(request.POST)
    if not form.is_valid():
        return _detail(request, follow_up, form=form)
    note, today = form.cleaned_data["note"], timezone.localdate()
    try:
        follow_up_plans.do_not_ask(follow_up, note, by=signed_in(request), on=today)
    except FollowUpRefused as refused:
        return _detail(request, _follow_up(request, pk), problem=str(refused))
    done = redirect("surveys:followup_detail", follow_up.pk)
    return notify(request, done, _("Nobody will be asked. You can plan it again."))


@require_POST
@requires(Permission.RUN_SURVEYS)
def followup_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """What was not asked is asked after all."""
    follow_up, today = _follow_up(request, pk), timezone.localdate()
    try:
        follow_up_plans.plan_again(follow_up, by=signed_in(request), today=today)
    except FollowUpRefused as refused:
        return _detail(request, _follow_up(request, pk), problem=str(refused))
    done = redirect("surveys:followup_detail", follow_up.pk)
    return notify(request, done, _("It is planned again."))


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def ask_limit(request: HttpRequest) -> HttpResponse:
    """How often one person is asked in a quarter, and how often each department was."""
    user, today = signed_in(request), timezone.localdate()
    municipality = user.municipality
    if municipality is None:
        raise PermissionDenied
    initial = {"asks_per_quarter": limit_of(municipality.pk)}
    form = AskLimitForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["asks_per_quarter"]
        follow_up_plans.set_ask_limit(municipality, number, by=user)
        return notify(request, redirect("surveys:ask_limit"), _("The limit was saved."))
    context = {"form": form, "rows": asked_often(municipality, today), **initial}
    return render(request, "surveys/ask_limit.html", context, status=422 if form.errors else 200)


# Declaring ---------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def followup_declare(request: HttpRequest, pk: int) -> HttpResponse:
    """The accountable post says what became of it, where too few use it to ask them."""
    user, today = signed_in(request), timezone.localdate()
    follow_up = _follow_up(request, pk)
    if not may_update(user, follow_up.initiative, today):
        raise PermissionDenied
    form = DeclareForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                declare_outcome(follow_up.initiative, by=user, on=today, **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error.messages[0])
            else:
                return notify(
                    request, redirect("surveys:followup_list"), _("The outcome is recorded.")
                )
    declares = must_declare(follow_up.initiative, today, follow_up=follow_up)
    askable = follow_up.closed_on is None and not declares
    context = {"follow_up": follow_up, "form": form, "askable": askable}
    return render(request, "surveys/followup_declare.html", context, status=status)
