"""How many updates people made, and what they cost: counted for months, channels and rounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    DateTimeField,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, TruncMonth

from dxportal.accounts.models import User
from roadmap.choices import Channel
from roadmap.effort import Cost, Effort, cost
from roadmap.models import ReportingRound, Update

#: What people did themselves; imports and the portal's own reports cost nobody a row's time.
CHANNELS = (Channel.SCREEN, Channel.LINK)


class Median(Aggregate):
    """The middle value; empty ones do not count."""

    function = "percentile_cont"
    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True)
class EffortTable:
    """What the page of the DX office shows."""

    everywhere: Effort
    months: list[tuple[date, list[tuple[str, Effort]], Cost]]
    rounds: list[tuple[ReportingRound, Cost]]


def updates_by_people(user: User) -> QuerySet[Update]:
    """Reports that people of the municipality made one by one or in bulk; no undo."""
    return Update.objects.filter(
        initiative__municipality=user.municipality_id or 0,
        channel__in=CHANNELS,
        is_report=True,
        undoes__isnull=True,
        by__isnull=False,
    ).order_by()


def monthly_costs(user: User, *, since: datetime) -> tuple[Cost, dict[date, Cost]]:
    """What updating cost the staff since then, in all and by month, newest first: two queries."""
    updates = updates_by_people(user).filter(at__gte=since)
    everywhere = _effort(updates.aggregate(**_SUMS))
    monthly = updates.annotate(month=TruncMonth("at")).values("month")
    rows = monthly.annotate(**_SUMS).order_by("-month")
    return cost(everywhere, everywhere), {
        row["month"].date(): cost(_effort(row), everywhere) for row in rows
    }


def effort_table(user: User, *, since: datetime, now: datetime) -> EffortTable:
    """Four queries: all, by month and channel, by month, by round."""
    updates = updates_by_people(user).filter(at__gte=since)
    everywhere = _effort(updates.aggregate(**_SUMS))
    monthly = updates.annotate(month=TruncMonth("at"))
    months: dict[date, Effort] = {
        row["month"].date(): _effort(row)
        for row in monthly.values("month").annotate(**_SUMS).order_by("-month")
    }
    channels: dict[date, list[tuple[str, Effort]]] = {month: [] for month in months}
    by_channel = monthly.values("month", "channel").annotate(**_SUMS).order_by("-channel")
    for row in by_channel:
        label = str(Channel(row["channel"]).label)
        channels[row["month"].date()].append((label, _effort(row)))
    return EffortTable(
        everywhere,
        [(month, channels[month], cost(found, everywhere)) for month, found in months.items()],
        list(_rounds(user, everywhere, now)),
    )


_SUMS: dict[str, Any] = {
    "updates": Count("pk"),
    "unchanged_ones": Count("pk", filter=Q(unchanged=True)),
    "measured": Count("seconds"),
    "spent": Coalesce(Sum("seconds"), 0),
    "median": Median("seconds"),
}


def _effort(row: Mapping[str, Any]) -> Effort:
    return Effort(
        row["updates"], row["unchanged_ones"], row["measured"], row["spent"], row["median"]
    )


def _rounds(user: User, everywhere: Effort, now: datetime) -> Iterable[tuple[ReportingRound, Cost]]:
    """Rounds that were opened, newest first, each until it was closed, or now: one query."""
    end = Coalesce(OuterRef("closed_at"), Value(now, DateTimeField()))
    inside = updates_by_people(user).filter(at__gte=OuterRef("opened_at"), at__lte=end)
    grouped: Any = inside.values("initiative__municipality").annotate(**_SUMS)

    def one(name: str, field: Any) -> Any:
        return Coalesce(
            Subquery(grouped.values(name)[:1], output_field=field), Value(0), output_field=field
        )

    rounds = ReportingRound.objects.visible_to(user).filter(opened_at__isnull=False)
    for found in rounds.annotate(
        updates=one("updates", IntegerField()),
        unchanged_ones=one("unchanged_ones", IntegerField()),
        measured=one("measured", IntegerField()),
        spent=one("spent", IntegerField()),
        median=Subquery(grouped.values("median")[:1], output_field=FloatField()),
    ):
        effort = _effort(found.__dict__)
        yield found, cost(effort, everywhere)
