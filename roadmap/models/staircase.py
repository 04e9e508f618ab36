"""Stages, their criteria, and what departments have confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Department, Municipality
from roadmap.choices import Axis, CriterionSource, InitiativeMeasure, Level

if TYPE_CHECKING:
    from datetime import date

    from dxportal.accounts.models import User


def _in_language(japanese: str, english: str) -> str:
    """The text in the reader's language; Japanese where no English was given."""
    return english if translation.get_language() == "en" and english else japanese


class StageQuerySet(models.QuerySet["Stage"]):
    """Stages of a municipality's staircases."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality, technology first, from the first step."""
        return self.filter(municipality_id=user.municipality_id or 0).order_by("-axis", "step")


class Stage(models.Model):
    """One step of one axis, copied per municipality from the default staircase."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="stages")
    axis = models.CharField(max_length=10, choices=Axis)
    step = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(max_length=80, blank=True)
    short = models.CharField(max_length=40, blank=True)
    short_en = models.CharField(max_length=40, blank=True)
    version = models.CharField(max_length=20)

    objects = StageQuerySet.as_manager()

    class Meta:
        verbose_name = _("stage")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "axis", "step"], name="stage_once_per_municipality"
            ),
            models.CheckConstraint(condition=models.Q(step__gte=1), name="stage_step_from_one"),
        ]

    def __str__(self) -> str:
        return _in_language(self.name, self.name_en)

    @property
    def short_name(self) -> str:
        """The label for small places."""
        return _in_language(self.short or self.name, self.short_en or self.name_en)


class CriterionQuerySet(models.QuerySet["Criterion"]):
    """Criteria of a municipality's staircases."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality, retired ones too."""
        return self.filter(stage__municipality_id=user.municipality_id or 0)

    def in_force(self) -> Self:
        """Those that the present version of the staircase asks."""
        return self.filter(retired=False)


class Criterion(models.Model):
    """One thing that must be so for a stage, as the version in force says it; ★ is mandatory.

    `question`: of a survey criterion the one that decides; of a declared one whose staff's answer
    stands beside it. `measure`: what an initiative criterion counts. `threshold`: numbers from
    which a level holds (`thresholds.Threshold`); empty: the default ones.
    """

    stage = models.ForeignKey(Stage, models.CASCADE, related_name="criteria")
    code = models.CharField(_("code"), max_length=10)
    text = models.CharField(_("text"), max_length=300)
    text_en = models.CharField(max_length=300, blank=True)
    help = models.TextField(_("what counts as evidence"), blank=True)
    help_en = models.TextField(blank=True)
    mandatory = models.BooleanField(_("mandatory"), default=False)
    source = models.CharField(max_length=10, choices=CriterionSource)
    question = models.CharField(max_length=10, blank=True)
    measure = models.CharField(
        max_length=12, choices=InitiativeMeasure, blank=True, default="", db_default=""
    )
    threshold = models.JSONField(default=dict)
    unit = models.CharField(_("unit"), max_length=20, blank=True, default="", db_default="")
    retired = models.BooleanField(default=False, db_default=False)
    order = models.PositiveSmallIntegerField(default=0)
    version = models.CharField(max_length=20)

    objects = CriterionQuerySet.as_manager()

    class Meta:
        verbose_name = _("criterion")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(
                fields=["stage", "code"],
                condition=models.Q(retired=False),
                name="criterion_code_once",
            ),
        ]

    def __str__(self) -> str:
        return _in_language(self.text, self.text_en)

    @property
    def labelled(self) -> str:
        """Code and text, and that it is no longer asked where it is so."""
        label = f"{self.code} {self}"
        if not self.retired:
            return label
        return str(_("%(criterion)s (no longer asked)")) % {"criterion": label}

    @property
    def help_text(self) -> str:
        """What counts as evidence, in the reader's language."""
        return _in_language(self.help, self.help_en)


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    """What departments have confirmed."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(department__municipality_id=user.municipality_id or 0)

    def latest_on(self, day: date) -> Self:
        """The newest of each department and criterion that was confirmed by that day."""
        return (
            self.filter(confirmed_on__lte=day)
            .order_by("department_id", "criterion_id", "-confirmed_on", "-id")
            .distinct("department_id", "criterion_id")
        )


class Assessment(models.Model):
    """Level 0–3 with evidence; append-only, the latest one counts until expires_on (exclusive)."""

    department = models.ForeignKey(Department, models.CASCADE, related_name="assessments")
    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="assessments")
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    evidence = models.CharField(_("evidence"), max_length=400, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    confirmed_on = models.DateField()
    expires_on = models.DateField()

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level__lte=3), name="assessment_level_0_to_3"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_on__gt=models.F("confirmed_on")),
                name="assessment_expires_after_confirmed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["department", "criterion", "-confirmed_on", "-id"],
                name="assessment_latest",
            ),
            models.Index(fields=["expires_on"], name="assessment_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.criterion.code}: {self.level}"
