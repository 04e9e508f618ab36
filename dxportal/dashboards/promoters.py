"""Who helps which section, section by section: one screen, a fixed number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils import timezone

from dxportal.accounts.models import Department, Outbox, RoleGrant, User
from dxportal.accounts.promoting import (
    MINUTES,
    Counted,
    Cover,
    counted,
    cover,
    ends_soon,
    ends_with_the_year,
    last_day,
)
from surveys.choices import WaveState
from surveys.models import Wave

#: Terms of the past that are shown at most.
MOST_PAST = 100


@dataclass(frozen=True)
class TermLine:
    """One person's term; `moved`: works in another department than the one that is helped."""

    grant: RoleGrant
    today: dt.date

    @property
    def last(self) -> dt.date | None:
        """The last day; None for an open end."""
        return last_day(self.grant.valid_to)

    @property
    def ending(self) -> bool:
        """Whether it ends within 30 days."""
        return ends_soon(self.grant.valid_to, self.today)

    @property
    def begins(self) -> bool:
        """Whether it is still to come."""
        return self.grant.valid_from > self.today

    @property
    def hours(self) -> str:
        """Hours a week as text, 1.5; empty where none are agreed."""
        minutes = self.grant.minutes
        return f"{minutes / MINUTES:.1f}".removesuffix(".0") if minutes else ""

    @property
    def moved(self) -> bool:
        """Whether the person works elsewhere now: a term outlives a posting."""
        return self.grant.user.department_id not in (None, self.grant.department_id)


@dataclass(frozen=True)
class SectionLine:
    """One section with its terms of today and to come."""

    department: Department
    state: Cover
    terms: list[TermLine]
    asked: bool
    may_suggest: bool


@dataclass(frozen=True)
class BureauPart:
    """The sections of one bureau."""

    name: str
    counted: Counted
    sections: list[SectionLine]


@dataclass(frozen=True)
class TicketLine:
    """An open wave in which staff without an account answer by ticket."""

    wave: Wave
    staff: int


@dataclass(frozen=True)
class PromoterBoard:
    """The whole page."""

    counted: Counted
    bureaus: list[BureauPart]
    past: list[TermLine]
    year_end: int
    without_account: int
    tickets: list[TicketLine] = field(default_factory=list)


def promoter_board(
    user: User, *, now: dt.datetime, show: str, heads: Iterable[int], with_tickets: bool
) -> PromoterBoard:
    """`show`: all sections, those without, or those whose terms end soon; `heads`: own sections."""
    today = timezone.localdate(now)
    departments = list(
        Department.objects.visible_to(user).on(today).select_related("bureau").in_order()
    )
    grants = list(RoleGrant.objects.visible_to(user).promoters())
    standing = [TermLine(g, today) for g in grants if _lasts(g, today) and g.user.is_active]
    asked = _asked_this_week(departments, today)
    lines = _sections(departments, standing, asked, set(heads), today)
    past = [TermLine(g, today) for g in reversed(grants) if not _lasts(g, today)]
    return PromoterBoard(
        counted=counted(line.state for line in lines if line.department.stands),
        bureaus=_bureaus([line for line in lines if show in ("", line.state.value)]),
        past=sorted(past, key=lambda line: line.grant.valid_to or today, reverse=True)[:MOST_PAST],
        year_end=sum(ends_with_the_year(t.grant.valid_to) and t.ending for t in standing),
        without_account=sum(d.without_account for d in departments),
        tickets=_tickets(user, now) if with_tickets else [],
    )


def _lasts(grant: RoleGrant, today: dt.date) -> bool:
    """Whether a term has not ended."""
    return grant.valid_to is None or grant.valid_to > today


def _sections(
    departments: list[Department],
    standing: list[TermLine],
    asked: set[int],
    heads: set[int],
    today: dt.date,
) -> list[SectionLine]:
    """Sections, and whatever else has a promoter; a team's promoter helps its section too."""
    terms: dict[int, list[TermLine]] = {}
    above = {d.pk: d.parent_id for d in departments if not d.stands}
    stands = {d.pk for d in departments if d.stands}
    for term in standing:
        place = term.grant.department_id or 0
        section = above.get(place)
        terms.setdefault(section if section in stands else place, []).append(term)
    return [
        SectionLine(
            department=d,
            state=cover((t.grant.valid_to for t in terms.get(d.pk, ()) if not t.begins), today),
            terms=terms.get(d.pk, []),
            asked=d.pk in asked,
            may_suggest=d.pk in heads,
        )
        for d in departments
        if d.stands or d.pk in terms
    ]


def _bureaus(lines: list[SectionLine]) -> list[BureauPart]:
    """In the order of the organisation; sections without a bureau stand together."""
    parts: dict[str, list[SectionLine]] = {}
    for line in lines:
        home = line.department.bureau
        parts.setdefault(home.name if home else "", []).append(line)
    return [
        BureauPart(name, counted(x.state for x in found if x.department.stands), found)
        for name, found in parts.items()
    ]


def _asked_this_week(departments: list[Department], today: dt.date) -> set[int]:
    """Sections whose head was asked to name somebody this week."""
    year, week, _day = today.isocalendar()
    keys: Mapping[str, int] = {f"promoter.ask:{d.pk}:{year}-{week}": d.pk for d in departments}
    found = Outbox.objects.filter(key__in=keys).values_list("key", flat=True).distinct()
    return {keys[key] for key in found}


def _tickets(user: User, now: dt.datetime) -> list[TicketLine]:
    """Open waves that give out tickets, with the staff who may get one."""
    waves = Wave.objects.visible_to(user).filter(state=WaveState.OPEN, closes_at__gt=now)
    lines = [
        TicketLine(wave, sum(wave.frozen_org.get("tickets", {}).values()))
        for wave in waves.order_by("closes_at", "pk")
    ]
    return [line for line in lines if line.staff]
