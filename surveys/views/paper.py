"""Typing in answers on paper, for the DX office: the same pages, with a ticket never printed."""

from __future__ import annotations

import secrets
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.shared.htmx import notify, render_page
from dxportal.shared.privacy import quiet
from surveys.actions import tickets
from surveys.actions.ballots import BallotRefused, ByTicket
from surveys.models import Wave
from surveys.sittings import part_of
from surveys.ticket_forms import PaperForm
from surveys.views import answer_reading, answer_saving
from surveys.views.answer_pages import SHEET_GONE, STATE_WORDS
from surveys.views.sitting import BY_PAPER, PAPER, Sitting, seat_of, seated, shut, take_seat
from surveys.views.tickets import wave_of

#: The sheet that this session sent last, so that a second click is told so.
LAST_SHEET = "last_paper"


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the section of the next sheet, or go on with the one that was begun."""
    wave, problem, status = wave_of(request, pk), "", 200
    if request.method == "POST":
        form = PaperForm(request.POST)
        if form.is_valid():
            try:
                return _begin(request, wave, form.cleaned_data["segment"])
            except tickets.TicketsRefused as refused:
                problem, status = str(refused), 409
            except BallotRefused as refused:
                problem, status = str(STATE_WORDS[refused.reason][1]), 409
        else:
            problem, status = _("Choose the department that the paper comes from."), 422
    context = {
        "wave": wave,
        "places": tickets.places(wave),
        "is_open": shut(wave, timezone.now()) is None,
        "begun": seat_of(request, PAPER, wave.pk),
        "chosen": request.GET.get("section", ""),
        "problem": problem,
    }
    return render_page(request, "surveys/paper.html", context, status=status)


def _begin(request: HttpRequest, wave: Wave, segment: int) -> HttpResponse:
    """One sheet at a time: two tabs never mix two people's answers."""
    if seat_of(request, PAPER, wave.pk) is None:
        user = signed_in(request)
        voter = tickets.take_for_paper(wave, segment=segment, by=user, now=timezone.now())
        place = next(place for place in tickets.places(wave) if place.segment == segment)
        more = {"sheet": secrets.token_hex(4), "segment": segment, "section": place.label}
        take_seat(request, PAPER, wave, voter, **more)
    seat = seat_of(request, PAPER, wave.pk)
    asked = part_of(wave.frozen_definition, wave.frozen_org, seat["segment"] if seat else segment)
    first = asked["questions"][0]["code"]
    return redirect("surveys:paper_question", wave.pk, first)


@require_POST
@requires(Permission.RUN_SURVEYS)
def paper_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop the sheet that was begun: what was typed goes, and the ticket comes back."""
    wave = wave_of(request, pk)
    seat = seat_of(request, PAPER, wave.pk)
    response = redirect("surveys:paper", wave.pk)
    if seat is None:
        return response
    tickets.give_back(wave, seated(seat), by=signed_in(request))
    del request.session[PAPER]
    return notify(request, response, _("The sheet was dropped. Nothing of it was kept."))


@quiet
@require_safe
@requires(Permission.RUN_SURVEYS)
def paper_question(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """One question of the sheet."""
    return _read(request, pk, partial(answer_reading.question, code=code))


@quiet
@require_safe
@requires(Permission.RUN_SURVEYS)
def paper_check(request: HttpRequest, pk: int) -> HttpResponse:
    """All answers of the sheet before they are sent."""
    return _read(request, pk, answer_reading.check)


@quiet
@require_POST
@requires(Permission.RUN_SURVEYS)
def paper_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Save and go on, or send; a page of a sheet that is over saves nothing."""
    wave, posted = wave_of(request, pk), request.POST.get("sheet", "")
    sitting = _sitting(request, wave)
    if sitting is not None and sitting.sheet == posted:
        return answer_saving.take(sitting, _sent)
    if posted and posted == request.session.get(LAST_SHEET):
        return redirect("surveys:paper", wave.pk)
    nobody = ByTicket(b"", b"")
    gone = Sitting(request, wave, nobody, b"", timezone.now(), door=BY_PAPER, sheet=posted or "-")
    return answer_saving.kept(gone, SHEET_GONE)


def _sitting(request: HttpRequest, wave: Wave) -> Sitting | None:
    seat = seat_of(request, PAPER, wave.pk)
    if seat is None:
        return None
    return Sitting(
        request,
        wave,
        seated(seat),
        seat["binding"].encode(),
        timezone.now(),
        door=BY_PAPER,
        sheet=seat["sheet"],
    )


def _read(request: HttpRequest, pk: int, draw: answer_reading.Draw) -> HttpResponse:
    wave = wave_of(request, pk)
    sitting = _sitting(request, wave)
    if sitting is None:
        return redirect("surveys:paper", wave.pk)
    return answer_reading.read(sitting, draw)


def _sent(sitting: Sitting, receipt: str) -> HttpResponse:
    """On to the next sheet of the same section; the receipt belongs to nobody here."""
    request, wave = sitting.request, sitting.wave
    seat = request.session.pop(PAPER)
    request.session[LAST_SHEET] = seat["sheet"]
    place = next(p for p in tickets.places(wave) if p.segment == seat["segment"])
    text = _("Sent: one sheet of %(section)s (receipt %(receipt)s). %(left)s are left.")
    values = {"section": place.label, "receipt": receipt, "left": place.left}
    messages.success(request, text % values)
    return redirect(f"{sitting.to('start')['Location']}?section={place.segment}")
