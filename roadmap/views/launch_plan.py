"""The five lines before going live: the card on the initiative's page, and the form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.fiscal import CalendarStyle
from dxportal.shared.htmx import notify
from roadmap.actions.initiatives import EditConflict
from roadmap.actions.launch_plan import set_launch_plan
from roadmap.board import BoardRow
from roadmap.forms.launch_plan import LaunchPlanForm
from roadmap.launch_lines import ASKED_IN, NAMES, ask_again_day, missing_lines
from roadmap.models import Initiative
from roadmap.permissions import may_edit, may_update
from roadmap.timeliness import target_end
from roadmap.views.history import undo_of_edit
from roadmap.views.parts import version_of
from roadmap.wording import LABELS, Wording


@dataclass(frozen=True)
class LaunchCard:
    """What stands in the five lines, what is missing, and when to ask again."""

    initiative: Initiative
    missing: list[str]
    filled: bool
    suggested: date | None
    may_fill: bool


def launch_card(row: BoardRow, user: User, day: date) -> LaunchCard | None:
    """None once staff's answers speak, or where it is stopped or on hold."""
    values = _values(row.initiative)
    filled = any(value not in (None, "") for value in values.values())
    if row.phase not in ASKED_IN or row.adoption.on is not None:
        return None
    suggested = None if values["ask_again_on"] else _suggested(row.initiative, day)
    return LaunchCard(row.initiative, missing_lines(values), filled, suggested, row.may_update)


def _values(initiative: Initiative) -> dict[str, Any]:
    return {name: getattr(initiative, name) for name in NAMES}


def _suggested(initiative: Initiative, day: date) -> date | None:
    """90 days after the planned launch, on a working day; nothing once that has passed."""
    end = target_end(initiative.target_fy, initiative.target_quarter)
    launch = initiative.launched_on or end
    suggested = ask_again_day(launch) if launch else None
    return suggested if suggested and suggested >= day else None


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def initiative_launch_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the five lines; whoever reports on the initiative may."""
    user, day = signed_in(request), timezone.localdate()
    initiative = get_object_or_404(Initiative.objects.visible_to(user), pk=pk)
    if not may_update(user, initiative, day):
        raise PermissionDenied
    if request.method == "GET":
        return _page(request, initiative, _form(initiative, day), initiative.version)
    version = version_of(request)
    form = LaunchPlanForm(request.POST)
    if not form.is_valid():
        return _page(request, initiative, form, version, status=422)
    try:
        done = set_launch_plan(initiative, by=user, plan=form.plan(), version=version)
    except EditConflict as conflict:
        return _page(request, initiative, form, conflict.version, status=409, conflict=conflict)
    sentence = _("The lines before going live of “%(title)s” were saved.") % {"title": done.title}
    undo = undo_of_edit(done, user, version) if may_edit(user) else None
    return notify(request, redirect(initiative), sentence, undo)


def _form(initiative: Initiative, day: date) -> LaunchPlanForm:
    """What stands now; an empty day of asking again is suggested."""
    values = _values(initiative)
    values["ask_again_on"] = values["ask_again_on"] or _suggested(initiative, day)
    return LaunchPlanForm(initial=values)


def _page(
    request: HttpRequest,
    initiative: Initiative,
    form: LaunchPlanForm,
    version: int,
    *,
    status: int = 200,
    conflict: EditConflict | None = None,
) -> HttpResponse:
    """409: what was typed stays in the fields, what the other person wrote stands above them."""
    context = {"initiative": initiative, "form": form, "version": version}
    if conflict:
        municipality = signed_in(request).municipality
        style = cast(CalendarStyle, getattr(municipality, "calendar_style", "both"))
        words = Wording(style)
        context["theirs"] = [
            (LABELS[name], words.text(name, conflict.theirs[name])) for name in conflict.names
        ]
    return render(request, "roadmap/initiative_launch_plan.html", context, status=status)
