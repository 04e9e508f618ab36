"""What initiatives promised, reported and verified, as a pack tells it: figures, never people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from roadmap.choices import Measure, Standing
from roadmap.models import ValueEntry
from roadmap.value_sums import Amount, Line, amount_text

#: Numbers of fewer people are not told to others.
FEWEST_PEOPLE: Final = 10


def values_of(keys: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Initiative → its figures in force; amounts in the units of `value_sums.UNITS`; one query.

    Without sentences, bases and who wrote them. New value of fewer than 10 people is left out.
    """
    rows = ValueEntry.objects.in_force().filter(initiative__in=keys)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows.order_by("initiative_id", "measure", "standing", "pk"):
        if row.measure == Measure.NEW_VALUE and row.low < FEWEST_PEOPLE:
            continue
        entry = {"measure": row.measure, "standing": row.standing, "low": row.low, "high": row.high}
        found.setdefault(row.initiative_id, []).append({**entry, "once": row.once})
    return found


def value_words(entry: Mapping[str, Any]) -> str:
    """時間（確かめた）: 週5〜9時間."""
    line = Line(entry["measure"], bool(entry.get("once")))
    low, high = sorted((entry["low"], entry["high"]))
    label = f"{Measure(entry['measure']).label}（{Standing(entry['standing']).label}）"
    return f"{label}：{amount_text(line, Amount(low, high))}"
