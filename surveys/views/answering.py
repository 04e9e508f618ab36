"""Answering a wave: one question a page, without JavaScript; only the sealed row is written."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from dxportal.shared.privacy import quiet
from surveys.views import answer_reading, answer_saving
from surveys.views.sitting import Sitting, leave, open_to_tickets, sit
from surveys.views.ticket_entry import ticket_ended


@open_to_tickets(ticket_ended)
@quiet
@require_safe
def answer_start(request: HttpRequest, wave_pk: int) -> HttpResponse:
    """What it is about, who sees what, and the way in or back in."""
    return answer_reading.read(sit(request, wave_pk), answer_reading.start)


@open_to_tickets(ticket_ended)
@quiet
@require_safe
def answer_question(request: HttpRequest, wave_pk: int, code: str) -> HttpResponse:
    """One question, with the own unsent draft."""
    return answer_reading.read(sit(request, wave_pk), partial(answer_reading.question, code=code))


@open_to_tickets(ticket_ended)
@quiet
@require_safe
def answer_check(request: HttpRequest, wave_pk: int) -> HttpResponse:
    """All answers of the unsent draft before they are sent."""
    return answer_reading.read(sit(request, wave_pk), answer_reading.check)


@open_to_tickets(ticket_ended)
@quiet
@require_safe
def answer_thanks(request: HttpRequest, wave_pk: int) -> HttpResponse:
    """Sent: the receipt, what comes next, what became of last time's voices."""
    return answer_reading.read(sit(request, wave_pk), answer_reading.thanks)


@open_to_tickets(ticket_ended)
@quiet
@require_POST
def answer_send(request: HttpRequest, wave_pk: int) -> HttpResponse:
    """Save and go on, save and stop, or send."""
    return answer_saving.take(sit(request, wave_pk), _sent)


def _sent(sitting: Sitting, receipt: str) -> HttpResponse:
    """The thanks page; where nothing may stay behind it is this very answer, and ends it all."""
    if not sitting.leaves_nothing:
        return sitting.to("thanks")
    return leave(sitting.request, answer_reading.draw_thanks(sitting, receipt, over=True))
