"""Links that let one person report on one initiative without signing in, for 14 days."""

from __future__ import annotations

from typing import Final

from django.core import signing

#: The link of a reminder ends after this many days, or with the assignment.
LINK_DAYS: Final = 14
_SALT: Final = "dxportal.status-link"


def token_for(initiative_id: int, user_id: int) -> str:
    """A token bound to one initiative and one person."""
    return signing.dumps([initiative_id, user_id], salt=_SALT)


def read_token(token: str) -> tuple[int, int] | None:
    """(initiative, person) of a token that is whole and not too old; whether the person may
    still report is for the caller to ask.
    """
    try:
        initiative_id, user_id = signing.loads(token, salt=_SALT, max_age=LINK_DAYS * 86_400)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(initiative_id), int(user_id)
