"""How answering pages keep quiet: nothing cached, no referrer, nothing posted in error reports."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from dxportal.accounts.access import View


class _TokenOnly(CsrfViewMiddleware):
    """The token is checked as everywhere; a page without referrers names its origin "null"."""

    def _origin_verified(self, request: HttpRequest) -> bool:
        return request.META["HTTP_ORIGIN"] == "null" or bool(
            super()._origin_verified(request)  # type: ignore[misc]
        )


_token_only = decorator_from_middleware(_TokenOnly)


def quiet(view: View) -> View:
    """A page of the sealed ballot: no-store, no-referrer, posted values never reported."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    checked: View = csrf_exempt(_token_only(sensitive_post_parameters()(guarded)))
    return checked
