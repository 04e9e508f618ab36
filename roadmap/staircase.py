"""What assessments mean: stage reached, position, seeds, what is missing, how many stand where.

The rules are numbered as in docs/architecture.md. Levels are 0 to 3 (`choices.Level`); from which
numbers they hold is said in `thresholds`.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from roadmap.choices import CriterionSource, Level
from roadmap.thresholds import Threshold, default_threshold, share_level

K = TypeVar("K", bound=Hashable)

SMALL_UNIT: Final = 20
#: 60, 50 and 40 % positive answers, where a criterion says nothing else.
SURVEY: Final = default_threshold(CriterionSource.SURVEY)


@dataclass(frozen=True, slots=True)
class Answer:
    """The latest assessment of one criterion; `level` is None where nobody answered."""

    criterion_code: str
    mandatory: bool
    level: int | None
    expired: bool

    @property
    def valid_level(self) -> int | None:
        """The level, or None where it is unanswered or expired: neither ever counts as done."""
        return None if self.expired else self.level


@dataclass(frozen=True, slots=True)
class StageResult:
    """One stage of one department. Firmness is always shown beside answered/total."""

    reached: bool
    level_sum: int
    answered: int
    total: int

    @property
    def firmness(self) -> float:
        """Σ level / (3 x criteria), from 0 to 1 (rule 1); 0 for a stage without criteria."""
        return self.level_sum / (Level.FIRM * self.total) if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Position:
    """Where a department stands on one axis; `current` is the step being firmed (rule 2)."""

    reached: int
    current: int
    all_reached: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """One criterion that is not firm yet, and why."""

    criterion_code: str
    mandatory: bool
    level: int | None
    reason: Literal["unanswered", "expired", "below"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A department's positions; None is "no data on this axis", never a step."""

    technology: Position | None
    culture: Position | None


@dataclass(frozen=True, slots=True)
class Distribution:
    """Departments counted by current step; zero counts are left out.

    `cells` is keyed (technology step, culture step) and holds departments that have both;
    `placed` is how many these are, of `total`. There is no mean of steps, on purpose (rule 2).
    """

    cells: Mapping[tuple[int, int], int]
    technology: Mapping[int, int]
    culture: Mapping[int, int]
    placed: int
    total: int


@dataclass(frozen=True, slots=True)
class Movement(Generic[K]):
    """What changed on one axis between two snapshots, as keys in the order of the later one."""

    up: tuple[K, ...]
    down: tuple[K, ...]
    unchanged: tuple[K, ...]
    appeared: tuple[K, ...]
    disappeared: tuple[K, ...]


@dataclass(frozen=True, slots=True)
class Headline(Generic[K]):
    """The parts of the sentence on top: how many moved, and where most stand.

    `up` rose on an axis and fell on none, `down` the reverse, `mixed` did both. `compared` counts
    the departments with a position on the same axis in both snapshots. `densest_*` is the step
    on which most stand, the lowest of equals, None without data.
    """

    technology: Movement[K]
    culture: Movement[K]
    up: tuple[K, ...]
    down: tuple[K, ...]
    mixed: tuple[K, ...]
    compared: int
    densest_technology: int | None
    densest_culture: int | None


def stage_result(answers: Iterable[Answer]) -> StageResult:
    """One stage from the answers to its criteria (rule 1), one `Answer` per criterion.

    Reached when every mandatory criterion is firm and not expired. A stage without a mandatory
    criterion cannot be reached: otherwise no data would be a step.
    """
    rows = tuple(answers)
    levels = [row.valid_level for row in rows]
    mandatory = [row.valid_level for row in rows if row.mandatory]
    return StageResult(
        reached=bool(mandatory) and all(level == Level.FIRM for level in mandatory),
        level_sum=sum(level or 0 for level in levels),
        answered=sum(level is not None for level in levels),
        total=len(rows),
    )


def position(results: Sequence[StageResult]) -> Position | None:
    """Where a department stands, from the stages of one axis in step order (rule 2).

    `reached` counts the steps reached from the first without a gap; `current` is the next one, or
    the last where all are reached. None where no criterion of the axis has a valid answer.
    """
    if not any(result.answered for result in results):
        return None
    reached = 0
    for result in results:
        if not result.reached:
            break
        reached += 1
    last = len(results)
    return Position(reached, current=min(reached + 1, last), all_reached=reached == last)


def seeds(results: Sequence[StageResult], contributing_steps: Collection[int]) -> set[int]:
    """Steps above the current one with a criterion at 1 or more, or a contributing initiative.

    `contributing_steps` are those of the department's initiatives on trial or later. Without a
    position there is no "above", so there are no seeds (rule 2).
    """
    standing = position(results)
    if standing is None:
        return set()
    return {
        step
        for step, result in enumerate(results, start=1)
        if step > standing.current and (result.level_sum or step in contributing_steps)
    }


def enough_answers(n: int, asked: int) -> bool:
    """Whether n answers of `asked` people may decide anything (rule 3, domain 3.6).

    n >= 10 and at least 50 %; where fewer than 20 were asked, n >= 5 and at least 70 %.
    """
    if asked < SMALL_UNIT:
        return n >= 5 and n * 10 >= asked * 7
    return n >= 10 and n * 2 >= asked


def survey_level(positive: int, n: int, asked: int, threshold: Threshold = SURVEY) -> int | None:
    """Level of a survey-sourced criterion (rule 3): `positive` of n answers, in percentages.

    None where too few answered: the caller then takes the nearest published ancestor's value.
    """
    return share_level(positive, n, threshold) if enough_answers(n, asked) else None


def missing_for_next(stages: Sequence[Sequence[Answer]]) -> tuple[Missing, ...]:
    """The criteria of the current step that are not firm, mandatory ones first.

    `stages` holds the answers of one axis in step order. Only the mandatory ones keep the step
    from being reached; the others make it firmer. Without a position the first step is meant.
    """
    if not stages:
        return ()
    standing = position([stage_result(answers) for answers in stages])
    answers = stages[standing.current - 1 if standing else 0]
    rows = [_missing(row) for row in answers if row.valid_level != Level.FIRM]
    return tuple(sorted(rows, key=lambda row: not row.mandatory))


def _missing(row: Answer) -> Missing:
    """Why this one is not firm; an answer that is both low and expired has to be renewed."""
    if row.level is None:
        return Missing(row.criterion_code, row.mandatory, None, "unanswered")
    reason: Literal["expired", "below"] = "expired" if row.expired else "below"
    return Missing(row.criterion_code, row.mandatory, row.level, reason)


def distribution(standings: Iterable[Standing]) -> Distribution:
    """How many departments stand on which steps; a department counts on each axis that it has."""
    rows = tuple(standings)
    cells = Counter(
        (row.technology.current, row.culture.current)
        for row in rows
        if row.technology and row.culture
    )
    return Distribution(
        cells=dict(cells),
        technology=dict(Counter(row.technology.current for row in rows if row.technology)),
        culture=dict(Counter(row.culture.current for row in rows if row.culture)),
        placed=cells.total(),
        total=len(rows),
    )


def movement(
    before: Mapping[K, Position | None], after: Mapping[K, Position | None]
) -> Movement[K]:
    """Who rose or fell on one axis, by steps reached; without data on one side nobody moved."""
    up, down, unchanged, appeared = [], [], [], []
    for key, now in after.items():
        then = before.get(key)
        if now is None:
            continue
        if then is None:
            appeared.append(key)
        elif now.reached > then.reached:
            up.append(key)
        elif now.reached < then.reached:
            down.append(key)
        else:
            unchanged.append(key)
    gone = tuple(key for key, then in before.items() if then and after.get(key) is None)
    return Movement(tuple(up), tuple(down), tuple(unchanged), tuple(appeared), gone)


def headline(before: Mapping[K, Standing], after: Mapping[K, Standing]) -> Headline[K]:
    """The parts of the sentence on top of a dashboard; the words are the template's.

    `culture` names departments: only for pages that may show them (CDO, DX office).
    """
    technology = movement(
        {key: row.technology for key, row in before.items()},
        {key: row.technology for key, row in after.items()},
    )
    culture = movement(
        {key: row.culture for key, row in before.items()},
        {key: row.culture for key, row in after.items()},
    )
    rose = {*technology.up, *culture.up}
    fell = {*technology.down, *culture.down}
    stayed = {*technology.unchanged, *culture.unchanged}
    now = distribution(after.values())
    return Headline(
        technology=technology,
        culture=culture,
        up=tuple(key for key in after if key in rose - fell),
        down=tuple(key for key in after if key in fell - rose),
        mixed=tuple(key for key in after if key in rose & fell),
        compared=len(rose | fell | stayed),
        densest_technology=_densest(now.technology),
        densest_culture=_densest(now.culture),
    )


def _densest(counts: Mapping[int, int]) -> int | None:
    """The step with the most departments, the lowest of equals."""
    return max(counts, key=lambda step: (counts[step], -step), default=None)
