"""Comments on an initiative: those named in them are told, removing takes the text."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Value
from django.db.models.functions import Replace
from django.utils.translation import gettext as _

from dxportal.accounts import audit
from dxportal.accounts.models import User
from roadmap.actions.parts import PART
from roadmap.models import Comment, Initiative, Mention
from roadmap.talk_notices import tell_mentioned

ADDED, REMOVED = "comment.added", "comment.removed"
LONGEST = 2000
#: At most so many people are told by one comment.
MOST_NAMED = 20
#: @ and what follows until a space or a mark; names are compared without their space.
_NAMED = re.compile(r"[@＠]([^\s@＠、。，．,.()（）「」:：!?！？]{1,40})")


@transaction.atomic
def add_comment(
    initiative: Initiative,
    *,
    text: str,
    by: User,
    named: Collection[int] = (),
    token: str = "",
) -> Comment:
    """Write a comment; the same token writes one, however often it is sent.

    People are named by `named` or by @name in the text, and are told. Raises ValidationError for
    an empty or too long text, and for a name that nobody or more than one person here has.
    """
    text = text.strip()
    if not text:
        raise ValidationError({"text": _("Write something first.")})
    if len(text) > LONGEST:
        raise ValidationError({"text": _("Please keep it to 2,000 characters.")})
    locked = Initiative.objects.select_for_update().get(pk=initiative.pk)
    if token and (sent := Comment.objects.filter(by=by, token=token).first()):
        return sent
    people = _people(locked, text, named)
    row = Comment.objects.create(initiative=locked, text=text, by=by, token=token)
    Mention.objects.bulk_create(Mention(comment=row, user=person) for person in people)
    _record(ADDED, row, by)
    tell_mentioned(row, people)
    return row


@transaction.atomic
def remove_comment(comment: Comment, *, by: User, now: datetime) -> Comment:
    """Leave its place and take its text; there is no way back, so that it is really gone."""
    row = Comment.objects.select_for_update(of=("self",)).select_related("initiative")
    found = row.get(pk=comment.pk)
    if found.removed_at is None:
        found.text, found.removed_at, found.removed_by = "", now, by
        found.save(update_fields=["text", "removed_at", "removed_by"])
        found.mentions.all().delete()
        _record(REMOVED, found, by)
    return found


def _record(action: str, row: Comment, by: User) -> None:
    """The trail says that somebody commented, not what: removing must take the words."""
    event = audit.event_row(action, row.initiative, by=by)
    event.after = {PART: ["comment", row.pk, ""]}
    event.save(force_insert=True)


def _people(initiative: Initiative, text: str, named: Collection[int]) -> list[User]:
    here = User.objects.filter(municipality=initiative.municipality_id, is_active=True)
    found = {person.pk: person for person in here.filter(pk__in=list(named))}
    for person in _written(here, text):
        found[person.pk] = person
    if len(found) > MOST_NAMED:
        raise ValidationError({"text": _("Please name 20 people at most.")})
    return list(found.values())


def _written(here: models.QuerySet[User], text: str) -> list[User]:
    """Those called by @name: the longest name that begins what follows the @."""
    called = list(dict.fromkeys(_NAMED.findall(text)))
    if not called:
        return []
    plain = here.annotate(
        plain=Replace(Replace(F("name"), Value(" "), Value("")), Value("\u3000"), Value(""))
    ).exclude(plain="")
    begins = models.Q()
    for word in called:
        begins |= models.Q(plain__in=[word[:length] for length in range(1, len(word) + 1)])
    candidates = list(plain.filter(begins))
    return [_one_of(candidates, word) for word in called]


def _one_of(candidates: Sequence[User], word: str) -> User:
    fitting = [p for p in candidates if word.startswith(str(getattr(p, "plain", "")))]
    longest = max((len(str(getattr(p, "plain", ""))) for p in fitting), default=0)
    found = [p for p in fitting if len(str(getattr(p, "plain", ""))) == longest]
    if len(found) == 1:
        return found[0]
    sentence = (
        _("Several people here are called “%(name)s”. Choose the one below the text.")
        if found
        else _("Nobody here is called “%(name)s”. Write the whole name after the @.")
    )
    raise ValidationError({"text": sentence % {"name": word}})
