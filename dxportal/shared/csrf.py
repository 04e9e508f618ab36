"""Forms that are also sent from pages without referrers, where browsers name the origin "null"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt


class _TokenOnly(CsrfViewMiddleware):
    """The token is checked as everywhere; only the origin may be unnamed."""

    def _origin_verified(self, request: HttpRequest) -> bool:
        return request.META["HTTP_ORIGIN"] == "null" or bool(
            super()._origin_verified(request)  # type: ignore[misc]
        )


def from_anywhere_here(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let the menu of a page without referrers send this form."""
    checked: Callable[..., Any] = csrf_exempt(decorator_from_middleware(_TokenOnly)(view))
    return checked
