"""Promoters and support: who helps which section, and which have nobody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, can, departments_for, requires, signed_in
from dxportal.accounts.promoting import Cover
from dxportal.dashboards.promoters import promoter_board


@require_safe
@requires(Permission.SEE_INITIATIVES)
def promoter_list(request: HttpRequest) -> HttpResponse:
    """Everybody sees whom to ask; the DX office adds, extends and asks for promoters."""
    user = signed_in(request)
    show = request.GET.get("show", "")
    show = show if show in (Cover.NONE, Cover.ENDING) else ""
    board = promoter_board(
        user,
        now=timezone.now(),
        show=show,
        heads=departments_for(user, Permission.SUGGEST_PROMOTERS),
        with_tickets=can(user, Permission.RUN_SURVEYS),
    )
    context = {"board": board, "show": show}
    return render(request, "dashboards/promoter_list.html", context)
