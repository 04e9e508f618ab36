"""The exploring page: facts in a fixed number of statements, composed into charts.

Culture is told here only as sums over three departments or more; by bureau only to those who may
see it by name. Technology has names: nobody reaches the page who may not see them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dxportal.accounts.access import Permission, can, departments_for
from dxportal.accounts.models import Department, User
from dxportal.dashboards.board import moments
from dxportal.dashboards.explore import effects as explore_effects
from dxportal.dashboards.explore.choice import Choice, choose
from dxportal.dashboards.explore.departments import (
    LEVEL_COLOURS,
    CriterionMonths,
    Dot,
    criterion,
    spread,
)
from dxportal.dashboards.explore.lines import StepLine, trend
from dxportal.dashboards.explore.picture import Group, Picture, Point
from dxportal.shared.fiscal import add_months
from roadmap.choices import Axis, Level
from roadmap.criterion_levels import criterion_levels
from roadmap.models import (
    WHOLE,
    CriterionVersion,
    Stage,
    StageSnapshot,
    StageSum,
    StaircaseVersion,
)
from roadmap.sharing import FEWEST, coarse, percent

#: Month ends that the criteria are counted at: more would make the one statement long.
MOST_DAYS = 12


@dataclass(frozen=True)
class Options:
    """What the filters offer, and what of it is chosen."""

    months: list[date]
    units: list[Department]
    stages: list[Stage]
    choice: Choice | None

    @property
    def axes(self) -> list[tuple[str, str, list[Stage]]]:
        """Axis, its word and its steps."""
        return [
            (axis.value, str(axis.label), [s for s in self.stages if s.axis == axis])
            for axis in (Axis.TECHNOLOGY, Axis.CULTURE)
        ]

    @property
    def unit_name(self) -> str:
        """The chosen bureau, or ''."""
        pk = self.choice.unit if self.choice else WHOLE
        return next((unit.name for unit in self.units if unit.pk == pk), "")


def options(user: User, told: Mapping[str, str], today: date) -> Options:
    """Three statements: counted months, units, steps."""
    months = moments.months(user, today)
    sums = StageSum.objects.visible_to(user).exclude(unit=WHOLE)
    units = Department.objects.visible_to(user).filter(pk__in=sums.values("unit")).in_order()
    found, stages = list(units), list(Stage.objects.visible_to(user))
    choice = choose(
        told,
        months=months,
        units=[unit.pk for unit in found],
        steps=[(stage.axis, stage.step) for stage in stages],
    )
    return Options(months, found, stages, choice)


@dataclass(frozen=True)
class Facts:
    """Who asks for what, and the months that were counted of it."""

    user: User
    options: Options
    choice: Choice
    today: date

    @cached_property
    def months(self) -> list[date]:
        """Counted months of the range, the oldest first."""
        choice = self.choice
        return sorted(m for m in self.options.months if choice.first <= m <= choice.last)

    @cached_property
    def points(self) -> list[Point]:
        """The same as points that open to the staircase of that month."""
        return [self.point(month) for month in self.months]

    def point(self, month: date) -> Point:
        """One month in words."""
        words = {"year": month.year, "month": month.month}
        code = f"{month:%Y-%m}"
        url = f"{reverse('dashboards:dashboard')}?period={code}"
        return Point(_("%(year)d-%(month)02d") % words, code, url)

    @property
    def since(self) -> int:
        """The point that the last one is compared with: the chosen month, or the first."""
        compare = self.choice.compare
        return self.months.index(compare) if compare in self.months else 0

    @property
    def technology_stages(self) -> list[Stage]:
        """The technology step that is chosen, or all."""
        step = self.choice.step if self.choice.axis == Axis.TECHNOLOGY else None
        return [
            stage
            for stage in self.options.stages
            if stage.axis == Axis.TECHNOLOGY and step in (None, stage.step)
        ]


def board(user: User, found: Options, now: dt.datetime, today: date) -> list[Group]:
    """Every chart of the page; eight statements more."""
    if found.choice is None:
        return []
    facts = Facts(user, found, found.choice, today)
    groups = [
        _trends(facts),
        explore_effects.burden_group(facts.user, facts.choice, now),
        _spread(facts),
        _criteria(facts),
        explore_effects.value_group(facts.user, facts.choice),
    ]
    return [_with_files(group, facts.choice) for group in groups]


def _with_files(group: Group, choice: Choice) -> Group:
    """Each chart with the address of its file, for the same filters."""
    pictures = [
        replace(
            picture,
            csv_url=f"{reverse('dashboards:explore_export', args=[picture.name])}?{choice.query}",
        )
        for picture in group.pictures
    ]
    return replace(group, pictures=pictures)


# trend --------------------------------------------------------------------------------------------
def _trends(facts: Facts) -> Group:
    """Both axes as far as they are asked for and may be told; one statement."""
    choice = facts.choice
    rows = StageSum.objects.visible_to(facts.user).filter(
        unit=choice.unit, period__gte=choice.first, period__lte=choice.last
    )
    sums = {(row.period, row.stage_id): row for row in rows.select_related("staircase")}
    pictures = [
        _trend(facts, axis, sums)
        for axis in (Axis.TECHNOLOGY, Axis.CULTURE)
        if choice.shows(axis) and (axis == Axis.TECHNOLOGY or _may_tell_culture(facts, sums))
    ]
    nothing = ""
    if choice.shows(Axis.CULTURE) and not _may_tell_culture(facts, sums):
        nothing = _(
            "Culture is told only for the whole municipality here, and only over three departments"
            " or more."
        )
    return Group("trend", _("How firm the steps have become"), pictures, nothing)


Sums = Mapping[tuple[date, int], StageSum]


def _may_tell_culture(facts: Facts, sums: Sums) -> bool:
    """By bureau for CDO and DX office; sums over fewer than three for nobody."""
    if facts.choice.unit != WHOLE and not can(facts.user, Permission.SEE_CULTURE_NAMES):
        return False
    return all(row.departments >= FEWEST for row in sums.values())


def _trend(facts: Facts, axis: Axis, sums: Sums) -> Picture:
    choice = facts.choice
    stages = [
        stage
        for stage in facts.options.stages
        if stage.axis == axis
        and (choice.axis != axis or choice.step is None or stage.step == choice.step)
    ]
    veiled = axis == Axis.CULTURE and not can(facts.user, Permission.SEE_CULTURE_NAMES)
    firm = _about if veiled else _firm
    lines = [
        StepLine(
            f"{stage.step} {stage.short_name}",
            [firm(sums.get((month, stage.pk))) for month in facts.months],
        )
        for stage in stages
    ]
    return trend(
        f"trend-{axis}",
        str(axis.label),
        points=facts.points,
        lines=lines,
        since=facts.since,
        notes=_notes(facts, sums, stages, veiled),
    )


def _firm(row: StageSum | None) -> int | None:
    if row is None:
        return None
    return percent({"level_sum": row.level_sum, "answered": row.answered, "total": row.total})


def _about(row: StageSum | None) -> int | None:
    """For those who may not read culture by name."""
    return coarse(_firm(row))


def _notes(facts: Facts, sums: Sums, stages: Sequence[Stage], veiled: bool) -> list[str]:
    """Coverage of the last month, and where another version of the staircase begins."""
    last = [sums[key] for stage in stages if (key := (facts.months[-1], stage.pk)) in sums]
    words = {
        "month": facts.points[-1].label,
        "answered": sum(row.answered for row in last),
        "total": sum(row.total for row in last),
    }
    covered = _("%(month)s: %(answered)d of %(total)d criteria of all departments are answered.")
    notes = [_("To the nearest 5%.") if veiled else covered % words]
    before: int | None = None
    for month, point in zip(facts.months, facts.points, strict=True):
        row = next((sums[key] for s in stages if (key := (month, s.pk)) in sums), None)
        if row and row.staircase and before and row.staircase_id != before:
            told = {"month": point.label, "label": row.staircase.label}
            notes.append(_("From %(month)s on the version “%(label)s” applies.") % told)
        before = row.staircase_id if row else before
    return notes


# spread -------------------------------------------------------------------------------------------
def _spread(facts: Facts) -> Group:
    """Technology by department in the last month; one statement."""
    choice, user = facts.choice, facts.user
    months = [month for month in (choice.last, choice.compare) if month]
    rows = StageSnapshot.objects.visible_to(user).filter(
        period__in=months, stage__in=[stage.pk for stage in facts.technology_stages]
    )
    if choice.unit != WHOLE:
        rows = rows.filter(Q(department__bureau=choice.unit) | Q(department=choice.unit))
    own = departments_for(user, Permission.SEE_OWN_DEPARTMENT) or {user.department_id or 0}
    held: dict[int, dict[date, list[StageSnapshot]]] = {}
    for row in rows.select_related("department__bureau").order_by(
        "department__order", "department__code"
    ):
        held.setdefault(row.department_id, {}).setdefault(row.period, []).append(row)
    dots = [
        _dot(of[choice.last], of.get(choice.compare) if choice.compare else None, own)
        for of in held.values()
        if choice.last in of
    ]
    title = _("Departments side by side: technology")
    before = facts.point(choice.compare) if choice.compare else None
    picture = spread("spread", title, dots, now=facts.point(choice.last), before=before)
    return Group("spread", _("Spread inside the municipality"), [picture])


def _dot(
    now: Sequence[StageSnapshot], before: Sequence[StageSnapshot] | None, own: set[int]
) -> Dot:
    department = now[0].department
    return Dot(
        name=department.name,
        unit=str(department.bureau or department),
        percent=_firm_of(now),
        before=_firm_of(before or ()),
        answered=sum(row.answered for row in now),
        total=sum(row.total for row in now),
        own=not own.isdisjoint({department.pk, department.bureau_id or 0} - {0}),
        url=department.get_absolute_url(),
    )


def _firm_of(rows: Sequence[StageSnapshot]) -> int | None:
    names = ("level_sum", "answered", "total")
    return percent({name: sum(getattr(row, name) for row in rows) for name in names})


# criteria -----------------------------------------------------------------------------------------
def _criteria(facts: Facts) -> Group:
    """The criteria of one technology step; two statements, one more for a bureau."""
    stage = _stage_to_show(facts)
    months, points = facts.months[-MOST_DAYS:], facts.points[-MOST_DAYS:]
    since = max(0, facts.since - (len(facts.months) - len(months)))
    days = [min(add_months(m, 1) - dt.timedelta(days=1), facts.today) for m in months]
    if stage is None:
        return Group("criteria", _("Progress of the criteria"), [])
    found = criterion_levels(
        facts.user.municipality_id or 0,
        stage_id=stage.pk,
        days=days,
        departments=_departments(facts),
    )
    held = {(row.day, row.criterion): (*row.at, row.unknown) for row in found}
    labels = [*(str(level.label) for level in Level), _("No data")]
    pictures = [
        criterion(
            CriterionMonths(
                pk,
                f"{'★ ' if row.mandatory else ''}{_text(row)}",
                [held.get((day, pk)) for day in days],
            ),
            points,
            labels,
            since=since,
        )
        for pk, row in _asked(facts, stage, days[-1]).items()
    ]
    title = _("Progress of the criteria: step %(step)d %(name)s") % {
        "step": stage.step,
        "name": stage.short_name,
    }
    nothing = "" if pictures else _("This step has no criteria in the last month.")
    order = (3, 2, 1, 0, 4)
    legend = [(LEVEL_COLOURS[level], labels[level]) for level in order]
    return Group("criteria", title, pictures, nothing, legend)


def _stage_to_show(facts: Facts) -> Stage | None:
    """The chosen technology step, or the first one."""
    return next(iter(facts.technology_stages), None)


def _departments(facts: Facts) -> list[int] | None:
    """Those of the unit; None for everybody."""
    unit = facts.choice.unit
    if unit == WHOLE:
        return None
    rows = Department.objects.visible_to(facts.user).filter(Q(bureau=unit) | Q(pk=unit))
    return list(rows.values_list("pk", flat=True))


def _asked(facts: Facts, stage: Stage, day: date) -> dict[int, CriterionVersion]:
    """The criteria of a step in the version of that day."""
    versions = StaircaseVersion.objects.visible_to(facts.user).on(day)
    rows = CriterionVersion.objects.filter(
        staircase__in=versions.order_by().values("pk"), stage=stage, criterion__isnull=False
    )
    return {row.criterion_id: row for row in rows if row.criterion_id}


def _text(row: CriterionVersion) -> str:
    """The criterion as that version words it, in the reader's language."""
    return row.text_en if get_language() == "en" and row.text_en else row.text
