"""Printing tickets, for the DX office: how many there are, and the sheets, shown once."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.shared.htmx import render_page
from surveys.actions import tickets
from surveys.models import Wave
from surveys.ticket_forms import PrintForm
from surveys.tickets import sheet
from surveys.views.answer_pages import in_language
from surveys.views.sitting import shut


def wave_of(request: HttpRequest, pk: int) -> Wave:
    """The wave, if it is of the user's municipality."""
    waves = Wave.objects.visible_to(signed_in(request)).sittings()
    return get_object_or_404(waves.select_related("survey__municipality", "initiative"), pk=pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def ticket_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Sections with staff without an account; a post prints, and its answer is the only copy."""
    wave, problem, status = wave_of(request, pk), "", 200
    if request.method == "POST":
        form = PrintForm(request.POST)
        if form.is_valid():
            try:
                return _printed(request, wave, form)
            except tickets.TicketsRefused as refused:
                problem, status = str(refused), 409
        else:
            problem, status = _("Enter how many sheets to print, at least 1."), 422
    places = tickets.places(wave)
    context = {
        "wave": wave,
        "places": places,
        "left": sum(place.left for place in places),
        "most": tickets.AT_ONCE,
        "is_open": shut(wave, timezone.now()) is None,
        "problem": problem,
    }
    return render_page(request, "surveys/ticket_list.html", context, status=status)


def _printed(request: HttpRequest, wave: Wave, form: PrintForm) -> HttpResponse:
    data, user = form.cleaned_data, signed_in(request)
    tokens = tickets.print_tickets(wave, by=user, now=timezone.now(), **data)
    place = next(p for p in tickets.places(wave) if p.segment == data["segment"])
    address = settings.SITE_URL + reverse("surveys:ticket_code", args=[wave.pk])
    section = f"{place.above} {place.label}" if place.above else place.label
    context = {
        "wave": wave,
        "place": place,
        "survey_title": in_language(wave.frozen_definition, "title"),
        "sheets": [sheet(token, section=section, address=address) for token in tokens],
    }
    response = render_page(request, "surveys/ticket_sheets.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
