"""Links that let one person report on one initiative without signing in, for 14 days."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from django.core import signing

from roadmap.effort import MOST_SECONDS

#: The link of a reminder ends after this many days, or with the assignment.
LINK_DAYS: Final = 14
_SALT: Final = "dxportal.status-link"
_DRAWN: Final = "dxportal.status-link.drawn"


@dataclass(frozen=True)
class Link:
    """What a whole token says; `late`: its 14 days are over."""

    initiative_id: int
    user_id: int
    late: bool = False


def token_for(initiative_id: int, user_id: int) -> str:
    """A token bound to one initiative and one person."""
    return signing.dumps([initiative_id, user_id], salt=_SALT)


def read_link(token: str) -> Link | None:
    """What the token says, also when it is too old; None for one that we never gave out."""
    try:
        initiative_id, user_id = signing.loads(token, salt=_SALT)
        late = read_token(token) is None
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Link(int(initiative_id), int(user_id), late)


def read_token(token: str) -> tuple[int, int] | None:
    """(initiative, person) of a token that is whole and not too old; whether the person may
    still report is for the caller to ask.
    """
    try:
        initiative_id, user_id = signing.loads(token, salt=_SALT, max_age=LINK_DAYS * 86_400)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(initiative_id), int(user_id)


def drawn_now() -> str:
    """A stamp of the moment at which a page is drawn."""
    return signing.dumps(int(time.time()), salt=_DRAWN)


def seconds_since(stamp: str) -> int | None:
    """Seconds since the stamp; None for a stamp that is none of ours or too old to count."""
    try:
        drawn = int(signing.loads(stamp, salt=_DRAWN, max_age=MOST_SECONDS))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return max(1, int(time.time()) - drawn)
