"""Wordings of what staff wrote: one reader proposes, the other agrees, then everybody reads."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from dxportal.accounts.audit import record
from dxportal.accounts.models import User
from roadmap.actions.themes import follow_locked
from roadmap.models import Theme
from surveys.actions.reading import BOTH, require_reader
from surveys.models import PublishedVoice, Wave


class WordingRefused(Exception):
    """The wording cannot be changed so; the sentence says why."""


@transaction.atomic
def propose_wording(
    wave: Wave,
    theme: Theme,
    text: str,
    *,
    by: User,
    on: dt.date,
    draft: PublishedVoice | None = None,
) -> PublishedVoice:
    """Put a wording before the other reader; a draft that came back is proposed again.

    The trail keeps neither text nor theme before they are shown to everybody: until then the one
    may be too near to what somebody wrote, and the other tell of a theme with few texts.
    """
    if len(require_reader(wave, by)) < BOTH:
        raise WordingRefused(_("A wording needs two readers, and this round has only one."))
    if theme.municipality_id != wave.municipality_id:
        raise WordingRefused(_("This theme belongs to another municipality."))
    if not text.strip():
        raise WordingRefused(_("Write the wording."))
    target = follow_locked(theme)
    row = PublishedVoice(wave=wave) if draft is None else _locked(draft)
    if row.proposed_on is not None:
        raise WordingRefused(_("This wording has been proposed already."))
    row.theme, row.text, row.proposed_by, row.proposed_on = target, text.strip(), by, on
    row.save()
    _record("proposed", row, by)
    return row


@transaction.atomic
def approve_wording(row: PublishedVoice, *, by: User, on: dt.date, seen: str) -> PublishedVoice:
    """Agree as the other reader; from now on everybody sees it. `seen`: the text that was read."""
    row = _locked(row)
    require_reader(row.wave, by)
    if row.proposed_on is None or row.approved_by_id is not None:
        raise WordingRefused(_("This wording does not wait for you any more."))
    if row.proposed_by_id == by.pk:
        raise WordingRefused(_("The other reader has to agree: you proposed this wording."))
    if row.text != seen:
        raise WordingRefused(_("The wording was changed since you read it. Please read it again."))
    row.approved_by, row.approved_on = by, on
    row.save(update_fields=["approved_by", "approved_on"])
    _record("approved", row, by, theme=str(row.theme or ""), text=row.text)
    return row


@transaction.atomic
def take_back_wording(row: PublishedVoice, *, by: User) -> PublishedVoice:
    """Make it a draft again: sent back before it was shown, or withdrawn after; not shown."""
    row = _locked(row)
    require_reader(row.wave, by)
    if row.proposed_on is None:
        raise WordingRefused(_("This wording does not wait for you any more."))
    shown = row.approved_by_id is not None
    row.approved_by = row.approved_on = row.proposed_on = None
    row.save(update_fields=["approved_by", "approved_on", "proposed_on"])
    _record("withdrawn" if shown or row.proposed_by_id == by.pk else "returned", row, by)
    return row


@transaction.atomic
def delete_wording(row: PublishedVoice, *, by: User) -> None:
    """Remove a draft for good."""
    row = _locked(row)
    require_reader(row.wave, by)
    if row.proposed_on is not None:
        raise WordingRefused(_("Withdraw the wording first."))
    _record("deleted", row, by)
    row.delete()


def _locked(row: PublishedVoice) -> PublishedVoice:
    found = PublishedVoice.objects.select_for_update(of=("self",)).filter(pk=row.pk)
    locked = found.select_related("wave__survey", "theme").first()
    if locked is None:
        raise WordingRefused(_("This wording is not there any more."))
    return locked


def _record(verb: str, row: PublishedVoice, by: User, **details: str) -> None:
    """About the wave: a wording's own name would be its text."""
    record(
        f"wording.{verb}", row.wave, by=by, municipality_id=row.wave.municipality_id, after=details
    )
