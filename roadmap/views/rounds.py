"""Reporting rounds: the list, one round with who is missing, planning, opening, closing."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.fiscal import CalendarStyle
from dxportal.shared.htmx import notify, render_page, stop_polling
from dxportal.shared.plain_asking import hints_once
from dxportal.shared.plain_japanese import Hint
from roadmap.actions import closing, rounds
from roadmap.choices import ReturnState, RoundState
from roadmap.forms.rounds import RoundForm
from roadmap.models import ReportingRound, RoundReturn
from roadmap.round_gaps import days_left
from roadmap.rounds import (
    heads_on,
    owing_departments,
    places_of,
    return_rows,
    rounds_for,
    tallies,
)
from roadmap.views.parts import version_of

SNAPSHOT_PAGE = 50


def visible_round(request: HttpRequest, pk: int) -> ReportingRound:
    """The round, 404 for strangers; a plan is for those who see returns."""
    user = signed_in(request)
    rows = ReportingRound.objects.visible_to(user).select_related("municipality", "closed_by")
    found = get_object_or_404(rows, pk=pk)
    if found.state == RoundState.PLANNED and not can(user, Permission.SEE_RETURNS):
        raise PermissionDenied
    return found


def style_of(user: User) -> CalendarStyle:
    """The calendar of the reader's municipality."""
    municipality = user.municipality
    return cast(CalendarStyle, municipality.calendar_style if municipality else "both")


@require_safe
@requires(Permission.SEE_INITIATIVES)
def round_list(request: HttpRequest) -> HttpResponse:
    """All rounds, newest first."""
    user, day = signed_in(request), timezone.localdate()
    found = rounds_for(user)
    context = {
        "rounds": found,
        "runs": can(user, Permission.RUN_ROUNDS),
        "closed": any(one.state == RoundState.CLOSED for one in found),
        "day": day,
    }
    return render(request, "roadmap/round_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_ROUNDS)
def round_create(request: HttpRequest) -> HttpResponse:
    """Plan a round; its days come from the calendar."""
    user, day = signed_in(request), timezone.localdate()
    form = RoundForm(request.POST or None, day=day, style=style_of(user))
    hints = _hints(request, form)
    if request.method == "POST" and form.is_valid() and user.municipality and not hints:
        try:
            made = rounds.plan_round(user.municipality, by=user, **form.cleaned_data)
        except rounds.RoundRefused as refused:
            form.add_error("period", str(refused))
        else:
            sentence = _("“%(round)s” was planned.") % {"round": made}
            return notify(request, redirect(made), sentence)
    if not form.is_bound:
        taken = [rounds.period_of(one) for one in ReportingRound.objects.visible_to(user)]
        form.propose(taken, request.GET.get("period", ""))
    status = 422 if form.is_bound else 200
    context = {"form": form, "hints": hints}
    return render(request, "roadmap/round_form.html", context, status=status)


def _hints(request: HttpRequest, form: RoundForm) -> list[Hint]:
    """What departments may find hard to read in the words to them; told once."""
    if request.method != "POST" or not form.is_valid():
        return []
    return hints_once(request, form.cleaned_data["note"])


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_ROUNDS)
def round_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the plan; of an open round the deadline and the words."""
    user, day = signed_in(request), timezone.localdate()
    found = visible_round(request, pk)
    if found.state == RoundState.CLOSED:
        return _detail(request, found, problem=_("A closed round does not change."), status=409)
    form = RoundForm(request.POST or None, day=day, style=style_of(user), found=found)
    version, hints = found.version, _hints(request, form)
    if hints:
        version = version_of(request)
    elif request.method == "POST" and form.is_valid():
        version = version_of(request)
        try:
            rounds.change_round(found, by=user, version=version, **form.cleaned_data)
        except rounds.RoundConflict:
            context = {"form": form, "round": found, "version": found.version, "conflict": True}
            return render(request, "roadmap/round_form.html", context, status=409)
        except rounds.RoundRefused as refused:
            form.add_error(None, str(refused))
        else:
            return notify(request, redirect(found), _("The plan was changed."))
    if not form.is_bound:
        form.begin_with(found)
    context = {"form": form, "round": found, "version": version, "hints": hints}
    status = 422 if form.is_bound else 200
    return render(request, "roadmap/round_form.html", context, status=status)


@require_POST
@requires(Permission.RUN_ROUNDS)
def round_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the departments return, now."""
    user, found = signed_in(request), visible_round(request, pk)
    try:
        opened = rounds.open_round(found, by=user, now=timezone.now())
    except rounds.RoundRefused as refused:
        return _detail(request, found, problem=str(refused), status=409)
    sentence = _("“%(round)s” is open; the heads were told.") % {"round": opened}
    return notify(request, redirect(found), sentence)


@require_POST
@requires(Permission.RUN_ROUNDS)
def round_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a plan."""
    user, found = signed_in(request), visible_round(request, pk)
    try:
        rounds.drop_round(found, by=user)
    except rounds.RoundRefused as refused:
        return _detail(request, found, problem=str(refused), status=409)
    sentence = _("The plan “%(round)s” was discarded.") % {"round": found}
    return notify(request, redirect("roadmap:round_list"), sentence)


@require_safe
@requires(Permission.SEE_INITIATIVES)
def round_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One round: its plan, who is missing, or what it has kept."""
    return _detail(request, visible_round(request, pk))


@require_safe
@requires(Permission.SEE_RETURNS)
def round_missing(request: HttpRequest, pk: int) -> HttpResponse:
    """The live table; asking again ends with the round."""
    found = visible_round(request, pk)
    context = _table(signed_in(request), found)
    response = render_page(request, "roadmap/_round_table.html", {"round": found, **context})
    return response if found.state == RoundState.OPEN else stop_polling(response)


@require_POST
@requires(Permission.RUN_ROUNDS)
def round_tell(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind the heads who have not submitted, once a day."""
    user, found = signed_in(request), visible_round(request, pk)
    try:
        told = rounds.tell_waiting(found, by=user, now=timezone.now())
    except rounds.RoundRefused as refused:
        return _detail(request, found, problem=str(refused), status=409)
    if told is None:
        sentence = _("They were told today already.")
    else:
        sentence = ngettext("%(n)d head was told.", "%(n)d heads were told.", told) % {"n": told}
    return notify(request, redirect(found), sentence)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_ROUNDS)
def round_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Name what is missing, then close for good."""
    user, found = signed_in(request), visible_round(request, pk)
    if request.method == "GET":
        return _close_page(request, found)
    named = [int(pk) for pk in request.POST.getlist("missing") if pk.isdecimal() and len(pk) < 19]
    try:
        closing.close_round(found, by=user, named=named, now=timezone.now())
    except closing.MoreMissing:
        return _close_page(request, found, status=409)
    except rounds.RoundRefused as refused:
        return _detail(request, found, problem=str(refused), status=409)
    sentence = _("“%(round)s” is closed. Its table does not change any more.") % {"round": found}
    return notify(request, redirect(found), sentence)


def _close_page(request: HttpRequest, found: ReportingRound, status: int = 200) -> HttpResponse:
    if found.state != RoundState.OPEN:
        return _detail(request, found)
    rows = return_rows(found, timezone.localdate())
    context = {
        "round": found,
        "missing": [row for row in rows if row.missing],
        "unread": [row for row in rows if row.found.state == ReturnState.SUBMITTED],
        "changed": status == 409,
    }
    return render(request, "roadmap/round_close.html", context, status=status)


def _table(user: User, found: ReportingRound) -> dict[str, Any]:
    """The live table with its counts."""
    rows = return_rows(found, timezone.localdate())
    missing = [row for row in rows if row.missing]
    return {
        "rows": rows,
        "missing": len(missing),
        "without_head": sum(not row.heads for row in missing),
        "accepted": sum(row.found.state == ReturnState.ACCEPTED for row in rows),
        "to_read": sum(row.found.state == ReturnState.SUBMITTED for row in rows),
        "runs": can(user, Permission.RUN_ROUNDS),
    }


def _detail(
    request: HttpRequest, found: ReportingRound, *, problem: str = "", status: int = 200
) -> HttpResponse:
    user, day = signed_in(request), timezone.localdate()
    context: dict[str, Any] = {
        "round": found,
        "problem": problem,
        "runs": can(user, Permission.RUN_ROUNDS),
        "sees_returns": can(user, Permission.SEE_RETURNS),
        "left": days_left(found.due_on, day),
    }
    if found.state == RoundState.PLANNED:
        context |= _planned(found, day)
    elif found.state == RoundState.OPEN:
        context |= _open(user, found, day)
    else:
        context |= _closed(request, found)
    return render(request, "roadmap/round_detail.html", context, status=status)


def _planned(found: ReportingRound, day: dt.date) -> dict[str, Any]:
    """Whom opening it will ask."""
    departments = owing_departments(found.municipality_id, day)
    heads = heads_on([one.pk for one in departments], day)
    return {
        "departments": departments,
        "headless": [one for one in departments if not heads.get(one.pk)],
    }


def _open(user: User, found: ReportingRound, day: dt.date) -> dict[str, Any]:
    """The reader's own returns, and the live table for those who see all."""
    places = places_of(user, day)
    own: list[RoundReturn] = list(found.returns.in_order().filter(department_id__in=places))
    counted = tallies(found, [one.department_id for one in own]) if own else {}
    table = _table(user, found) if can(user, Permission.SEE_RETURNS) else {}
    return {"own": [(one, counted.get(one.department_id)) for one in own], **table}


def _closed(request: HttpRequest, found: ReportingRound) -> dict[str, Any]:
    """What it has kept."""
    pages = Paginator(found.snapshots.all(), SNAPSHOT_PAGE)
    returns = list(found.returns.in_order())
    waiting = (ReturnState.FILLING, ReturnState.RETURNED)
    earlier = ReportingRound.objects.visible_to(signed_in(request)).closed()
    return {
        "page": pages.get_page(request.GET.get("page")),
        "files": found.files.defer("content").order_by("kind"),
        "not_submitted": [one.department.name for one in returns if one.state in waiting],
        "returned": len(returns),
        "previous": earlier.filter(closed_at__lt=found.closed_at).order_by("-closed_at").first(),
    }
