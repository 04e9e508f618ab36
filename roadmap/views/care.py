"""Nobody left behind: the page of what lacks another way, and the lines of one initiative."""

from __future__ import annotations

from datetime import date
from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.fiscal import CalendarStyle
from dxportal.shared.htmx import notify
from roadmap.actions.care import set_care
from roadmap.actions.initiatives import EditConflict
from roadmap.board import BoardRow, board_rows
from roadmap.forms.trainings import CareForm
from roadmap.listing import Initiatives, for_rows, lacking_care, listed, not_asked_yet
from roadmap.models import Initiative, Stage
from roadmap.permissions import may_edit, may_update
from roadmap.views.history import undo_of_edit
from roadmap.views.parts import version_of
from roadmap.wording import LABELS, Wording

NAMES = ("replaces_channel", "replaced_channel", "alternative", "support")
#: Rows shown of each table.
MOST_ROWS = 50


@require_safe
@requires(Permission.SEE_INITIATIVES)
def care_list(request: HttpRequest) -> HttpResponse:
    """What replaces a channel and names no other way or no help; what nobody answered yet."""
    user, day = signed_in(request), timezone.localdate()
    rows = listed(user, day)
    lacking, unanswered = lacking_care(rows), not_asked_yet(rows)
    context = {
        "lacking": _rows(user, day, lacking),
        "lacking_count": lacking.count(),
        "unanswered": _rows(user, day, unanswered),
        "unanswered_count": unanswered.count(),
        "written": rows.filter(replaces_channel=True).count(),
    }
    return render(request, "roadmap/care_list.html", context)


def _rows(user: User, day: date, initiatives: Initiatives) -> list[BoardRow]:
    """The first rows in the order of the organisation."""
    stages = list(Stage.objects.visible_to(user))
    return board_rows(for_rows(initiatives)[:MOST_ROWS], user=user, day=day, stages=stages)


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def initiative_care(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what those get who cannot use it; whoever reports on the initiative may."""
    user, day = signed_in(request), timezone.localdate()
    initiative = get_object_or_404(Initiative.objects.visible_to(user), pk=pk)
    if not may_update(user, initiative, day):
        raise PermissionDenied
    if request.method == "GET":
        form = CareForm(initial={name: getattr(initiative, name) for name in NAMES})
        return _page(request, initiative, form, initiative.version)
    version = version_of(request)
    form = CareForm(request.POST)
    if not form.is_valid():
        return _page(request, initiative, form, version, status=422)
    try:
        done = set_care(initiative, by=user, care=form.care(), version=version)
    except EditConflict as conflict:
        return _page(request, initiative, form, conflict.version, status=409, conflict=conflict)
    sentence = _("“%(title)s” was saved.") % {"title": done.title}
    undo = undo_of_edit(done, user, version) if may_edit(user) else None
    return notify(request, redirect(initiative), sentence, undo)


def _page(
    request: HttpRequest,
    initiative: Initiative,
    form: CareForm,
    version: int,
    *,
    status: int = 200,
    conflict: EditConflict | None = None,
) -> HttpResponse:
    """409: what was typed stays in the fields, what the other person wrote stands above them."""
    context = {"initiative": initiative, "form": form, "version": version}
    if conflict:
        municipality = signed_in(request).municipality
        words = Wording(cast(CalendarStyle, getattr(municipality, "calendar_style", "both")))
        context["theirs"] = [
            (LABELS[name], words.text(name, conflict.theirs[name])) for name in conflict.names
        ]
    return render(request, "roadmap/initiative_care.html", context, status=status)
