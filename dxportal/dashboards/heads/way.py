"""A department's way to the next step, with what each line needs: links, dates, one press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from dxportal.accounts.models import Department, User
from dxportal.dashboards.cells.states import CriterionState, StageState
from roadmap.actions.assessments import renewable
from roadmap.choices import Axis, CriterionSource, Direction
from roadmap.measuring import written
from roadmap.next_steps import Effort, Fact, Step, Way, way_ahead
from surveys.choices import Template, WaveState
from surveys.models import Wave

#: A confirmation that ends within so many days can be renewed at once.
EXPIRING_DAYS = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion that is not firm: what would change it, and who can."""

    state: CriterionState
    effort: str
    url: str
    may_renew: bool

    @property
    def due_on(self) -> date | None:
        """By when the office wants an answer; None where it asks nothing."""
        return self.state.asked.due_on if self.state.asked else None

    @property
    def target(self) -> str:
        """From which number a measured criterion is firm; "" where its numbers make no sense."""
        return written(self.state.threshold.firm) if self.state.threshold else ""

    @property
    def downwards(self) -> bool:
        """Whether less is better."""
        threshold = self.state.threshold
        return threshold is not None and threshold.direction == Direction.DOWN


@dataclass(frozen=True, slots=True)
class AxisWay:
    """The next step of one axis with its lines, the ones that cost least first."""

    axis: str
    label: str
    way: Way
    stage: StageState | None
    missing: Sequence[Line]
    firmer: Sequence[Line]

    @property
    def answered(self) -> bool:
        """Whether anything is known on this step."""
        return self.stage is not None and any(c.level is not None for c in self.stage.criteria)


@dataclass(frozen=True, slots=True)
class Ways:
    """Both axes, and confirmations that have ended or will soon."""

    axes: Sequence[AxisWay]
    expiring: Sequence[Line]
    renewable: int


def criterion_url(department_id: int, code: str) -> str:
    """The page of one criterion."""
    return reverse("dashboards:criterion_detail", args=[department_id, code])


def ways_of(
    department: Department,
    states: Mapping[str, list[StageState]],
    *,
    axes: Sequence[Axis],
    as_of: date,
) -> Ways:
    """Both axes, as far as the viewer may see them; two statements beside the states."""
    known = set(renewable(department, as_of))
    build = _Build(department.pk, known)
    shown = [c for axis in axes for stage in states[axis] for c in stage.criteria]
    soon = as_of + timedelta(days=EXPIRING_DAYS)
    expiring = [
        build.line(state, Effort.RENEW)
        for state in shown
        if state.criterion.pk in known and state.expires_on and state.expires_on <= soon
    ]
    return Ways(
        axes=[build.axis(axis, states[axis]) for axis in axes],
        expiring=sorted(expiring, key=lambda line: line.state.expires_on or as_of),
        renewable=sum(state.criterion.pk in known for state in shown),
    )


@dataclass(frozen=True, slots=True)
class _Build:
    """Makes lines out of states."""

    department_id: int
    renewable: set[int]

    def axis(self, axis: Axis, stages: list[StageState]) -> AxisWay:
        """One axis."""
        way = way_ahead([[_fact(state) for state in stage.criteria] for stage in stages])
        stage = stages[way.step - 1] if way.step else None
        by_code = {c.criterion.code: c for c in (stage.criteria if stage else ())}

        def lines(steps: Sequence[Step]) -> list[Line]:
            return [self.line(by_code[s.criterion_code], s.effort) for s in steps]

        return AxisWay(axis, str(axis.label), way, stage, lines(way.missing), lines(way.firmer))

    def line(self, state: CriterionState, effort: Effort) -> Line:
        """One line."""
        pk, source = state.criterion.pk, state.criterion.source
        measured = effort == Effort.MEASURED
        return Line(
            state=state,
            effort=_of_source(source, state) if measured else effort.name.lower(),
            url=criterion_url(self.department_id, state.criterion.code),
            may_renew=effort == Effort.RENEW and pk in self.renewable,
        )


def _of_source(source: str, state: CriterionState) -> str:
    """What changes a measured criterion: the survey, a figure, or what is done with initiatives."""
    if source == CriterionSource.INITIATIVE:
        return state.criterion.measure or "asked_again"
    return str(source)


def _fact(state: CriterionState) -> Fact:
    """What the pure rule needs of a state."""
    return Fact(state.as_answer(), state.criterion.source, asked_back=state.set_aside)


def next_pulse(user: User) -> Wave | None:
    """The next survey of the staff that decides criteria, open or announced; one statement."""
    waves = Wave.objects.visible_to(user).filter(survey__template=Template.PULSE)
    coming = waves.filter(state__in=(WaveState.SCHEDULED, WaveState.OPEN))
    return coming.defer("frozen_definition", "frozen_org").order_by("opens_at", "pk").first()
