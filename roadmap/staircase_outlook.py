"""What a version would do to the picture of today: counted by the real rules, then forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from dxportal.shared.fiscal import month_start
from roadmap.models import WHOLE, CriterionVersion, PositionSnapshot, StageSum, StaircaseVersion
from roadmap.rollups import roll_up
from roadmap.staircase_diff import Step
from roadmap.staircase_versions import in_force_on, read


@dataclass(frozen=True, slots=True)
class Count:
    """Departments of the municipality: whose step it is now, and who has reached it."""

    here: int
    reached: int


@dataclass(frozen=True, slots=True)
class StepOutlook:
    """One step before and after."""

    step: Step
    before: Count
    after: Count

    @property
    def moves(self) -> bool:
        """Whether the numbers differ."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Outlook:
    """All steps, and how many departments would stand elsewhere on an axis.

    `lost` would have no position any more, because nothing that is still asked was answered.
    """

    steps: list[StepOutlook]
    up: int
    down: int
    lost: int
    gained: int
    departments: int

    @property
    def moves(self) -> bool:
        """Whether any number differs."""
        return any(step.moves for step in self.steps)


_Where = Mapping[tuple[int, str], int | None]


def outlook(version: StaircaseVersion, *, as_of: date) -> Outlook:
    """Today's answers by the version in force and by this one, were it to apply today.

    Rolls up twice inside a savepoint that is taken back: nothing is written. Levels that a survey
    gave stay as they are; new cuts apply from the next survey.
    """
    municipality = version.municipality_id
    with transaction.atomic():
        point = transaction.savepoint()
        roll_up(municipality, as_of=as_of)
        sums, stood = _sums(municipality, as_of), _positions(municipality, as_of)
        applies = in_force_on(municipality, as_of)
        if applies is not None and applies.pk != version.pk:
            CriterionVersion.objects.filter(staircase=applies).delete()
            CriterionVersion.objects.filter(staircase=version).update(staircase=applies)
        roll_up(municipality, as_of=as_of, full=True)
        then, stands = _sums(municipality, as_of), _positions(municipality, as_of)
        transaction.savepoint_rollback(point)
    nobody = Count(0, 0)
    steps = [
        StepOutlook(step, sums.get(step.stage, nobody), then.get(step.stage, nobody))
        for step in read(version).steps
    ]
    moved = Counter(_moved(stood.get(key), stands.get(key)) for key in {*stood, *stands})
    return Outlook(
        steps,
        up=moved["up"],
        down=moved["down"],
        lost=moved["lost"],
        gained=moved["gained"],
        departments=len({department for department, _axis in stands}),
    )


def _moved(before: int | None, after: int | None) -> str:
    if before == after:
        return ""
    if before is None or after is None:
        return "gained" if before is None else "lost"
    return "up" if after > before else "down"


def _sums(municipality: int, as_of: date) -> dict[int, Count]:
    rows = StageSum.objects.filter(municipality=municipality, period=month_start(as_of), unit=WHOLE)
    return {row.stage_id: Count(row.here, row.reached) for row in rows}


def _positions(municipality: int, as_of: date) -> _Where:
    """(department, axis) → steps reached; None without data."""
    rows = PositionSnapshot.objects.filter(
        municipality=municipality, period=month_start(as_of)
    ).values_list("department_id", "axis", "reached", "current")
    return {(pk, axis): None if current is None else reached for pk, axis, reached, current in rows}
