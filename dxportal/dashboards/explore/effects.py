"""Burden and effects by month for the exploring page: published cells, and the ledger in force."""

from __future__ import annotations

import datetime as dt
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.models import User
from dxportal.dashboards.explore.choice import Choice
from dxportal.dashboards.explore.lines import RangeLine, range_finding, ranges
from dxportal.dashboards.explore.picture import Group, Picture, Point
from dxportal.shared.fiscal import add_months
from roadmap.choices import DepartmentRole, Measure, Standing
from roadmap.models import WHOLE, Initiative, InitiativeDepartment, ValueEntry
from roadmap.value_sums import MINUTES
from surveys.choices import Template
from surveys.models import Wave
from surveys.partition import ALL


# burden -------------------------------------------------------------------------------------------
def burden_group(user: User, choice: Choice, now: dt.datetime) -> Group:
    """Hours a week that respondents named, wave by wave, of all staff; one statement."""
    end = add_months(choice.last, 1)
    waves = (
        Wave.objects.visible_to(user)
        .shown(now)
        .filter(survey__template=Template.PAIN, too_few=False)
        .filter(closes_at__gte=_moment(choice.first), closes_at__lt=_moment(end))
        .filter(burdens__group__key=ALL)
        .annotate(
            low=Sum("burdens__hours_low"),
            high=Sum("burdens__hours_high"),
            named=Count("burdens"),
        )
        .order_by("closes_at", "pk")
        .only("label", "closes_at", "counted")
    )
    rows: list[Any] = list(waves)
    points = [
        Point(row.label, row.label, reverse("surveys:wave_results", args=[row.pk])) for row in rows
    ]
    line = RangeLine(_("Hours a week"), [(round(r.low, 1), round(r.high, 1)) for r in rows])
    title = _("Burden that the staff named, wave by wave")
    if not rows:
        nothing = _("No pain survey was published in these months.")
        return Group("burden", title, [], nothing)
    picture = ranges(
        "burden",
        _("Hours a week (an estimate)"),
        finding=range_finding(points, line, _("hours a week")),
        points=points,
        lines=[line],
        corner=_("Wave"),
        notes=[
            _("Respondents only, never extrapolated: %(counts)s answers.")
            % {"counts": "・".join(str(row.counted or 0) for row in rows)},
            _("Of all staff together, whatever bureau is chosen."),
        ],
    )
    return Group("burden", title, [picture])


def _moment(day: date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


# effects ------------------------------------------------------------------------------------------
def value_group(user: User, choice: Choice) -> Group:
    """What cuts work and what creates value, apart; one statement."""
    entries = list(_entries(user, choice))
    months = _months(choice)
    pictures = [
        _effects("hours", Measure.HOURS, entries, months),
        _effects("people", Measure.NEW_VALUE, entries, months),
    ]
    return Group("value", _("Effects by month"), pictures)


def _entries(user: User, choice: Choice) -> Any:
    """Figures in force of real initiatives; of a unit those that its departments lead."""
    initiatives = Initiative.objects.visible_to(user).real()
    rows = (
        ValueEntry.objects.visible_to(user)
        .in_force()
        .filter(
            initiative__in=initiatives.order_by().values("pk"),
            measure__in=[Measure.HOURS, Measure.NEW_VALUE],
        )
    )
    if choice.unit != WHOLE:
        leads = InitiativeDepartment.objects.filter(
            initiative=OuterRef("initiative"), role=DepartmentRole.LEAD
        )
        rows = rows.annotate(
            lead=Subquery(leads.values("department")[:1]),
            lead_bureau=Subquery(leads.values("department__bureau")[:1]),
        ).filter(Q(lead=choice.unit) | Q(lead_bureau=choice.unit))
    return rows.values_list("measure", "standing", "low", "high", "on")


def _months(choice: Choice) -> list[date]:
    """Every month of the range, counted or not."""
    months = [choice.first]
    while months[-1] < choice.last:
        months.append(add_months(months[-1], 1))
    return months


def _effects(name: str, measure: Measure, entries: Any, months: list[date]) -> Picture:
    """Promised, reported and verified, never added; each month all figures dated by its end."""
    if measure == Measure.HOURS:
        title, unit = _("Cuts work: hours a week"), _("hours a week")
    else:
        title, unit = _("Creates value: people a year"), _("people a year")
    words = _("%(year)d-%(month)02d")
    points = [
        Point(words % {"year": m.year, "month": m.month}, f"{m:%Y-%m}", _ledger(measure, ""))
        for m in months
    ]
    lines = []
    for standing in Standing:
        held = [(on, low, high) for m, s, low, high, on in entries if (m, s) == (measure, standing)]
        values = [_by(held, add_months(month, 1), measure) for month in months]
        url = _ledger(measure, standing)
        lines.append(RangeLine(str(standing.label), values, [url] * len(months)))
    links = [(line.label, _ledger(measure, s)) for line, s in zip(lines, Standing, strict=True)]
    verified = next(line for line, s in zip(lines, Standing, strict=True) if s == Standing.VERIFIED)
    known = verified if any(verified.values) else lines[0]
    return ranges(
        name,
        title,
        finding=range_finding(points, known, unit),
        points=points,
        lines=lines,
        corner=_("Month"),
        notes=[_("By the date of each figure, as it stands today; the three are never added.")],
        links=links,
    )


def _by(
    held: list[tuple[date, int, int]], before: date, measure: Measure
) -> tuple[float, float] | None:
    """The sum of what is dated before that day; None where there is nothing."""
    found = [(low, high) for on, low, high in held if on < before]
    if not found:
        return None
    low, high = sum(pair[0] for pair in found), sum(pair[1] for pair in found)
    if measure == Measure.HOURS:
        return round(low / MINUTES, 1), round(high / MINUTES, 1)
    return float(low), float(high)


def _ledger(measure: Measure, standing: str) -> str:
    """Where the figures of a line stand one by one."""
    url = f"{reverse('dashboards:value')}?measure={measure}"
    return f"{url}&standing={standing}#rows" if standing else reverse("dashboards:value")
