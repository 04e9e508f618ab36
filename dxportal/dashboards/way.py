"""A department's way to the next step, with what each line needs: links, dates, one press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import NoReverseMatch, reverse

from dxportal.accounts.models import Department, User
from dxportal.dashboards.criteria import CriterionState, StageState
from roadmap.actions.renewals import Standing, standing
from roadmap.choices import Axis, CriterionSource, Direction
from roadmap.measuring import written
from roadmap.models import Criterion, EvidenceRequest
from roadmap.next_steps import Effort, Fact, Step, Way, way_ahead
from roadmap.thresholds import Threshold, read_threshold
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
    due_on: date | None
    threshold: Threshold | None

    @property
    def target(self) -> str:
        """From which number a measured criterion is firm; "" where its numbers make no sense."""
        return written(self.threshold.firm) if self.threshold else ""

    @property
    def downwards(self) -> bool:
        """Whether less is better."""
        return self.threshold is not None and self.threshold.direction == Direction.DOWN


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
    """The page of one criterion; where there is none, its place among all of them."""
    try:
        return reverse("dashboards:criterion_detail", args=[department_id, code])
    except NoReverseMatch:
        page = reverse("dashboards:department_assess", args=[department_id])
        return f"{page}#criterion-{code}"


def open_requests(department: Department, as_of: date) -> dict[int, EvidenceRequest]:
    """Criterion → what the office asks about it; one statement."""
    rows = EvidenceRequest.objects.filter(department=department).open_on(as_of)
    return {row.criterion_id: row for row in rows.select_related("criterion__stage")}


def ways_of(
    department: Department,
    states: Mapping[str, list[StageState]],
    requests: Mapping[int, EvidenceRequest],
    *,
    axes: Sequence[Axis],
    as_of: date,
) -> Ways:
    """Two statements beside the states."""
    confirmed = standing(department, as_of)
    renewable = set(confirmed.renewable(as_of))
    build = _Build(department.pk, confirmed, renewable, requests)
    shown = [c for axis in axes for stage in states[axis] for c in stage.criteria]
    soon = as_of + timedelta(days=EXPIRING_DAYS)
    expiring = [
        build.line(state, Effort.RENEW)
        for state in shown
        if state.criterion.pk in renewable and state.expires_on and state.expires_on <= soon
    ]
    return Ways(
        axes=[build.axis(axis, states[axis]) for axis in axes],
        expiring=sorted(expiring, key=lambda line: line.state.expires_on or as_of),
        renewable=sum(state.criterion.pk in renewable for state in shown),
    )


@dataclass(frozen=True, slots=True)
class _Build:
    """Makes lines out of states."""

    department_id: int
    confirmed: Standing
    renewable: set[int]
    requests: Mapping[int, EvidenceRequest]

    def axis(self, axis: Axis, stages: list[StageState]) -> AxisWay:
        """One axis."""
        way = way_ahead([[self.fact(state) for state in stage.criteria] for stage in stages])
        stage = stages[way.step - 1] if way.step else None
        by_code = {c.criterion.code: c for c in (stage.criteria if stage else ())}

        def lines(steps: Sequence[Step]) -> list[Line]:
            return [self.line(by_code[s.criterion_code], s.effort) for s in steps]

        return AxisWay(axis, str(axis.label), way, stage, lines(way.missing), lines(way.firmer))

    def fact(self, state: CriterionState) -> Fact:
        """What the pure rule needs of a state."""
        asked = state.criterion.pk in self.confirmed.asked_back
        return Fact(state.as_answer(), state.criterion.source, asked_back=asked)

    def line(self, state: CriterionState, effort: Effort) -> Line:
        """One line."""
        pk, source = state.criterion.pk, state.criterion.source
        measured = effort == Effort.MEASURED
        asked = self.requests.get(pk)
        return Line(
            state=state,
            effort=_of_source(source, state) if measured else effort.name.lower(),
            url=criterion_url(self.department_id, state.criterion.code),
            may_renew=effort == Effort.RENEW and pk in self.renewable,
            due_on=asked.due_on if asked else None,
            threshold=threshold_of(state.criterion),
        )


def _of_source(source: str, state: CriterionState) -> str:
    """What changes a measured criterion: the survey, a figure, or what is done with initiatives."""
    if source == CriterionSource.INITIATIVE:
        return state.criterion.measure or "asked_again"
    return str(source)


def threshold_of(criterion: Criterion) -> Threshold | None:
    """From where the levels of a measured criterion hold; None for declared and for wrong ones."""
    if criterion.source == CriterionSource.DECLARED:
        return None
    try:
        return read_threshold(criterion.source, criterion.measure, criterion.threshold)
    except (ValueError, KeyError):
        return None


def next_pulse(user: User) -> Wave | None:
    """The next survey of the staff that decides criteria, open or announced; one statement."""
    waves = Wave.objects.visible_to(user).filter(survey__template=Template.PULSE)
    coming = waves.filter(state__in=(WaveState.SCHEDULED, WaveState.OPEN))
    return coming.defer("frozen_definition", "frozen_org").order_by("opens_at", "pk").first()
