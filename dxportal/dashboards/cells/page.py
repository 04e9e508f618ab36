"""The page of one criterion of one department: where it stands, why, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from dxportal.accounts.access import Permission, can
from dxportal.accounts.models import Department, User
from dxportal.dashboards.cells.history import history_of
from dxportal.dashboards.cells.states import CriterionState, criterion_state
from dxportal.dashboards.forms_criterion import ConfirmForm
from dxportal.dashboards.scope import may_confirm, may_see_culture, may_see_technology
from roadmap.choices import Axis, CriterionSource
from roadmap.figures import Line, indicator_line
from roadmap.forms.readings import ReadingForm
from roadmap.measuring import Reading, written
from roadmap.models import Criterion, CriterionReading, EvidenceAcceptance
from roadmap.permissions import holds_for, may_feed
from roadmap.reading_table import ThresholdWords, threshold_words


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of the table beside the line."""

    reading: CriterionReading
    value: str


def may_see(user: User, department: Department, criterion: Criterion) -> bool:
    """Technology as on the department's page; culture for the own head, CDO and DX office."""
    if criterion.stage.axis == Axis.CULTURE:
        return may_see_culture(user, department)
    return may_see_technology(user, department)


def sees_requests(user: User, department: Department) -> bool:
    """Whoever takes part in asking and answering, and those who read everything."""
    return any(
        can(user, permission)
        for permission in (
            Permission.REVIEW_EVIDENCE,
            Permission.SEE_CULTURE_NAMES,
            Permission.SEE_EVENTS,
        )
    ) or holds_for(user, Permission.SEE_OWN_DEPARTMENT, department)


def build(
    user: User,
    department: Department,
    criterion: Criterion,
    today: date,
    *,
    confirm: ConfirmForm | None = None,
    reading: ReadingForm | None = None,
) -> dict[str, Any]:
    """The template's context; a fixed number of statements."""
    with_requests = sees_requests(user, department)
    with_answers = may_see_culture(user, department)
    whole = criterion_state(department, criterion, as_of=today)
    state = whole.seen_by(answers=with_answers, requests=with_requests)
    ended = department.valid_to is not None and department.valid_to <= today
    fed = criterion.source == CriterionSource.INDICATOR
    figures = _figures(department, criterion, today) if fed else []
    return {
        "department": department,
        "criterion": criterion,
        "state": state,
        "threshold": _words(state),
        "asked": state.asked,
        "acceptance": _acceptance(state),
        "figures": figures,
        "line": _line(figures),
        "confirm": _confirm(user, department, state, confirm) if not ended else None,
        "reading": _reading(user, department, criterion, reading, today) if not ended else None,
        "may_review": can(user, Permission.REVIEW_EVIDENCE) and state.declared and not ended,
        "may_feed": may_feed(user, department),
        "history": history_of(
            department,
            criterion,
            today,
            with_requests=with_requests,
            with_answers=with_answers,
        ),
        "answers_hidden": bool(criterion.question) and not with_answers,
        "today": today,
    }


def _words(state: CriterionState) -> ThresholdWords | None:
    return threshold_words(state.threshold)


def _acceptance(state: CriterionState) -> EvidenceAcceptance | None:
    """That the office has looked at the present confirmation."""
    return getattr(state.assessment, "acceptance", None) if state.assessment else None


def _figures(department: Department, criterion: Criterion, today: date) -> list[FigureRow]:
    rows = CriterionReading.objects.filter(
        department=department, criterion=criterion, measured_on__lte=today
    ).select_related("by")
    return [FigureRow(row, written(row.value)) for row in rows.order_by("-measured_on")[:60]]


def _line(figures: list[FigureRow]) -> Line | None:
    points = [Reading(one.reading.measured_on, one.reading.value) for one in figures]
    return indicator_line(points, [])


def _confirm(
    user: User, department: Department, state: CriterionState, form: ConfirmForm | None
) -> ConfirmForm | None:
    """For the head of the department, where the level is declared."""
    if not state.declared or not may_confirm(user, department):
        return None
    return form or ConfirmForm(state=state)


def _reading(
    user: User,
    department: Department,
    criterion: Criterion,
    form: ReadingForm | None,
    today: date,
) -> ReadingForm | None:
    """For those who feed it, where the level follows from a figure."""
    if criterion.source != CriterionSource.INDICATOR or not may_feed(user, department):
        return None
    return form or ReadingForm(today=today, unit=criterion.unit)
