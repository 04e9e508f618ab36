"""Public figures of municipalities of the same size, and of all sizes beside each other."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.choices import SizeBand
from dxportal.accounts.views.imports import csv_file
from dxportal.dashboards import peer_page, published
from dxportal.dashboards.peer_page import Choice
from dxportal.shared.tabular_csv import csv_lines


@require_safe
@requires(Permission.SEE_DISTRIBUTION)
def peer_list(request: HttpRequest) -> HttpResponse:
    """The figures of one size, with one's own municipality or another one marked."""
    choice = _choice(request)
    csv_url = f"{reverse('dashboards:peer_export')}?band={choice.band}"
    context = {
        "home": signed_in(request).municipality,
        "choice": choice,
        "sizes": SizeBand.choices,
        "page": peer_page.peer_page(choice, csv_url),
        "source": published,
        "csv_url": csv_url,
    }
    return render(request, "dashboards/peer_list.html", context)


@require_safe
@requires(Permission.SEE_DISTRIBUTION)
def peer_bands(request: HttpRequest) -> HttpResponse:
    """Every size in one row."""
    choice = _choice(request)
    context = {"choice": choice, "rows": peer_page.band_rows(choice.band)}
    return render(request, "dashboards/peer_bands.html", context)


@require_safe
@requires(Permission.SEE_DISTRIBUTION)
def peer_export(request: HttpRequest) -> HttpResponse:
    """The municipalities of one size with all their figures, as CSV."""
    band = _choice(request).band
    places = published.published().bands[band]
    name = _("municipalities_%(size)s_fiscal_%(year)d.csv") % {
        "size": band.label,
        "year": published.FISCAL_YEAR,
    }
    return csv_file(csv_lines(peer_page.place_header(), peer_page.place_cells(places)), name)


def _choice(request: HttpRequest) -> Choice:
    told = request.GET
    return peer_page.choose(
        signed_in(request).municipality,
        band=told.get("band", ""),
        code=told.get("code", ""),
        query=told.get("q", "")[:60],
    )
