"""What the two readers of the closed pain round did with its free texts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from dxportal.accounts.models import User
from dxportal.dashboards.seeding.organisation import Town
from surveys.actions.reading import note_reading
from surveys.actions.theming import sort_texts
from surveys.actions.voices import approve_wording, propose_wording
from surveys.codebook import Book
from surveys.models import RawVoice, Wave
from surveys.themes import suggest

#: Which reader sorted which question; the last one still waits.
SORTED: Final[Mapping[str, str]] = {"Q2": "dx", "Q6": "auditor"}
#: Wordings by theme, whether the other reader has agreed, and on which day after the results.
WORDINGS: Final = (
    (
        "double_entry",
        "一度受け付けた内容を、いくつもの画面や表に打ち直しているという声が多くありました。",
        True,
    ),
    (
        "searching",
        "資料の置き場が決まっておらず、探す時間と聞いて回る手間が重いとのことです。",
        True,
    ),
    ("paper", "決裁のために書類を持ち歩く時間をなくしたい、という声がありました。", False),
)


def readers(town: Town) -> list[User]:
    """One of the DX office, and one who watches over it."""
    return [town.people["dx"], town.people["auditor"]]


def sort_voices(town: Town, wave: Wave) -> None:
    """Each reader gives the texts of one question the first theme that is suggested."""
    book = Book(town.municipality.pk)
    words = book.terms()
    for question, account in SORTED.items():
        reader = town.people[account]
        found: dict[int, list[UUID]] = defaultdict(list)
        texts = [row for row in RawVoice.objects.of_wave(wave) if row.question == question]
        for row in texts:
            for first in suggest(row.body, words, 1):
                found[first.theme].append(row.pk)
        if texts:
            note_reading(wave, by=reader, texts=len(texts))
        for theme, voices in sorted(found.items()):
            sort_texts(wave, voices, book.themes[theme], by=reader)


def word_voices(town: Town, wave: Wave, day: dt.date) -> None:
    """The DX office words what was said; the other reader agrees to most of it."""
    if not RawVoice.objects.filter(wave=wave).exists():
        return
    writer, other = readers(town)
    themes = {theme.code: theme for theme in Book(town.municipality.pk).standing}
    for code, text, agreed in WORDINGS:
        row = propose_wording(wave, themes[code], text, by=writer, on=day)
        if agreed:
            approve_wording(row, by=other, on=day, seen=text)
