"""What the views of an initiative's parts share: finding it, the right to change it."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from dxportal.accounts.access import Permission, can, signed_in
from dxportal.accounts.models import User
from roadmap.models import Initiative
from roadmap.permissions import may_update
from roadmap.views.status import next_url


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


def version_of(request: HttpRequest) -> int:
    """The version that the form was drawn from; 0 where it says none."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
