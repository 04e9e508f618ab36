"""What the DX office has to look at: new firm confirmations, and what it has asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from dxportal.accounts.models import Department, User
from roadmap.choices import CriterionSource, Level
from roadmap.models import Assessment, Criterion, EvidenceAcceptance, EvidenceRequest

#: So many days before its day a request is nearly due.
NEAR_DAYS = 7


def newest() -> Exists:
    """Whether a confirmation was followed by another one."""
    later = Q(confirmed_on__gt=OuterRef("confirmed_on")) | Q(
        confirmed_on=OuterRef("confirmed_on"), pk__gt=OuterRef("pk")
    )
    return Exists(
        Assessment.objects.filter(
            later, department=OuterRef("department"), criterion=OuterRef("criterion")
        )
    )


def accepted_alike() -> Exists:
    """Whether the same level with the same evidence was accepted before."""
    return Exists(
        EvidenceAcceptance.objects.filter(
            assessment__department=OuterRef("department"),
            assessment__criterion=OuterRef("criterion"),
            assessment__level=OuterRef("level"),
            assessment__evidence=OuterRef("evidence"),
        )
    )


def to_review(user: User, today: date, *, bureau: int | None = None) -> QuerySet[Assessment]:
    """Firm confirmations that count and nobody has looked at, the oldest first.

    Repeating what was accepted, in the same words, needs no second look; an answer to what was
    asked back always does.
    """
    asked = EvidenceRequest.objects.filter(assessment=OuterRef("pk")).open_on(today)
    answers = EvidenceRequest.objects.filter(answer=OuterRef("pk"), assessment__isnull=False)
    rows = (
        Assessment.objects.visible_to(user)
        .filter(
            level=Level.FIRM,
            confirmed_on__lte=today,
            expires_on__gt=today,
            criterion__source=CriterionSource.DECLARED,
            criterion__retired=False,
            acceptance__isnull=True,
        )
        .filter(department__in=Department.objects.on(today).sections())
        .exclude(newest())
        .exclude(Exists(asked))
        .exclude(accepted_alike() & ~Exists(answers))
    )
    found = _of_bureau(rows, bureau)
    return found.select_related("criterion__stage", "department__bureau", "confirmed_by").order_by(
        "confirmed_on", "pk"
    )


def _of_bureau(rows: QuerySet[Assessment], bureau: int | None) -> QuerySet[Assessment]:
    if bureau is None:
        return rows
    return rows.filter(Q(department__bureau=bureau) | Q(department=bureau))


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """What was asked and is not answered; `days` to its day, negative where that has passed."""

    request: EvidenceRequest
    days: int

    @property
    def overdue(self) -> bool:
        """Whether its day has passed."""
        return self.days < 0

    @property
    def late_by(self) -> int:
        """Days since its day."""
        return -self.days

    @property
    def near(self) -> bool:
        """Whether its day is near."""
        return 0 <= self.days <= NEAR_DAYS


def open_requests(user: User, today: date, *, bureau: int | None = None) -> list[OpenRequest]:
    """Overdue ones first, then by day: one query."""
    rows = EvidenceRequest.objects.visible_to(user).open_on(today)
    if bureau is not None:
        rows = rows.filter(Q(department__bureau=bureau) | Q(department=bureau))
    rows = rows.select_related("criterion__stage", "department__bureau", "asked_by", "assessment")
    return [OpenRequest(row, (row.due_on - today).days) for row in rows.order_by("due_on", "pk")]


def askable(user: User) -> list[Criterion]:
    """Criteria whose evidence can be asked for, in the order of the staircase."""
    rows = Criterion.objects.visible_to(user).in_force().filter(source=CriterionSource.DECLARED)
    return list(
        rows.select_related("stage").order_by(F("stage__axis").desc(), "stage__step", "order")
    )
