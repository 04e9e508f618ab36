"""How far an import is: told through the cache, because the transaction is still open."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.cache import cache

from dxportal.shared.tables import Row

log = logging.getLogger("dxportal.accounts.imports")

READING, WRITING = "reading", "writing"
_SECONDS = 3600
_PAUSE = 0.5


@dataclass(frozen=True)
class Progress:
    """``total`` 0: not known."""

    step: str
    done: int
    total: int


class Teller:
    """Tells how far one job is, at most twice a second; a cache that is gone costs nothing."""

    def __init__(self, key: object) -> None:
        """Nothing has been told yet."""
        self.key, self.last = _key(key), 0.0

    def tell(self, step: str, done: int, total: int) -> None:
        """Keep the latest state for whoever asks."""
        now = time.monotonic()
        if now - self.last < _PAUSE:
            return
        self.last = now
        try:
            cache.set(self.key, (step, done, total), _SECONDS)
        except Exception:
            log.warning("progress of an import could not be told")

    def counted(self, rows: Iterable[Row], total: int) -> Iterator[Row]:
        """The same rows, counted while they are read."""
        for done, row in enumerate(rows, start=1):
            if done % 200 == 0:
                self.tell(READING, done, total)
            yield row


def progress_of(key: object) -> Progress | None:
    """The latest state, if anybody has told one."""
    try:
        told = cache.get(_key(key))
    except Exception:
        return None
    return Progress(*told) if told else None


def _key(key: object) -> str:
    return f"import-{key}"
