"""What other apps add to a pack, which this one may not know: each registers when it is ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

#: (municipality, moment) → theme → hours a week from and to, as published for all staff.
burdens: list[Callable[[int, datetime], Mapping[int, tuple[float, float]]]] = []


def published_burdens(municipality_id: int, now: datetime) -> dict[int, tuple[float, float]]:
    """Hours a week of every theme of which they are known."""
    return {k: v for source in burdens for k, v in source(municipality_id, now).items()}
