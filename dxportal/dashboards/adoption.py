"""Verdicts → rows of 「入れて3か月、楽になりましたか」."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, OuterRef, Subquery
from django.db.models.expressions import RawSQL

from dxportal.accounts.models import User
from roadmap.adoption import Adoption, Found, adoption
from roadmap.choices import Phase, Verdict
from roadmap.measuring import use_is_zero_sql
from roadmap.models import AdoptionVerdict, Update
from surveys.results import in_words


@dataclass(frozen=True, slots=True)
class Portion:
    """A stored share of the answers: in words, and how long its bar is (0 for "at most")."""

    text: str
    length: int

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class AdoptionRow:
    """One initiative's latest verdict. Shares are None where they are not stored."""

    pk: int
    title: str
    url: str
    launched_on: date | None
    on: date
    verdict: str
    verdict_label: str
    declared: bool
    adoption: Adoption
    n: int | None
    easier: Portion | None
    harder: Portion | None
    weekly: Portion | None


#: What needs a decision stands first.
ORDER = (
    Verdict.UNUSED,
    Verdict.RETHINK,
    Verdict.SUPPORT,
    Verdict.TOO_FEW,
    Verdict.ESTABLISHED,
)


def adoption_rows(user: User, *, as_of: date) -> list[AdoptionRow]:
    """The latest verdict of each initiative by that day; one statement."""
    phases = Update.objects.filter(initiative=OuterRef("initiative"), reported_on__lte=as_of)
    phases = phases.order_by("-id")
    latest = (
        AdoptionVerdict.objects.filter(
            initiative__municipality_id=user.municipality_id or 0,
            initiative__removed_on__isnull=True,
            on__lte=as_of,
        )
        .select_related("initiative")
        .annotate(
            phase=Subquery(phases.values("phase")[:1]),
            use_is_zero=RawSQL(  # noqa: S611 - constant
                use_is_zero_sql("roadmap_initiative.id", "%s"),
                (as_of,),
                output_field=BooleanField(),
            ),
        )
        .order_by("initiative_id", "-on")
        .distinct("initiative_id")
    )
    rows = [_row(verdict, as_of) for verdict in latest]
    return sorted(rows, key=lambda row: (ORDER.index(Verdict(row.verdict)), row.title))


def _row(row: Any, as_of: date) -> AdoptionRow:
    """A verdict with the phase and the use of its initiative."""
    figures: dict[str, Any] = row.figures
    return AdoptionRow(
        pk=row.initiative_id,
        title=row.initiative.title,
        url=row.initiative.get_absolute_url(),
        launched_on=row.initiative.launched_on,
        on=row.on,
        verdict=row.verdict,
        verdict_label=row.get_verdict_display(),
        declared=row.declared,
        adoption=adoption(
            row.phase or Phase.IDEA,
            row.initiative.launched_on,
            Found(row.verdict, row.on, row.declared),
            as_of,
            use_is_zero=row.use_is_zero,
        ),
        n=figures.get("n"),
        easier=_portion(figures.get("easier")),
        harder=_portion(figures.get("harder")),
        weekly=_portion(figures.get("weekly_or_more")),
    )


def _portion(share: dict[str, Any] | None) -> Portion | None:
    if not share or share.get("percent") is None:
        return None
    percent, bound = int(share["percent"]), str(share.get("bound", ""))
    return Portion(in_words(percent, bound), 0 if bound == "at_most" else percent)
