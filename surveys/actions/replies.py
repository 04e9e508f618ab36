"""Replying to a theme: one commitment per theme and wave, with who, until when, and a way back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.audit import record
from dxportal.accounts.models import Event, Post, User
from roadmap.choices import ReplyState
from roadmap.models import Initiative, Theme
from surveys.choices import REPLIED_TO, WaveState
from surveys.models import Commitment, Wave
from surveys.notifications import tell_owner

REPLIED, KEPT, UNDONE = "theme.replied", "theme.reply_kept", "theme.reply_undone"
FIELDS = ("state", "sentence", "initiative", "owner", "due_on")
#: A date further away than this is a slip of the pen.
YEARS_AHEAD = 10
#: What is wrong where the date of a reply is missing.
_NO_DATE: Mapping[str, str | Promise] = {
    ReplyState.DO: _("Say by when it will be done."),
    ReplyState.CANNOT: _("Say when you will look at it again."),
    ReplyState.LOOKING: _("Say until when you are looking into it."),
}
#: What is wrong where the sentence of a reply is missing.
_NO_SENTENCE: Mapping[str, str | Promise] = {
    ReplyState.DO: _("Say in one sentence what will be done, or choose an initiative."),
    ReplyState.CANNOT: _("Give the reason in one sentence."),
    ReplyState.LOOKING: _("Say in one sentence what you are looking into."),
}


class ReplyConflict(Exception):
    """Somebody else replied in between; nothing was written."""

    def __init__(self, theirs: Commitment | None) -> None:
        """Keep what stands now (None: it was taken back), to be shown beside what was typed."""
        super().__init__("another reply came in between")
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class Words:
    """What a reply says."""

    state: str
    sentence: str = ""
    initiative: Initiative | None = None
    owner: Post | None = None
    due_on: dt.date | None = None


@transaction.atomic
def reply(
    wave: Wave, theme: Theme, words: Words, *, by: User, on: dt.date, version: int | None = None
) -> Commitment:
    """Write the reply, or change it. `version` is that of the reply the person saw (None: none).

    Raises ReplyConflict, and ValidationError (by field) for what is missing or does not fit. The
    same reply again writes nothing. Whoever holds the post that answers for it is told once.
    """
    locked = Wave.objects.select_for_update(of=("self",)).select_related("survey").get(pk=wave.pk)
    _check_wave(locked, theme)
    found = Commitment.objects.filter(wave=locked, theme=theme).first()
    if (found.version if found else None) != (version or None):
        raise ReplyConflict(found)
    _check_words(words, locked.municipality_id, found, on)
    row = found or Commitment(wave=locked, theme=theme, version=0)
    before = _facts(row) if found else {}
    row.state, row.sentence = words.state, _sentence(words)
    row.initiative, row.owner, row.due_on = words.initiative, words.owner, words.due_on
    if before == _facts(row):
        return row
    return _write(row, REPLIED, before, by=by, on=on)


@transaction.atomic
def keep_reply(commitment: Commitment, *, version: int, by: User) -> None:
    """Note that a promise without an initiative was kept; the next change takes the note away.

    The note is the newest event of the reply. Raises ReplyConflict as `reply` does, and
    ValidationError where an initiative's going live decides, or nothing was promised.
    """
    Wave.objects.select_for_update(of=("self",)).get(pk=commitment.wave_id)
    row = Commitment.objects.select_related("theme").filter(pk=commitment.pk).first()
    if row is None or row.version != version:
        raise ReplyConflict(row)
    if row.state != ReplyState.DO or row.initiative_id:
        raise ValidationError(_("Only a promise without an initiative is marked as done by hand."))
    last = Event.objects.about("commitment", row.pk).first()
    if last is None or last.action != KEPT:
        facts = {"theme": row.theme.code, "version": row.version}
        record(KEPT, row, by=by, municipality_id=row.theme.municipality_id, after=facts)


@transaction.atomic
def undo_reply(commitment: Commitment, *, version: int, by: User, on: dt.date) -> Commitment | None:
    """Take the last change back; None where that was the first reply, which is then gone.

    Raises ReplyConflict where another version stands, and ValidationError where nothing is left
    to take back: one step back only, and an undo is not undone.
    """
    Wave.objects.select_for_update(of=("self",)).get(pk=commitment.wave_id)
    row = Commitment.objects.select_related("theme").filter(pk=commitment.pk).first()
    if row is None or row.version != version:
        raise ReplyConflict(row)
    last = last_change(row)
    if last is not None and last.action == KEPT:
        facts = {"theme": row.theme.code}
        record(UNDONE, row, by=by, municipality_id=row.theme.municipality_id, after=facts)
        return row
    if last is None:
        raise ValidationError(_("There is no change that could be taken back."))
    before = _facts(row)
    if last.after.get("state") and last.before.get("state") is None:
        record(UNDONE, row, by=by, municipality_id=row.theme.municipality_id, before=before)
        row.delete()
        return None
    for name, value in last.before.items():
        _restore(row, name, value)
    return _write(row, UNDONE, before, by=by, on=on)


def last_change(row: Commitment) -> Event | None:
    """The reply, change or note that an undo would take back; None after an undo."""
    last = Event.objects.about("commitment", row.pk).first()
    return last if last is not None and last.action in (REPLIED, KEPT) else None


def _write(
    row: Commitment, action: str, before: Mapping[str, object], *, by: User, on: dt.date
) -> Commitment:
    owner = before.get("owner")
    row.replied_by, row.replied_on, row.version = by, on, row.version + 1
    row.save()
    record(
        action,
        row,
        by=by,
        municipality_id=row.theme.municipality_id,
        before=before,
        after={**_facts(row), "theme": row.theme.code},
    )
    if row.owner is not None and row.owner != owner:
        tell_owner(row, by=by, on=on)
    return row


def _restore(row: Commitment, name: str, value: Any) -> None:
    """One field as an event kept it; what is gone by now stays empty."""
    if name == "due_on":
        row.due_on = dt.date.fromisoformat(value) if value else None
    elif name == "initiative":
        row.initiative = Initiative.objects.filter(pk=value).first() if value else None
    elif name == "owner":
        row.owner = Post.objects.filter(pk=value).first() if value else None
    elif name in FIELDS:
        setattr(row, name, value)


def _sentence(words: Words) -> str:
    """What was typed; of a promise that names only its initiative, a sentence with its title."""
    typed = words.sentence.strip()
    if typed or words.initiative is None:
        return typed
    with translation.override(settings.LANGUAGE_CODE):
        return gettext("We do it with “%(title)s”.") % {"title": words.initiative.title}


def _check_wave(wave: Wave, theme: Theme) -> None:
    asked = wave.survey.template in REPLIED_TO and wave.state == WaveState.PUBLISHED
    if not asked or wave.too_few:
        raise ValidationError(_("This survey round has no result to reply to."))
    if theme.municipality_id != wave.municipality_id:
        raise ValidationError(_("This theme belongs to another municipality."))


def _check_words(words: Words, municipality_id: int, found: Commitment | None, on: dt.date) -> None:
    """Everything that is wrong, each beside its field."""
    if words.state not in ReplyState.values:
        raise ValidationError({"state": _("Choose one of the three replies.")})
    wrong: dict[str, str | Promise] = {}
    does = words.state == ReplyState.DO
    if not words.sentence.strip() and not (does and words.initiative):
        wrong["sentence"] = _NO_SENTENCE[words.state]
    if does and words.owner is None:
        wrong["owner"] = _("Choose the post that answers for it.")
    if words.initiative is not None and words.initiative.municipality_id != municipality_id:
        wrong["initiative"] = _("Choose an initiative of your municipality.")
    if words.owner is not None and words.owner.department.municipality_id != municipality_id:
        wrong["owner"] = _("Choose a post of your municipality.")
    if words.due_on is None:
        wrong["due_on"] = _NO_DATE[words.state]
    elif words.due_on != (found.due_on if found else None):
        if words.due_on < on:
            wrong["due_on"] = _("Choose today or a later day.")
        elif words.due_on.year > on.year + YEARS_AHEAD:
            wrong["due_on"] = _("Choose a day within the next 10 years.")
    if wrong:
        raise ValidationError(wrong)


def _facts(row: Commitment) -> dict[str, object]:
    return {name: getattr(row, name) for name in FIELDS}
