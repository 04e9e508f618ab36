"""What waits for a decision: how many of each kind, the oldest by name, and exactly these rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import CharField, Count, DateField, F, Func, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import User
from roadmap.choices import CLOSED_PHASES, Queue, Verdict
from roadmap.escalations import waiting_decisions
from roadmap.listing import Initiatives, listed, queue_condition
from roadmap.models import Blocker, EvidenceRequest
from roadmap.timeliness import DUE_DAYS, STALE_DAYS

#: Kind → what it is called. In the order of the panel: what the CDO alone can solve comes first.
LABELS: Final = {
    "escalated": _("Brought to the CDO"),
    "paper": _("May be hollow, what follows is not done"),
    "asked_late": _("In operation for 90 days, nobody was asked"),
    "stale": _("No report for more than 60 days"),
    "lost": _("No report for more than 180 days, or none at all"),
    "unowned": _("Nobody responsible"),
    "evidence": _("Evidence asked for, past its date"),
}
#: The queue of the list of initiatives that holds the same rows.
QUEUES: Final = {
    "paper": Queue.AFTERCARE,
    "asked_late": Queue.UNCONFIRMED,
    "stale": Queue.STALE,
    "lost": Queue.STALE,
    "unowned": Queue.UNOWNED,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One kind of decision: how many wait, and the oldest of them.

    `since`: the day of that one, None where it has none.
    """

    kind: str
    count: int
    oldest: str = ""
    since: date | None = None

    @property
    def label(self) -> str:
        """What it is called."""
        return str(LABELS[self.kind])


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that waits; `days`: since when, None where that has no day."""

    title: str
    url: str
    department: str
    text: str
    since: date | None

    def days(self, today: date) -> int | None:
        """How long it has waited."""
        return max((today - self.since).days, 0) if self.since else None


def conditions(day: date) -> Mapping[str, tuple[Q, Any]]:
    """Kind → which initiatives of `listing.listed` wait, and since which day each has waited."""
    still_open = Q(latest__phase__isnull=True) | ~Q(latest__phase__in=CLOSED_PHASES)
    stale, lost = (day - timedelta(days=days) for days in (DUE_DAYS, STALE_DAYS))
    hollow = Q(told__verdict__in=(Verdict.UNUSED, Verdict.RETHINK))
    return {
        "paper": (hollow & Q(task_waits=True), F("told__on")),
        "asked_late": (queue_condition(Queue.UNCONFIRMED, day), F("launched_on")),
        "stale": (still_open & Q(last_report__lt=stale, last_report__gte=lost), F("last_report")),
        "lost": (
            still_open & (Q(last_report__isnull=True) | Q(last_report__lt=lost)),
            F("last_report"),
        ),
        "unowned": (queue_condition(Queue.UNOWNED, day), F("last_report")),
    }


class _First(Func):
    """The first entry of an array."""

    template = "(%(expressions)s)[1]"


def wanted(user: User, day: date) -> list[Wanted]:
    """Every kind with its count and its oldest; three statements."""
    asked: dict[str, Any] = {}
    for kind, (condition, since) in conditions(day).items():
        first = Coalesce(since, date(1900, 1, 1), output_field=DateField())
        # Both of the first row: where that one has no day, the day of another is not its own.
        of_first: dict[str, Any] = {"filter": condition, "order_by": [first, F("pk")]}
        titles, days = ArrayAgg("title", **of_first), ArrayAgg(since, **of_first)
        asked[f"{kind}_n"] = Count("pk", filter=condition)
        asked[f"{kind}_since"] = _First(days, output_field=DateField())
        asked[f"{kind}_oldest"] = _First(titles, output_field=CharField())
    found = listed(user, day).aggregate(**asked)
    rows = {
        kind: Wanted(
            kind, found[f"{kind}_n"], found[f"{kind}_oldest"] or "", found[f"{kind}_since"]
        )
        for kind in conditions(day)
    }
    rows["escalated"] = _escalated(user)
    rows["evidence"] = _evidence(user, day)
    return [rows[kind] for kind in LABELS]


def _escalated(user: User) -> Wanted:
    found = list(
        Blocker.objects.visible_to(user)
        .escalated()
        .order_by("escalated_on", "pk")
        .values_list("initiative__title", "escalated_on")
    )
    return Wanted("escalated", len(found), *(found[0] if found else ()))


def _overdue(user: User, day: date) -> Any:
    """Requests for evidence whose date has passed, the oldest first."""
    return (
        EvidenceRequest.objects.visible_to(user)
        .open_on(day)
        .filter(due_on__lt=day)
        .order_by("due_on", "pk")
    )


def _evidence(user: User, day: date) -> Wanted:
    found = list(_overdue(user, day).values_list("department__name", "due_on"))
    return Wanted("evidence", len(found), *(found[0] if found else ()))


def rows_of(user: User, kind: str, day: date) -> list[Row]:
    """The rows that a count of `wanted` is made of, the oldest first."""
    if kind == "escalated":
        return [
            Row(
                waiting.blocker.initiative.title,
                waiting.blocker.initiative.get_absolute_url() + f"#blocker-{waiting.blocker.pk}",
                waiting.department,
                waiting.blocker.wanted or waiting.blocker.text,
                waiting.blocker.escalated_on,
            )
            for waiting in waiting_decisions(user, day)
        ]
    if kind == "evidence":
        return [
            _asked(row) for row in _overdue(user, day).select_related("department", "criterion")
        ]
    condition, since = conditions(day)[kind]
    return _initiatives(listed(user, day).filter(condition), since)


def _asked(row: EvidenceRequest) -> Row:
    page = row.department.get_absolute_url()
    text = f"{row.criterion.code} {row.text}"
    return Row(row.department.name, page, row.department.name, text, row.due_on)


def _initiatives(found: Initiatives, since: Any) -> list[Row]:
    rows = found.annotate(waits_since=since).order_by(F("waits_since").asc(nulls_first=True), "pk")
    return [
        Row(
            title,
            reverse("roadmap:initiative_detail", args=[pk]),
            department or "",
            str(Verdict(verdict).label) if verdict else "",
            first,
        )
        for pk, title, department, verdict, first in rows.values_list(
            "pk", "title", "lead__department__name", "told__verdict", "waits_since"
        )
    ]
