"""What the forms of every part of an initiative share: who may, and the card that is drawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from dxportal.accounts.access import Permission, can, signed_in
from dxportal.accounts.models import Event, User
from dxportal.shared.htmx import wants_partial
from roadmap.actions.parts import PART
from roadmap.board import BoardRow
from roadmap.models import Initiative
from roadmap.permissions import may_update
from roadmap.views.status import board_row, next_url

Build = Callable[[BoardRow, User, date], Any]


def visible_initiative(request: HttpRequest, pk: int) -> tuple[Initiative, User, date]:
    """The initiative (404 for a stranger), the reader and the day."""
    user = signed_in(request)
    return get_object_or_404(Initiative.objects.visible_to(user), pk=pk), user, timezone.localdate()


def changeable_initiative(
    request: HttpRequest, pk: int, *or_with: Permission
) -> tuple[Initiative, User, date]:
    """The same, for those who may report on it or hold one of the permissions (403 otherwise)."""
    initiative, user, day = visible_initiative(request, pk)
    if not any(can(user, permission) for permission in or_with) and not may_update(
        user, initiative, day
    ):
        raise PermissionDenied
    return initiative, user, day


def back_to(request: HttpRequest, initiative: Initiative, anchor: str) -> HttpResponse:
    """The page that the person came from, else the part of the initiative's page."""
    return redirect(next_url(request, f"{initiative.get_absolute_url()}#{anchor}"))


def version_of(request: HttpRequest, default: int = 0) -> int:
    """The version that the form was drawn from; the default where it says none that could be."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


def changeable(request: HttpRequest, pk: int) -> Initiative:
    """The initiative of the address, for those who may report on it (404, then 403)."""
    return changeable_initiative(request, pk)[0]


def removal(user: User, initiative: Initiative, pk: int, action: str) -> Event:
    """The event of a removal in this initiative, which an undo names (404 for any other)."""
    events = Event.objects.visible_to(user).about("initiative", initiative.pk)
    return get_object_or_404(events.filter(action=action), pk=pk)


def last_change(user: User, initiative: Initiative, part: Any) -> Event | None:
    """Who changed a part last, and when."""
    events = Event.objects.visible_to(user).about("initiative", initiative.pk)
    named = {f"after__{PART}__0": part._meta.model_name, f"after__{PART}__1": part.pk}
    return events.filter(**named).first()


def draw_card(
    request: HttpRequest,
    initiative: Initiative,
    name: str,
    build: Build,
    *,
    status: int = 200,
    **asked: Any,
) -> HttpResponse:
    """The card for htmx, with what the facts say now; else the page, or on a question the card
    on a page of its own. `asked`: which form stays open, and why."""
    user, day = signed_in(request), timezone.localdate()
    partial = wants_partial(request)
    if status == 200 and not partial:
        return redirect(f"{initiative.get_absolute_url()}#{name}")
    row = board_row(user, initiative.pk, day)
    context = {
        "row": row,
        "initiative": row.initiative,
        name: build(row, user, day),
        "part": f"roadmap/_{name}.html",
        "asked": asked,
    }
    page = f"roadmap/_{name}.html" if partial else "roadmap/initiative_part.html"
    response = render(request, page, context, status=status)
    if partial:
        response.write(
            render(request, "roadmap/_derived.html", {"row": row, "apart": True}).content
        )
    return response
