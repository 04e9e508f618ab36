"""Charts to explore with linked filters: one form, one address, one region that is swapped."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.views.imports import csv_file
from dxportal.dashboards.explore import charts as exploring
from dxportal.shared.htmx import render_page
from dxportal.shared.tabular_csv import csv_lines


@require_safe
@requires(Permission.SEE_TECHNOLOGY_NAMES)
def explore(request: HttpRequest) -> HttpResponse:
    """Every chart for the filters of the address; htmx gets the charts alone."""
    user = signed_in(request)
    options = exploring.options(user, request.GET.dict(), timezone.localdate())
    groups = exploring.board(user, options, timezone.now(), timezone.localdate())
    context = {
        "options": options,
        "choice": options.choice,
        "groups": groups,
    }
    partial = "dashboards/_explore_charts.html"
    return render_page(request, "dashboards/explore.html", context, partial=partial)


@require_safe
@requires(Permission.SEE_TECHNOLOGY_NAMES)
def explore_export(request: HttpRequest, name: str) -> HttpResponse:
    """The numbers of one chart as CSV, for the same filters."""
    user = signed_in(request)
    options = exploring.options(user, request.GET.dict(), timezone.localdate())
    groups = exploring.board(user, options, timezone.now(), timezone.localdate())
    pictures = (picture for group in groups for picture in group.pictures)
    picture = next((picture for picture in pictures if picture.name == name), None)
    if picture is None:
        raise Http404
    lines = csv_lines(list(picture.columns), picture.plain_rows)
    title = _("explore_%(name)s_%(day)s.csv") % {"name": name, "day": timezone.localdate()}
    return csv_file(lines, title)
