"""From which day a version of the staircase applies; cancelling it, and withdrawing a draft."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.shared.fiscal import fiscal_year, fiscal_year_start, format_date
from dxportal.shared.htmx import notify
from roadmap.actions import staircase_applying as applying
from roadmap.actions.staircase_versions import DraftMoved, NotADraft, withdraw_draft
from roadmap.forms.staircase import DayForm, PlanForm
from roadmap.models import StaircaseVersion
from roadmap.staircase_checks import problems
from roadmap.staircase_diff import gaps
from roadmap.staircase_versions import day_problem, meets, read
from roadmap.views.rounds import style_of
from roadmap.views.staircase import changes_of, detail_page, own_version
from roadmap.views.staircase_edit import moved, seen


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAIRCASE)
def staircase_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the day, look at what it means, confirm."""
    user, today = signed_in(request), timezone.localdate()
    version = own_version(user, pk)
    if not version.is_draft:
        return moved(request, version, gone=True)
    out_of_reach, day_form = gaps(read(version)), _day_form(request, today)
    form = PlanForm(request.POST or None, day=_day(day_form), gaps=bool(out_of_reach))
    if request.method == "POST" and form.is_valid():
        wish = {"valid_from": form.cleaned_data["valid_from"], "seen": seen(request)}
        try:
            applying.plan_version(
                version, by=user, today=today, confirmed=bool(out_of_reach), **wish
            )
        except (DraftMoved, NotADraft, applying.NeedsConfirming):
            return moved(request, version)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            return _planned(request, version, wish["valid_from"], today)
    context = _plan_context(version, form, day_form, today)
    status = 422 if form.is_bound or day_form.errors else 200
    return render(request, "roadmap/staircase_plan.html", context, status=status)


def _day_form(request: HttpRequest, today: dt.date) -> DayForm:
    """What was asked about, else the next 1 April."""
    april = fiscal_year_start(fiscal_year(today) + 1)
    typed = request.POST if request.method == "POST" else request.GET
    return DayForm({"valid_from": typed.get("valid_from") or f"{april:%Y-%m-%d}"})


def _day(form: DayForm) -> dt.date | None:
    return form.cleaned_data["valid_from"] if form.is_valid() else None


def _plan_context(
    version: StaircaseVersion, form: PlanForm, day_form: DayForm, today: dt.date
) -> dict[str, Any]:
    day = _day(day_form)
    if day and (problem := day_problem(version, day, today=today)):
        day_form.add_error("valid_from", problem)
    return {
        "form": form,
        "day_form": day_form,
        "day": day,
        "version": version,
        "problems": problems(read(version)),
        "meets": meets(version, day, today=today) if day else [],
        "at_once": day == today,
        **changes_of(version),
    }


def _planned(
    request: HttpRequest, version: StaircaseVersion, day: dt.date, today: dt.date
) -> HttpResponse:
    values = {"label": version.label, "day": format_date(day, style_of(signed_in(request)))}
    if day <= today:
        text = _("“%(label)s” applies from today. Numbers follow within a minute.") % values
    else:
        text = _("“%(label)s” is planned for %(day)s. Until then nothing changes.") % values
    return notify(request, redirect(version), text)


@require_POST
@requires(Permission.KEEP_STAIRCASE)
def staircase_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """A planned version is a draft again."""
    user = signed_in(request)
    version = own_version(user, pk)
    try:
        applying.cancel_version(version, by=user, today=timezone.localdate())
    except NotADraft:
        return redirect(version)
    except ValidationError as refused:
        return detail_page(request, version, status=409, problem=" ".join(refused.messages))
    text = _("“%(label)s” is a draft again and applies from no day.") % {"label": version.label}
    return notify(request, redirect(version), text)


@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_STAIRCASE)
def staircase_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the draft away, after a look at what is lost with it."""
    user = signed_in(request)
    version = own_version(user, pk)
    if not version.is_draft:
        return moved(request, version, gone=True)
    if request.method == "POST":
        try:
            withdraw_draft(version, by=user, seen=seen(request))
        except (DraftMoved, NotADraft):
            return moved(request, version)
        text = _("The draft “%(label)s” was withdrawn.") % {"label": version.label}
        return notify(request, redirect("roadmap:staircase_list"), text)
    context = {"version": version, **changes_of(version)}
    return render(request, "roadmap/staircase_withdraw.html", context)
