"""A municipality whose staircase has a criterion that follows from figures."""

from __future__ import annotations

from dxportal.accounts.models import Municipality
from roadmap.choices import CriterionSource
from roadmap.models import Criterion, CriterionVersion


def fed(town: Municipality, code: str = "T1-4", **threshold: object) -> Criterion:
    """Let a criterion follow from an indicator, in the version in force as well."""
    row = Criterion.objects.get(stage__municipality=town, code=code)
    row.source, row.unit = CriterionSource.INDICATOR, "%"
    row.threshold = threshold or {"firm": "70", "partly": "50", "started": "20"}
    row.save()
    CriterionVersion.objects.filter(criterion=row).update(
        source=row.source, unit=row.unit, threshold=row.threshold
    )
    return row
