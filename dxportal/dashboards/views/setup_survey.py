"""Step 5 of the wizard: the first survey, from a date to an open link."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.dashboards.forms_setup import FirstSurveyForm
from dxportal.dashboards.setting_up.frame import may_post, municipality_of, step_page
from dxportal.shared.fiscal import fiscal_year, format_fiscal_year
from dxportal.shared.htmx import notify
from roadmap.actions.setting_up import settle_step
from roadmap.choices import SetUpStep, StepMark
from surveys.actions.first_survey import first_wave, prepare_first_survey, proposed_deadline
from surveys.actions.waves import WaveRefused, open_wave
from surveys.choices import EARLY, WaveState
from surveys.models import Wave
from surveys.opening import outlook
from surveys.posters import poster_of
from surveys.vault import VaultError

STEP = SetUpStep.SURVEY


@require_http_methods(["GET", "POST"])
@requires(Permission.SET_UP)
def setup_survey(request: HttpRequest) -> HttpResponse:
    """Name and deadline; then what will happen; then the link, the poster and words for a chat."""
    if request.method != "POST":
        return _page(request)
    may_post(request, STEP)
    if request.POST.get("action") == "open":
        return _open(request)
    form = FirstSurveyForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    try:
        prepare_first_survey(
            municipality_of(request),
            label=form.cleaned_data["label"],
            closes_at=form.closes_at(),
            by=signed_in(request),
            now=timezone.now(),
        )
    except WaveRefused as refused:
        form.add_error(None, str(refused))
        return _page(request, form=form, status=422)
    return redirect("dashboards:setup_survey")


def _open(request: HttpRequest) -> HttpResponse:
    """Open what was prepared; a second press finds it open."""
    place, user = municipality_of(request), signed_in(request)
    wave = first_wave(place)
    if wave is None:
        return redirect("dashboards:setup_survey")
    if wave.state in EARLY:
        try:
            open_wave(wave, by=user, now=timezone.now())
        except (WaveRefused, VaultError) as refused:
            return _page(request, problem=str(refused), status=409)
    settle_step(place, STEP, StepMark.DONE, by=user)
    return notify(request, redirect("dashboards:setup_survey"), _("The survey round is open."))


def _page(
    request: HttpRequest,
    *,
    form: FirstSurveyForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    now, place = timezone.now(), municipality_of(request)
    wave = first_wave(place)
    is_early = wave is not None and wave.state in EARLY
    is_open = wave is not None and wave.state == WaveState.OPEN and wave.closes_at > now
    context: dict[str, Any] = {
        "form": form or FirstSurveyForm(initial=_proposal(place.calendar_style)),
        "wave": wave,
        "is_early": is_early,
        "is_open": is_open,
        "problem": problem,
        "outlook": outlook(wave, now) if wave is not None and is_early else None,
        "poster": _poster(wave) if is_open else None,
    }
    return step_page(request, STEP, context, status=status)


def _poster(wave: Wave | None) -> Any:
    return None if wave is None else poster_of(wave)


def _proposal(style: str) -> dict[str, Any]:
    """A name from the fiscal year, and two weeks to answer."""
    now = timezone.now()
    year = format_fiscal_year(fiscal_year(timezone.localdate(now)), style)  # type: ignore[arg-type]
    closes = timezone.localdate(proposed_deadline(now))
    return {"label": _("%(year)s, first round") % {"year": year}, "closes_on": closes}
