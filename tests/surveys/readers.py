"""A closed wave with free texts and named readers, for tests of reading and sorting them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.models import User
from roadmap.models import Theme
from surveys.actions import definitions, waves
from surveys.actions.codebook import ensure_terms
from surveys.models import RawVoice, Wave
from tests import factories
from tests.surveys import towns

PAPER = "押印のためだけに別の階へ書類を運んでいます"
PHONE = "不在の職員あての電話を何度も取り次いでいます"
NOTHING = "ただただ疲れました"


@dataclass
class Read:
    """The wave, its two readers (or fewer), and who is not one."""

    place: towns.Town
    wave: Wave
    readers: list[User]

    @property
    def first(self) -> User:
        """The reader from the DX office."""
        return self.readers[0]

    @property
    def second(self) -> User:
        """The other reader."""
        return self.readers[1]

    def url(self, name: str = "text_list", *args: Any) -> str:
        """An address of the wave's texts."""
        return reverse(f"surveys:{name}", args=[self.wave.pk, *args])

    def theme(self, code: str) -> Theme:
        """A theme of the town."""
        return Theme.objects.get(municipality=self.place.municipality, code=code)

    def voice(self, body: str = PAPER) -> RawVoice:
        """The first text that begins so."""
        found = RawVoice.objects.filter(wave=self.wave, body__startswith=body).order_by("pk")
        return found[0]


def closed(
    texts: Sequence[str] = (PAPER,) * 12,
    *,
    readers: int = 2,
    name: str = "見本市",
    shown_in: Any = None,
) -> Read:
    """A town of one bureau whose people each wrote one of the texts, closed and published now."""
    place = towns.town([max(10, len(texts))], name=name)
    people = [place.office, factories.user(place.municipality, name="監査 花子")][:readers]
    survey = definitions.create_survey(place.municipality, "pain", by=place.office)
    ensure_terms(place.municipality)
    now = timezone.now()
    wave = waves.plan_wave(
        survey,
        label="2026年秋",
        opens_at=now - towns.dt.timedelta(days=3),
        closes_at=now - towns.dt.timedelta(days=1),
        publish_at=now + (shown_in or -towns.dt.timedelta(hours=1)),
        readers=people,
        by=place.office,
    )
    wave = waves.open_wave(wave, by=place.office, now=wave.opens_at)
    for person, text in zip(place.everybody, texts, strict=False):
        towns.answer(wave, person, towns.pain(Q2=text))
    return Read(place, towns.close(wave), people)


def browser(user: User) -> Client:
    """A client in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client
