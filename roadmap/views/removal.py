"""Removing an initiative, with a way back, and the page of those that were removed."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.shared.htmx import notify
from roadmap.actions.removal import bring_back_initiative, remove_initiative
from roadmap.models import Initiative

PAGE_SIZE = 50


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_INITIATIVES)
def initiative_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then take it out of the list; what hangs on it is kept."""
    user = signed_in(request)
    initiative = get_object_or_404(Initiative.objects.visible_to(user), pk=pk)
    if request.method == "GET":
        return render(request, "roadmap/initiative_remove.html", {"initiative": initiative})
    remove_initiative(initiative, by=user)
    sentence = _("“%(title)s” was removed.") % {"title": initiative.title}
    undo = reverse("roadmap:initiative_bring_back", args=[initiative.pk])
    return notify(request, redirect("roadmap:initiative_list"), sentence, undo)


@require_safe
@requires(Permission.EDIT_INITIATIVES)
def removed_list(request: HttpRequest) -> HttpResponse:
    """What was removed, the latest first."""
    user = signed_in(request)
    rows = Initiative.objects.removed().filter(municipality_id=user.municipality_id or 0)
    page = Paginator(rows.order_by("-removed_on", "-pk"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    return render(request, "roadmap/removed_list.html", {"page": page})


@require_POST
@requires(Permission.EDIT_INITIATIVES)
def initiative_bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it stand again where it stood; pressing twice does it once."""
    user = signed_in(request)
    here = Initiative.objects.filter(municipality_id=user.municipality_id or 0)
    initiative = get_object_or_404(here, pk=pk)
    bring_back_initiative(initiative, by=user)
    sentence = _("“%(title)s” is in the list again.") % {"title": initiative.title}
    return notify(request, redirect(initiative), sentence)
