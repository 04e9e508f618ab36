"""Keys with which other systems send figures: made once, shown once, ended at once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.audit import record
from dxportal.accounts.models import Municipality, User
from roadmap.actions.readings import Written
from roadmap.choices import Channel
from roadmap.models import FeedToken

MADE = "feed_key.made"
ENDED = "feed_key.ended"
USED = "feed_key.used"
#: So that a key in the wrong place is recognised for what it is.
PREFIX: Final = "dxp_"


def _hash(token: str) -> str:
    """256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_key(municipality: Municipality, *, name: str, by: User) -> tuple[FeedToken, str]:
    """A new key and its text, which is kept nowhere.

    Raises ValidationError where a key in use has this name: the same request sent twice makes one
    key, and what comes in can be told apart.
    """
    name = name.strip()
    Municipality.objects.select_for_update(no_key=True).only("pk").get(pk=municipality.pk)
    there = FeedToken.objects.filter(municipality=municipality, revoked_at__isnull=True)
    if there.filter(name__iexact=name).exists():
        raise ValidationError(
            _("A key in use has this name. Choose another name, or end that key first.")
        )
    text = PREFIX + secrets.token_urlsafe(32)
    key = FeedToken.objects.create(
        municipality=municipality, name=name, token_hash=_hash(text), created_by=by
    )
    record(MADE, key, by=by, after={"name": name})
    return key, text


@transaction.atomic
def end_key(key: FeedToken, *, by: User) -> bool:
    """From now on nothing comes in through it; it cannot be taken up again. False: had ended."""
    locked = FeedToken.objects.select_for_update().get(pk=key.pk)
    if locked.revoked_at is not None:
        return False
    locked.revoked_at = timezone.now()
    locked.save(update_fields=["revoked_at"])
    record(ENDED, locked, by=by, before={"name": locked.name}, after={})
    return True


def key_of(text: str) -> FeedToken | None:
    """The key that was sent, ended ones too; None: nobody's."""
    rows = FeedToken.objects.select_related("municipality")
    return rows.filter(token_hash=_hash(text)).first()


def note_use(key: FeedToken, written: Written, *, on: date) -> None:
    """The day of use, and one event for the request."""
    FeedToken.objects.filter(pk=key.pk).exclude(used_on=on).update(used_on=on)
    counts = {
        "created": written.created,
        "changed": written.changed,
        "unchanged": written.unchanged,
    }
    record(
        USED,
        key,
        by=None,
        channel=Channel.API,
        municipality_id=key.municipality_id,
        after=counts,
    )
