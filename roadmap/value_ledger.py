"""Reading the ledger of effects: entries in force as plain figures, and what was freed by whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from roadmap.choices import DepartmentRole, Phase
from roadmap.models import (
    AdoptionVerdict,
    Initiative,
    InitiativeDepartment,
    Reinvestment,
    Update,
    ValueEntry,
)
from roadmap.reinvesting import MEASURES, Balance, Freed, Use, freed, used
from roadmap.value_sums import Amount, Figure, Line


def line_of(entry: ValueEntry) -> Line:
    """The line to which a row belongs."""
    return Line(entry.measure, entry.once)


def figure_of(entry: ValueEntry) -> Figure:
    """A row as the pure modules see it."""
    amount = Amount(entry.low, entry.high)
    return Figure(entry.initiative_id, line_of(entry), entry.standing, amount)


def figures_of(entries: Iterable[ValueEntry]) -> list[Figure]:
    """Rows as the pure modules see them."""
    return [figure_of(entry) for entry in entries]


def use_of(row: Reinvestment) -> Use:
    """A row as the pure modules see it."""
    return Use(row.pk, row.initiative_id, row.target_id, row.measure, row.amount)


def with_lead(initiatives: QuerySet[Initiative, Any]) -> QuerySet[Initiative, Any]:
    """Each with `lead_id`, `lead_name` and `lead_code`, None where no department leads it."""
    leads = InitiativeDepartment.objects.filter(initiative=OuterRef("pk"), role=DepartmentRole.LEAD)
    return initiatives.annotate(
        lead_id=Subquery(leads.values("department")[:1]),
        lead_name=Subquery(leads.values("department__name")[:1]),
        lead_code=Subquery(leads.values("department__code")[:1]),
    )


def with_phase(initiatives: QuerySet[Initiative, Any]) -> QuerySet[Initiative, Any]:
    """Each with `phase` (None before the first report), `ended` and `declared`, in one query."""
    newest = Update.objects.filter(initiative=OuterRef("pk")).order_by("-id")
    verdicts = AdoptionVerdict.objects.filter(initiative=OuterRef("pk")).order_by("-on")
    return initiatives.annotate(
        phase=Subquery(newest.values("phase")[:1]),
        ended=Subquery(newest.values("ended")[:1]),
        declared=Subquery(verdicts.values("declared")[:1]),
    )


def nobody_to_ask(phase: str | None, declared: bool | None) -> bool:
    """Whether reported hours stand alone: stopped, or its outcome was declared."""
    return phase == Phase.STOPPED or bool(declared)


def uses_of(municipality_id: int) -> list[Use]:
    """Every use in the municipality: one query."""
    rows = Reinvestment.objects.filter(
        initiative__municipality_id=municipality_id, initiative__removed_on__isnull=True
    )
    return [use_of(row) for row in rows]


def balances_of(initiative: Initiative) -> dict[str, Balance]:
    """Time and money of one initiative, freed against used: three queries."""
    row = with_phase(Initiative.objects.filter(pk=initiative.pk)).get()
    figures = figures_of(ValueEntry.objects.in_force().filter(initiative=initiative))
    uses = [use_of(use) for use in Reinvestment.objects.filter(initiative=initiative)]
    return balances(row, figures, uses)


def balances(initiative: Any, figures: list[Figure], uses: list[Use]) -> dict[str, Balance]:
    """The same of an initiative of `with_phase`, whose figures and uses are among these."""
    return {
        measure: Balance(freed_of(initiative, figures, measure), used(uses, initiative.pk, measure))
        for measure in MEASURES
    }


def freed_of(initiative: Any, figures: Iterable[Figure], measure: str) -> Freed | None:
    """What an initiative of `with_phase` freed."""
    own = [figure for figure in figures if figure.initiative == initiative.pk]
    alone = nobody_to_ask(initiative.phase, initiative.declared)
    return freed(own, measure, nobody_to_ask=alone)
