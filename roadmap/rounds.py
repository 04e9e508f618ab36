"""Where the open rounds stand: what departments owe, who has not submitted, who may look."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.utils import timezone

from dxportal.accounts.access import Permission, can, departments_for
from dxportal.accounts.choices import Role
from dxportal.accounts.models import Assignment, Department, RoleGrant, User
from roadmap import round_gaps
from roadmap.board import BoardRow, board_rows
from roadmap.choices import DepartmentRole, Phase, ReturnState, RoundState
from roadmap.listing import for_rows, with_status
from roadmap.models import (
    Initiative,
    InitiativeDepartment,
    ReportingRound,
    RoundReturn,
    Stage,
)
from roadmap.round_gaps import Facts, Gap

#: Of `listing.with_status`: who leads, and what `round_gaps.Facts` asks.
_FACTS: tuple[str, ...] = (
    "lead__department_id",
    "latest__phase",
    "latest__progress",
    "latest__cause",
    "latest__next_step",
    "last_report",
)


@dataclass
class Tally:
    """What the initiatives of one department lack in a round."""

    total: int = 0
    ready: int = 0
    unreported: int = 0
    without_care: int = 0

    @property
    def open(self) -> int:
        """How many still have to be reported on."""
        return self.total - self.ready


@dataclass(frozen=True)
class ReturnRow:
    """One department in the live table."""

    found: RoundReturn
    tally: Tally
    heads: list[User] = field(default_factory=list)

    @property
    def missing(self) -> bool:
        """Whether the department has not submitted."""
        return self.found.state in (ReturnState.FILLING, ReturnState.RETURNED)


@dataclass(frozen=True)
class WaitingReturn:
    """A department that has not submitted in an open round; `days_left` is negative afterwards."""

    round: ReportingRound
    department: Department
    state: str
    days_left: int
    path: str


@dataclass(frozen=True)
class ReturnLine:
    """One initiative on the page of a return."""

    row: BoardRow
    gap: Gap


@dataclass(frozen=True)
class RoundLine:
    """One line about the current round for one reader: 進捗報告：あと3件、9月30日まで."""

    round: ReportingRound
    found: RoundReturn | None
    tally: Tally
    waiting: int


def rounds_for(user: User) -> list[ReportingRound]:
    """Rounds that the user may know of, newest first, with how many returns are in: one query."""
    rows = ReportingRound.objects.visible_to(user)
    if not can(user, Permission.SEE_RETURNS):
        rows = rows.exclude(state=RoundState.PLANNED)
    handed_in = Q(returns__state__in=(ReturnState.SUBMITTED, ReturnState.ACCEPTED))
    return list(rows.annotate(owed=Count("returns"), submitted=Count("returns", filter=handed_in)))


def opened_on(found: ReportingRound) -> dt.date:
    """The day since which a report counts."""
    return timezone.localdate(found.opened_at) if found.opened_at else found.opens_on


def tallies(found: ReportingRound, only: Collection[int] | None = None) -> dict[int | None, Tally]:
    """Lead department (None: nobody leads) → what is missing: one query whatever the number."""
    day = opened_on(found)
    here = Initiative.objects.standing().real()
    initiatives = here.filter(municipality_id=found.municipality_id)
    if only is not None:
        leading = InitiativeDepartment.objects.filter(
            department_id__in=only, role=DepartmentRole.LEAD
        )
        initiatives = initiatives.filter(pk__in=leading.values("initiative_id"))
    counted: dict[int | None, Tally] = defaultdict(Tally)
    for lead, *facts in with_status(initiatives, day).values_list(*_FACTS):
        phase, progress, cause, next_step, last_report = facts
        told = Facts(phase or Phase.IDEA, progress or "", cause or "", next_step or "", last_report)
        gap, tally = round_gaps.gap(told, day), counted[lead]
        tally.total += 1
        tally.ready += not gap
        tally.unreported += gap.unreported
        tally.without_care += gap.without_care
    return counted


def heads_on(departments: Collection[int], day: dt.date) -> dict[int, list[User]]:
    """Department → those who may submit for it: one query."""
    grants = RoleGrant.objects.on(day).filter(
        role=Role.HEAD, department_id__in=departments, user__is_active=True
    )
    found: dict[int, list[User]] = defaultdict(list)
    for grant in grants.select_related("user").order_by("user__name", "user_id"):
        if grant.department_id is not None and grant.user not in found[grant.department_id]:
            found[grant.department_id].append(grant.user)
    return found


def return_rows(found: ReportingRound, day: dt.date) -> list[ReturnRow]:
    """The live table, by bureau and department: three queries."""
    returns = list(found.returns.in_order())
    counted = tallies(found)
    heads = heads_on([one.department_id for one in returns], day)
    return [
        ReturnRow(one, counted.get(one.department_id, Tally()), heads.get(one.department_id, []))
        for one in returns
    ]


def owing_departments(municipality_id: int, day: dt.date) -> list[Department]:
    """Who has to return: those that stand in the organisation, and whoever leads an initiative."""
    leading = InitiativeDepartment.objects.filter(
        role=DepartmentRole.LEAD,
        initiative__municipality_id=municipality_id,
        initiative__removed_on__isnull=True,
    )
    all_here = Department.objects.filter(municipality_id=municipality_id)
    standing = all_here.on(day).sections().values("pk")
    wanted = Q(pk__in=standing) | Q(pk__in=leading.values("department_id"))
    return list(all_here.filter(wanted).in_order())


def waiting_returns(municipality_id: int, day: dt.date) -> list[WaitingReturn]:
    """Every department that has not submitted in an open round, for reminders: one query."""
    rows = RoundReturn.objects.unsubmitted().filter(
        round__municipality_id=municipality_id, round__state=RoundState.OPEN
    )
    return [
        WaitingReturn(
            round=one.round,
            department=one.department,
            state=one.state,
            days_left=round_gaps.days_left(one.round.due_on, day),
            path=one.get_absolute_url(),
        )
        for one in rows.select_related("round").in_order()
    ]


def places_of(user: User, day: dt.date) -> set[int]:
    """Departments whose people one belongs to: works there, heads it, helps it, or answers there.

    Two queries beside the roles.
    """
    own = departments_for(user, Permission.UPDATE_OWN_INITIATIVES)
    posts = Assignment.objects.on(day).filter(user=user).values("post_id")
    answered = InitiativeDepartment.objects.filter(
        Q(initiative__contact=user) | Q(initiative__accountable_post__in=posts),
        role=DepartmentRole.LEAD,
        initiative__municipality_id=user.municipality_id or 0,
        initiative__removed_on__isnull=True,
    )
    worked = {user.department_id} if user.department_id else set()
    return {*own, *worked, *answered.values_list("department_id", flat=True)}


def may_see_return(user: User, department_id: int, day: dt.date) -> bool:
    """The department's own people, the DX office, the CDO and the auditor."""
    return can(user, Permission.SEE_RETURNS) or department_id in places_of(user, day)


def may_submit(user: User, department_id: int) -> bool:
    """The head of that department."""
    return can(user, Permission.SUBMIT_ROUNDS, department_id)


def return_lines(
    user: User, found: ReportingRound, department_id: int, day: dt.date
) -> list[ReturnLine]:
    """The initiatives that the department leads, each as a row with what it lacks: four queries."""
    leading = InitiativeDepartment.objects.filter(
        department_id=department_id, role=DepartmentRole.LEAD
    )
    own = Initiative.objects.visible_to(user).filter(pk__in=leading.values("initiative_id"))
    stages = list(Stage.objects.visible_to(user))
    rows = board_rows(for_rows(with_status(own, day)), user=user, day=day, stages=stages)
    since = opened_on(found)
    return [ReturnLine(row, round_gaps.gap(_told(row), since)) for row in rows]


def _told(row: BoardRow) -> Facts:
    latest = row.latest
    cause, next_step = (latest.cause, latest.next_step) if latest else ("", "")
    return Facts(row.phase, row.progress, cause, next_step, row.last_report)


def office_line(municipality_id: int) -> RoundLine | None:
    """How many departments have not submitted to the round that is due next: two queries."""
    current = ReportingRound.objects.open_in(municipality_id).first()
    if current is None:
        return None
    return RoundLine(current, None, Tally(), current.returns.unsubmitted().count())


def department_line(municipality_id: int, departments: Collection[int]) -> RoundLine | None:
    """What the first of the departments owes to the round that is due next: three queries."""
    current = ReportingRound.objects.open_in(municipality_id).first()
    if current is None:
        return None
    own = current.returns.filter(department_id__in=departments).in_order().first()
    if own is None:
        return None
    tally = tallies(current, [own.department_id]).get(own.department_id, Tally())
    return RoundLine(current, own, tally, 0)


def reader_line(user: User, day: dt.date) -> RoundLine | None:
    """The line for one reader; None where no round is open or it is none of the reader's."""
    municipality_id = user.municipality_id or 0
    if can(user, Permission.SEE_RETURNS):
        return office_line(municipality_id)
    if not ReportingRound.objects.open_in(municipality_id).exists():
        return None
    return department_line(municipality_id, places_of(user, day))
