"""Two versions of a staircase side by side: what was added, changed, replaced and taken out.

Plain values in, plain values out: no rows, no clock.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any, Final

from roadmap.choices import CriterionSource

#: A text that shares less than this with what was answered to may be another question.
SAME_TEXT: Final = 0.6
STAGE_FIELDS: Final = ("name", "name_en", "short", "short_en")
#: What a version says of a criterion, but for its place in the step.
CRITERION_FIELDS: Final = (
    *("code", "stage", "text", "text_en", "help", "help_en", "mandatory", "source"),
    *("question", "measure", "threshold", "unit"),
)


class Change(StrEnum):
    """What became of a criterion between two versions."""

    ADDED = "added"
    CHANGED = "changed"
    REPLACED = "replaced"
    TAKEN_OUT = "taken_out"


@dataclass(frozen=True, slots=True)
class Step:
    """One step as a version says it."""

    stage: int
    axis: str
    step: int
    name: str
    name_en: str = ""
    short: str = ""
    short_en: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One criterion as a version says it; `criterion` None has never applied.

    `row` is the key of the version's own line, `order` its place among the others.
    """

    row: int
    criterion: int | None
    stage: int
    code: str
    text: str
    text_en: str = ""
    help: str = ""
    help_en: str = ""
    mandatory: bool = False
    source: str = CriterionSource.DECLARED
    question: str = ""
    measure: str = ""
    threshold: dict[str, Any] = field(default_factory=dict)
    unit: str = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """Everything that one version says: steps in their order, criteria in theirs."""

    steps: tuple[Step, ...]
    asked: tuple[Asked, ...]

    def of_step(self, stage: int) -> list[Asked]:
        """The criteria of one step, in order."""
        return [row for row in self.asked if row.stage == stage]


@dataclass(frozen=True, slots=True)
class CriterionChange:
    """One criterion that is not as it was; `fields` are those that differ."""

    kind: Change
    before: Asked | None
    after: Asked | None
    fields: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """By which code people know it."""
        row = self.after or self.before
        return row.code if row else ""


@dataclass(frozen=True, slots=True)
class StepChange:
    """One step whose names or whose order of criteria differ."""

    before: Step
    after: Step
    fields: tuple[str, ...]
    reordered: bool


@dataclass(frozen=True, slots=True)
class Diff:
    """All of it; both empty where nothing differs."""

    steps: tuple[StepChange, ...]
    criteria: tuple[CriterionChange, ...]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.steps or self.criteria)

    def of(self, *kinds: Change) -> list[CriterionChange]:
        """The changes of some kinds."""
        return [row for row in self.criteria if row.kind in kinds]


def pairs(before: Sequence[Asked], after: Sequence[Asked]) -> list[tuple[Asked, Asked]]:
    """The lines that are the same criterion on both sides.

    By the criterion that answers hang on; of those that never applied on either side by code.
    """
    known = {row.criterion: row for row in before if row.criterion is not None}
    waiting = {row.code: row for row in before if row.criterion is None}
    found = []
    for row in after:
        old = known.get(row.criterion) if row.criterion is not None else waiting.get(row.code)
        if old is not None:
            found.append((old, row))
    return found


def origin(row: Asked, before: Sequence[Asked], after: Sequence[Asked]) -> Asked | None:
    """Which earlier line a line comes from: the same criterion, else one that it replaces."""
    for old, new in pairs(before, after):
        if new.row == row.row:
            return old
    kept = {old.row for old, _new in pairs(before, after)}
    return next((old for old in before if old.code == row.code and old.row not in kept), None)


def compare(before: Version, after: Version) -> Diff:
    """What differs between two versions, in the order of the later one."""
    same = pairs(before.asked, after.asked)
    kept_old, kept_new = {o.row for o, _n in same}, {n.row: o for o, n in same}
    gone = {row.code: row for row in before.asked if row.row not in kept_old}
    changes = []
    for row in after.asked:
        old = kept_new.get(row.row)
        if old is not None:
            if names := differing(old, row):
                changes.append(CriterionChange(Change.CHANGED, old, row, names))
        elif (replaced := gone.pop(row.code, None)) is not None:
            names = differing(replaced, row)
            changes.append(CriterionChange(Change.REPLACED, replaced, row, names))
        else:
            changes.append(CriterionChange(Change.ADDED, None, row))
    left = sorted(gone.values(), key=lambda row: row.order)
    changes += [CriterionChange(Change.TAKEN_OUT, row, None) for row in left]
    return Diff(_steps(before, after, same), tuple(changes))


def differing(before: Asked, after: Asked) -> tuple[str, ...]:
    """Names of the fields that differ."""
    return tuple(f for f in CRITERION_FIELDS if getattr(before, f) != getattr(after, f))


def _steps(
    before: Version, after: Version, same: Sequence[tuple[Asked, Asked]]
) -> tuple[StepChange, ...]:
    olds = {step.stage: step for step in before.steps}
    found = []
    for new in after.steps:
        old = olds.get(new.stage)
        if old is None:
            continue
        names = tuple(f for f in STAGE_FIELDS if getattr(old, f) != getattr(new, f))
        stayed = [(o, n) for o, n in same if o.stage == n.stage == new.stage]
        places = [o.order for o, _n in sorted(stayed, key=lambda pair: pair[1].order)]
        if names or places != sorted(places):
            found.append(StepChange(old, new, names, places != sorted(places)))
    return tuple(found)


# The same question, or another one ----------------------------------------------------------------
def another_thing(before: Asked, after: Asked) -> bool:
    """Whether what was measured before cannot count: another question of the survey, another unit.

    A declared or counted criterion is another thing only if the office says so.
    """
    if before.source != after.source:
        return False
    if after.source == CriterionSource.SURVEY:
        return before.question != after.question
    return after.source == CriterionSource.INDICATOR and before.unit != after.unit


def asks_for_choice(before: Asked, after: Asked) -> bool:
    """Whether the office has to say if it is still the same question."""
    return another_thing(before, after) or not alike(before.text, after.text)


def alike(before: str, after: str) -> bool:
    """Whether two texts are so near that nobody would answer anew."""
    old, new = _plain(before), _plain(after)
    return old == new or SequenceMatcher(None, old, new, autojunk=False).ratio() >= SAME_TEXT


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


# What stands against a version ----------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Gap:
    """A step that nobody can reach: it has no criterion, or none that is mandatory."""

    step: Step
    empty: bool


def gaps(version: Version) -> list[Gap]:
    """Steps that cannot be reached by this version (rule 1)."""
    found = []
    for step in version.steps:
        rows = version.of_step(step.stage)
        if not any(row.mandatory for row in rows):
            found.append(Gap(step, not rows))
    return found


def twice(version: Version) -> Collection[str]:
    """Codes that two criteria have."""
    codes = [row.code for row in version.asked]
    return sorted({code for code in codes if codes.count(code) > 1})


def decided_twice(version: Version) -> Collection[str]:
    """Questions of the survey that decide two criteria: two cuts of one answer would tell more."""
    asked = [row.question for row in version.asked if row.source == CriterionSource.SURVEY]
    return sorted({code for code in asked if asked.count(code) > 1})
