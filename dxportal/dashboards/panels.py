"""Snapshots → dataclasses for the CDO's and the DX office's screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from dxportal.accounts.models import Department, Municipality, User
from dxportal.dashboards import standing
from dxportal.dashboards.standing import Chip, Counted, Picture, Step
from dxportal.shared.charts import Chart, Series, line_chart
from dxportal.shared.fiscal import add_months
from roadmap import staircase
from roadmap.choices import (
    Axis,
    DepartmentRole,
    DerivedStatus,
    Freshness,
    Phase,
    Progress,
)
from roadmap.models import InitiativeSnapshot, Stage


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """One line of the list of departments."""

    pk: int
    name: str
    bureau: str
    technology: staircase.Position | None
    culture: staircase.Position | None
    technology_before: int | None
    culture_before: int | None
    initiatives: int
    late: int

    @property
    def moves(self) -> list[tuple[str, int, int]]:
        """(axis label, step before, step now) where the current step changed."""
        pairs = (
            (Axis.TECHNOLOGY, self.technology_before, self.technology),
            (Axis.CULTURE, self.culture_before, self.culture),
        )
        return [
            (str(axis.label), old, new.current)
            for axis, old, new in pairs
            if old and new and new.current != old
        ]


@dataclass(frozen=True, slots=True)
class Health:
    """Reported and derived side by side (rule 5): late by the owner, behind by its own target."""

    total: int
    late: int
    behind: int
    unconfirmed: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything the staircase page shows of the roadmap."""

    periods: list[date]
    period: date | None
    compare: date | None
    counted: Counted
    picture: Picture
    steps: Mapping[str, list[Step]]
    headline: staircase.Headline[int] | None
    names: Mapping[int, str]
    rows: list[DepartmentRow]
    health: Health
    trend: Chart | None
    with_culture: bool
    with_names: bool

    @property
    def up(self) -> list[str]:
        """Names of departments that rose; technology only where culture is not for the viewer."""
        if not self.headline:
            return []
        moved = self.headline.up if self.with_culture else self.headline.technology.up
        return [self.names[pk] for pk in moved if pk in self.names]

    @property
    def down(self) -> list[str]:
        """Names of departments that fell."""
        if not self.headline:
            return []
        moved = self.headline.down if self.with_culture else self.headline.technology.down
        return [self.names[pk] for pk in moved if pk in self.names]


def choose(periods: Sequence[date], wish: str) -> date | None:
    """The wished month ("2026-09") if it was counted, else None."""
    return next((p for p in periods if f"{p:%Y-%m}" == wish), None)


def dashboard(
    user: User,
    *,
    period: str,
    compare: str,
    picked: int | None,
    with_culture: bool,
    with_names: bool,
    today: date,
) -> Dashboard:
    """Build the page's data with a fixed number of statements."""
    known = standing.periods(user)
    now_month = choose(known, period) or (known[0] if known else None)
    earlier = [p for p in known if now_month and p < now_month]
    then_month = choose(earlier, compare) or _half_year_before(now_month, earlier)
    stages = list(Stage.objects.visible_to(user))
    day = _last_day(now_month, today)
    departments = standing.departments_standing(user, day)
    rows_now, rows_then = standing.positions(user, now_month, then_month)
    now, then = (standing.standings(rows, with_culture) for rows in (rows_now, rows_then))
    firm = standing.firmness_by_month(user)
    steps = standing.steps_of(
        stages, firm.get(now_month, {}) if now_month else {}, rows_now, departments
    )
    axes = tuple(Axis) if with_culture else (Axis.TECHNOLOGY,)
    chips = {
        pk: Chip(
            pk,
            department.name,
            str(department.bureau or ""),
            standing.move_of(pk, now, then, axes),
            pk == picked,
        )
        for pk, department in departments.items()
    }
    place = user.municipality
    return Dashboard(
        periods=known,
        period=now_month,
        compare=then_month,
        counted=standing.counted(user, now_month),
        picture=standing.picture(steps, chips, now, with_culture=with_culture),
        steps=steps,
        headline=staircase.headline(then, now) if then_month else None,
        names={pk: d.name for pk, d in departments.items()},
        rows=_rows(user, now_month, departments, now, then) if with_names else [],
        health=health(user, now_month),
        trend=trend(stages, firm, place) if place and len(firm) > 1 else None,
        with_culture=with_culture,
        with_names=with_names,
    )


def _half_year_before(month: date | None, earlier: Sequence[date]) -> date | None:
    """The counted month nearest to half a year before; `earlier` runs backwards."""
    if month is None:
        return None
    wanted = add_months(month, -6)
    return next((p for p in earlier if p <= wanted), earlier[-1] if earlier else None)


def _last_day(period: date | None, today: date) -> date:
    """The day whose organisation the month shows: its last day, or today in the present month."""
    if period is None or (period.year, period.month) == (today.year, today.month):
        return today
    following = date(period.year + period.month // 12, period.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _rows(
    user: User,
    period: date | None,
    departments: Mapping[int, Department],
    now: Mapping[int, staircase.Standing],
    then: Mapping[int, staircase.Standing],
) -> list[DepartmentRow]:
    counts = _initiative_counts(user, period)
    nothing = staircase.Standing(None, None)
    found = []
    for pk, department in departments.items():
        here, before = now.get(pk, nothing), then.get(pk, nothing)
        total, late = counts.get(pk, (0, 0))
        found.append(
            DepartmentRow(
                pk=pk,
                name=department.name,
                bureau=str(department.bureau or ""),
                technology=here.technology,
                culture=here.culture,
                technology_before=before.technology.current if before.technology else None,
                culture_before=before.culture.current if before.culture else None,
                initiatives=total,
                late=late,
            )
        )
    return found


def _initiative_counts(user: User, period: date | None) -> dict[int, tuple[int, int]]:
    """Lead department → (initiatives, late ones); reported late or late by their dates."""
    late = Q(progress=Progress.LATE) | Q(derived=DerivedStatus.LATE)
    rows = (
        InitiativeSnapshot.objects.visible_to(user)
        .in_period(period)
        .filter(initiative__parts__role=DepartmentRole.LEAD)
        .values("initiative__parts__department")
        .annotate(total=Count("pk"), late=Count("pk", filter=late))
    )
    return {row["initiative__parts__department"]: (row["total"], row["late"]) for row in rows}


def health(user: User, period: date | None) -> Health:
    """How initiatives do, in one statement."""
    rows = InitiativeSnapshot.objects.visible_to(user).in_period(period)
    return Health(
        **rows.exclude(phase=Phase.STOPPED).aggregate(
            total=Count("pk"),
            late=Count("pk", filter=Q(progress=Progress.LATE)),
            behind=Count("pk", filter=Q(derived=DerivedStatus.LATE)),
            unconfirmed=Count("pk", filter=Q(derived=DerivedStatus.UNCONFIRMED)),
            unknown=Count("pk", filter=Q(freshness=Freshness.UNKNOWN)),
        )
    )


def trend(
    stages: Sequence[Stage],
    firm: Mapping[date, Mapping[int, tuple[int, int, int]]],
    place: Municipality,
) -> Chart:
    """Firmness of each technology stage over the months, as a Plotly line chart with its table."""
    months = sorted(firm)
    series = [
        Series(
            label=_("%(step)d %(name)s") % {"step": stage.step, "name": stage.short_name},
            values=[
                standing.percent(firm[m][stage.pk][0], firm[m][stage.pk][2])
                if stage.pk in firm[m]
                else None
                for m in months
            ],
        )
        for stage in stages
        if stage.axis == Axis.TECHNOLOGY
    ]
    first, last = series[0].values[0], series[0].values[-1]
    return line_chart(
        "trend",
        title=_("How firm the technology steps have become"),
        finding=_("Step 1 went from %(first)s%% to %(last)s%%.")
        % {"first": first if first is not None else "–", "last": last},
        corner=_("Month"),
        points=[_("%(year)d-%(month)02d") % {"year": m.year, "month": m.month} for m in months],
        series=series,
        unit="%",
        highest=100,
    )


def department_rows(
    user: User, *, query: str, tech: str, culture: str, with_culture: bool, today: date
) -> list[DepartmentRow]:
    """The list of departments of the present month, filtered."""
    known = standing.periods(user)
    period = known[0] if known else None
    before = known[1] if len(known) > 1 else None
    departments = standing.departments_standing(user, today)
    now, then = (
        standing.standings(rows, with_culture) for rows in standing.positions(user, period, before)
    )
    rows = _rows(user, period, departments, now, then)
    return [
        row
        for row in rows
        if query.strip() in f"{row.bureau} {row.name}"
        and (not tech or (row.technology is not None and str(row.technology.current) == tech))
        and (
            not (culture and with_culture)
            or (row.culture is not None and str(row.culture.current) == culture)
        )
    ]
