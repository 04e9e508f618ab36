"""How pages keep quiet: nothing cached, no referrer, nothing posted or secret in error reports."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

View = Callable[..., HttpResponseBase]

#: Django names the path of a request that failed; that of a ticket's QR code, of a reminder's link
#: and of a shared picture hold their token.
LOGGERS = ("django.request", "django.security.csrf", "django.server")
_TOKEN_IN_PATH = re.compile(r"(/ticket/|/u/|/shared/)[^/\s?\"]+")


class _TokenOnly(CsrfViewMiddleware):
    """The token is checked as everywhere; a page without referrers names its origin "null"."""

    def _origin_verified(self, request: HttpRequest) -> bool:
        return request.META["HTTP_ORIGIN"] == "null" or bool(
            super()._origin_verified(request)  # type: ignore[misc]
        )


_token_only = decorator_from_middleware(_TokenOnly)


def silent(view: View) -> View:
    """What every quiet page sends along: no-store and no-referrer."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return guarded


def quiet(view: View) -> View:
    """A page of a ballot or of a link: no-store, no-referrer, posted values never reported."""
    checked: View = csrf_exempt(_token_only(sensitive_post_parameters()(silent(view))))
    return checked


class TokenFilter(logging.Filter):
    """Takes the tokens of tickets and links out of log lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask and let through."""
        record.msg = _masked(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_masked(value) for value in record.args)
        return True


def _masked(value: Any) -> Any:
    return _TOKEN_IN_PATH.sub(r"\1-", value) if isinstance(value, str) else value


def keep_tokens_out_of_logs() -> None:
    """Put the filter before every handler of the loggers that name paths."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, TokenFilter) for known in logger.filters):
            logger.addFilter(TokenFilter())
