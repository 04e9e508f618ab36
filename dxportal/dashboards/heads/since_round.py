"""A department against its last closed progress report: each step before and now, what fell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dxportal.accounts.models import Department, User
from dxportal.dashboards.cells import states as criteria
from dxportal.dashboards.cells.states import CriterionState, StageState
from dxportal.shared.fiscal import month_start
from roadmap.choices import Axis, Level
from roadmap.models import ReportingRound, RoundStage, StageSnapshot, StaircaseVersion


@dataclass(frozen=True, slots=True)
class Before:
    """One step as it was; firmness in per cent, None where nothing was answered."""

    percent: int | None
    reached: bool


@dataclass(frozen=True, slots=True)
class StepChange:
    """One step before and now."""

    axis: str
    step: int
    name: str
    before: Before | None
    now: Before

    @property
    def points(self) -> int | None:
        """Per cent now less per cent before; None where one of them is no data."""
        if self.before is None or self.before.percent is None or self.now.percent is None:
            return None
        return self.now.percent - self.before.percent


@dataclass(frozen=True, slots=True)
class Fallen:
    """A criterion that stood higher then; `state` says whether it was asked back or has expired."""

    state: CriterionState
    was: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`round` is None where a month stands for it; `staircase` names another version of then."""

    round: ReportingRound | None
    as_of: date | None
    steps: Sequence[StepChange]
    fallen: Sequence[Fallen]
    risen: int
    staircase: str = ""

    @property
    def known(self) -> bool:
        """Whether the department was counted then."""
        return any(step.before is not None for step in self.steps)


Key = tuple[str, int]


def compare(
    user: User,
    department: Department,
    states: Mapping[str, list[StageState]],
    *,
    axes: Sequence[Axis],
    as_of: date,
) -> Comparison | None:
    """Against the newest closed round that kept the department, else the month before.

    None where there is neither. At most nine statements.
    """
    found = _round(department) or _month(user, department, as_of)
    if found is None:
        return None
    round_, day, before, staircase = found
    then = criteria.stage_states(department, as_of=day)
    pairs = [pair for axis in axes for pair in _pairs(then.get(axis, []), states[axis])]
    return Comparison(
        round=round_,
        as_of=day,
        steps=[_step(stage, before) for axis in axes for stage in states[axis]],
        fallen=[fallen for pair in pairs if (fallen := _fallen(*pair))],
        risen=sum(_valid(now) > _valid(was) for was, now in pairs),
        staircase=_other_version(department, staircase, as_of),
    )


def _round(
    department: Department,
) -> tuple[ReportingRound | None, date, dict[Key, Before], str] | None:
    rows = RoundStage.objects.filter(
        department_key=department.pk, round__municipality_id=department.municipality_id
    )
    newest = rows.order_by("-round__as_of", "-round_id").values("round_id")[:1]
    kept = list(rows.filter(round_id__in=newest).select_related("round"))
    if not kept or kept[0].round.as_of is None:
        return None
    before = {(r.axis, r.step): _before(r.level_sum, r.answered, r.total, r.reached) for r in kept}
    return kept[0].round, kept[0].round.as_of, before, kept[0].staircase


def _month(
    user: User, department: Department, as_of: date
) -> tuple[ReportingRound | None, date, dict[Key, Before], str] | None:
    rows = StageSnapshot.objects.visible_to(user).filter(
        department=department, period__lt=month_start(as_of)
    )
    newest = rows.order_by("-period").values("period")[:1]
    kept = list(rows.filter(period__in=newest).select_related("stage", "staircase"))
    if not kept:
        return None
    before = {
        (r.stage.axis, r.stage.step): _before(r.level_sum, r.answered, r.total, r.reached)
        for r in kept
    }
    version = kept[0].staircase
    return None, kept[0].as_of, before, version.label if version else ""


def _before(level_sum: int, answered: int, total: int, reached: bool) -> Before:
    firm = round(100 * level_sum / (Level.FIRM * total)) if answered and total else None
    return Before(firm, reached)


def _step(stage: StageState, before: Mapping[Key, Before]) -> StepChange:
    result = stage.result
    now = Before(stage.percent if result.answered else None, result.reached)
    key = (stage.stage.axis, stage.stage.step)
    return StepChange(*key, str(stage.stage), before.get(key), now)


def _pairs(
    then: Sequence[StageState], now: Sequence[StageState]
) -> list[tuple[CriterionState, CriterionState]]:
    """Each criterion as it was and as it is; those that one side lacks are not compared."""
    was = {state.criterion.pk: state for stage in then for state in stage.criteria}
    states = [state for stage in now for state in stage.criteria]
    return [(was[one.criterion.pk], one) for one in states if one.criterion.pk in was]


def _valid(state: CriterionState) -> int:
    """The level that counts; -1 where none does: unsaid, expired, or asked back."""
    return int(state.level) if state.counts and state.level is not None else -1


def _fallen(was: CriterionState, now: CriterionState) -> Fallen | None:
    if _valid(now) >= _valid(was):
        return None
    return Fallen(now, was.level_label)


def _other_version(department: Department, then: str, as_of: date) -> str:
    """The name of the staircase of then, where another one applies now."""
    if not then:
        return ""
    here = StaircaseVersion.objects.filter(municipality_id=department.municipality_id)
    label = here.on(as_of).values_list("label", flat=True).first()
    return "" if label in (None, then) else then
