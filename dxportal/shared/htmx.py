"""What is drawn for htmx: the partial or the page, and the toast. Never what is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.http import HTMX_STOP_POLLING, trigger_client_event

#: Prefix of the message tag that carries the address of an undo.
UNDO_TAG = "undo="


def wants_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a part; boosted and history-restore requests draw the whole page."""
    htmx = getattr(request, "htmx", None)
    if not htmx:
        return False
    return not (htmx.boosted or htmx.history_restore_request)


def render_page(
    request: HttpRequest,
    page: str,
    context: Mapping[str, Any] | None = None,
    *,
    partial: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or its named partial where htmx asks for a part; ``Vary: HX-Request`` is set."""
    template = partial if partial and wants_partial(request) else page
    response = render(request, template, dict(context or {}), status=status)
    if partial:
        patch_vary_headers(response, ("HX-Request",))
    return response


def stop_polling(response: HttpResponse) -> HttpResponse:
    """The last answer to a poll: status 286."""
    response.status_code = HTMX_STOP_POLLING
    return response


def toast(
    response: HttpResponse, message: str, undo_url: str | None = None, *, tone: str = "success"
) -> HttpResponse:
    """Show a sentence, with a way back if there is one, beside a swapped part."""
    params = {"message": str(message), "undo_url": undo_url or "", "tone": tone}
    return trigger_client_event(response, "toast", params)


def notify(
    request: HttpRequest,
    response: HttpResponse,
    message: str,
    undo_url: str | None = None,
    *,
    tone: str = "success",
) -> HttpResponse:
    """The same sentence through a toast (htmx) or on the next full page (plain post)."""
    if wants_partial(request):
        return toast(response, message, undo_url, tone=tone)
    tags = f"{UNDO_TAG}{undo_url}" if undo_url else ""
    level = messages.ERROR if tone == "error" else messages.SUCCESS
    messages.add_message(request, level, str(message), extra_tags=tags)
    return response
