"""The list of departments by name: filtered, sorted, page by page, and as files."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.dashboards.board.department_files import (
    CONTENT_TYPES,
    department_csv,
    department_xlsx,
)
from dxportal.dashboards.board.department_list import Listed, listed
from dxportal.dashboards.board.department_rows import PAGE_SIZE, SHOW_LABELS, Filters
from dxportal.dashboards.board.look import look
from dxportal.dashboards.board.table_heads import heads_of
from dxportal.shared.htmx import render_page


@require_safe
@requires(Permission.SEE_TECHNOLOGY_NAMES)
def department_list(request: HttpRequest) -> HttpResponse:
    """Departments by name with their steps; culture only for those who may see it."""
    found = look(signed_in(request), request.GET.dict(), timezone.now())
    filters = _filters(request)
    result = listed(found, filters)
    page = Paginator(result.rows, PAGE_SIZE).get_page(request.GET.get("page"))
    path = reverse("dashboards:department_list")
    context = {
        "page": page,
        "rows": result.drawn(list(page.object_list)),
        "query": filters.query,
        "filters": filters,
        "shown": SHOW_LABELS.get(filters.show, ""),
        "look": found,
        "links": found.links,
        "state": found.state,
        "heads": heads_of(found.state, filters.sort, path, **_kept(filters)),
        "bureaus": result.bureaus,
        "bureau": result.bureaus.get(found.state.bureau or 0, ""),
        "with_culture": can(found.user, Permission.SEE_CULTURE_NAMES),
        "surveys": result.surveys,
        "total": result.total,
    }
    return render_page(
        request,
        "dashboards/department_list.html",
        context,
        partial="dashboards/_department_table.html",
    )


def _filters(request: HttpRequest) -> Filters:
    asked = request.GET
    return Filters(
        asked.get("q", ""),
        asked.get("technology", ""),
        asked.get("culture", ""),
        asked.get("show", ""),
        asked.get("sort", ""),
    )


def _kept(filters: Filters) -> dict[str, str]:
    return {
        "q": filters.query,
        "technology": filters.technology,
        "culture": filters.culture,
        "show": filters.show,
    }


@require_safe
@requires(Permission.SEE_TECHNOLOGY_NAMES)
def department_export(request: HttpRequest, kind: str) -> HttpResponse:
    """The filtered list with every row, as on the page; culture only for those who may see it."""
    user = signed_in(request)
    found = look(user, request.GET.dict(), timezone.now())
    result: Listed = listed(found, _filters(request), answers=True)
    write: Any = department_xlsx if kind == "xlsx" else department_csv
    content = write(result, with_culture=can(user, Permission.SEE_CULTURE_NAMES))
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    response["Content-Disposition"] = content_disposition_header(True, result.file_name(kind)) or ""
    return response
