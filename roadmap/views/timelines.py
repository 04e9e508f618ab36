"""The timeline: initiatives by department, quarters as columns, milestones and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from django.core.paginator import Page
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from dxportal.accounts.models import Department, User
from dxportal.shared.fiscal import fiscal_year
from roadmap import timeline
from roadmap.board import BoardRow
from roadmap.forms.filters import TIMES, InitiativeFilter
from roadmap.listing import along_time
from roadmap.models import Dependency, Initiative, Milestone
from roadmap.permissions import may_edit
from roadmap.timeline import Cell, Mark, Quarter, Span
from roadmap.views.listed import Listing, load_page


@dataclass(frozen=True)
class Shift:
    """One small button: which end goes where."""

    which: str
    label: str
    sign: str
    url: str


@dataclass(frozen=True)
class Link:
    """What comes first: its title, and whether its row is on this page."""

    pk: int
    title: str
    here: bool


@dataclass
class Line:
    """One row of the timeline."""

    row: BoardRow
    span: Span
    cells: list[Cell]
    before: list[Link]
    shifts: list[Shift] = field(default_factory=list)


@dataclass(frozen=True)
class Group:
    """The rows of one lead department."""

    lead: Department | None
    lines: list[Line]


@dataclass(frozen=True)
class Column:
    """A quarter with what a narrow page lists under it."""

    quarter: Quarter
    now: bool
    today: float | None
    ends: list[Line]
    marks: list[tuple[Line, Mark]]


@dataclass(frozen=True)
class Year:
    """A fiscal year above its quarters."""

    fy: int
    width: int


@dataclass(frozen=True)
class Timeline:
    """Everything that the page draws."""

    page: Page[Initiative]
    groups: list[Group]
    columns: list[Column]
    years: list[Year]
    elsewhere: list[Line]
    earlier: str
    later: str
    now: str


def draw_timeline(listing: Listing, user: User, day: date, number: str | None) -> Timeline:
    """One page of rows: three queries more than a table of them."""
    form = listing.form
    first = fiscal_year(day) if form.begin is None else form.begin
    shown = timeline.columns(first)
    chosen = along_time(listing.chosen, form.sort).prefetch_related(_marks(shown), _waits())
    page, rows = load_page(listing, user, day, number, chosen)
    on_page, edits = {row.initiative.pk for row in rows}, may_edit(user)
    lines = [_line(row, shown, on_page, day, edits=edits) for row in rows]
    groups = [
        Group(lead, list(found)) for lead, found in groupby(lines, key=lambda line: line.row.lead)
    ]
    columns = [_column(quarter, lines, day) for quarter in shown]
    inside = range(shown[0].index, shown[-1].index + 1)
    elsewhere = [ln for ln in lines if ln.span.last is None or ln.span.last not in inside]
    return Timeline(
        page=page,
        groups=groups,
        columns=columns,
        years=[Year(first + step, 4) for step in range(timeline.YEARS)],
        elsewhere=elsewhere,
        **_ways(form, first, day),
    )


def _marks(shown: Sequence[Quarter]) -> Prefetch[Any]:
    """Milestones of the shown time."""
    due = Milestone.objects.filter(due_on__range=(shown[0].start, shown[-1].end))
    return Prefetch("milestones", queryset=due.order_by("due_on", "pk"), to_attr="due_marks")


def _waits() -> Prefetch[Any]:
    """What comes before each, but for what was removed."""
    links: QuerySet[Dependency] = Dependency.objects.filter(predecessor__removed_on__isnull=True)
    links = links.select_related("predecessor").order_by("pk")
    return Prefetch("predecessor_links", queryset=links, to_attr="waits_for")


def _line(
    row: BoardRow, shown: Sequence[Quarter], on_page: set[int], day: date, *, edits: bool
) -> Line:
    initiative = row.initiative
    found = timeline.span(
        initiative.start_fy,
        initiative.start_quarter,
        initiative.target_fy,
        initiative.target_quarter,
    )
    milestones: list[Milestone] = getattr(initiative, "due_marks", [])
    marks = [
        Mark(m.pk, m.title, m.due_on, m.done_on, timeline.mark_state(m.due_on, m.done_on, day))
        for m in milestones
    ]
    waits: list[Dependency] = getattr(initiative, "waits_for", [])
    before = [
        Link(w.predecessor_id, w.predecessor.title, w.predecessor_id in on_page) for w in waits
    ]
    shifts = _shifts(initiative, found) if edits else []
    return Line(row, found, timeline.cells(found, shown, marks, day), before, shifts)


def _shifts(initiative: Initiative, found: Span) -> list[Shift]:
    """Start and target, one quarter earlier or later; the start never passes the target."""
    ways = []
    for which, quarter in (("start", found.start), ("target", found.target)):
        for step in (-1, 1):
            if quarter is not None and _fits(found, which, step):
                to = quarter.shifted(step)
                args = [initiative.pk, which, f"{to.fy}-{to.number}", initiative.version]
                label = _LABELS[which, step]()
                url = reverse("roadmap:initiative_move", args=args)
                ways.append(Shift(which, label, "←" if step < 0 else "→", url))
    return ways


_LABELS = {
    ("start", -1): lambda: _("Start a quarter earlier"),
    ("start", 1): lambda: _("Start a quarter later"),
    ("target", -1): lambda: _("Target a quarter earlier"),
    ("target", 1): lambda: _("Target a quarter later"),
}


def _fits(found: Span, which: str, step: int) -> bool:
    """Whether the ends stay in order and in the years that can be chosen."""
    start, target = found.start, found.target
    if which == "start" and start:
        start = start.shifted(step)
    elif target:
        target = target.shifted(step)
    named = [end for end in (start, target) if end]
    in_time = all(end.fy in TIMES for end in named)
    return in_time and (not start or not target or start.index <= target.index)


def _column(quarter: Quarter, lines: Sequence[Line], day: date) -> Column:
    marks = []
    for line in lines:
        cell = next(cell for cell in line.cells if cell.quarter == quarter)
        marks += [(line, mark) for mark in cell.marks]
    marks.sort(key=lambda pair: pair[1].due_on)
    ends = [line for line in lines if line.span.last == quarter.index]
    today = quarter.share(day)
    return Column(quarter, today is not None, today, ends, marks)


def _ways(form: InitiativeFilter, first: int, day: date) -> dict[str, str]:
    """Addresses of the year before, the year after, and now."""
    earlier = form.url(**{"from": str(first - 1)}) if first - 1 in TIMES else ""
    later = form.url(**{"from": str(first + 1)}) if first + 1 in TIMES else ""
    now = "" if first == fiscal_year(day) else form.url(**{"from": ""})
    return {"earlier": earlier, "later": later, "now": now}
