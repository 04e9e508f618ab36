"""Hours a week of a theme that may be told to other municipalities: those of all staff alone."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef

from surveys.models import CellTally, ThemeBurden, Wave
from surveys.partition import ALL

#: What fewer people said is not told to others.
FEWEST: Final = 10
#: The question of the pain survey that asks for the theme.
_THEME: Final = "Q1"


def told_burdens(municipality_id: int, now: datetime) -> dict[int, tuple[float, float]]:
    """Theme → the range of the latest published wave in which 10 named it; one statement."""
    waves = Wave.objects.shown(now).filter(survey__municipality_id=municipality_id)
    named = CellTally.objects.filter(
        group=OuterRef("group"),
        question=_THEME,
        option=OuterRef("theme__code"),
        count__gte=FEWEST,
    )
    rows = (
        ThemeBurden.objects.filter(Exists(named), wave__in=waves.order_by(), group__key=ALL)
        .order_by("theme_id", "-wave__publish_at", "-pk")
        .distinct("theme_id")
    )
    return {row.theme_id: (row.hours_low, row.hours_high) for row in rows}
