"""Trainings: the list with coverage by section, one training, and how many came."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.forms import posted
from dxportal.accounts.models import Department, User
from dxportal.shared.fiscal import fiscal_year, fiscal_year_end, fiscal_year_start
from dxportal.shared.htmx import notify
from roadmap.actions.trainings import (
    TrainingExists,
    bring_back_training,
    enter_attendance,
    remove_training,
    save_training,
)
from roadmap.forms.trainings import NumbersForm, TrainingForm
from roadmap.models import Training
from roadmap.trainings import coverage, sections_entered, sections_shown

LIST = "roadmap:training_list"
#: Years that can be looked at, back from the present one.
YEARS_BACK = 5


@require_safe
@requires(Permission.SEE_INITIATIVES)
def training_list(request: HttpRequest) -> HttpResponse:
    """Trainings of a fiscal year; coverage for those who may see it."""
    user, today = signed_in(request), timezone.localdate()
    this_year = fiscal_year(today)
    text = request.GET.get("fy", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else this_year
    year = year if this_year - YEARS_BACK <= year <= this_year + 1 else this_year
    rows = Training.objects.visible_to(user).between(fiscal_year_start(year), fiscal_year_end(year))
    trainings = list(rows.with_people().select_related("initiative"))
    only = sections_shown(user)
    shown = coverage(user, trainings, today, only=only) if only is None or only else []
    context = {
        "trainings": trainings,
        "coverage": shown,
        "without": [line for line in shown if not line.reach.offered],
        "year": year,
        "last_year": year - 1 if year > this_year - YEARS_BACK else None,
        "next_year": year + 1 if year < this_year else None,
        "may_enter": only is None or bool(sections_entered(user)),
    }
    return render(request, "roadmap/training_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_TRAININGS)
def training_create(request: HttpRequest) -> HttpResponse:
    """A new training; then its numbers can be entered."""
    user = signed_in(request)
    text = request.GET.get("initiative", "")
    initiative = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
    return _edit(request, user, None, initiative)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_TRAININGS)
def training_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a training."""
    user = signed_in(request)
    return _edit(request, user, get_object_or_404(Training.objects.visible_to(user), pk=pk), None)


def _edit(
    request: HttpRequest, user: User, training: Training | None, initiative: int | None
) -> HttpResponse:
    today = timezone.localdate()
    form = TrainingForm(
        posted(request), user=user, day=today, training=training, initiative=initiative
    )
    if form.is_valid() and user.municipality:
        try:
            saved = save_training(training, user.municipality, fields=form.values(), by=user)
        except TrainingExists:
            form.add_error("title", _("A training of this name stands on this day already."))
        else:
            sentence = _("“%(title)s” was saved.") % {"title": saved.title}
            return notify(request, redirect(LIST), sentence)
    status = 422 if form.is_bound else 200
    context = {"form": form, "training": training}
    return render(request, "roadmap/training_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.RECORD_TRAININGS)
def training_numbers(request: HttpRequest, pk: int) -> HttpResponse:
    """How many of each section came: the office for all, heads and promoters for their own."""
    user = signed_in(request)
    training = get_object_or_404(Training.objects.visible_to(user), pk=pk)
    departments = _to_enter(user, training)
    if not departments:
        raise PermissionDenied
    people = dict(training.attendance.values_list("department_id", "people"))
    form = NumbersForm(posted(request), departments=departments, people=people)
    if form.is_valid():
        changed = enter_attendance(training, people=form.people(), by=user)
        sentence = _("The numbers of “%(title)s” were saved.") % {"title": training.title}
        return notify(request, redirect(LIST), sentence if changed else _("Nothing had changed."))
    status = 422 if form.is_bound else 200
    context: dict[str, Any] = {"form": form, "training": training}
    return render(request, "roadmap/training_numbers.html", context, status=status)


def _to_enter(user: User, training: Training) -> list[Department]:
    """The office: sections it was offered to or that sent somebody; others: their own sections."""
    here, only = Department.objects.visible_to(user), sections_entered(user)
    if only is not None:
        return list(here.filter(pk__in=only).on(timezone.localdate()).in_order())
    offered = Q(pk__in=training.offered_to.values("pk"))
    came = Q(pk__in=training.attendance.values("department"))
    return list(here.filter(offered | came).in_order())


@require_POST
@requires(Permission.RUN_TRAININGS)
def training_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it out of the list; the toast brings it back."""
    user = signed_in(request)
    training = _any(user, pk)
    remove_training(training, by=user)
    sentence = _("“%(title)s” was removed.") % {"title": training.title}
    undo = reverse("roadmap:training_bring_back", args=[pk])
    return notify(request, redirect(LIST), sentence, undo)


@require_POST
@requires(Permission.RUN_TRAININGS)
def training_bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it stand again; pressing twice does it once."""
    user = signed_in(request)
    training = _any(user, pk)
    try:
        bring_back_training(training, by=user)
    except TrainingExists:
        sentence = _("A training of this name stands on this day already.")
        return notify(request, redirect(LIST), sentence, tone="error")
    sentence = _("“%(title)s” is in the list again.") % {"title": training.title}
    return notify(request, redirect(LIST), sentence)


def _any(user: User, pk: int) -> Training:
    """One of this municipality, removed or not."""
    here = Training.objects.filter(municipality_id=user.municipality_id or 0)
    found = here.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
