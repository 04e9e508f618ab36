"""Sharing a reduced picture: what is open, what would be seen, publishing and taking back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.dashboards.forms_sharing import Preview, SharingForm, preview
from dxportal.dashboards.sharing.picture import shown
from dxportal.shared.htmx import notify
from roadmap.actions.shared_pictures import publish_picture, renew_picture, withdraw_picture
from roadmap.models import SharedPicture


@require_safe
@requires(Permission.SHARE_PICTURES)
def shared_picture_list(request: HttpRequest) -> HttpResponse:
    """What is open under which address, and what was taken back."""
    rows = SharedPicture.objects.visible_to(signed_in(request))
    found = list(rows.select_related("published_by", "withdrawn_by"))
    context = {
        "opened": [(row, _addresses(row)) for row in found if row.withdrawn_at is None],
        "withdrawn": [row for row in found if row.withdrawn_at is not None],
    }
    return render(request, "dashboards/shared_picture_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.SHARE_PICTURES)
def shared_picture_create(request: HttpRequest) -> HttpResponse:
    """Exactly what a new address would show; published only as it was seen."""
    return _share(request, None)


@require_http_methods(["GET", "POST"])
@requires(Permission.SHARE_PICTURES)
def shared_picture_renew(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for an address that is open already, with what changes there."""
    pictures = SharedPicture.objects.visible_to(signed_in(request)).shown()
    return _share(request, get_object_or_404(pictures, pk=pk))


@require_POST
@requires(Permission.SHARE_PICTURES)
def shared_picture_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Empty it at once; nobody can bring it back."""
    user = signed_in(request)
    picture = get_object_or_404(SharedPicture.objects.visible_to(user), pk=pk)
    withdraw_picture(picture, by=user)
    response = redirect("dashboards:shared_picture_list")
    return notify(request, response, _("Taken back. The address shows nothing any more."))


def _share(request: HttpRequest, picture: SharedPicture | None) -> HttpResponse:
    user = signed_in(request)
    form = SharingForm.of(user, picture, request.POST or None)
    found = preview(user, form, picture)
    if request.method != "POST":
        return _page(request, form, found, picture)
    if not form.is_valid():
        return _page(request, form, found, picture, status=422)
    if found is None or "publish" not in request.POST:
        return _page(request, form, found, picture)
    if request.POST.get("seen") != found.seen:
        return _page(request, form, found, picture, status=409)
    return _publish(request, form, found, picture)


def _publish(
    request: HttpRequest, form: SharingForm, found: Preview, picture: SharedPicture | None
) -> HttpResponse:
    user = signed_in(request)
    if user.municipality is None:
        raise PermissionDenied
    try:
        if picture is None:
            publish_picture(user.municipality, content=found.content, by=user)
            words = _("Shared. Copy the address and hand it on.")
        else:
            renew_picture(picture, content=found.content, by=user)
            words = _("The address shows the newer picture now.")
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, form, found, picture, status=422)
    return notify(request, redirect("dashboards:shared_picture_list"), words)


def _page(
    request: HttpRequest,
    form: SharingForm,
    found: Preview | None,
    picture: SharedPicture | None,
    *,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "found": found,
        "picture": shown(found.content) if found else None,
        "shared": picture,
        "moved_on": status == 409,
    }
    return render(request, "dashboards/shared_picture_form.html", context, status=status)


def _addresses(row: SharedPicture) -> dict[str, str]:
    """The whole addresses of the page and of the drawing, to be copied."""
    drawing = reverse("dashboards:shared_picture_svg", args=[row.token])
    return {
        "page": settings.SITE_URL + row.get_absolute_url(),
        "drawing": settings.SITE_URL + drawing,
    }
