"""Which waves the jobs have to look at, whatever municipality they belong to."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from surveys.models import Wave

log = logging.getLogger("dxportal.surveys")


def due_to_open(now: datetime) -> list[int]:
    """Scheduled waves whose time has come, the oldest first."""
    return list(Wave.objects.due_to_open(now).values_list("pk", flat=True))


def due_to_close(now: datetime) -> list[int]:
    """Waves past their deadline and released where that is needed, and those half closed."""
    return list(Wave.objects.due_to_close(now).values_list("pk", flat=True))


def awaiting_release(now: datetime) -> list[int]:
    """Waves past their deadline that two people have not yet released."""
    return list(Wave.objects.awaiting_release(now).values_list("pk", flat=True))


def open_waves(now: datetime) -> list[int]:
    """Waves that take answers."""
    return list(Wave.objects.open_on(now).values_list("pk", flat=True))


def waves_with_a_box() -> list[int]:
    """Waves whose key is still needed."""
    return list(Wave.objects.with_a_box().values_list("pk", flat=True))


def each(waves: Iterable[int], act: Callable[[int], object]) -> None:
    """Do it for every wave; what fails is logged by the wave's id, and the others go on.

    Only the kind of error is logged: a database's message can quote the row that it refused.
    """
    for pk in waves:
        try:
            act(pk)
        except Exception as error:
            log.error("wave %s: %s; the job will be repeated", pk, type(error).__name__)
