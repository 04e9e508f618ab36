"""What makes work harder, how many hours a week, and what is being done about it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.dashboards.painpoints import pain_board


@require_safe
@requires(Permission.SEE_RESULTS)
def painpoint_list(request: HttpRequest) -> HttpResponse:
    """Themes by hours a week with replies and initiatives, and units against themes."""
    user = signed_in(request)
    context = {
        "board": pain_board(user, timezone.now()),
        "may_reply": can(user, Permission.REPLY_TO_THEMES),
        "may_create": can(user, Permission.EDIT_INITIATIVES),
        "may_run": can(user, Permission.RUN_SURVEYS),
    }
    return render(request, "dashboards/painpoint_list.html", context)
