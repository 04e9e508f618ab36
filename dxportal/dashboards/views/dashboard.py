"""The municipality's two-axis staircase."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.accounts.models import User
from dxportal.dashboards.board import panels
from dxportal.dashboards.board.chosen import chosen
from dxportal.dashboards.board.decisions import wanted
from dxportal.dashboards.board.figures import Figure
from dxportal.dashboards.board.follow_up_bars import LEGEND, follow_up_bars
from dxportal.dashboards.board.kpis import kpis
from dxportal.dashboards.board.look import Look, look
from dxportal.dashboards.board.pain_map import pain_map
from dxportal.dashboards.board.panels import Dashboard
from dxportal.dashboards.board.table_heads import heads_of
from dxportal.dashboards.gaps.page import gap_panel
from dxportal.dashboards.painpoints import pain_summary
from dxportal.dashboards.value_page import value_panel
from dxportal.shared.htmx import wants_partial
from roadmap.models import Initiative

#: Initiatives with their verdict on the page; the others are behind a link.
MOST_VERDICTS = 8


@require_safe
@requires(Permission.SEE_DISTRIBUTION)
def dashboard(request: HttpRequest) -> HttpResponse:
    """Names for those who may see them, counts for everybody; a heading asks for the table only."""
    found = look(signed_in(request), request.GET.dict(), timezone.now())
    if wants_partial(request):
        response = render(request, "dashboards/_department_rows.html", _table(found))
    else:
        response = render(request, "dashboards/dashboard.html", _context(found))
    patch_vary_headers(response, ("HX-Request",))
    return response


def _table(found: Look) -> dict[str, Any]:
    table, read, with_culture = panels.table_of(found)
    return {
        "table": table,
        "links": found.links,
        "heads": heads_of(found.state, table.sort),
        "with_culture": with_culture,
        "surveys": read,
    }


def _context(found: Look) -> dict[str, Any]:
    """Everything on the page."""
    user, data = found.user, panels.dashboard(found)
    results = can(user, Permission.SEE_RESULTS)
    pain = pain_summary(user, found.at, data.surveys) if results else None
    shown = data.adoption[:MOST_VERDICTS]
    value = value_panel(user, found.until)
    return {
        "data": data,
        "table": data.table,
        "links": found.links,
        "state": found.state,
        "heads": heads_of(found.state, data.table.sort),
        "with_culture": data.with_culture,
        "surveys": data.surveys,
        "chosen": chosen(found, data.scenes),
        "kpis": _kpis(found, data, pain, value),
        "decisions": _decisions(found),
        "adoption": data.adoption,
        "verdicts": shown,
        "bars": follow_up_bars(shown, found.now) if results else None,
        "legend": LEGEND,
        "pain": pain,
        "pain_map": pain_map(pain, found.links) if pain else None,
        "value": value,
        "gap_panel": gap_panel(user, found.at) if results else None,
        "may_see_results": results,
        "bureaus": data.bureaus,
        "bureau_name": data.bureaus.get(found.state.bureau or 0, ""),
        "all_bureaus": found.state.with_(bureau=""),
        "samples": Initiative.objects.visible_to(user).samples().count(),
        "offers_imports": not data.counts[0]["initiatives"] and _may_begin(user),
    }


def _kpis(found: Look, data: Dashboard, pain: Any, value: Any) -> Any:
    now, then = data.counts
    read = data.surveys if can(found.user, Permission.SEE_RESULTS) else None
    return kpis(
        found.links,
        found=read,
        pain=pain,
        value=value,
        adoption=data.adoption,
        now=now,
        then=then,
    )


def _decisions(found: Look) -> Any:
    """What waits, for those who decide; None for everybody else."""
    if not can(found.user, Permission.SEE_ESCALATIONS):
        return None
    return [
        (row, Figure(row.kind, str(row.count), found.links.figure(row.kind), row.count))
        for row in wanted(found.user, found.today)
    ]


def _may_begin(user: User) -> bool:
    """Whether somebody who imports tables looks at a municipality without any initiative."""
    imports = can(user, Permission.IMPORT_DATA) or can(user, Permission.MANAGE_PEOPLE)
    return imports and not Initiative.objects.visible_to(user).exists()
