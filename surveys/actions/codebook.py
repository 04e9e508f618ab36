"""Changing the codebook: its words, and taking a change of it back."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from dxportal.accounts.audit import record
from dxportal.accounts.models import Event, Municipality, User
from roadmap.actions import themes
from roadmap.actions.themes import ThemeRefused
from roadmap.models import Theme
from surveys.codebook import TERM_ADDED, TERM_REMOVED, TERMS_COPIED, Book
from surveys.content.terms import TERMS
from surveys.models import ThemeTerm
from surveys.themes import SHORTEST_TERM, dense


@transaction.atomic
def ensure_terms(
    municipality: Municipality, *, by: User | None = None, channel: str = "system"
) -> bool:
    """Copy the default words once; a municipality's own words, and what it removed, stay."""
    if _copied(municipality):
        return False
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    found = {theme.code: theme for theme in Theme.objects.book(municipality.pk)}
    if not found or _copied(municipality):
        return False
    ThemeTerm.objects.bulk_create(
        (
            ThemeTerm(theme=found[code], term=term)
            for code, terms in TERMS.items()
            if code in found
            for term in terms
        ),
        ignore_conflicts=True,
    )
    record(TERMS_COPIED, municipality, by=by, channel=channel, municipality_id=municipality.pk)
    return True


def _copied(municipality: Municipality) -> bool:
    events = Event.objects.about("municipality", municipality.pk)
    return events.filter(action=TERMS_COPIED).exists()


@transaction.atomic
def add_term(theme: Theme, term: str, *, by: User | None) -> bool:
    """Let a word point to a theme; False where it did already. Refuses a single character."""
    term = " ".join(term.split())
    row = themes.follow_locked(theme)
    if len(dense(term)) < SHORTEST_TERM:
        raise ThemeRefused(_("Give a word of two characters or more."))
    known = ThemeTerm.objects.filter(theme__municipality_id=row.municipality_id)
    for other in known.select_related("theme__merged_into"):
        if dense(other.term) == dense(term):
            if other.theme_id == row.pk:
                return False
            raise ThemeRefused(
                _("“%(term)s” points to “%(theme)s” already. Remove it there first.")
                % {"term": term, "theme": other.theme.merged_into or other.theme}
            )
    ThemeTerm.objects.create(theme=row, term=term)
    record(TERM_ADDED, row, by=by, after={"term": term})
    return True


@transaction.atomic
def remove_term(term: ThemeTerm, *, by: User | None) -> None:
    """Take a word out of the codebook."""
    theme = Theme.objects.get(pk=term.theme_id)
    deleted, _tables = ThemeTerm.objects.filter(pk=term.pk).delete()
    if deleted:
        record(TERM_REMOVED, theme, by=by, before={"term": term.term})


@transaction.atomic
def undo_change(event: Event, *, by: User) -> Theme:
    """Take one change of the codebook back, unless it was changed again since."""
    Municipality.objects.select_for_update(no_key=True).get(pk=by.municipality_id or 0)
    book = Book(by.municipality_id or 0)
    if not book.changes([event])[0].undoable:
        raise ThemeRefused(_("This was changed again since; nothing was taken back."))
    theme = book.themes[int(event.object_id)]
    if event.action == themes.RENAMED:
        names = {"label": theme.label, "label_en": theme.label_en, **event.before}
        themes.rename_theme(theme, by=by, **names)
    elif event.action == themes.MERGED:
        themes.unmerge_theme(theme, by=by)
    elif event.action == themes.SPLIT:
        themes.merge_theme(theme, book.themes[int(event.after["origin"])], by=by)
    elif event.action == TERM_ADDED:
        remove_term(ThemeTerm.objects.get(theme=theme, term=event.after["term"]), by=by)
    else:
        add_term(theme, str(event.before["term"]), by=by)
    return Theme.objects.get(pk=theme.pk)
