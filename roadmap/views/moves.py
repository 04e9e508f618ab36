"""Moving an initiative in time, one quarter at a time, where it stands in the timeline."""

from __future__ import annotations

import re
from typing import cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.fiscal import CalendarStyle, format_fiscal_year
from dxportal.shared.htmx import notify
from roadmap.actions.initiatives import EditConflict
from roadmap.actions.moves import move_quarter
from roadmap.forms.filters import TIMES
from roadmap.models import Initiative
from roadmap.permissions import may_edit
from roadmap.views.status import next_url


@require_POST
@requires(Permission.SEE_INITIATIVES)
def initiative_move(
    request: HttpRequest, pk: int, which: str, to: str, version: int
) -> HttpResponse:
    """Put start or target into a quarter (0: the year alone); the way back is the same address."""
    user = signed_in(request)
    initiative = get_object_or_404(Initiative.objects.visible_to(user), pk=pk)
    if not may_edit(user):
        raise PermissionDenied
    fy, quarter = _quarter(which, to)
    old_fy, old = getattr(initiative, f"{which}_fy"), getattr(initiative, f"{which}_quarter")
    back = next_url(request, initiative.get_absolute_url())
    try:
        moved = move_quarter(
            initiative, by=user, which=which, fy=fy, quarter=quarter or None, version=version
        )
    except EditConflict as conflict:
        return _conflict(request, initiative, which, (fy, quarter), conflict.version)
    except ValidationError as refused:
        return notify(request, redirect(back), " ".join(refused.messages), tone="error")
    undo = None
    if moved.version != initiative.version and old_fy is not None:
        args = [pk, which, f"{old_fy}-{old or 0}", moved.version]
        undo = reverse("roadmap:initiative_move", args=args)
    when = words_of(user, fy, quarter)
    sentence = _SENTENCES[which]() % {"title": initiative.title, "when": when}
    return notify(request, redirect(back), sentence, undo)


def _quarter(which: str, to: str) -> tuple[int, int]:
    """2026-3 as numbers; an address that nobody was given is not there."""
    found = _TO.fullmatch(to)
    if found is None or which not in _SENTENCES or int(found["fy"]) not in TIMES:
        raise Http404
    return int(found["fy"]), int(found["quarter"])


_TO = re.compile(r"(?P<fy>\d{4})-(?P<quarter>[0-4])")
_SENTENCES = {
    "start": lambda: _("“%(title)s” now starts in %(when)s."),
    "target": lambda: _("The target of “%(title)s” is now %(when)s."),
}


def words_of(user: User, fy: int | None, quarter: int | None) -> str:
    """令和8年度 第3四半期."""
    if fy is None:
        return _("not decided")
    style = user.municipality.calendar_style if user.municipality else "both"
    year = format_fiscal_year(fy, cast(CalendarStyle, style))
    return _("%(year)s, Q%(quarter)s") % {"year": year, "quarter": quarter} if quarter else year


def _conflict(
    request: HttpRequest, initiative: Initiative, which: str, mine: tuple[int, int], version: int
) -> HttpResponse:
    """409: both sides, and one choice."""
    user = signed_in(request)
    initiative.refresh_from_db()
    to = f"{mine[0]}-{mine[1]}"
    theirs = (getattr(initiative, f"{which}_fy"), getattr(initiative, f"{which}_quarter"))
    context = {
        "initiative": initiative,
        "which": which,
        "mine": words_of(user, *mine),
        "theirs": words_of(user, *theirs),
        "action": reverse("roadmap:initiative_move", args=[initiative.pk, which, to, version]),
        "back": next_url(request, initiative.get_absolute_url()),
    }
    return render(request, "roadmap/initiative_move.html", context, status=409)
