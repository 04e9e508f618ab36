"""Snapshots: what roll-ups computed. `period` is the first day of the month of `as_of`.

The rows of a month are overwritten until it ends, so the latest month is the present and the
earlier ones are the history; keyed by municipality first, so that they can be partitioned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from dxportal.accounts.models import Department, Municipality
from roadmap.choices import Axis, DerivedRule, DerivedStatus, Freshness, Phase, Progress
from roadmap.models.initiative import Initiative
from roadmap.models.staircase import Stage
from roadmap.models.staircase_version import StaircaseVersion

if TYPE_CHECKING:
    from datetime import date

    from dxportal.accounts.models import User


M = TypeVar("M", bound="Snapshot")


class SnapshotQuerySet(models.QuerySet[M]):
    """Snapshots of a period."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(municipality_id=user.municipality_id or 0)

    def in_period(self, period: date | None) -> Self:
        """Those of one month; none for None."""
        return self.filter(period=period) if period else self.none()


class Snapshot(models.Model):
    """Common columns: when it was counted, by which method, from which facts."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="+")
    period = models.DateField()
    as_of = models.DateField()
    method = models.CharField(max_length=12)
    input_hash = models.CharField(max_length=32)

    class Meta:
        abstract = True


class StageSnapshot(Snapshot):
    """One department and stage: rule 1. Firmness = level_sum / (3 × total)."""

    department = models.ForeignKey(Department, models.CASCADE, related_name="+")
    stage = models.ForeignKey(Stage, models.CASCADE, related_name="+")
    reached = models.BooleanField()
    level_sum = models.PositiveSmallIntegerField()
    answered = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    contributing = models.PositiveSmallIntegerField(default=0)
    staircase = models.ForeignKey(
        StaircaseVersion, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[models.Manager[StageSnapshot]] = SnapshotQuerySet[
        "StageSnapshot"
    ].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "period", "department", "stage"],
                name="stage_snapshot_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.department_id} {self.stage_id} {self.as_of}"


class PositionSnapshot(Snapshot):
    """One department and axis: rule 2. `current` is NULL where there is no data."""

    department = models.ForeignKey(Department, models.CASCADE, related_name="+")
    axis = models.CharField(max_length=10, choices=Axis)
    reached = models.PositiveSmallIntegerField()
    current = models.PositiveSmallIntegerField(null=True)
    all_reached = models.BooleanField(default=False)
    seeds = ArrayField(models.PositiveSmallIntegerField(), default=list)
    staircase = models.ForeignKey(
        StaircaseVersion, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[models.Manager[PositionSnapshot]] = SnapshotQuerySet[
        "PositionSnapshot"
    ].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "period", "department", "axis"],
                name="position_snapshot_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.department_id} {self.axis} {self.current}"


#: `StageSum.unit` of the whole municipality.
WHOLE = 0


class StageSum(Snapshot):
    """One stage over the departments of a bureau or of the municipality: what pages show of it.

    `unit`: the bureau's id, a department's own where it has no bureau, `WHOLE` for everybody; the
    units add up to the whole. `here`: departments whose current step it is; `seeds`: for whom it
    is a seed. Levels and counts are sums over departments, never means of steps.
    """

    unit = models.BigIntegerField()
    stage = models.ForeignKey(Stage, models.CASCADE, related_name="+")
    departments = models.PositiveIntegerField()
    here = models.PositiveIntegerField()
    reached = models.PositiveIntegerField()
    seeds = models.PositiveIntegerField()
    level_sum = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()
    total = models.PositiveIntegerField()
    contributing = models.PositiveIntegerField()
    staircase = models.ForeignKey(
        StaircaseVersion, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[models.Manager[StageSum]] = SnapshotQuerySet["StageSum"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "period", "unit", "stage"], name="stage_sum_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.stage_id} {self.as_of}"


class InitiativeSnapshot(Snapshot):
    """One initiative: reported beside derived (rules 4 and 5); `ended`: which work, was said."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="+")
    phase = models.CharField(max_length=12, choices=Phase)
    progress = models.CharField(max_length=14, choices=Progress, blank=True)
    freshness = models.CharField(max_length=8, choices=Freshness)
    derived = models.CharField(max_length=12, choices=DerivedStatus)
    rule = models.CharField(max_length=20, choices=DerivedRule)
    complete = models.BooleanField()
    last_report = models.DateField(null=True)
    ended = models.BooleanField(default=False, db_default=False)

    objects: ClassVar[models.Manager[InitiativeSnapshot]] = SnapshotQuerySet[
        "InitiativeSnapshot"
    ].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "period", "initiative"], name="initiative_snapshot_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.phase} {self.as_of}"
