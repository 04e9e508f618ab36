"""Names of the steps as they were on a day: an old picture is labelled by its own version."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.utils.translation import get_language

from roadmap.models import StageVersion, StaircaseVersion


class StageName(NamedTuple):
    """One step as the version of a day names it, in the reader's language."""

    stage_id: int
    axis: str
    step: int
    name: str
    short: str
    version: str


def stages_on(municipality_id: int, day: date) -> list[StageName]:
    """Technology first, from the first step; one query. Empty where no version applies."""
    version = StaircaseVersion.objects.filter(municipality=municipality_id).on(day)
    rows = StageVersion.objects.filter(staircase__in=version.values("pk"))
    rows = rows.select_related("stage", "staircase").order_by("-stage__axis", "stage__step")
    english = get_language() == "en"
    found = []
    for row in rows:
        name = (row.name_en if english else "") or row.name
        short = (row.short_en if english else "") or row.short
        if english and not row.short_en:
            short = row.name_en or row.short or row.name
        found.append(
            StageName(
                row.stage_id,
                row.stage.axis,
                row.stage.step,
                name,
                short or name,
                row.staircase.label,
            )
        )
    return found


def version_on(municipality_id: int, day: date) -> str:
    """The name of the version that applies on that day; empty where none does."""
    rows = StaircaseVersion.objects.filter(municipality=municipality_id).on(day)
    return rows.values_list("label", flat=True).first() or ""
