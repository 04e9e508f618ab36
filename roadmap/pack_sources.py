"""What other apps add to a pack, which this one may not know: each registers when it is ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

#: (municipality, moment) → theme → hours a week from and to, as published for all staff.
burdens: list[Callable[[int, datetime], Mapping[int, tuple[float, float]]]] = []

#: (initiatives, moment) → initiative → what it brought, in entries that hold no person. Whoever
#: registers here describes the entries in the schema of packs: `values` takes any object today.
values: list[Callable[[Sequence[int], datetime], Mapping[int, list[dict[str, Any]]]]] = []


def published_burdens(municipality_id: int, now: datetime) -> dict[int, tuple[float, float]]:
    """Hours a week of every theme of which they are known."""
    return {k: v for source in burdens for k, v in source(municipality_id, now).items()}


def values_of(keys: Sequence[int], now: datetime) -> dict[int, list[dict[str, Any]]]:
    """What the initiatives brought; empty until somebody registers."""
    return {k: v for source in values for k, v in source(keys, now).items()}
