"""The list of follow-ups: due, open, closed, each with what is known of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from dxportal.accounts.models import Department, Municipality, User
from roadmap.choices import DepartmentRole
from roadmap.models import AdoptionVerdict, InitiativeDepartment
from roadmap.permissions import update_rights
from surveys.actions.follow_ups import asks_of, limit_of, what_waits
from surveys.choices import Waiting, WaveState
from surveys.models import FollowUp

#: Outcomes that the page goes back.
CLOSED_ROWS = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict with the wave it came from; without a wave it was declared."""

    verdict: AdoptionVerdict
    wave_id: int | None


@dataclass(frozen=True, slots=True)
class DueRow:
    """A follow-up whose date has come; `waits`: why it is not asked today, "" where it is.

    `declared`: its outcome is declared, because too few use it; `may_declare`: by this reader.
    """

    follow_up: FollowUp
    waits: str
    until: dt.date | None
    declared: bool
    may_declare: bool


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the page."""

    due: Sequence[DueRow]
    planned: Sequence[FollowUp]
    asking: Sequence[FollowUp]
    not_asked: Sequence[FollowUp]
    outcomes: Sequence[Outcome]
    limit: int

    @property
    def empty(self) -> bool:
        """Whether nothing ever went live."""
        return not any((self.due, self.planned, self.asking, self.not_asked, self.outcomes))


def board(user: User, now: dt.datetime) -> Board:
    """What is due or planned, being asked, and what came of the others, newest first."""
    today = timezone.localdate(now)
    rows = list(
        FollowUp.objects.visible_to(user)
        .filter(closed_on__isnull=True)
        .select_related("initiative", "wave")
        .order_by("due_on", "id")
    )
    waiting = [row for row in rows if row.wave is None]
    due = [row for row in waiting if row.due_on <= today]
    municipality = user.municipality
    waits, declared = (
        what_waits(municipality, today) if due and municipality is not None else ({}, set())
    )
    leads = _leads(row.initiative_id for row in due if row.pk in declared)
    rights = update_rights(user, today)
    verdicts = (
        AdoptionVerdict.objects.filter(
            initiative__municipality_id=user.municipality_id or 0,
            initiative__removed_on__isnull=True,
            on__lte=today,
        )
        .select_related("initiative", "task")
        .order_by("-on", "-id")[:CLOSED_ROWS]
    )
    shown = FollowUp.objects.visible_to(user).filter(
        wave__state=WaveState.PUBLISHED, wave__publish_at__lte=now
    )
    waves = {
        (initiative, day): wave
        for initiative, day, wave in shown.values_list("initiative_id", "closed_on", "wave_id")
    }
    return Board(
        due=[
            DueRow(
                row,
                *_told(waits.get(row.pk)),
                declared=row.pk in declared,
                may_declare=row.pk in declared
                and rights.allow(row.initiative, leads.get(row.initiative_id)),
            )
            for row in due
        ],
        planned=[row for row in waiting if row.due_on > today],
        asking=[row for row in rows if row.wave is not None],
        not_asked=list(
            FollowUp.objects.visible_to(user)
            .exclude(not_asked="")
            .select_related("initiative")
            .order_by("-closed_on", "-id")[:CLOSED_ROWS]
        ),
        outcomes=[Outcome(v, waves.get((v.initiative_id, v.on))) for v in verdicts],
        limit=limit_of(user.municipality_id or 0),
    )


def _told(waits: tuple[Waiting, dt.date | None] | None) -> tuple[str, dt.date | None]:
    return (str(waits[0].label), waits[1]) if waits else ("", None)


def _leads(initiatives: Iterable[int]) -> dict[int, int]:
    """Initiative → its lead department."""
    parts = InitiativeDepartment.objects.filter(
        initiative__in=list(initiatives), role=DepartmentRole.LEAD
    )
    return dict(parts.values_list("initiative_id", "department_id"))


@dataclass(frozen=True, slots=True)
class AskedOften:
    """How often one department's staff and its head were asked in the quarter."""

    department: Department
    staff: int
    head: int


def asked_often(municipality: Municipality, today: dt.date) -> list[AskedOften]:
    """Every department that was asked at all in the quarter, the most asked first."""
    counts = asks_of(municipality.pk, today).counts
    units = Department.objects.filter(pk__in={department for department, _head in counts})
    rows = [
        AskedOften(unit, counts.get((unit.pk, False), 0), counts.get((unit.pk, True), 0))
        for unit in units.in_order()
    ]
    return sorted(rows, key=lambda row: -max(row.staff, row.head))
