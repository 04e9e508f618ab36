"""Steps 1 to 3 of the wizard: the municipality, its departments, the names of its steps."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.actions.organisation import edit_municipality
from dxportal.accounts.choices import ImportKind, SizeBand
from dxportal.accounts.known_municipalities import known_municipality
from dxportal.accounts.models import Municipality
from dxportal.dashboards.forms_setup import PasteForm, SetUpMunicipalityForm, StagesForm
from dxportal.dashboards.setting_up.frame import go_on, may_post, municipality_of, step_page
from dxportal.dashboards.setting_up.pasting import apply_pasted, job_in, pasted_view, read_pasted
from dxportal.dashboards.setting_up.pictures import flights, pasted_tree, standing_tree
from dxportal.shared.fiscal import format_date
from roadmap.actions.content import ensure_staircase
from roadmap.actions.setting_up import rename_stages
from roadmap.choices import SetUpStep
from roadmap.models import Stage


# 1: the municipality -----------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(Permission.SET_UP)
def setup_municipality(request: HttpRequest) -> HttpResponse:
    """Name and size as the bundled list proposes them for the code; the calendar."""
    place, step = municipality_of(request), SetUpStep.MUNICIPALITY
    if request.method == "POST":
        may_post(request, step)
        form = SetUpMunicipalityForm(request.POST)
        if form.is_valid():
            edit_municipality(place, by=signed_in(request), **form.cleaned_data)
            return go_on(request, step, _("Saved."))
        return _municipality_page(request, place, form, status=422)
    typed = {name: request.GET[name] for name in ("name", "size_band") if name in request.GET}
    typed |= {k: request.GET[k] for k in ("calendar_style",) if k in request.GET}
    form = SetUpMunicipalityForm(initial={**_proposed(request, place), **typed})
    return _municipality_page(request, place, form)


def _proposed(request: HttpRequest, place: Municipality) -> dict[str, Any]:
    """What is kept; until the step is done, name and size of the list go before it."""
    kept = {name: getattr(place, name) for name in ("name", "size_band", "calendar_style")}
    known = known_municipality(place.code)
    settled = hasattr(place, "set_up") and SetUpStep.MUNICIPALITY in place.set_up.steps
    if known is None or settled:
        return kept
    return {**kept, "name": known.name, "size_band": known.size_band}


def _municipality_page(
    request: HttpRequest, place: Municipality, form: SetUpMunicipalityForm, *, status: int = 200
) -> HttpResponse:
    known = known_municipality(place.code)
    shown = {name: str(form[name].value() or "") for name in form.fields}
    styles = dict(form.fields["calendar_style"].choices)  # type: ignore[attr-defined]
    style = shown["calendar_style"] if shown["calendar_style"] in styles else place.calendar_style
    context = {
        "form": form,
        "place": place,
        "known": known,
        "shown_name": shown["name"],
        "shown_size": dict(SizeBand.choices).get(shown["size_band"], ""),
        "shown_day": format_date(timezone.localdate(), style),  # type: ignore[arg-type]
    }
    return step_page(request, SetUpStep.MUNICIPALITY, context, status=status)


# 2: departments ----------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(Permission.SET_UP)
def setup_departments(request: HttpRequest) -> HttpResponse:
    """Paste a range, look at the tree and at what is wrong, take it over."""
    step = SetUpStep.DEPARTMENTS
    if request.method != "POST":
        job = job_in(request, ImportKind.DEPARTMENTS)
        return _departments_page(request, PasteForm(kind=ImportKind.DEPARTMENTS), job)
    may_post(request, step)
    action = request.POST.get("action")
    if action == "done":
        return go_on(request, step)
    if action == "apply":
        job, written = apply_pasted(request, ImportKind.DEPARTMENTS)
        if written:
            return go_on(request, step, _("The departments are taken over."))
        return _departments_page(request, PasteForm(kind=ImportKind.DEPARTMENTS), job, status=409)
    form = PasteForm(request.POST, kind=ImportKind.DEPARTMENTS)
    if not form.is_valid():
        return _departments_page(request, form, None, status=422)
    return read_pasted(request, form, step)


def _departments_page(
    request: HttpRequest, form: PasteForm, job: Any, *, status: int = 200
) -> HttpResponse:
    place, today = municipality_of(request), timezone.localdate()
    standing = standing_tree(place, today)
    context = {
        "form": form,
        "standing": standing,
        "pasted": pasted_view(job),
        "tree": pasted_tree(job) if job is not None else standing,
        "is_plan": job is not None,
        "conflict": status == 409,
    }
    return step_page(request, SetUpStep.DEPARTMENTS, context, status=status)


# 3: names of the steps ---------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(Permission.SET_UP)
def setup_staircase(request: HttpRequest) -> HttpResponse:
    """The names of both staircases as they come, or of one's own."""
    place, step, user = municipality_of(request), SetUpStep.STAIRCASE, signed_in(request)
    stages = list(Stage.objects.visible_to(user))
    if request.method == "POST":
        may_post(request, step)
        if not stages:
            ensure_staircase(place, by=user)
            return redirect("dashboards:setup_staircase")
        form = StagesForm(request.POST, stages=stages)
        if form.is_valid():
            rename_stages(place, form.names(), by=user)
            return go_on(request, step, _("Saved."))
        return _staircase_page(request, form, form.names(), status=422)
    form = StagesForm(None, stages=stages, blank="blank" in request.GET)
    typed = {stage.pk: request.GET.get(form.key(stage), "") for stage in stages}
    return _staircase_page(request, form, typed)


def _staircase_page(
    request: HttpRequest, form: StagesForm, typed: dict[int, str], *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "flights": flights(form.stages, typed),
        "blank": "blank" in request.GET,
    }
    return step_page(request, SetUpStep.STAIRCASE, context, status=status)
