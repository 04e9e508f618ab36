"""Replying to a theme: one commitment per theme and wave, with who and when."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.audit import record
from dxportal.accounts.models import User
from roadmap.choices import ReplyState
from roadmap.models import Initiative, Theme
from surveys.choices import Template, WaveState
from surveys.models import Commitment, Wave

FIELDS = ("state", "sentence", "initiative", "due_on")


class ReplyConflict(Exception):
    """Somebody else replied in between; nothing was written."""

    def __init__(self, theirs: Commitment) -> None:
        """Keep what stands now, to be shown beside what was typed."""
        super().__init__("another reply came in between")
        self.theirs = theirs


@transaction.atomic
def reply(
    wave: Wave,
    theme: Theme,
    *,
    state: str,
    sentence: str,
    initiative: Initiative | None = None,
    due_on: dt.date | None = None,
    by: User,
    on: dt.date,
    version: int | None = None,
) -> Commitment:
    """Write the reply, or change it. `version` is that of the reply the person saw (None: none).

    Raises ReplyConflict, and ValidationError for a wave without results, an empty sentence or
    something of another municipality. The same reply again writes nothing.
    """
    locked = Wave.objects.select_for_update(of=("self",)).select_related("survey").get(pk=wave.pk)
    _check(locked, theme, state, sentence.strip(), initiative)
    found = Commitment.objects.filter(wave=locked, theme=theme).first()
    if found is not None and found.version != version:
        raise ReplyConflict(found)
    row = found or Commitment(wave=locked, theme=theme, version=0)
    before = {} if found is None else _facts(row)
    row.state, row.sentence = state, sentence.strip()
    row.initiative, row.due_on = initiative, due_on
    after = _facts(row)
    if before == after:
        return row
    row.replied_by, row.replied_on, row.version = by, on, row.version + 1
    row.save()
    record(
        "theme.replied",
        row,
        by=by,
        municipality_id=theme.municipality_id,
        before=before,
        after={**after, "theme": theme.code},
    )
    return row


def _check(
    wave: Wave, theme: Theme, state: str, sentence: str, initiative: Initiative | None
) -> None:
    asked = wave.survey.template == Template.PAIN and wave.state == WaveState.PUBLISHED
    if not asked or wave.too_few:
        raise ValidationError(_("This survey round has no result to reply to."))
    if theme.municipality_id != wave.municipality_id:
        raise ValidationError(_("This theme belongs to another municipality."))
    if state not in ReplyState.values:
        raise ValidationError({"state": _("Choose one of the three replies.")})
    if not sentence:
        raise ValidationError({"sentence": _("Reply in one sentence.")})
    if initiative is not None and initiative.municipality_id != wave.municipality_id:
        raise ValidationError({"initiative": _("Choose an initiative of your municipality.")})


def _facts(row: Commitment) -> dict[str, object]:
    return {name: getattr(row, name) for name in FIELDS}
