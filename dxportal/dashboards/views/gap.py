"""The gap: staff beside heads, and what is measured beside what is declared."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.dashboards.gaps.declared import both
from dxportal.dashboards.gaps.page import gap_board
from dxportal.shared.htmx import render_page


@require_safe
@requires(Permission.SEE_RESULTS)
def gap(request: HttpRequest) -> HttpResponse:
    """All staff, or the unit in the address, as far as the viewer reads units by name."""
    user, now = signed_in(request), timezone.now()
    board = gap_board(user, now, request.GET.get("unit", ""))
    context = {
        "board": board,
        "both": both(user, board, timezone.localdate(now)),
        "may_run": can(user, Permission.RUN_SURVEYS),
    }
    return render_page(request, "dashboards/gap.html", context)
