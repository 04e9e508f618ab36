"""Who may open the free texts of a wave as written, and the log of every opening."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from dxportal.accounts.access import roles_of
from dxportal.accounts.audit import record
from dxportal.accounts.choices import Role
from dxportal.accounts.models import Assignment, User
from surveys.models import Wave, WaveReader

READ = "texts.read"
#: With so many readers a wording can be approved by somebody else than who proposed it.
BOTH = 2


def readers_of(wave: Wave) -> Sequence[User]:
    """The people named when the wave was planned, fixed since its opening."""
    rows = WaveReader.objects.filter(wave=wave).select_related("user__department")
    return [row.user for row in rows]


def require_reader(wave: Wave, user: User) -> Sequence[User]:
    """The readers, among them the user; no role replaces being named, and no head reads."""
    readers = readers_of(wave)
    if user not in readers or leads(user):
        raise PermissionDenied
    return readers


def leads(user: User) -> bool:
    """Whether the person is a head today: staff were told that heads read no text as written."""
    posts = Assignment.objects.on(timezone.localdate()).filter(user=user, post__is_head=True)
    return Role.HEAD in roles_of(user) or posts.exists()


def note_reading(wave: Wave, *, by: User, texts: int) -> Sequence[User]:
    """Say in the audit trail who opened how many texts of which wave, never which ones.

    Returns the readers.
    """
    readers = require_reader(wave, by)
    record(READ, wave, by=by, municipality_id=wave.municipality_id, after={"texts": texts})
    return readers
