"""Who may open the free texts of a wave as written, and the log of every opening."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied

from dxportal.accounts.audit import record
from dxportal.accounts.models import User
from surveys.models import Wave, WaveReader

READ = "texts.read"
#: With so many readers a wording can be approved by somebody else than who proposed it.
BOTH = 2


def readers_of(wave: Wave) -> Sequence[User]:
    """The people named when the wave was planned, fixed since its opening."""
    rows = WaveReader.objects.filter(wave=wave).select_related("user__department")
    return [row.user for row in rows]


def require_reader(wave: Wave, user: User) -> Sequence[User]:
    """The readers, among them the user; no role replaces being named."""
    readers = readers_of(wave)
    if user not in readers:
        raise PermissionDenied
    return readers


def note_reading(wave: Wave, *, by: User, texts: int) -> Sequence[User]:
    """Say in the audit trail who opened how many texts of which wave, never which ones.

    Returns the readers.
    """
    readers = require_reader(wave, by)
    record(READ, wave, by=by, municipality_id=wave.municipality_id, after={"texts": texts})
    return readers
