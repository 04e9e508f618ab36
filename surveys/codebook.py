"""The codebook as its page shows it: themes with their words, what was merged, what was changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from dxportal.accounts.models import Event, User
from roadmap.actions.themes import MERGED, OTHER, RENAMED, SPLIT, UNMERGED
from roadmap.models import Theme
from surveys.models import ThemeTerm
from surveys.themes import Term, codebook, resolve

TERM_ADDED, TERM_REMOVED = "theme_term.added", "theme_term.removed"
TERMS_COPIED = "theme_terms.copied"
#: Changes that the page lists, newest first, and how many of them.
CHANGES = (RENAMED, MERGED, UNMERGED, SPLIT, TERM_ADDED, TERM_REMOVED)
LISTED = 20


@dataclass(slots=True)
class Entry:
    """A theme that stands, its words, and the themes that were merged into it."""

    theme: Theme
    terms: list[ThemeTerm] = field(default_factory=list)
    merged: list[Theme] = field(default_factory=list)

    @property
    def stays(self) -> bool:
        """Whether it cannot be merged away."""
        return self.theme.code == OTHER


@dataclass(frozen=True, slots=True)
class Changed:
    """One change of the codebook in the past; `undoable` while nothing has changed since."""

    event: Event
    undoable: bool

    @property
    def values(self) -> Mapping[str, Any]:
        """What it was changed to."""
        values: Mapping[str, Any] = self.event.after
        return values


class Book:
    """The themes of one municipality with their words; two statements."""

    def __init__(self, municipality_id: int) -> None:
        """Read themes and terms."""
        rows = Theme.objects.book(municipality_id)
        self.themes: dict[int, Theme] = {row.pk: row for row in rows}
        self._merged = {
            row.pk: row.merged_into_id for row in self.themes.values() if row.merged_into_id
        }
        found = ThemeTerm.objects.filter(theme__municipality_id=municipality_id)
        self._terms = list(found.order_by("theme__order", "theme_id", "pk"))

    def stands_for(self, pk: int) -> Theme:
        """The theme that one counts as."""
        return self.themes[resolve(self._merged, pk)]

    @property
    def standing(self) -> list[Theme]:
        """Themes that nothing was merged away, in their order."""
        return [row for row in self.themes.values() if row.merged_into_id is None]

    @property
    def rest(self) -> int | None:
        """The theme under which small ones are told."""
        return next((row.pk for row in self.themes.values() if row.code == OTHER), None)

    def terms(self) -> list[Term]:
        """All words, ready to be looked for."""
        return codebook(((row.theme_id, row.term) for row in self._terms), self._merged)

    def entries(self) -> list[Entry]:
        """What the page lists: standing themes, with the words of what was merged into them."""
        rows = {theme.pk: Entry(theme) for theme in self.standing}
        for term in self._terms:
            rows[self.stands_for(term.theme_id).pk].terms.append(term)
        for theme in self.themes.values():
            if theme.merged_into_id is not None:
                rows[self.stands_for(theme.pk).pk].merged.append(theme)
        return list(rows.values())

    def changes(self, events: Iterable[Event]) -> Sequence[Changed]:
        """Past changes, each with whether it can still be taken back."""
        return [Changed(event, self._undoable(event)) for event in events]

    def _undoable(self, event: Event) -> bool:
        theme = self.themes.get(int(event.object_id))
        if theme is None:
            return False
        words = {row.term for row in self._terms if row.theme_id == theme.pk}
        if event.action == RENAMED:
            return all(getattr(theme, name) == value for name, value in event.after.items())
        if event.action == MERGED:
            return bool(theme.merged_into_id == event.after.get("merged_into"))
        if event.action == SPLIT:
            return theme.merged_into_id is None
        if event.action == TERM_ADDED:
            return event.after.get("term") in words
        gone = str(event.before.get("term", ""))
        return event.action == TERM_REMOVED and gone not in words


def changes_for(user: User) -> QuerySet[Event]:
    """Changes of the codebook that the user's page lists."""
    return Event.objects.visible_to(user).filter(action__in=CHANGES).newest()
