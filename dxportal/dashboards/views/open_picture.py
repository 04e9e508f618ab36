"""A shared picture under its address: nobody signs in, nothing is stored, nothing leads inside."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dxportal.accounts.throttle import count_try
from dxportal.dashboards.sharing.picture import shown
from dxportal.dashboards.sharing.svg import draw
from dxportal.shared.charts import FONT
from dxportal.shared.privacy import silent
from roadmap.models import SharedPicture
from roadmap.sharing import canonical

#: Wrong addresses within the window of sign-in before they are told to wait. Right ones are never
#: held up: 256 bits cannot be guessed, and nobody may shut others out.
WRONG_TOKENS = 50
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_SVG = "image/svg+xml; charset=utf-8"

Draw = Callable[[HttpRequest, SharedPicture], HttpResponse]


@login_not_required
@silent
@require_safe
def shared_picture(request: HttpRequest, token: str) -> HttpResponse:
    """The page: works without scripts, prints on one sheet."""
    return _answer(request, token, _page)


@login_not_required
@silent
@require_safe
def shared_picture_svg(request: HttpRequest, token: str) -> HttpResponse:
    """The same as a drawing, for an intranet page or a chat; taken back, it says so."""
    return _answer(request, token, _drawing)


@login_not_required
@silent
@require_safe
def shared_picture_json(request: HttpRequest, token: str) -> HttpResponse:
    """The very bytes that the checksum is taken of."""
    return _answer(request, token, _bytes)


def _page(request: HttpRequest, found: SharedPicture) -> HttpResponse:
    context = {"picture": shown(found.content), "token": found.token, "other": _other()}
    return render(request, "dashboards/shared_picture.html", context)


def _drawing(request: HttpRequest, found: SharedPicture) -> HttpResponse:
    context = {"d": draw(shown(found.content)), "font": FONT}
    return render(request, "dashboards/shared_picture.svg", context, content_type=_SVG)


def _bytes(request: HttpRequest, found: SharedPicture) -> HttpResponse:
    response = HttpResponse(canonical(found.content), content_type="application/json")
    name = f"{found.period:%Y-%m}_{found.sha256[:12]}.json"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


def _answer(request: HttpRequest, token: str, draw_it: Draw) -> HttpResponse:
    """Draw it, say that it was taken back (410), or know nothing of it (404, in the end 429)."""
    wish = request.GET.get("lang", "")
    language = wish if wish in {"ja", "en"} else translation.get_language() or "ja"
    with translation.override(language):
        found = _find(token)
        if found is None:
            response = _unknown(request)
        elif found.withdrawn_at is not None:
            response = _gone(request, as_drawing=draw_it is _drawing)
        else:
            response = draw_it(request, found)
        response.headers["Content-Language"] = language
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _find(token: str) -> SharedPicture | None:
    """By the whole token, compared in constant time; nothing that has not its form is looked up."""
    if not _TOKEN.fullmatch(token):
        return None
    found = SharedPicture.objects.filter(token=token).first()
    return found if found and secrets.compare_digest(found.token, token) else None


def _unknown(request: HttpRequest) -> HttpResponse:
    if count_try("shared picture") > WRONG_TOKENS:
        text = _("There were many attempts in a short time. Wait 15 minutes and try again.")
        return _said(request, _("Please wait a little"), text, status=429)
    text = _("The address may be mistyped. Ask whoever gave it to you.")
    return _said(request, _("This page cannot be found"), text, status=404)


def _gone(request: HttpRequest, *, as_drawing: bool) -> HttpResponse:
    title = _("This picture is no longer shared.")
    if as_drawing:
        context = {"title": title, "font": FONT}
        page = "dashboards/shared_picture_gone.svg"
        return render(request, page, context, content_type=_SVG, status=410)
    text = _("It was taken back by those who shared it, and nothing of it is kept here.")
    return _said(request, title, text, status=410)


def _said(request: HttpRequest, title: str, text: str, *, status: int) -> HttpResponse:
    context: dict[str, Any] = {"said_title": title, "said_text": text}
    return render(request, "dashboards/shared_picture_said.html", context, status=status)


def _other() -> str:
    """The language that the page can be read in instead."""
    return "ja" if translation.get_language() == "en" else "en"
