"""The board's tables: each bureau, who moved on technology, what is late or not heard of."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from dxportal.accounts.models import Department, User
from dxportal.dashboards import panels
from dxportal.dashboards.briefing.content import Bureau, Late, Mover
from roadmap.choices import Axis, DepartmentRole, DerivedStatus, Freshness, Phase, Progress
from roadmap.models import Initiative, InitiativeDepartment, InitiativeSnapshot, Update
from roadmap.shown_words import ShownWords, shown_words

OLD = (Freshness.STALE, Freshness.UNKNOWN)
_LATE = Q(progress=Progress.LATE) | Q(derived=DerivedStatus.LATE)


def movers(data: panels.Dashboard, departments: Mapping[int, Department]) -> tuple[Mover, ...]:
    """Who reached another step of technology since the compared month; those that fell first."""
    if data.headline is None:
        return ()
    moves = data.headline.technology
    rows = {row.pk: row for row in data.rows}
    found = [(pk, up) for keys, up in ((moves.down, False), (moves.up, True)) for pk in keys]
    return tuple(
        Mover(
            departments[pk].code,
            departments[pk].name,
            str(departments[pk].bureau or ""),
            rows[pk].technology_before,
            rows[pk].technology.current if rows[pk].technology else None,  # type: ignore[union-attr]
            up,
        )
        for pk, up in found
        if pk in departments and pk in rows
    )


def late_rows(user: User, period: dt.date | None, as_of: dt.date) -> tuple[Late, ...]:
    """Initiatives that are late or were not heard of, the longest silent first; four statements."""
    rows = list(
        InitiativeSnapshot.objects.visible_to(user)
        .in_period(period)
        .filter(_LATE | Q(freshness__in=OLD))
        .filter(initiative__in=Initiative.objects.visible_to(user).real())
        .exclude(phase=Phase.STOPPED)
        .select_related("initiative")
        .order_by("last_report", "initiative__title", "pk")
    )
    keys = [row.initiative_id for row in rows]
    leads = {
        part.initiative_id: part.department
        for part in InitiativeDepartment.objects.filter(
            initiative__in=keys, role=DepartmentRole.LEAD
        ).select_related("department__bureau")
    }
    latest = {
        row.initiative_id: row
        for row in Update.objects.filter(initiative__in=keys, reported_on__lte=as_of)
        .order_by("initiative_id", "-id")
        .distinct("initiative_id")
    }
    words = shown_words(user.municipality_id or 0)
    return tuple(
        _late(row, leads.get(row.initiative_id), latest.get(row.initiative_id), words)
        for row in rows
    )


def _late(
    row: InitiativeSnapshot, lead: Department | None, said: Update | None, words: ShownWords
) -> Late:
    late = row.progress == Progress.LATE or row.derived == DerivedStatus.LATE
    behind = row.derived == DerivedStatus.LATE
    return Late(
        title=row.initiative.title,
        bureau=str((lead.bureau or "") if lead else ""),
        department=lead.name if lead else "",
        late=late,
        stale=row.freshness in OLD,
        reported=words.progress(row.progress),
        derived=str(row.get_derived_display()) if behind else "",
        last_report=row.last_report.isoformat() if row.last_report else "",
        next_step=said.next_step if said else "",
        next_due=said.next_due.isoformat() if said and said.next_due else "",
    )


@dataclass(slots=True)
class _Sum:
    """One bureau while it is counted."""

    code: str
    departments: int = 0
    here: Counter[int] = field(default_factory=Counter)
    unplaced: int = 0
    up: list[str] = field(default_factory=list)
    down: list[str] = field(default_factory=list)
    initiatives: int = 0


def bureaus(
    data: panels.Dashboard, departments: Mapping[int, Department], late: Sequence[Late]
) -> tuple[Bureau, ...]:
    """In the order of the chart; a department without a bureau stands for itself."""
    sums: dict[str, _Sum] = {}
    steps = len(data.steps[Axis.TECHNOLOGY])
    moves = data.headline.technology if data.headline else None
    for row in data.rows:
        department = departments[row.pk]
        unit = department.bureau or department
        one = sums.setdefault(unit.name, _Sum(unit.code))
        one.departments += 1
        one.initiatives += row.initiatives
        if row.technology is None:
            one.unplaced += 1
        else:
            one.here[row.technology.current] += 1
        if moves and row.pk in moves.up:
            one.up.append(row.name)
        if moves and row.pk in moves.down:
            one.down.append(row.name)
    return tuple(_bureau(name, one, steps, late) for name, one in sums.items())


def _bureau(name: str, one: _Sum, steps: int, late: Sequence[Late]) -> Bureau:
    own = [row for row in late if (row.bureau or row.department) == name]
    return Bureau(
        code=one.code,
        name=name,
        departments=one.departments,
        here=tuple(one.here[step] for step in range(1, steps + 1)),
        unplaced=one.unplaced,
        up=tuple(one.up),
        down=tuple(one.down),
        initiatives=one.initiatives,
        late=sum(row.late for row in own),
        stale=sum(row.stale for row in own),
    )
