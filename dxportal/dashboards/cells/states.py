"""One department's criteria: latest answers beside the texts, and what is missing next."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Prefetch

from dxportal.accounts.models import Department
from dxportal.dashboards.cells.facts import Facts, facts_of
from roadmap import staircase
from roadmap.choices import CriterionSource, Level
from roadmap.initiative_counts import Count, count, count_level
from roadmap.measuring import written
from roadmap.models import (
    Assessment,
    Criterion,
    CriterionReading,
    EvidenceRequest,
    MeasuredValue,
    Stage,
)
from roadmap.thresholds import Threshold, level_of, read_threshold


@dataclass(frozen=True, slots=True)
class CriterionState:
    """One criterion of one department as of a day; `level` None is unanswered.

    `asked`: what the office asks and nobody has answered. `assessment`, `reading`, `count`: what
    the level follows from, by source. `beside`: what the staff answered to the question of a
    declared criterion. `threshold` None: a declared one, or numbers that cannot be used. `held`:
    asked back about, told to somebody who does not read what the office asks (`seen_by`).
    """

    criterion: Criterion
    level: int | None
    evidence: str = ""
    confirmed_on: date | None = None
    confirmed_by: str = ""
    expires_on: date | None = None
    expired: bool = False
    share_band: str = ""
    n_band: str = ""
    from_parent: bool = False
    asked: EvidenceRequest | None = None
    assessment: Assessment | None = None
    reading: CriterionReading | None = None
    count: Count | None = None
    beside: MeasuredValue | None = None
    threshold: Threshold | None = None
    held: bool = False

    @property
    def declared(self) -> bool:
        """Whether the head types it."""
        return self.criterion.source == CriterionSource.DECLARED

    @property
    def asked_back(self) -> bool:
        """Whether the office asks back about this very answer: it does not count now."""
        return bool(
            self.asked and self.assessment and self.asked.assessment_id == self.assessment.pk
        )

    @property
    def set_aside(self) -> bool:
        """Whether it does not count although it has not expired."""
        return self.asked_back or self.held

    @property
    def counts(self) -> bool:
        """Whether there is an answer that counts on the day."""
        return self.level is not None and not self.expired and not self.set_aside

    @property
    def firm(self) -> bool:
        """At level 3, not expired and not set aside."""
        return self.counts and self.level == Level.FIRM

    @property
    def broken(self) -> bool:
        """Whether its thresholds cannot be used: then it has no level at all."""
        return not self.declared and self.threshold is None

    @property
    def level_label(self) -> str:
        """The level in words."""
        return str(Level(self.level).label) if self.level is not None else ""

    @property
    def last_day(self) -> date | None:
        """The last day on which it counts: `expires_on` is the first on which it does not."""
        return self.expires_on - timedelta(days=1) if self.expires_on else None

    @property
    def value(self) -> str:
        """The figure that the level follows from, with its unit; empty where there is none."""
        if self.reading is not None:
            return f"{written(self.reading.value)}{self.criterion.unit}"
        return ""

    def as_answer(self) -> staircase.Answer:
        """For the pure rules."""
        return staircase.Answer(
            self.criterion.code,
            self.criterion.mandatory,
            self.level,
            self.expired or self.set_aside,
        )

    def seen_by(self, *, answers: bool, requests: bool) -> CriterionState:
        """The same for a viewer; the level and what counts stay.

        `answers`: may see what the staff answered; `requests`: may see what the office asks.
        """
        state = self
        if not answers:
            state = replace(state, share_band="", n_band="", beside=None)
        if not requests:
            state = replace(state, asked=None, held=state.set_aside)
        return state


@dataclass(frozen=True, slots=True)
class StageState:
    """One stage of one department with its criteria."""

    stage: Stage
    criteria: list[CriterionState]
    result: staircase.StageResult

    @property
    def percent(self) -> int:
        """Firmness in percent."""
        return round(100 * self.result.firmness)

    def seen_by(self, *, answers: bool, requests: bool) -> StageState:
        """The same for a viewer, as `CriterionState.seen_by`."""
        seen = [one.seen_by(answers=answers, requests=requests) for one in self.criteria]
        return replace(self, criteria=seen)


def stage_states(department: Department, *, as_of: date) -> dict[str, list[StageState]]:
    """Axis → its stages in step order, live from the facts; seven statements."""
    asked = Prefetch("criteria", Criterion.objects.in_force())
    stages = list(
        Stage.objects.filter(municipality_id=department.municipality_id)
        .order_by("axis", "step")
        .prefetch_related(asked)
    )
    facts = facts_of(department, as_of)
    found: dict[str, list[StageState]] = defaultdict(list)
    for stage in stages:
        states = [state_of(criterion, facts) for criterion in stage.criteria.all()]
        result = staircase.stage_result(state.as_answer() for state in states)
        found[stage.axis].append(StageState(stage, states, result))
    return found


def criterion_state(department: Department, criterion: Criterion, *, as_of: date) -> CriterionState:
    """One of them; five statements."""
    return state_of(criterion, facts_of(department, as_of))


def state_of(criterion: Criterion, facts: Facts) -> CriterionState:
    """By where its level comes from."""
    if criterion.source == CriterionSource.DECLARED:
        return _declared(criterion, facts)
    threshold = usable_threshold(criterion)
    if criterion.source == CriterionSource.SURVEY:
        return _surveyed(criterion, facts, threshold)
    if criterion.source == CriterionSource.INDICATOR:
        return _read(criterion, facts, threshold)
    found = count(criterion.measure, facts.led, facts.day)
    level = None if threshold is None else count_level(criterion.measure, found, threshold)
    return CriterionState(
        criterion, level, confirmed_on=facts.day, count=found, threshold=threshold
    )


def usable_threshold(criterion: Criterion) -> Threshold | None:
    """From where a level holds; None where what is written there cannot be used."""
    try:
        return read_threshold(criterion.source, criterion.measure, criterion.threshold)
    except (ValueError, KeyError):
        return None


def _declared(criterion: Criterion, facts: Facts) -> CriterionState:
    row = facts.declared.get(criterion.pk)
    asked = facts.asked.get(criterion.pk)
    beside = facts.measured.get(criterion.pk) if criterion.question else None
    if row is None:
        return CriterionState(criterion, None, asked=asked, beside=beside)
    return CriterionState(
        criterion,
        row.level,
        row.evidence,
        row.confirmed_on,
        row.confirmed_by.name,
        row.expires_on,
        row.expires_on <= facts.day,
        asked=asked,
        assessment=row,
        beside=beside,
    )


def _surveyed(criterion: Criterion, facts: Facts, threshold: Threshold | None) -> CriterionState:
    value = facts.measured.get(criterion.pk)
    if value is None:
        return CriterionState(criterion, None, threshold=threshold)
    return CriterionState(
        criterion,
        value.level,
        value.wave_label,
        value.measured_on,
        "",
        value.expires_on,
        value.expires_on <= facts.day,
        value.share_band,
        value.n_band,
        value.from_parent,
        threshold=threshold,
    )


def _read(criterion: Criterion, facts: Facts, threshold: Threshold | None) -> CriterionState:
    reading = facts.readings.get(criterion.pk)
    if reading is None:
        return CriterionState(criterion, None, threshold=threshold)
    return CriterionState(
        criterion,
        None if threshold is None else level_of(reading.value, threshold),
        reading.note,
        reading.measured_on,
        reading.by.name if reading.by else "",
        reading.expires_on,
        reading.expires_on <= facts.day,
        reading=reading,
        threshold=threshold,
    )


def next_steps(stages: list[StageState]) -> list[CriterionState]:
    """What keeps the current step of one axis from being reached, mandatory first."""
    missing = staircase.missing_for_next([[c.as_answer() for c in s.criteria] for s in stages])
    by_code = {c.criterion.code: c for s in stages for c in s.criteria}
    return [by_code[row.criterion_code] for row in missing if row.mandatory]


def position(stages: list[StageState]) -> staircase.Position | None:
    """Where the department stands on one axis."""
    return staircase.position([stage.result for stage in stages])
