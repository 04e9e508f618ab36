"""The table of figures of one criterion: what each department had last, and the level of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dxportal.accounts.models import Department, User
from roadmap.choices import CriterionSource, Direction, Level
from roadmap.measuring import written
from roadmap.models import Criterion, CriterionReading
from roadmap.thresholds import Threshold, level_of, read_threshold


@dataclass(frozen=True, slots=True)
class LastFigure:
    """The newest figure of a department; `level` None: the thresholds cannot be used."""

    reading: CriterionReading
    level: int | None
    expired: bool

    @property
    def value(self) -> str:
        """As people write it."""
        return written(self.reading.value)

    @property
    def level_label(self) -> str:
        """The level in words."""
        return "" if self.level is None else str(Level(self.level).label)


def fed_criteria(user: User) -> list[Criterion]:
    """Those that follow from an indicator, in the order of the staircase."""
    rows = Criterion.objects.visible_to(user).in_force().filter(source=CriterionSource.INDICATOR)
    return list(rows.select_related("stage").order_by("-stage__axis", "stage__step", "order"))


def threshold_of(criterion: Criterion) -> Threshold | None:
    """From where a level holds; None where what is written there cannot be used."""
    try:
        return read_threshold(criterion.source, criterion.measure, criterion.threshold)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class ThresholdWords:
    """The three numbers as people write them."""

    firm: str
    partly: str
    started: str
    down: bool


def threshold_words(threshold: Threshold | None) -> ThresholdWords | None:
    """For a template."""
    if threshold is None:
        return None
    return ThresholdWords(
        written(threshold.firm),
        written(threshold.partly),
        written(threshold.started),
        down=threshold.direction == Direction.DOWN,
    )


def level_for(value: Decimal, threshold: Threshold | None) -> int | None:
    """The level that a figure gives."""
    return None if threshold is None else int(level_of(value, threshold))


def bureaus_of(user: User, day: date) -> list[Department]:
    """Bureaus that have departments on the staircases."""
    standing = Department.objects.visible_to(user).on(day).sections().values("bureau")
    return list(Department.objects.visible_to(user).filter(pk__in=standing).in_order())


def last_figures(
    criterion: Criterion, departments: Iterable[Department], today: date
) -> dict[int, LastFigure]:
    """The newest figure of each by today: one query."""
    threshold = threshold_of(criterion)
    rows = CriterionReading.objects.filter(
        criterion=criterion, department__in=departments, measured_on__lte=today
    )
    newest = rows.order_by("department_id", "-measured_on").distinct("department_id")
    return {
        row.department_id: LastFigure(row, level_for(row.value, threshold), row.expires_on <= today)
        for row in newest
    }


def figures_on(
    criterion: Criterion, departments: Sequence[Department], day: date
) -> dict[int, CriterionReading]:
    """What stands on that very day: one query."""
    rows = CriterionReading.objects.filter(
        criterion=criterion, department__in=departments, measured_on=day
    )
    return {row.department_id: row for row in rows}
