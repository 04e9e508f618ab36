"""Who may read which kind of sheet, and who makes them."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.models import AnonymousUser

from dxportal.accounts.access import Permission, can
from dxportal.accounts.models import User
from roadmap.choices import BriefingKind

#: Names on steps of culture are for CDO and DX office alone (architecture, People).
READERS: Final = {
    BriefingKind.MAYOR: Permission.SEE_CULTURE_NAMES,
    BriefingKind.BOARD: Permission.SEE_TECHNOLOGY_NAMES,
    BriefingKind.ASSEMBLY: Permission.SEE_TECHNOLOGY_NAMES,
}
#: CDO and DX office make every kind: whoever makes the mayor's has to see all that is on it.
MAKES: Final = Permission.SEE_CULTURE_NAMES


def may_read(user: User | AnonymousUser, kind: str) -> bool:
    """Whether a person is among the audience of that kind."""
    return can(user, READERS[BriefingKind(kind)])


def readable_kinds(user: User | AnonymousUser) -> list[str]:
    """The kinds whose sheets the person may open."""
    return [kind.value for kind in BriefingKind if may_read(user, kind)]
