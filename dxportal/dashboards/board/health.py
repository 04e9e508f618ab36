"""How initiatives did in a month or a closed round: counts by lead department, and their rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, FilteredRelation, Q, QuerySet
from django.urls import reverse

from dxportal.accounts.models import User
from dxportal.dashboards.board.moments import Moment
from roadmap.choices import (
    CLOSED_PHASES,
    DepartmentRole,
    DerivedRule,
    DerivedStatus,
    Freshness,
    Phase,
    Progress,
)
from roadmap.models import InitiativeSnapshot, RoundSnapshot
from roadmap.shown_words import shown_words

_OPEN: Final = ~Q(phase__in=CLOSED_PHASES)
#: Figure → who is counted. Reported and derived stand side by side (rule 5); what took root or was
#: stopped is neither late nor unknown any more (rule 6).
CONDITIONS: Final[Mapping[str, Q]] = {
    "initiatives": ~Q(phase=Phase.STOPPED),
    "late": _OPEN & Q(progress=Progress.LATE),
    "behind": _OPEN & Q(derived=DerivedStatus.LATE),
    "unconfirmed": _OPEN & Q(derived=DerivedStatus.UNCONFIRMED),
    "unknown": _OPEN & Q(freshness=Freshness.UNKNOWN),
    #: What a row of departments calls late: reported late, or late by its own dates.
    "hurry": _OPEN & (Q(progress=Progress.LATE) | Q(derived=DerivedStatus.LATE)),
}
Counts = Mapping[str, int]
NOTHING: Final[Counts] = dict.fromkeys(CONDITIONS, 0)


@dataclass(frozen=True, slots=True)
class Health:
    """Counts of everybody and of each lead department; an initiative without one counts above."""

    whole: Counts
    by_lead: Mapping[int | None, Counts]

    def of(self, department: int) -> Counts:
        """What one department leads."""
        return self.by_lead.get(department, NOTHING)


@dataclass(frozen=True, slots=True)
class InitiativeRow:
    """One initiative as it was counted then; `url` is empty where it is no more."""

    title: str
    url: str
    lead: str
    phase: str
    progress: str
    rule: str
    last_report: date | None


def health(user: User, moments: Sequence[Moment | None]) -> list[Health]:
    """One for each moment: one statement for all months, one for all rounds."""
    wanted = [moment for moment in moments if moment]
    held: dict[str, dict[int | None, Counts]] = {moment.key: {} for moment in wanted}
    months = [moment.period for moment in wanted if moment.period]
    rounds = [moment.round for moment in wanted if moment.round]
    if months:
        rows = _grouped(
            _of_months(user).filter(period__in=months), "period", "lead_part__department"
        )
        for period, lead, *counts in rows:
            held[f"{period:%Y-%m}"][lead] = dict(zip(CONDITIONS, counts, strict=True))
    if rounds:
        kept = _grouped(_of_rounds(user).filter(round__in=rounds), "round_id", "lead_key")
        for pk, lead, *counts in kept:
            held[f"round-{pk}"][lead] = dict(zip(CONDITIONS, counts, strict=True))
    return [_health(held[moment.key]) if moment else Health(NOTHING, {}) for moment in moments]


def _health(by_lead: Mapping[int | None, Counts]) -> Health:
    whole = {name: sum(counts[name] for counts in by_lead.values()) for name in CONDITIONS}
    return Health(whole, by_lead)


def _of_months(user: User) -> QuerySet[Any]:
    lead = Q(initiative__parts__role=DepartmentRole.LEAD)
    return InitiativeSnapshot.objects.visible_to(user).annotate(
        lead_part=FilteredRelation("initiative__parts", condition=lead)
    )


def _of_rounds(user: User) -> QuerySet[RoundSnapshot]:
    return RoundSnapshot.objects.filter(round__municipality_id=user.municipality_id or 0)


def _grouped(rows: QuerySet[Any], moment: str, lead: str) -> list[tuple[Any, ...]]:
    counts = {f"n_{name}": Count("pk", filter=wanted) for name, wanted in CONDITIONS.items()}
    found = rows.order_by().values(moment, lead).annotate(**counts)
    return list(found.values_list(moment, lead, *counts))


def initiative_rows(
    user: User, moment: Moment, figure: str, department: int | None = None
) -> list[InitiativeRow]:
    """The initiatives that a count of `health` is made of, in the municipality's own words."""
    words = shown_words(user.municipality_id or 0)
    found = _counted(user, moment, CONDITIONS[figure], department)
    return [
        InitiativeRow(
            title,
            reverse("roadmap:initiative_detail", args=[pk]) if moment.period else "",
            lead or "",
            words.phase(phase),
            words.progress(progress) if progress else "",
            "" if rule == DerivedRule.NONE else str(DerivedRule(rule).label),
            last_report,
        )
        for title, pk, lead, phase, progress, rule, last_report in found
    ]


_TOLD: Final = ("phase", "progress", "rule", "last_report")


def _counted(
    user: User, moment: Moment, wanted: Q, department: int | None
) -> Iterable[tuple[Any, ...]]:
    """Title, key, lead and status of each; one statement."""
    if moment.period is None:
        kept = _of_rounds(user).filter(wanted, round=moment.round)
        kept = kept.filter(lead_key=department) if department else kept
        return kept.order_by("title", "pk").values_list("title", "initiative_key", "lead", *_TOLD)
    rows: QuerySet[Any] = _of_months(user).filter(wanted, period=moment.period)
    rows = rows.filter(lead_part__department=department) if department else rows
    names = ("initiative__title", "initiative_id", "lead_part__department__name")
    return rows.order_by("initiative__title", "initiative_id").values_list(*names, *_TOLD)
