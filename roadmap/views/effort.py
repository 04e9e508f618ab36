"""What updating costs the staff: for the DX office, without a figure for any person."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from roadmap.effort import FEWEST
from roadmap.effort_counts import effort_table

#: Days that the page looks back.
DAYS = 366


@require_safe
@requires(Permission.RUN_ROUNDS)
def initiative_effort(request: HttpRequest) -> HttpResponse:
    """Median time of an update by month and channel, and the minutes of each round."""
    now = timezone.now()
    table = effort_table(signed_in(request), since=now - timedelta(days=DAYS), now=now)
    context = {"table": table, "fewest": FEWEST}
    return render(request, "roadmap/initiative_effort.html", context)
