"""Default-deny sign-in, and the one place where a request's transaction is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import add_never_cache_headers

from dxportal.accounts.views.sign_in import session_ended
from dxportal.shared.tenancy import municipality_scope


def nobody_else(request: HttpRequest, *_args: Any, **_kwargs: Any) -> bool:
    """Whom a view lets in that says nothing about it."""
    return False


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every view needs a person unless it says otherwise; htmx gets 401 and keeps its page."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., Any],
        view_args: Any,
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """A view may let in somebody who has no account, such as the holder of its ticket."""
        lets_in: Callable[..., bool] = getattr(view_func, "lets_in", nobody_else)
        if not request.user.is_authenticated and lets_in(request, *view_args, **view_kwargs):
            return None
        found: HttpResponseBase | None = super().process_view(
            request, view_func, view_args, view_kwargs
        )
        return found

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        """401 for a fragment; a post's fields are carried; the sign-in page for everything else."""
        if getattr(request, "htmx", False):
            return HttpResponse(status=401)
        if request.method == "POST":
            return session_ended(request)
        return super().handle_no_permission(request, view_func)


class MunicipalityMiddleware:
    """One transaction per signed-in request with `app.municipality` set for it.

    A server error rolls everything back. Pages of signed-in people are never stored by caches.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Open the transaction for people; strangers need none."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        with municipality_scope(request.user.municipality_id):
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
            response.headers["Cache-Control"] = "private, no-store"
        return response
