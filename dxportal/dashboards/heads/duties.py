"""What is due from a department: one list with dates, whatever asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse

from dxportal.accounts.models import Department
from dxportal.dashboards.cells.states import CriterionState
from dxportal.dashboards.heads.way import criterion_url
from roadmap.choices import DepartmentRole, ReplyState, RoundState
from roadmap.models import (
    AdoptionTask,
    Indicator,
    InitiativeDepartment,
    PostSuccession,
    RoundReturn,
)
from surveys.actions.replies import KEPT
from surveys.models import Commitment

#: Measurements stand here so many days before they are due; the rest has its own lead.
AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that is due; `kind` names the words of the template."""

    kind: str
    text: str
    due_on: date
    url: str
    note: str = ""
    overdue: bool = False


def duties_of(department: Department, states: Iterable[CriterionState], as_of: date) -> list[Duty]:
    """The longest overdue first; four statements beside the states of its criteria."""
    found = [
        *_requests(department, states, as_of),
        *_returns(department, as_of),
        *_tasks(department, as_of),
        *_measurements(department, as_of),
        *_commitments(department, as_of),
    ]
    return sorted(found, key=lambda duty: (duty.due_on, duty.kind, duty.text))


def _requests(
    department: Department, states: Iterable[CriterionState], as_of: date
) -> Iterator[Duty]:
    for state in states:
        row, criterion = state.asked, state.criterion
        if row is not None:
            yield Duty(
                kind="asked_back" if state.asked_back else "evidence",
                text=f"{criterion.code} {criterion}",
                due_on=row.due_on,
                url=criterion_url(department.pk, criterion.code),
                note=row.text,
                overdue=row.due_on < as_of,
            )


def _returns(department: Department, as_of: date) -> Iterator[Duty]:
    rows = RoundReturn.objects.unsubmitted().filter(
        department=department, round__state=RoundState.OPEN
    )
    for row in rows.select_related("round"):
        due = row.round.due_on
        yield Duty("return", row.round.label, due, row.get_absolute_url(), overdue=due < as_of)


def _led(department: Department) -> Q:
    """Initiatives that the department leads and that nobody removed."""
    parts = InitiativeDepartment.objects.filter(department=department, role=DepartmentRole.LEAD)
    return Q(initiative__in=parts.values("initiative"), initiative__removed_on__isnull=True)


def _tasks(department: Department, as_of: date) -> Iterator[Duty]:
    rows = AdoptionTask.objects.waiting().filter(_led(department)).select_related("initiative")
    for row in rows:
        title, url = row.initiative.title, row.initiative.get_absolute_url()
        note = str(row) if row.choice else ""
        yield Duty("task", title, row.due_on, url, note, overdue=row.due_on < as_of)


def _measurements(department: Department, as_of: date) -> Iterator[Duty]:
    rows = Indicator.objects.due_by(as_of + AHEAD).filter(_led(department))
    for row in rows.select_related("initiative"):
        url = f"{row.initiative.get_absolute_url()}#indicators"
        due = row.next_due or as_of
        yield Duty("measure", row.initiative.title, due, url, row.name, overdue=due < as_of)


def _commitments(department: Department, as_of: date) -> Iterator[Duty]:
    """Replies that posts of the department promised to look at again, until they are kept."""
    earlier = PostSuccession.objects.filter(successor__department=department, on__lte=as_of)
    owned = Q(owner__department=department) | Q(owner__in=earlier.values("predecessor"))
    rows = Commitment.objects.filter(
        owned, theme__municipality_id=department.municipality_id, due_on__isnull=False
    )
    url = f"{reverse('surveys:voice_list')}?tab=mine"
    for row in rows.with_last_event().select_related("theme", "initiative"):
        due = row.due_on
        if due is not None and not _kept(row, as_of):
            kind = "promise" if row.state == ReplyState.DO else "reply"
            yield Duty(kind, str(row.theme), due, url, row.sentence, overdue=due < as_of)


def _kept(row: Commitment, as_of: date) -> bool:
    """Whether a promise is in operation by now; without an initiative, marked as done."""
    if row.state != ReplyState.DO:
        return False
    if row.initiative is None:
        return getattr(row, "last_event", "") == KEPT
    launched = row.initiative.launched_on
    return launched is not None and launched <= as_of
