"""Keeping the lists of tags: own pillars, and new versions of the nation's lists as data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from dxportal.accounts import audit
from dxportal.accounts.models import Municipality, User
from roadmap.choices import Channel
from roadmap.models import Tag

ADDED, EDITED, MOVED = "tag.added", "tag.edited", "tag.moved"
ENDED, RESTORED = "tag.ended", "tag.restored"
#: Codes of entries that a municipality added itself; only these are renamed.
OWN_CODE = re.compile(r"own_(\d+)")
LONGEST = 120


def is_own(tag: Tag) -> bool:
    """Whether the municipality added the entry itself."""
    return OWN_CODE.fullmatch(tag.code) is not None


@transaction.atomic
def add_tags(
    municipality: Municipality,
    *,
    scheme: str,
    labels: Sequence[str],
    by: User,
    version: str = "",
    valid_from: date | None = None,
    end_others: bool = False,
    channel: str = Channel.SCREEN,
) -> list[Tag]:
    """Add entries to a list; names that it has already in this version are left out.

    `end_others`: the list's other versions end on the day on which this one begins.
    """
    book = _book(municipality, scheme)
    taken = {tag.label for tag in book if tag.version == version}
    new = [label for label in dict.fromkeys(labels) if label not in taken]
    _check(new, end_others=end_others, valid_from=valid_from)
    number = max((int(m[1]) for tag in book if (m := OWN_CODE.fullmatch(tag.code))), default=0)
    order = max((tag.order for tag in book), default=0)
    made = [
        Tag(
            municipality=municipality,
            scheme=scheme,
            code=f"own_{number + step}",
            label=label,
            version=version,
            order=order + step,
            valid_from=valid_from,
        )
        for step, label in enumerate(new, start=1)
    ]
    for tag in made:
        tag.save(force_insert=True)
        after = {"scheme": scheme, "label": tag.label, "version": version, "valid_from": valid_from}
        audit.record(ADDED, tag, by=by, channel=channel, after=after)
    if end_others and valid_from:
        for tag in book:
            if tag.version != version and tag.valid_to is None:
                _end(tag, on=valid_from, by=by, channel=channel)
    return made


@transaction.atomic
def edit_tag(
    tag: Tag, *, label: str, label_en: str = "", by: User, channel: str = Channel.SCREEN
) -> bool:
    """Another name for an own entry, on all initiatives that carry it; whether anything changed."""
    book = {row.pk: row for row in _book(tag.municipality, tag.scheme)}
    row, label = book[tag.pk], label.strip()
    if not is_own(row):
        raise ValidationError(_("An entry that came with the product keeps its name."))
    _check([label])
    if any(o.label == label and o.version == row.version for o in book.values() if o.pk != row.pk):
        raise ValidationError(_("“%(label)s” is on this list already.") % {"label": label})
    before = {"label": row.label, "label_en": row.label_en}
    after = {"label": label, "label_en": label_en.strip()}
    return _save(row, EDITED, before, after, by=by, channel=channel)


@transaction.atomic
def move_tag(tag: Tag, *, up: bool, by: User, channel: str = Channel.SCREEN) -> bool:
    """One place up or down among those of its list that are valid; whether it moved."""
    rows = [row for row in _book(tag.municipality, tag.scheme) if row.valid_to is None]
    keys = [row.pk for row in rows]
    if tag.pk not in keys:
        return False
    place = keys.index(tag.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return False
    rows[place], rows[other] = rows[other], rows[place]
    for order, row in enumerate(rows, start=1):
        if row.order != order:
            row.order = order
            row.save(update_fields=["order"])
    audit.record(
        MOVED,
        rows[other],
        by=by,
        channel=channel,
        before={"order": place + 1},
        after={"order": other + 1},
    )
    return True


@transaction.atomic
def end_tag(tag: Tag, *, on: date, by: User, channel: str = Channel.SCREEN) -> bool:
    """It cannot be chosen any more from that day on; initiatives that carry it keep it."""
    row = Tag.objects.select_for_update().get(pk=tag.pk)
    if row.valid_to is not None and row.valid_to <= on:
        return False
    return _end(row, on=on, by=by, channel=channel)


@transaction.atomic
def restore_tag(tag: Tag, *, by: User, channel: str = Channel.SCREEN) -> bool:
    """It can be chosen again."""
    row = Tag.objects.select_for_update().get(pk=tag.pk)
    before, after = {"valid_to": row.valid_to}, {"valid_to": None}
    return _save(row, RESTORED, before, after, by=by, channel=channel)


def _end(tag: Tag, *, on: date, by: User, channel: str) -> bool:
    """What ends on the day on which it began was never valid: no beginning is kept."""
    before = {"valid_to": tag.valid_to, "valid_from": tag.valid_from}
    begin = None if tag.valid_from and tag.valid_from >= on else tag.valid_from
    after = {"valid_to": on, "valid_from": begin}
    return _save(tag, ENDED, before, after, by=by, channel=channel)


def _save(
    tag: Tag, action: str, before: dict[str, Any], after: dict[str, Any], *, by: User, channel: str
) -> bool:
    if before == after:
        return False
    for name, value in after.items():
        setattr(tag, name, value)
    tag.save(update_fields=list(after))
    audit.record(action, tag, by=by, channel=channel, before=before, after=after)
    return True


def _book(municipality: Municipality, scheme: str) -> list[Tag]:
    """One list, locked: changes of it come one after the other."""
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    rows = Tag.objects.select_for_update().filter(municipality=municipality, scheme=scheme)
    return list(rows.order_by("order", "pk"))


def _check(
    labels: Sequence[str], *, end_others: bool = False, valid_from: date | None = None
) -> None:
    if end_others and valid_from is None:
        raise ValidationError(_("Say from which day on the new version is valid."))
    for label in labels:
        if not label or len(label) > LONGEST:
            raise ValidationError(
                _("A name has 1 to %(longest)s characters.") % {"longest": LONGEST}
            )
