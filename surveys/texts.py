"""Free texts as their two readers see them, and what everybody sees of them: counts, wordings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from dxportal.accounts.models import User
from dxportal.shared.names import looks_like_name
from roadmap.models import Theme
from roadmap.search import fold, terms
from surveys.actions.reading import BOTH, leads, readers_of
from surveys.actions.theming import text_counts
from surveys.codebook import Book
from surveys.models import PublishedVoice, RawVoice, Wave
from surveys.themes import Suggestion, Term, catches, copied, suggest

UNSORTED = "unsorted"


@dataclass(frozen=True, slots=True)
class Chip:
    """A suggested theme and the words that point to it."""

    theme: Theme
    terms: str


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text with its theme and who gave it, or with what is suggested.

    `filed` is the theme's id as it was given; `theme` is the one that it counts as now.
    """

    voice: RawVoice
    question: str
    chips: Sequence[Chip]
    theme: Theme | None = None
    filed: int | None = None
    by: User | None = None


class Texts:
    """All texts of a wave, what is shown of them, and how far sorting has come."""

    def __init__(self, wave: Wave, book: Book, *, find: str = "", show: str = "") -> None:
        """Read the texts; `show` is "", "unsorted" or the id of a theme."""
        self.wave, self.book, self.terms = wave, book, book.terms()
        self.questions = question_texts(wave)
        self.all: list[RawVoice] = list(RawVoice.objects.of_wave(wave))
        words = terms(find)
        self.found = [voice for voice in self.all if self._shown(voice, show, words)]

    def _shown(self, voice: RawVoice, show: str, words: Sequence[str]) -> bool:
        filed = theme_of(voice)
        if show == UNSORTED and filed is not None:
            return False
        if show.isdecimal() and (filed is None or self.book.stands_for(filed).pk != int(show)):
            return False
        body = fold(voice.body)
        return all(word in body for word in words)

    def row(self, voice: RawVoice) -> TextRow:
        """One text as the page draws it."""
        return text_row(voice, self.book, self.terms, self.questions)

    @property
    def unsorted(self) -> int:
        """How many nobody has sorted yet."""
        return sum(theme_of(voice) is None for voice in self.all)

    @property
    def caught(self) -> int | None:
        """Of a hundred texts, in how many a word of the codebook was found."""
        if not self.all:
            return None
        found = sum(catches(voice.body, self.terms) for voice in self.all)
        return round(100 * found / len(self.all))

    def purged_in(self, today: dt.date) -> tuple[dt.date, int] | None:
        """The day on which the first of the texts are removed, and how many days that is."""
        if not self.all:
            return None
        day = min(voice.purge_on for voice in self.all)
        return day, max(0, (day - today).days)


def text_row(
    voice: RawVoice, book: Book, words: Sequence[Term], questions: dict[str, str]
) -> TextRow:
    """One text; chips only while it has no theme."""
    question = questions.get(voice.question, voice.question)
    filed = theme_of(voice)
    chips = [_chip(found, book) for found in suggest(voice.body, words)]
    if filed is None:
        return TextRow(voice, question, chips)
    return TextRow(voice, question, chips, book.stands_for(filed), filed, voice.sorted.by)


def _chip(found: Suggestion, book: Book) -> Chip:
    return Chip(book.themes[found.theme], "・".join(found.terms))


def theme_of(voice: RawVoice) -> int | None:
    """The id of the theme that a text was given, if any; `of_wave` has fetched it."""
    given = getattr(voice, "sorted", None)
    return None if given is None else given.theme_id


def one_text(wave: Wave, pk: UUID) -> RawVoice | None:
    """A single text of the wave; None where it was removed on its date."""
    return RawVoice.objects.of_wave(wave).filter(pk=pk).first()


def question_texts(wave: Wave) -> dict[str, str]:
    """Code → wording of each free text question, as it was asked."""
    asked: list[dict[str, Any]] = wave.frozen_definition.get("questions", [])
    english = get_language() == "en"
    return {
        row["code"]: str(row["text_en"] if english and row.get("text_en") else row["text_ja"])
        for row in asked
    }


# Wordings -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Worries:
    """What a reader should look at once more before a wording is shown."""

    copied: Sequence[str]
    name: bool

    def __bool__(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self.copied) or self.name


def worries(wave: Wave, wording: str) -> Worries:
    """Parts that stand in a text as written, and what looks like a name."""
    bodies = RawVoice.objects.filter(wave=wave).values_list("body", flat=True)
    return Worries(copied(wording, bodies), looks_like_name(wording))


@dataclass(frozen=True, slots=True)
class Wording:
    """A wording in the readers' list: its state, what to look at, what the user may do."""

    row: PublishedVoice
    state: str
    worries: Worries
    may_approve: bool


def wordings(wave: Wave, user: User) -> list[Wording]:
    """Every wording of a wave, those that wait first."""
    bodies = list(RawVoice.objects.filter(wave=wave).values_list("body", flat=True))
    return [
        Wording(
            row,
            state_of(row),
            Worries(copied(row.text, bodies), looks_like_name(row.text)),
            state_of(row) == "proposed" and row.proposed_by_id != user.pk,
        )
        for row in PublishedVoice.objects.of_wave(wave)
    ]


def state_of(row: PublishedVoice) -> str:
    """shown, proposed, or draft: sent back or withdrawn."""
    if row.approved_by_id is not None:
        return "shown"
    return "draft" if row.proposed_on is None else "proposed"


# For everybody ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ToldTheme:
    """A theme with how many texts speak of it (None: not told) and its agreed wordings."""

    theme: Theme
    texts: int | None
    rest: bool
    wordings: Sequence[str]


@dataclass(frozen=True, slots=True)
class WaveVoices:
    """What everybody may see of a wave's free texts; `for_reader`: the viewer may open them."""

    wave: Wave
    themes: Sequence[ToldTheme]
    readers: int
    for_reader: bool

    def __bool__(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.themes) or self.for_reader

    @property
    def k(self) -> int:
        """Fewest people whose texts are counted together."""
        return self.wave.k_cell

    @property
    def no_wordings(self) -> bool:
        """Whether wordings cannot come because nobody could agree to them."""
        return self.readers < BOTH


def wave_voices(wave: Wave, user: User) -> WaveVoices:
    """Counts of texts per theme and agreed wordings of one wave; six statements."""
    book = Book(wave.municipality_id)
    counts = text_counts(wave, book)
    said: dict[int, list[str]] = {}
    for row in PublishedVoice.objects.of_wave(wave).shown():
        if row.theme_id is not None:
            said.setdefault(book.stands_for(row.theme_id).pk, []).append(row.text)
    readers = readers_of(wave)
    told = [
        ToldTheme(book.themes[pk], counts.get(pk), pk == book.rest, said.get(pk, []))
        for pk in sorted({*counts, *said}, key=lambda pk: (pk == book.rest, -counts.get(pk, 0), pk))
    ]
    return WaveVoices(wave, told, len(readers), user in readers and not leads(user))
