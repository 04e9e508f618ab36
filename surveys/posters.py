"""What is told to staff about an open survey round: its address, its picture, words for a chat."""

from __future__ import annotations

from dataclasses import dataclass

import segno
from django.conf import settings
from django.urls import reverse

from surveys.models import Wave


@dataclass(frozen=True)
class Poster:
    """Where people answer. `ticket_url`: where those without an account type their ticket."""

    url: str
    ticket_url: str
    qr: str


def poster_of(wave: Wave) -> Poster:
    """The addresses of a round, and the first one as a QR code drawn here."""
    url = settings.SITE_URL + reverse("surveys:answer_start", args=[wave.pk])
    picture = segno.make(url, error="m", micro=False)
    return Poster(
        url=url,
        ticket_url=settings.SITE_URL + reverse("surveys:ticket_code", args=[wave.pk]),
        qr=picture.svg_data_uri(border=2, omitsize=True),
    )
