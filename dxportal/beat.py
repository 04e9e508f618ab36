"""The beat's scheduler: where the broker is away, the beat counts left-over marks itself."""

from __future__ import annotations

import logging
from typing import Any

from celery.beat import PersistentScheduler, SchedulingError
from django.db import close_old_connections

log = logging.getLogger("dxportal.celery")

#: What the beat does in its own process while no worker can be asked. One task only, because it
#: is short, safe to run twice, and the one whose delay people see.
OWN_TASK = "roadmap.tasks.sweep_marks"


class Scheduler(PersistentScheduler):
    """Celery's own, but a broker that is away stops neither its start nor the numbers."""

    def _ensure_connected(self) -> Any:
        """Celery would wait here for the broker, for as long as it takes; sending connects too."""
        return self.connection

    def apply_async(
        self, entry: Any, producer: Any = None, advance: bool = True, **kwargs: Any
    ) -> Any:
        """Send; what cannot be sent is done at its next time, the sweep is done here and now."""
        try:
            return super().apply_async(entry, producer=producer, advance=advance, **kwargs)
        except SchedulingError:
            if entry.task != OWN_TASK:
                raise
        log.warning("broker unreachable; the beat counts what is marked")
        close_old_connections()
        try:
            return self.app.tasks[OWN_TASK]()
        finally:
            close_old_connections()
