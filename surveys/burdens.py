"""Hours a week of a theme that may be told to other municipalities: those of all staff alone."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from surveys.models import ThemeBurden, Wave
from surveys.partition import ALL

#: Fewer answers are not told to others.
FEWEST: Final = 10


def told_burdens(municipality_id: int, now: datetime) -> dict[int, tuple[float, float]]:
    """Theme → the range of the latest published wave; one statement."""
    waves = Wave.objects.shown(now).filter(survey__municipality_id=municipality_id)
    rows = (
        ThemeBurden.objects.filter(wave__in=waves.order_by(), group__key=ALL, group__n__gte=FEWEST)
        .order_by("theme_id", "-wave__publish_at", "-pk")
        .distinct("theme_id")
    )
    return {row.theme_id: (row.hours_low, row.hours_high) for row in rows}
