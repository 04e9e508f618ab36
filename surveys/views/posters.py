"""The poster of an open survey round, for the wall."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, requires
from surveys.posters import poster_of
from surveys.views.sitting import shut
from surveys.views.tickets import wave_of


@require_safe
@requires(Permission.RUN_SURVEYS)
def wave_poster(request: HttpRequest, pk: int) -> HttpResponse:
    """One sheet of A4 with the QR code; where nobody can answer, it says so instead."""
    wave = wave_of(request, pk)
    is_open = shut(wave, timezone.now()) is None
    context = {"wave": wave, "is_open": is_open, "poster": poster_of(wave) if is_open else None}
    return render(request, "surveys/wave_poster.html", context)
