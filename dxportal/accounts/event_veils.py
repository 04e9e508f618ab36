"""What of the audit trail a reader may not see: the apps that know it say which events."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from dxportal.accounts.models import Event, User

#: (Reader, events) → keys of those whose object and values the reader may not see.
Veil = Callable[[User, Sequence[Event]], Collection[int]]
#: Other apps add theirs when they are ready.
VEILS: list[Veil] = []
#: Events that are looked at together; each veil asks a fixed number of statements for them.
CHUNK: Final = 2_000


def with_veil(user: User, events: Iterable[Event]) -> Iterator[tuple[Event, bool]]:
    """Each event, and whether its object and values stay hidden from the reader."""
    rest = iter(events)
    while chunk := list(islice(rest, CHUNK)):
        hidden = {pk for veil in VEILS for pk in veil(user, chunk)}
        for event in chunk:
            yield event, event.pk in hidden
