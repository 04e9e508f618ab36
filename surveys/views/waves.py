"""Waves, for the DX office: plan, schedule, open, extend, cancel, and how many have answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.shared.htmx import notify, render_page, stop_polling
from surveys.actions import waves
from surveys.choices import EARLY, WaveState
from surveys.forms import ExtendForm, WaveForm
from surveys.models import Survey, Wave
from surveys.opening import outlook
from surveys.participation import latest_bands
from surveys.vault import VaultError
from surveys.views.wave_progress import is_counted_now, progress_of

#: Further states beside the way of an ordinary wave.
WAITING = "waiting"
AFTER = (WaveState.CLOSING, WaveState.PUBLISHED)
ENDED_OTHERWISE = (WaveState.CANCELLED, WaveState.KEY_LOST)


@dataclass(frozen=True)
class Step:
    """One step of a wave's life on its page."""

    label: str
    done: bool
    current: bool


def _wave(request: HttpRequest, pk: int) -> Wave:
    found = Wave.objects.visible_to(signed_in(request)).sittings()
    return get_object_or_404(found.select_related("survey", "initiative"), pk=pk)


def steps_of(wave: Wave, now: datetime) -> list[Step]:
    """Draft, scheduled, open, (waiting for two people,) being counted, published."""
    way = [(str(state), str(state.label)) for state in (*EARLY, WaveState.OPEN)]
    if wave.state in ENDED_OTHERWISE:
        way.append((wave.state, wave.get_state_display()))
    else:
        if wave.two_person:
            way.append((WAITING, _("Waiting for release")))
        way += [(str(s), str(s.label)) for s in (WaveState.CLOSING, WaveState.PUBLISHED)]
    is_late = wave.state == WaveState.OPEN and wave.closes_at <= now
    at = WAITING if is_late and wave.two_person else wave.state
    place = [state for state, _label in way].index(at)
    return [Step(label, n < place, n == place) for n, (_state, label) in enumerate(way)]


# Planning ----------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def wave_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan a round of a survey."""
    user = signed_in(request)
    surveys = Survey.objects.visible_to(user).select_related("municipality")
    survey = get_object_or_404(surveys, pk=pk)
    if request.method == "POST":
        form = WaveForm(request.POST, survey=survey)
        if form.is_valid():
            wave = waves.plan_wave(survey, by=user, **form.cleaned_data)
            return notify(request, redirect(wave), _("The survey round was planned."))
    else:
        before = survey.waves.newest_first().first()
        proposal = WaveForm.proposal(timezone.now(), before)
        form = WaveForm(None, survey=survey, initial=proposal)
    context = {"survey": survey, "form": form}
    status = 422 if form.errors else 200
    return render_page(request, "surveys/wave_create.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def wave_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the plan, as long as it has not been opened."""
    wave, user = _wave(request, pk), signed_in(request)
    if wave.state not in EARLY:
        return _detail(request, wave, problem=_("This survey round is open already."))
    form = WaveForm(request.POST or None, survey=wave.survey, initial=WaveForm.planned(wave))
    if request.method == "POST" and form.is_valid():
        try:
            waves.change_wave(wave, by=user, **form.cleaned_data)
        except waves.WaveRefused as refused:
            return _detail(request, _wave(request, pk), problem=str(refused))
        return notify(request, redirect(wave), _("The plan was changed."))
    context = {"survey": wave.survey, "wave": wave, "form": form}
    status = 422 if form.errors else 200
    return render_page(request, "surveys/wave_edit.html", context, status=status)


@require_POST
@requires(Permission.RUN_SURVEYS)
def wave_schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the clock open it at its time, or take that back."""
    wave, user = _wave(request, pk), signed_in(request)
    try:
        if request.POST.get("action") == "take_back":
            waves.unschedule_wave(wave, by=user)
            return notify(request, redirect(wave), _("It will not open by itself any more."))
        waves.schedule_wave(wave, by=user, now=timezone.now())
    except waves.WaveRefused as refused:
        return _detail(request, _wave(request, pk), problem=str(refused))
    return notify(request, redirect(wave), _("The survey round will open by itself."))


# Looking -----------------------------------------------------------------------------------------
@require_safe
@requires(Permission.RUN_SURVEYS)
def wave_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Where it is, schedule, notice, how many are asked and have answered, words for the chat."""
    blocks = Wave.objects.visible_to(signed_in(request)).filter(sitting__isnull=False)
    if block := blocks.filter(pk=pk).first():
        return redirect("surveys:wave_detail", block.sitting_id)
    return _detail(request, _wave(request, pk))


def _detail(request: HttpRequest, wave: Wave, *, problem: str = "") -> HttpResponse:
    now, counted = timezone.now(), latest_bands(wave)
    is_late = wave.state == WaveState.OPEN and wave.closes_at <= now
    context: dict[str, Any] = {
        "wave": wave,
        "blocks": wave.blocks.select_related("initiative").order_by("pk") if wave.several else (),
        "now": now,
        "problem": problem,
        "steps": steps_of(wave, now),
        "is_early": wave.state in EARLY,
        "is_late": is_late,
        "refusal": _refusal(wave, now),
        "progress": progress_of(wave, now) if is_counted_now(wave, now) else None,
        "asked": wave.asked_count(),
        "departments": _departments(wave),
        "readers": wave.readers.select_related("user"),
        "shows_releases": wave.two_person and (is_late or wave.state in AFTER),
        "releases": wave.releases.select_related("user").order_by("at"),
        "counted_on": counted[0],
        "bands": counted[1],
        "answer_url": settings.SITE_URL + reverse("surveys:answer_start", args=[wave.pk]),
    }
    status = 409 if problem else 200
    return render_page(request, "surveys/wave_detail.html", context, status=status)


def _refusal(wave: Wave, now: datetime) -> str:
    """Why a scheduled wave is not open although its time has come."""
    is_due = wave.state == WaveState.SCHEDULED and wave.opens_at <= now
    return waves.refusal_of(wave) if is_due else ""


def _departments(wave: Wave) -> list[str]:
    """Names of the departments that a plan is limited to."""
    only = wave.frozen_org.get("departments") or []
    found = wave.survey.municipality.departments.filter(pk__in=only).in_order()
    return [unit.name for unit in found] if only else []


@require_safe
@requires(Permission.RUN_SURVEYS, Permission.RELEASE_WAVES)
def wave_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far counting is: asked for every two seconds while it lasts."""
    wave = _wave(request, pk)
    progress = progress_of(wave, timezone.now(), may_run=can(request.user, Permission.RUN_SURVEYS))
    context = {"wave": wave, "job": progress}
    response = render_page(request, "_progress.html", context)
    if progress.finished:
        response.headers["HX-Refresh"] = "true"  # the steps above it have moved on too
        return stop_polling(response)
    return response


# Opening and what follows ------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def wave_open(request: HttpRequest, pk: int) -> HttpResponse:
    """What will happen; then open it."""
    wave, user, now = _wave(request, pk), signed_in(request), timezone.now()
    problem = ""
    if request.method == "POST":
        try:
            waves.open_wave(wave, by=user, now=now)
        except (waves.WaveRefused, VaultError) as refused:
            problem = str(refused)
        else:
            return notify(request, redirect(wave), _("The survey round is open."))
    is_early = wave.state in EARLY
    context = {
        "wave": wave,
        "problem": problem,
        "is_early": is_early,
        "outlook": outlook(wave, now) if is_early else None,
        "can_schedule": wave.state == WaveState.DRAFT and wave.opens_at > now,
    }
    status = 409 if problem else 200
    return render_page(request, "surveys/wave_open.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def wave_extend(request: HttpRequest, pk: int) -> HttpResponse:
    """A later deadline, told to everybody asked."""
    wave, user = _wave(request, pk), signed_in(request)
    form = ExtendForm(request.POST or None, initial=ExtendForm.of(wave))
    if request.method == "POST" and form.is_valid():
        try:
            waves.extend_wave(wave, by=user, now=timezone.now(), **form.cleaned_data)
        except waves.WaveRefused as refused:
            form.add_error("closes_at", str(refused))
        else:
            return notify(request, redirect(wave), _("The deadline was moved."))
    context = {"wave": wave, "form": form}
    status = 422 if form.errors else 200
    return render_page(request, "surveys/wave_extend.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def wave_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, then delete answers, the list of those asked, and the key."""
    wave, user = _wave(request, pk), signed_in(request)
    problem = ""
    if request.method == "POST":
        try:
            waves.cancel_wave(wave, by=user, now=timezone.now())
        except waves.WaveRefused as refused:
            problem = str(refused)
        else:
            back = redirect("surveys:survey_detail", wave.survey_id)
            words = _("The plan was discarded.") if wave.state in EARLY else ""
            return notify(request, back, words or _("The survey round was cancelled."))
    context = {"wave": wave, "problem": problem, "is_early": wave.state in EARLY}
    status = 409 if problem else 200
    return render_page(request, "surveys/wave_cancel.html", context, status=status)
