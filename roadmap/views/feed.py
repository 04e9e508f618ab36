"""Where other systems send figures of criteria, and the keys that let them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import Municipality
from dxportal.accounts.throttle import count_use
from dxportal.shared.htmx import notify
from dxportal.shared.messages import Message
from dxportal.shared.tenancy import municipality_scope
from roadmap.actions.feed_keys import end_key, key_of, make_key, note_use
from roadmap.actions.readings import enter_readings
from roadmap.choices import Channel
from roadmap.feed_body import MOST_BYTES, Unreadable, read_body
from roadmap.forms.readings import FeedKeyForm
from roadmap.models import FeedToken
from roadmap.reading_importer import reader_for
from roadmap.reading_rows import Figure, Wrong

log = logging.getLogger("roadmap.feed")

#: So many requests of one key in so many seconds.
MOST_REQUESTS: Final = 60
WINDOW_SECONDS: Final = 60
#: More are counted and not listed.
SHOWN_PROBLEMS: Final = 200
SCHEME: Final = "Bearer "


@csrf_exempt
@login_not_required
@never_cache
@require_POST
def reading_feed(request: HttpRequest) -> HttpResponse:
    """Take figures from a system with a key. No cookie is read, nobody is signed in."""
    given = request.headers.get("Authorization", "")
    key = key_of(given.removeprefix(SCHEME).strip()) if given.startswith(SCHEME) else None
    if key is None:
        answer = _refused(401, _("The key is missing or wrong."))
        answer.headers["WWW-Authenticate"] = 'Bearer realm="readings"'
        return answer
    if key.revoked_at is not None:
        return _refused(403, _("This key was ended. Ask the DX office for a new one."))
    if count_use(f"feed-key-{key.pk}", WINDOW_SECONDS) > MOST_REQUESTS:
        answer = _refused(429, _("Too many requests with this key. Wait a minute."))
        answer.headers["Retry-After"] = str(WINDOW_SECONDS)
        return answer
    if (problem := _wrong_kind(request)) is not None:
        return problem
    with municipality_scope(key.municipality_id):
        return _take(key, request.read(MOST_BYTES + 1))


def _wrong_kind(request: HttpRequest) -> JsonResponse | None:
    """Not JSON in UTF-8, or too much of it: said before it is read."""
    kind, more = request.content_type, request.content_params or {}
    charset = more.get("charset", "utf-8")
    if kind != "application/json" or charset.casefold() not in ("utf-8", "utf8"):
        return _refused(415, _("Send application/json in UTF-8."))
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        text = _("The body is larger than %(most)s bytes. Send it in parts.")
        return _refused(413, text % {"most": f"{MOST_BYTES:,}"})
    return None


def _take(key: FeedToken, raw: bytes) -> JsonResponse:
    """All rows, or none and what is wrong."""
    try:
        body = read_body(raw)
    except Unreadable as error:
        return _refused(error.status, str(error))
    today = timezone.localdate()
    reader = reader_for(key.municipality, today, suggest=False)
    figures: list[Figure] = []
    wrong = list(body.wrong)
    for line in body.lines:
        found = reader.read(line, iso=True)
        if isinstance(found, Figure):
            figures.append(found)
        else:
            wrong += found
    if wrong:
        return _refused(422, _("Nothing was written."), wrong)
    written = enter_readings(
        key.municipality, figures, by=None, today=today, channel=Channel.API, key=key
    )
    note_use(key, written, on=today)
    counts = {
        "created": written.created,
        "changed": written.changed,
        "unchanged": written.unchanged,
    }
    log.info("figures through key %s: %s", key.pk, counts)
    return JsonResponse(counts)


def _refused(status: int, error: str, wrong: Iterable[Wrong] = ()) -> JsonResponse:
    body: dict[str, Any] = {"error": error}
    rows = sorted(wrong, key=lambda one: one.row)
    if rows:
        body["problems"] = [_problem(one) for one in rows[:SHOWN_PROBLEMS]]
        body["problem_count"] = len(rows)
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


def _problem(one: Wrong) -> dict[str, Any]:
    """Row, field, what is wrong and what to do."""
    field = "department" if one.name == "department_code" else one.name
    values = {"row": one.row, "column": field, "value": one.value, **one.more}
    return {
        "row": one.row,
        "field": field,
        "message": str(Message(one.message, values)),
        "remedy": str(Message(one.remedy, values)),
    }


# The keys -----------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(Permission.KEEP_FEED_KEYS)
def feed_key_list(request: HttpRequest) -> HttpResponse:
    """All keys with the day of their last use; a new one is shown on its answer alone."""
    user = signed_in(request)
    municipality = get_object_or_404(Municipality, pk=user.municipality_id)
    form = FeedKeyForm(request.POST if request.method == "POST" else None)
    made, text = None, ""
    if form.is_bound and form.is_valid():
        try:
            made, text = make_key(municipality, name=form.cleaned_data["name"], by=user)
        except ValidationError as refused:
            form.add_error("name", refused)
        else:
            form = FeedKeyForm()
    keys = FeedToken.objects.filter(municipality=municipality).select_related("created_by")
    context = {
        "form": form,
        "made": made,
        "text": text,
        "keys": keys.order_by("revoked_at", "-created_at"),
        "address": request.build_absolute_uri("/api/readings/"),
    }
    status = 422 if form.is_bound else 200
    return render(request, "roadmap/feed_key_list.html", context, status=status)


@require_POST
@requires(Permission.KEEP_FEED_KEYS)
def feed_key_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one at once."""
    user = signed_in(request)
    key = get_object_or_404(FeedToken, pk=pk, municipality_id=user.municipality_id or 0)
    end_key(key, by=user)
    sentence = _("The key of “%(name)s” was ended.") % {"name": key.name}
    return notify(request, redirect("roadmap:feed_key_list"), sentence)
