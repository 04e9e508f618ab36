"""Two progress reports: last half-year's, closed with two departments missing, and an open one."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.utils import timezone

from dxportal.dashboards.seeding.organisation import Section, Town
from dxportal.dashboards.seeding.timeline import Timeline
from dxportal.shared.fiscal import fiscal_year_start
from dxportal.shared.workdays import on_or_after
from roadmap.actions.closing import close_round
from roadmap.actions.returns import accept_return, send_back_return, submit_return
from roadmap.actions.rounds import open_round, plan_round
from roadmap.choices import ReturnState, RoundKind
from roadmap.models import ReportingRound, RoundReturn
from roadmap.round_calendar import Period, period_of
from roadmap.rounds import tallies

NOTE = "変わりがない取組は「変わりなし」を押すだけで済みます。迷うことはDX推進室（内線2301）へ。"
REASON = "担当者が研修で不在のため、残りは来週報告します。"
QUESTION = "使っている人数が前回の報告から変わったかどうか、備考に書き足してください。"
OPEN_SINCE, OPEN_FOR = 7, 12
#: In the closed one so many departments were missing at the end.
MISSING = 2


def plan_rounds(town: Town, timeline: Timeline) -> None:
    """Put both on the timeline."""
    as_of = town.plan.calendar.as_of
    _plan_closed(town, timeline, _last_half(as_of))
    _plan_open(town, timeline, as_of)


def _last_half(as_of: dt.date) -> Period:
    """The half-year that was over two weeks ago or more."""
    period = period_of(RoundKind.HALF, as_of)
    earlier = Period(RoundKind.HALF, period.fiscal_year - 1, 1)
    while earlier.following.due_on < as_of - dt.timedelta(days=14):
        earlier = earlier.following
    return earlier


def _plan_closed(town: Town, timeline: Timeline, period: Period) -> None:
    """Opened four weeks before its end, returned in time by most, closed a week after."""
    opens = period.opens_on
    if opens < max(town.plan.calendar.start, fiscal_year_start(period.fiscal_year)):
        return
    made: list[ReportingRound] = []
    timeline.on(opens, lambda: made.append(_open(town, period, opens, period.due_on)), hour=9)
    sections = _asked(town)
    for place, section in enumerate(sections[: len(sections) - MISSING]):
        day = on_or_after(opens + dt.timedelta(days=3 + place % 20))
        timeline.on(day, partial(_return, town, made, section), hour=14)
    closing = on_or_after(period.due_on + dt.timedelta(days=7))
    timeline.on(closing, lambda: _close(town, made[0]), hour=16)


def _plan_open(town: Town, timeline: Timeline, as_of: dt.date) -> None:
    """Open for a week: who is ready is in, one came back, the others still fill in."""
    opens = on_or_after(as_of - dt.timedelta(days=OPEN_SINCE))
    opens = min(opens, as_of)
    period = period_of(RoundKind.QUARTER, as_of)
    due = on_or_after(as_of + dt.timedelta(days=OPEN_FOR))
    made: list[ReportingRound] = []
    timeline.on(opens, lambda: made.append(_open(town, period, opens, due)), hour=9)
    sections = _asked(town)
    for place, section in enumerate(sections[::-1]):
        step = partial(_return, town, made, section, send_back=place == 0)
        timeline.on(as_of, step, hour=9, minute=10)


def _asked(town: Town) -> list[Section]:
    return [section for section in town.sections.values() if not section.plan.late]


def _open(town: Town, period: Period, opens: dt.date, due: dt.date) -> ReportingRound:
    made = plan_round(
        town.municipality, by=town.dx, period=period, opens_on=opens, due_on=due, note=NOTE
    )
    return open_round(made, by=town.dx, now=timezone.now())


def _return(
    town: Town,
    made: list[ReportingRound],
    section: Section,
    *,
    send_back: bool = False,
) -> None:
    """The head submits what is ready, or says why it is not; the office answers."""
    found = made[0]
    row = RoundReturn.objects.filter(round=found, department=section.department).first()
    if row is None or row.state != ReturnState.FILLING:
        return
    now = timezone.now()
    counted = tallies(found, [section.department.pk])
    waits = any(tally.open for tally in counted.values())
    if waits and not send_back and found.kind == RoundKind.QUARTER:
        return
    note = REASON if waits else ""
    row = submit_return(row, by=section.head, version=row.version, note=note, now=now)
    if send_back:
        send_back_return(row, by=town.dx, version=row.version, comment=QUESTION, now=now)
    else:
        accept_return(row, by=town.dx, version=row.version, now=now)


def _close(town: Town, found: ReportingRound) -> None:
    everybody = list(found.returns.values_list("department_id", flat=True))
    close_round(found, by=town.dx, named=everybody, now=timezone.now())
