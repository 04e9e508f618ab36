"""Whether the phase 定着 still stands: by the newest verdict and the measured use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from roadmap.choices import Phase, Verdict
from roadmap.measuring import Latest, use_is_zero
from roadmap.models import AdoptionVerdict, Indicator, Update


def use_stands_at_zero(initiative_id: int, on: date) -> bool:
    """Whether its own figures say that nobody uses it (`measuring.use_is_zero`)."""
    rows = Indicator.objects.filter(initiative=initiative_id).prefetch_related("measurements")
    return use_is_zero(
        Latest(row.kind, row.direction, values[-1] if values else None)
        for row in rows
        for values in [[m.value for m in row.measurements.all() if m.measured_on <= on]]
    )


def took_root(initiative_id: int, on: date) -> bool:
    """Whether the newest verdict that told something was "took root", and use is not 0."""
    told = AdoptionVerdict.objects.filter(initiative=initiative_id, on__lte=on)
    newest = told.exclude(verdict=Verdict.TOO_FEW).order_by("-on").first()
    rooted = newest is not None and newest.verdict == Verdict.ESTABLISHED
    return rooted and not use_stands_at_zero(initiative_id, on)


def keep_honest(updates: Iterable[Update], on: date) -> None:
    """Unsaved reports that would bring 定着 back by taking another one back: only if it stands."""
    for update in updates:
        if update.phase == Phase.ESTABLISHED and not took_root(update.initiative_id, on):
            update.phase = Phase.LIVE
