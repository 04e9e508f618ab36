"""Coming in with a ticket: by its QR code or by typing it; no account, no second vote."""

from __future__ import annotations

from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dxportal.accounts.models import User
from dxportal.accounts.throttle import count_try
from dxportal.shared.privacy import quiet, silent
from surveys.actions import tickets
from surveys.actions.ballots import BallotRefused, Refusal
from surveys.choices import EARLY
from surveys.models import Wave
from surveys.sittings import part_of, subjects
from surveys.ticket_forms import TicketCodeForm
from surveys.tickets import grouped, read_token
from surveys.views.answer_pages import STATE_WORDS, in_language
from surveys.views.sitting import TICKET, has_just_sent, shut, take_seat

#: Wrong codes for one wave within the window of sign-in before they are told to wait. Right ones
#: are never held up: 128 bits cannot be guessed, and nobody may shut others out.
WRONG_CODES = 50


@login_not_required
@quiet
@require_http_methods(["GET", "POST"])
def ticket_code(request: HttpRequest, wave_pk: int) -> HttpResponse:
    """Type the code; a right one opens the answering pages of this wave, and nothing else."""
    if isinstance(request.user, User):
        return _has_account(request, wave_pk, request.user)
    if request.method != "POST":
        return _code_page(request, wave_pk, TicketCodeForm())
    form = TicketCodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, wave_pk, form, status=422)
    token = read_token(form.cleaned_data["code"])
    wave, segment = _find(wave_pk, token)
    if wave is not None and (reason := shut(wave, timezone.now())):
        return _refused(request, reason)
    if wave is None or token is None or segment is None:
        return _wrong(request, wave_pk, form)
    return _begin(request, wave, token, segment)


@login_not_required
@quiet
@require_safe
def ticket_scan(request: HttpRequest, wave_pk: int, token: str) -> HttpResponse:
    """What a QR code opens: the notice and a button; nothing is done before it is pressed."""
    if isinstance(request.user, User):  # to an address without the token, whatever that answers
        return redirect("surveys:ticket_code", wave_pk)
    read = read_token(token)
    wave, segment = _find(wave_pk, read)
    if wave is not None and (reason := shut(wave, timezone.now())):
        return _refused(request, reason)
    if wave is None or read is None or segment is None:
        return _wrong(request, wave_pk, TicketCodeForm({"code": ""}))
    definition = part_of(wave.frozen_definition, wave.frozen_org, segment)
    nodes = {node["key"]: node["label"] for node in wave.frozen_org["nodes"]}
    notice = {"notice_ja": wave.notice_text, "notice_en": definition.get("notice_en", "")}
    context = {
        "wave": wave,
        "survey_title": in_language(definition, "title"),
        "minutes": definition["minutes"],
        "subjects": subjects(definition),
        "place": nodes[segment],
        "notice": in_language(notice, "notice"),
        "code": grouped(read),
    }
    return render(request, "surveys/ticket_start.html", context)


def _find(wave_pk: int, token: str | None) -> tuple[Wave | None, int | None]:
    """The wave, unless nobody may know of it yet, and the section of its ticket."""
    waves = Wave.objects.sittings().select_related("survey__municipality", "initiative")
    wave = waves.filter(pk=wave_pk).exclude(state__in=EARLY).first()
    if wave is None or token is None:
        return wave, None
    return wave, tickets.segment_of(wave, token)


def _begin(request: HttpRequest, wave: Wave, token: str, segment: int) -> HttpResponse:
    """A new session that holds this ticket only and ends with the browser."""
    try:
        voter = tickets.voter_of(wave, token)
    except BallotRefused as refused:
        return _refused(request, refused.reason)
    try:
        request.session.flush()
        take_seat(request, TICKET, wave, voter)
        request.session.set_expiry(0)
        request.session.save()
    except redis.RedisError:
        form = TicketCodeForm({"code": grouped(token)})
        form.add_error(None, _("Answering is not possible just now. Try again in a few minutes."))
        return _code_page(request, wave.pk, form, status=503)
    rotate_token(request)
    if "told" in request.POST:
        asked = part_of(wave.frozen_definition, wave.frozen_org, segment)
        first = asked["questions"][0]["code"]
        return redirect("surveys:answer_question", wave.pk, first)
    return redirect("surveys:answer_start", wave.pk)


def _wrong(request: HttpRequest, wave_pk: int, form: TicketCodeForm) -> HttpResponse:
    """The same sentence for a wrong code, another round's and a round that does not exist."""
    waits = count_try(f"ticket {wave_pk}") > WRONG_CODES
    form.errors.clear()
    form.add_error("code", _wait_text() if waits else _wrong_text())
    return _code_page(request, wave_pk, form, status=429 if waits else 422)


def _code_page(
    request: HttpRequest, wave_pk: int, form: TicketCodeForm, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "here": reverse("surveys:ticket_code", args=[wave_pk])}
    return render(request, "surveys/ticket_code.html", context, status=status)


def _refused(request: HttpRequest, reason: str) -> HttpResponse:
    title, text = STATE_WORDS[reason]
    return _said(request, title, text, status=409)


def _said(request: HttpRequest, title: Any, text: Any, *, status: int, **more: Any) -> HttpResponse:
    context = {"state_title": title, "state_text": text, **more}
    return render(request, "surveys/ticket_state.html", context, status=status)


def _has_account(request: HttpRequest, wave_pk: int, user: User) -> HttpResponse:
    """Nobody votes twice: who has an account here answers with it."""
    wave = get_object_or_404(Wave.objects.visible_to(user), pk=wave_pk)
    return _said(
        request,
        _("Please answer with your account."),
        _("You are signed in. Tickets are for staff who have no account."),
        status=409 if request.method == "POST" else 200,
        answer_url=reverse("surveys:answer_start", args=[wave.pk]),
    )


@silent
def ticket_ended(request: HttpRequest, wave_pk: int, **_kwargs: Any) -> HttpResponse:
    """A form whose session is over: sent a moment ago, or nothing saved; what was typed stays."""
    sent, pressed = has_just_sent(request), request.POST.get("action") == "send"
    if sent and pressed:
        return _said(
            request, _("Sent. Thank you."), _("Your answers have arrived."), status=200, sent=True
        )
    typed = _typed(request)
    if sent:
        title, text = STATE_WORDS[Refusal.ALREADY_SENT]
        return _said(request, title, text, status=409, typed=typed)
    return _said(
        request,
        _("Answering with this ticket has ended in this browser."),
        _("If you pressed “Send” before, your answers have arrived. Otherwise begin again."),
        status=409,
        typed=typed,
        ticket_url=reverse("surveys:ticket_code", args=[wave_pk]),
    )


def _typed(request: HttpRequest) -> list[str]:
    """Texts of the posted form. What the questions were is told to nobody without a session."""
    post = request.POST
    texts = [post[name] for name in post if name.startswith("text-")]
    if post.get("kind") == "text":
        texts += post.getlist("answer")
    return [text for text in texts if text.strip()]


def _wrong_text() -> str:
    return _("This code cannot be used here. Check it with your ticket, letter by letter.")


def _wait_text() -> str:
    minutes = settings.SIGN_IN_WINDOW_SECONDS // 60
    return _(
        "There were many wrong codes. Check the code with your ticket, or wait %(minutes)d minutes."
    ) % {"minutes": minutes}
