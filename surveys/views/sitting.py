"""Who sits before an answering page, by which door they came, and what that leaves behind."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial, wraps
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth import logout
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts import carry
from dxportal.accounts.access import View
from dxportal.accounts.models import User
from dxportal.accounts.views.sign_in import SHARED_PC
from surveys.actions import ballots
from surveys.actions.ballots import ByAccount, ByTicket, Held, Refusal, Voter
from surveys.choices import WaveState
from surveys.models import Wave
from surveys.sittings import part_of
from surveys.views.answer_pages import CANCELLED, STATE_WORDS, in_language

#: Set at sign-in; a password that somebody else resets changes it, and drafts stay shut.
BINDING = "draft_binding"
#: Keys of a session that holds a ticket, or the paper that a clerk is typing in.
TICKET, PAPER = "ticket", "paper"
#: For so many seconds a second click on "Send" is told that the first one arrived.
JUST_SENT_SECONDS = 120


@dataclass(frozen=True)
class Door:
    """One of the ways to the same pages, by their names in the site map."""

    start: str
    question: str
    check: str
    send: str
    thanks: str


ORDINARY = Door(
    start="surveys:answer_start",
    question="surveys:answer_question",
    check="surveys:answer_check",
    send="surveys:answer_send",
    thanks="surveys:answer_thanks",
)
#: A clerk's sheet begins and ends at the page where the next one is chosen.
BY_PAPER = Door(
    start="surveys:paper",
    question="surveys:paper_question",
    check="surveys:paper_check",
    send="surveys:paper_send",
    thanks="surveys:paper",
)


@dataclass(frozen=True)
class Sitting:
    """One request of one voter to one wave.

    `binding`: what an unsent draft is tied to. `leaves_nothing`: a ticket, or a PC that others use
    too. `sheet`: which paper a clerk is typing in.
    """

    request: HttpRequest
    wave: Wave
    voter: Voter
    binding: bytes
    now: datetime
    door: Door = ORDINARY
    leaves_nothing: bool = False
    sheet: str = ""

    @property
    def by_ticket(self) -> bool:
        """Whether somebody holds a ticket in their hands."""
        return isinstance(self.voter, ByTicket) and not self.sheet

    @cached_property
    def definition(self) -> Mapping[str, Any]:
        """The questions as frozen at opening, of a sitting those of this voter's blocks."""
        frozen: dict[str, Any] = self.wave.frozen_definition
        if not self.wave.several:
            return frozen
        segment = ballots.segment_of(self.wave, self.voter)
        return part_of(frozen, self.wave.frozen_org, segment)

    def shut(self) -> str | None:
        """Why nobody can answer now, as far as the wave's row tells."""
        return shut(self.wave, self.now)

    def held(self) -> Held:
        """What the box holds for this voter."""
        return ballots.look_up(self.wave, self.voter, draft_binding=self.binding)

    def to(self, page: str, *args: Any) -> HttpResponse:
        """On to a page behind the same door."""
        return redirect(reverse(getattr(self.door, page), args=[self.wave.pk, *args]))

    def draw(self, template: str, /, *, status: int = 200, **context: Any) -> HttpResponse:
        """A page of this survey."""
        definition = self.definition or {
            "title_ja": self.wave.survey.title,
            "title_en": self.wave.survey.title_en,
        }
        base = {
            "wave": self.wave,
            "survey_title": in_language(definition, "title"),
            "door": self.door,
            "by_ticket": self.by_ticket,
            "leaves_nothing": self.leaves_nothing,
            "sheet": self.sheet,
        }
        return render(self.request, f"surveys/{template}.html", {**base, **context}, status=status)


def shut(wave: Wave, now: datetime) -> str | None:
    """Why nobody can answer the wave now; None where it takes answers."""
    if wave.state in {WaveState.DRAFT, WaveState.SCHEDULED}:
        return Refusal.NOT_OPEN
    if wave.state in {WaveState.CANCELLED, WaveState.KEY_LOST}:
        return CANCELLED if wave.state == WaveState.CANCELLED else Refusal.KEY_LOST
    is_open = wave.state == WaveState.OPEN and wave.closes_at > now
    return None if is_open else Refusal.CLOSED


def state(sitting: Sitting, reason: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Why nothing can be answered."""
    title, text = STATE_WORDS[reason]
    shown = {"reason": str(reason), "state_title": title, "state_text": text, **context}
    return sitting.draw("answer_state", status=status, **shown)


# Seats in a session ----------------------------------------------------------------------------
def take_seat(request: HttpRequest, name: str, wave: Wave, voter: ByTicket, **more: Any) -> None:
    """Keep in the session whose ballot is written: hash and pseudonym, never the token."""
    request.session[name] = {
        "wave": wave.pk,
        "hash": voter.token_hash.hex(),
        "nullifier": voter.nullifier.hex(),
        "binding": secrets.token_hex(16),
        **more,
    }


def seat_of(request: HttpRequest, name: str, wave_pk: int) -> Mapping[str, Any] | None:
    """What `take_seat` kept for this wave."""
    kept: Mapping[str, Any] | None = request.session.get(name)
    return kept if kept is not None and kept["wave"] == wave_pk else None


def seated(kept: Mapping[str, Any]) -> ByTicket:
    """The voter of a seat."""
    return ByTicket(bytes.fromhex(kept["hash"]), bytes.fromhex(kept["nullifier"]))


def sit(request: HttpRequest, wave_pk: int) -> Sitting:
    """The person who signed in, or else the holder of a ticket of exactly this wave."""
    waves = Wave.objects.sittings().select_related("survey__municipality", "initiative")
    now = timezone.now()
    if isinstance(request.user, User):
        wave = get_object_or_404(waves.visible_to(request.user), pk=wave_pk)
        kept = request.session.get(BINDING) or request.user.get_session_auth_hash()
        shared = bool(request.session.get(SHARED_PC))
        voter = ByAccount(request.user.pk)
        return Sitting(request, wave, voter, str(kept).encode(), now, leaves_nothing=shared)
    seat = seat_of(request, TICKET, wave_pk)
    if seat is None:
        raise PermissionDenied
    wave = get_object_or_404(waves, pk=wave_pk)
    binding = seat["binding"].encode()
    return Sitting(request, wave, seated(seat), binding, now, leaves_nothing=True)


# Leaving nothing behind ------------------------------------------------------------------------
def leave(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """End the session after a sending; over TLS the browser also drops what it stored of us."""
    mark = _just_sent(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
    transaction.on_commit(partial(cache.set, mark, True, JUST_SENT_SECONDS), robust=True)
    try:
        logout(request)
    except redis.RedisError:
        response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")
    response.delete_cookie(carry.LAST_USER, samesite="Lax")
    if request.is_secure():
        response.headers["Clear-Site-Data"] = '"cache", "storage", "cookies"'
    return response


def has_just_sent(request: HttpRequest) -> bool:
    """Whether this browser's session ended by a sending a moment ago: a second click."""
    with_session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return bool(with_session) and bool(cache.get(_just_sent(with_session)))


def _just_sent(session_key: str) -> str:
    return f"just-sent:{hashlib.sha256(session_key.encode()).hexdigest()}"


def open_to_tickets(ended: View) -> Callable[[View], View]:
    """Let holders of a ticket of the wave in without signing in; nobody else.

    `ended` answers a form of somebody whose session is over: sent a moment ago, or a ticket's.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            strange = not request.user.is_authenticated
            if strange and seat_of(request, TICKET, kwargs["wave_pk"]) is None:
                return ended(request, *args, **kwargs)
            return view(request, *args, **kwargs)

        guarded.lets_in = _lets_in  # type: ignore[attr-defined]
        return guarded

    return decorate


def _lets_in(request: HttpRequest, wave_pk: int, **_kwargs: Any) -> bool:
    if seat_of(request, TICKET, wave_pk) is not None:
        return True
    return request.method == "POST" and ("by_ticket" in request.POST or has_just_sent(request))
