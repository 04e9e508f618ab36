"""Changing themes: naming, merging one into another, splitting; what was published stays."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils.translation import gettext as _

from dxportal.accounts.audit import record
from dxportal.accounts.models import User
from roadmap.models import Theme

RENAMED, MERGED, UNMERGED = "theme.renamed", "theme.merged", "theme.unmerged"
SPLIT = "theme.split"
#: Takes what is told together: it stands in every municipality and cannot be merged away.
OTHER = "other"
#: Codes of themes that a municipality made itself.
OWN_CODE = re.compile(r"own_(\d+)")


class ThemeRefused(Exception):
    """The themes cannot be changed so; the sentence says why."""


@transaction.atomic
def rename_theme(
    theme: Theme, *, label: str, label_en: str, by: User | None, channel: str = "screen"
) -> bool:
    """Another name in both languages; whether anything changed."""
    book = _locked(theme.municipality_id)
    row, label, label_en = book[theme.pk], label.strip(), label_en.strip()
    _check_name(book, label, but=row)
    before = {"label": row.label, "label_en": row.label_en}
    after = {"label": label, "label_en": label_en}
    if before == after:
        return False
    row.label, row.label_en = label, label_en
    row.save(update_fields=["label", "label_en"])
    record(RENAMED, row, by=by, channel=channel, before=before, after=after)
    return True


@transaction.atomic
def merge_theme(theme: Theme, into: Theme, *, by: User | None, channel: str = "screen") -> Theme:
    """From now on `theme` counts as `into`; returns the theme that stands.

    Nothing that names it is rewritten, so taking it back restores everything. Rings cannot form:
    the whole book is locked, and both ends are followed to where they stand.
    """
    book = _locked(theme.municipality_id)
    if into.pk not in book:
        raise ThemeRefused(_("This theme belongs to another municipality."))
    row, target = book[theme.pk], standing(book, into.pk)
    if row.merged_into_id is not None:
        raise ThemeRefused(
            _("“%(theme)s” was merged into “%(into)s” already.")
            % {"theme": row, "into": standing(book, row.pk)}
        )
    if target.pk == row.pk:
        raise ThemeRefused(_("A theme cannot be merged into itself."))
    if row.code == OTHER:
        raise ThemeRefused(
            _("“%(theme)s” takes what is too small to tell and stays.") % {"theme": row}
        )
    row.merged_into = target
    row.save(update_fields=["merged_into"])
    after = {"merged_into": target.pk, "into": str(target)}
    record(MERGED, row, by=by, channel=channel, before={"merged_into": None}, after=after)
    return target


@transaction.atomic
def unmerge_theme(theme: Theme, *, by: User | None, channel: str = "screen") -> Theme:
    """Let a merged theme stand by itself again."""
    row = _locked(theme.municipality_id)[theme.pk]
    if row.merged_into is None:
        raise ThemeRefused(_("“%(theme)s” stands by itself already.") % {"theme": row})
    before = {"merged_into": row.merged_into_id, "into": str(row.merged_into)}
    row.merged_into = None
    row.save(update_fields=["merged_into"])
    record(UNMERGED, row, by=by, channel=channel, before=before, after={"merged_into": None})
    return row


@transaction.atomic
def split_theme(
    theme: Theme, *, label: str, label_en: str, by: User | None, channel: str = "screen"
) -> Theme:
    """A new theme right after the one it comes from; the readers of a wave move texts to it."""
    book = _locked(theme.municipality_id)
    label, label_en = label.strip(), label_en.strip()
    _check_name(book, label)
    used = [int(found[1]) for row in book.values() if (found := OWN_CODE.fullmatch(row.code))]
    made = Theme.objects.create(
        municipality_id=theme.municipality_id,
        code=f"own_{max(used, default=0) + 1}",
        label=label,
        label_en=label_en,
        order=book[theme.pk].order,
    )
    after = {"label": label, "label_en": label_en, "origin": theme.pk, "from": str(theme)}
    record(SPLIT, made, by=by, channel=channel, after=after)
    return made


def follow_locked(theme: Theme) -> Theme:
    """Lock a theme's row until the transaction ends and return the theme that it counts as.

    Whoever files something under a theme takes this lock, so a merge comes before or after it.
    """
    rows = Theme.objects.select_for_update(no_key=True)
    row = rows.get(pk=theme.pk)
    seen = {row.pk}
    while row.merged_into_id is not None and row.merged_into_id not in seen:
        seen.add(row.merged_into_id)
        row = Theme.objects.get(pk=row.merged_into_id)
    return row


def standing(book: dict[int, Theme], pk: int) -> Theme:
    """The theme that one counts as, within the municipality's book."""
    seen = {pk}
    while (further := book[pk].merged_into_id) is not None and further not in seen:
        seen.add(further)
        pk = further
    return book[pk]


def _locked(municipality_id: int) -> dict[int, Theme]:
    """All themes of a municipality, locked in the order of their ids.

    Without the keys: rows that only refer to a theme do not wait for this.
    """
    rows = Theme.objects.filter(municipality_id=municipality_id).order_by("pk")
    return {row.pk: row for row in rows.select_for_update(no_key=True)}


def _check_name(book: dict[int, Theme], label: str, *, but: Theme | None = None) -> None:
    if not label:
        raise ThemeRefused(_("Give the theme a name."))
    for row in book.values():
        if row.label == label and row != but and row.merged_into_id is None:
            raise ThemeRefused(_("There is a theme of this name already."))
