"""The board's tables: each bureau, who moved on technology, what is late or not heard of."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from dxportal.accounts.models import Department, User
from dxportal.dashboards.board.moments import Moment
from dxportal.dashboards.board.standing import Place
from dxportal.dashboards.briefing.content import Bureau, Late, Mover
from dxportal.dashboards.briefing.drawn import Drawn
from roadmap import staircase
from roadmap.choices import (
    CLOSED_PHASES,
    Axis,
    DepartmentRole,
    DerivedStatus,
    Freshness,
    Progress,
)
from roadmap.models import (
    InitiativeDepartment,
    InitiativeSnapshot,
    RoundSnapshot,
    Update,
)
from roadmap.shown_words import ShownWords, shown_words

OLD = (Freshness.STALE, Freshness.UNKNOWN)
_LATE = Q(progress=Progress.LATE) | Q(derived=DerivedStatus.LATE)


def movers(data: Drawn) -> tuple[Mover, ...]:
    """Who reached another step of technology since the compared moment; those that fell first."""
    if data.then is None:
        return ()
    axis, now, then = Axis.TECHNOLOGY, data.now, data.then
    moves = staircase.movement(
        {pk: then.position(pk, axis) for pk in then.places},
        {pk: now.position(pk, axis) for pk in now.places},
    )
    found = [(pk, up) for keys, up in ((moves.down, False), (moves.up, True)) for pk in keys]
    return tuple(
        _mover(now.places[pk], then.position(pk, axis), now.position(pk, axis), up)
        for pk, up in found
    )


def _mover(
    place: Place, before: staircase.Position | None, after: staircase.Position | None, up: bool
) -> Mover:
    return Mover(
        place.code,
        place.name,
        place.bureau,
        before.current if before else None,
        after.current if after else None,
        up,
    )


def late_rows(user: User, moment: Moment, as_of: dt.date) -> tuple[Late, ...]:
    """Initiatives that are late or were not heard of, the longest silent first; four statements.

    As the key figures count them: what took root or stopped is neither.
    """
    if moment.round:
        return _late_of_round(user, moment.round)
    return _late_of_month(user, moment.period, as_of)


def _late_of_round(user: User, pk: int) -> tuple[Late, ...]:
    """As the closed round keeps them, in its own words; one statement."""
    rows = RoundSnapshot.objects.filter(round=pk, round__municipality_id=user.municipality_id or 0)
    rows = rows.filter(_LATE | Q(freshness__in=OLD)).exclude(phase__in=CLOSED_PHASES)
    return tuple(
        Late(
            title=row.title,
            bureau=row.bureau,
            department=row.lead,
            late=row.progress == Progress.LATE or row.derived == DerivedStatus.LATE,
            stale=row.freshness in OLD,
            reported=row.progress_word or row.get_progress_display(),
            derived=str(row.get_derived_display()) if row.derived == DerivedStatus.LATE else "",
            last_report=row.last_report.isoformat() if row.last_report else "",
            next_step=row.next_step,
            next_due=row.next_due.isoformat() if row.next_due else "",
        )
        for row in rows.order_by("last_report", "title", "pk")
    )


def _late_of_month(user: User, period: dt.date | None, as_of: dt.date) -> tuple[Late, ...]:
    rows = list(
        InitiativeSnapshot.objects.visible_to(user)
        .in_period(period)
        .filter(_LATE | Q(freshness__in=OLD))
        .exclude(phase__in=CLOSED_PHASES)
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


def bureaus(data: Drawn, late: Sequence[Late]) -> tuple[Bureau, ...]:
    """In the order of the chart; a department without a bureau stands for itself."""
    now, then = data.now, data.then
    codes = dict(
        Department.objects.filter(pk__in={place.unit for place in now.places.values()}).values_list(
            "pk", "code"
        )
    )
    sums: dict[str, _Sum] = {}
    for pk, place in now.places.items():
        name = place.bureau or place.name
        one = sums.setdefault(name, _Sum(codes.get(place.unit, "")))
        one.departments += 1
        one.initiatives += data.health.of(pk)["initiatives"]
        here = now.position(pk, Axis.TECHNOLOGY)
        before = then.position(pk, Axis.TECHNOLOGY) if then else None
        if here is None:
            one.unplaced += 1
            continue
        one.here[here.current] += 1
        if before and here.reached > before.reached:
            one.up.append(place.name)
        if before and here.reached < before.reached:
            one.down.append(place.name)
    steps = len(now.of_axis(Axis.TECHNOLOGY))
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
