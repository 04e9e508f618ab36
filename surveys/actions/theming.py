"""Giving free texts their themes: in one click, many at once, and back again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from dxportal.accounts.audit import record
from dxportal.accounts.models import User
from roadmap.actions.themes import follow_locked
from roadmap.models import Theme
from surveys.actions.reading import require_reader
from surveys.codebook import Book
from surveys.models import RawVoice, TextThemeCount, VoiceTheme, Wave
from surveys.themes import told

SORTED, COUNTED = "texts.sorted", "texts.counted"


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a click: under which theme, what stood there, and who had put it there.

    `asked` is set where the chosen theme had been merged into `theme`; `other` where somebody
    else had chosen `others` since the reader's page was drawn.
    """

    theme: Theme | None
    before: Mapping[UUID, int | None]
    asked: Theme | None = None
    other: User | None = None
    others: Theme | None = None

    @property
    def number(self) -> int:
        """How many texts were still there."""
        return len(self.before)


@transaction.atomic
def sort_texts(
    wave: Wave,
    voices: Iterable[UUID],
    theme: Theme | None,
    *,
    by: User,
    seen: int | None = None,
    check_seen: bool = False,
) -> Filed:
    """File texts under a theme, or under none; the last one to choose decides.

    With `check_seen` the answer tells whether somebody else chose after `seen` was drawn. A theme
    that was merged in the meantime is followed to the one that stands. Texts that were removed on
    their date are left out. The trail says how many, neither which text nor which theme: counts
    below k could be read off it.
    """
    require_reader(wave, by)
    rows = _locked(wave, voices)
    target = None if theme is None else follow_locked(theme)
    now = {
        row.voice_id: row
        for row in VoiceTheme.objects.filter(voice__in=rows).select_related("theme", "by")
    }
    before = {row.pk: now[row.pk].theme_id if row.pk in now else None for row in rows}
    _write(rows, target, by)
    if any(pk != (target and target.pk) for pk in before.values()):
        details = {"texts": len(rows)}
        record(SORTED, wave, by=by, municipality_id=wave.municipality_id, after=details)
    asked = theme if theme is not None and target != theme else None
    met = next(iter(now.values()), None)
    if (
        check_seen
        and met
        and met.by_id != by.pk
        and met.theme_id not in (seen, target and target.pk)
    ):
        return Filed(target, before, asked, met.by, met.theme)
    return Filed(target, before, asked)


@transaction.atomic
def restore_texts(wave: Wave, before: Mapping[UUID, int | None], *, by: User) -> int:
    """Put texts back under what they had before; how many were still there."""
    require_reader(wave, by)
    rows = _locked(wave, before)
    themes = Theme.objects.book(wave.municipality_id).in_bulk(set(before.values()) - {None})
    for pk in sorted({before[row.pk] or 0 for row in rows}):
        back = [row for row in rows if (before[row.pk] or 0) == pk]
        _write(back, themes.get(pk), by)
    if rows:
        details = {"texts": len(rows)}
        record(SORTED, wave, by=by, municipality_id=wave.municipality_id, after=details)
    return len(rows)


def _locked(wave: Wave, voices: Iterable[UUID]) -> Sequence[RawVoice]:
    """The texts that are still there, locked in the order of their ids."""
    found = RawVoice.objects.filter(wave=wave, pk__in=list(voices)).order_by("pk")
    return list(found.select_for_update(no_key=True, of=("self",)))


def _write(rows: Sequence[RawVoice], theme: Theme | None, by: User) -> None:
    if theme is None:
        VoiceTheme.objects.filter(voice__in=rows).delete()
        return
    VoiceTheme.objects.bulk_create(
        (VoiceTheme(voice=row, theme=theme, by=by) for row in rows),
        update_conflicts=True,
        unique_fields=["voice"],
        update_fields=["theme", "by"],
    )


# Counts -------------------------------------------------------------------------------------------
def text_counts(wave: Wave, book: Book) -> dict[int, int]:
    """Theme → number of texts as it may be told: kept ones where the texts are gone."""
    rows = RawVoice.objects.sorting(wave)
    if not rows:
        kept = TextThemeCount.objects.filter(wave=wave)
        return dict(kept.values_list("theme_id", "n"))
    texts = [(book.stands_for(pk).pk if pk else None, question) for pk, question in rows]
    return told(texts, k=wave.k_cell, rest=book.rest)


def keep_counts(wave: Wave) -> int:
    """Write down what may be told before the last texts go; how many themes."""
    numbers = text_counts(wave, Book(wave.municipality_id))
    TextThemeCount.objects.bulk_create(
        (TextThemeCount(wave=wave, theme_id=theme, n=n) for theme, n in numbers.items()),
        update_conflicts=True,
        unique_fields=["wave", "theme"],
        update_fields=["n"],
    )
    if numbers:
        record(
            COUNTED,
            wave,
            by=None,
            channel="system",
            municipality_id=wave.municipality_id,
            after={"themes": len(numbers)},
        )
    return len(numbers)
