"""Waves, for the DX office: plan, open, extend, cancel, and how many have answered, coarsely."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.shared.htmx import notify, render_page
from surveys.actions import waves
from surveys.forms import ExtendForm, WaveForm
from surveys.models import Survey, Wave
from surveys.participation import latest_bands
from surveys.vault import VaultError


def _wave(request: HttpRequest, pk: int) -> Wave:
    found = Wave.objects.visible_to(signed_in(request)).select_related("survey", "initiative")
    return get_object_or_404(found, pk=pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def wave_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan a round of a survey."""
    user = signed_in(request)
    survey = get_object_or_404(Survey.objects.visible_to(user), pk=pk)
    if request.method == "POST":
        form = WaveForm(request.POST)
        if form.is_valid():
            wave = waves.plan_wave(survey, by=user, **form.cleaned_data)
            return notify(request, redirect(wave), _("The survey round was planned."))
    else:
        form = WaveForm(initial=WaveForm.proposal(timezone.now()))
    context = {"survey": survey, "form": form}
    status = 422 if form.errors else 200
    return render_page(request, "surveys/wave_create.html", context, status=status)


@require_safe
@requires(Permission.RUN_SURVEYS)
def wave_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Schedule, notice, how many are asked, how many have answered, words for the chat."""
    wave = _wave(request, pk)
    counted_on, bands = latest_bands(wave)
    context = {
        "wave": wave,
        "now": timezone.now(),
        "asked": wave.asked_count(),
        "counted_on": counted_on,
        "bands": bands,
        "answer_url": settings.SITE_URL + reverse("surveys:answer_start", args=[wave.pk]),
    }
    return render_page(request, "surveys/wave_detail.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def wave_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, then open."""
    wave, user = _wave(request, pk), signed_in(request)
    problem = ""
    if request.method == "POST":
        try:
            waves.open_wave(wave, by=user, now=timezone.now())
        except (waves.WaveRefused, VaultError) as refused:
            problem = str(refused)
        else:
            return notify(request, redirect(wave), _("The survey round is open."))
    context = {"wave": wave, "problem": problem}
    status = 409 if problem else 200
    return render_page(request, "surveys/wave_open.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def wave_extend(request: HttpRequest, pk: int) -> HttpResponse:
    """A later deadline."""
    wave, user = _wave(request, pk), signed_in(request)
    form = ExtendForm(request.POST or None, initial={"closes_at": wave.closes_at})
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
            return notify(request, back, _("The survey round was cancelled."))
    context = {"wave": wave, "problem": problem}
    status = 409 if problem else 200
    return render_page(request, "surveys/wave_cancel.html", context, status=status)
