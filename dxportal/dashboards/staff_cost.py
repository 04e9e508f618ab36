"""What the portal itself costs the staff: updating and answering, by month; never per person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone

from dxportal.accounts.models import User
from dxportal.shared.fiscal import add_months, month_start
from roadmap.effort import Cost
from roadmap.effort_counts import monthly_costs
from surveys.models import Wave

#: Months that are shown, the running one included.
MONTHS = 12
WEEKS = 52


@dataclass(frozen=True, slots=True)
class Month:
    """Minutes of one month; None: too few updates to tell, or nothing was asked."""

    month: date
    updating: float | None
    answering: int | None
    waves: int


@dataclass(frozen=True, slots=True)
class StaffCost:
    """Twelve months with their sums, in minutes."""

    months: list[Month]
    updating: float | None
    answering: int
    too_few_waves: int

    @property
    def minutes(self) -> float:
        """What is known of both together."""
        return (self.updating or 0) + self.answering

    @property
    def hours(self) -> float:
        """The same in hours."""
        return round(self.minutes / 60, 1)

    @property
    def hours_a_week(self) -> float:
        """The same on average."""
        return round(self.minutes / 60 / WEEKS, 1)


def staff_cost(user: User, now: datetime) -> StaffCost:
    """Three queries. Answering is an estimate: answers times the minutes the survey says it takes.

    Waves whose results are shown by now count in the month in which they closed; those with too
    few answers are not told.
    """
    first = add_months(month_start(timezone.localdate(now)), 1 - MONTHS)
    since = datetime.combine(first, time.min, tzinfo=timezone.get_current_timezone())
    whole, updating = monthly_costs(user, since=since)
    shown = Wave.objects.visible_to(user).shown(now).filter(closes_at__gte=since)
    waves = list(shown.only("closes_at", "counted", "too_few", "frozen_definition"))
    told = [wave for wave in waves if wave.counted is not None and not wave.too_few]
    asked: dict[date, list[int]] = {}
    for wave in told:
        month = month_start(timezone.localdate(wave.closes_at))
        asked.setdefault(month, []).append(answering_minutes(wave))
    months = [add_months(first, number) for number in reversed(range(MONTHS))]
    return StaffCost(
        months=[_month(month, updating, asked.get(month, [])) for month in months],
        updating=whole.minutes,
        answering=sum(sum(minutes) for minutes in asked.values()),
        too_few_waves=len(waves) - len(told),
    )


def answering_minutes(wave: Wave) -> int:
    """Answers of a closed wave times the minutes that its frozen survey says it takes."""
    return (wave.counted or 0) * int(wave.frozen_definition.get("minutes", 0))


def _month(month: date, updating: Mapping[date, Cost], answering: list[int]) -> Month:
    cost = updating.get(month)
    minutes = sum(answering) if answering else None
    return Month(month, cost.minutes if cost else None, minutes, len(answering))
