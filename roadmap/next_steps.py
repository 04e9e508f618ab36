"""What is missing for the next step in order of effort, and whom to ask who went before.

The order is our own proposal (docs/heads.md): mandatory ones first, then what costs least.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final, Generic, TypeVar

from roadmap.choices import CriterionSource, Level
from roadmap.staircase import Answer, position, stage_result

K = TypeVar("K", bound=Hashable)

#: Who reached a step within so many months still knows how.
RECENT_MONTHS: Final = 12


class Effort(IntEnum):
    """How much lies between a criterion and its firm level, the least first."""

    RENEW = 1  # it was firm and has expired: one press
    ANSWER = 2  # it is firm and was asked back about: evidence
    FEED = 3  # an indicator without a valid figure: one figure
    SPREAD = 4  # partly in place
    GO_ON = 5  # started
    BEGIN = 6  # not started, or nobody said
    MEASURED = 7  # decided by the staff, by initiatives or by a figure: nobody types it


@dataclass(frozen=True, slots=True)
class Fact:
    """One criterion of one department. `asked_back`: the office asks about its confirmation."""

    answer: Answer
    source: str
    asked_back: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is not firm."""
        return self.asked_back or self.answer.valid_level != Level.FIRM


@dataclass(frozen=True, slots=True)
class Step:
    """One criterion that is not firm, and what it costs."""

    criterion_code: str
    mandatory: bool
    effort: Effort


@dataclass(frozen=True, slots=True)
class Way:
    """The way to the next step of one axis; `step` is its number, None where there is none.

    `missing` keep the step from being reached, `firmer` would only make it firmer. `reachable` is
    false for a step without mandatory criteria: nothing can reach it.
    """

    step: int | None
    missing: tuple[Step, ...]
    firmer: tuple[Step, ...]
    reachable: bool
    all_reached: bool


def effort(fact: Fact) -> Effort:
    """What one criterion that is not firm costs."""
    answer, declared = fact.answer, fact.source == CriterionSource.DECLARED
    if fact.source == CriterionSource.INDICATOR and answer.valid_level is None:
        return Effort.FEED
    if not declared:
        return Effort.MEASURED
    if answer.level == Level.FIRM:
        return Effort.ANSWER if fact.asked_back else Effort.RENEW
    if answer.level == Level.PARTLY:
        return Effort.SPREAD
    return Effort.GO_ON if answer.level == Level.STARTED else Effort.BEGIN


def way_ahead(stages: Sequence[Sequence[Fact]]) -> Way:
    """The way to the next step; `stages` holds the criteria of one axis in step order.

    An asked-back confirmation does not count. Without a position the first step is meant.
    """
    if not stages:
        return Way(None, (), (), reachable=False, all_reached=False)
    standing = position([stage_result(_counted(fact) for fact in facts) for facts in stages])
    current = standing.current if standing else 1
    facts = stages[current - 1]
    steps = [
        Step(fact.answer.criterion_code, fact.answer.mandatory, effort(fact))
        for fact in facts
        if fact.is_open
    ]
    steps.sort(key=lambda step: step.effort)
    return Way(
        step=current,
        missing=tuple(step for step in steps if step.mandatory),
        firmer=tuple(step for step in steps if not step.mandatory),
        reachable=any(fact.answer.mandatory for fact in facts),
        all_reached=bool(standing and standing.all_reached),
    )


def _counted(fact: Fact) -> Answer:
    """The answer as the staircase counts it: as an expired one where it was asked back."""
    answer = fact.answer
    if not fact.asked_back:
        return answer
    return Answer(answer.criterion_code, answer.mandatory, answer.level, expired=True)


@dataclass(frozen=True, slots=True)
class Ahead(Generic[K]):
    """A department that has reached the step. `since`: the month; None where nobody counted then.

    `size`: its people. `alike`: it stands in the same bureau.
    """

    key: K
    since: date | None
    size: int
    alike: bool


def whom_to_ask(
    candidates: Iterable[Ahead[K]], *, size: int, as_of: date, most: int = 3
) -> list[Ahead[K]]:
    """Who can best tell how: recent ones first, then the same bureau, then those of our size.

    Size is compared as a ratio, so that 5 and 10 people are as far apart as 50 and 100.
    """

    def order(one: Ahead[K]) -> tuple[bool, bool, float, int]:
        recent = one.since is not None and _months(one.since, as_of) <= RECENT_MONTHS
        ratio = max(one.size, 1) / max(size, 1)
        newest = -(one.since.toordinal() if one.since else 0)
        return not recent, not one.alike, max(ratio, 1 / ratio), newest

    return sorted(candidates, key=order)[:most]


def _months(since: date, as_of: date) -> int:
    return (as_of.year - since.year) * 12 + as_of.month - since.month
