"""Versions of a staircase: what its names and criteria are from a day on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Municipality
from roadmap.choices import CriterionSource, InitiativeMeasure
from roadmap.models.staircase import Criterion, Stage

if TYPE_CHECKING:
    from datetime import date

    from dxportal.accounts.models import User


class StaircaseVersionQuerySet(models.QuerySet["StaircaseVersion"]):
    """Versions as the office names them."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality, the newest first, the draft on top."""
        rows = self.filter(municipality_id=user.municipality_id or 0)
        return rows.order_by(models.F("valid_from").desc(nulls_first=True), "-pk")

    def drafts(self) -> Self:
        """Those that apply from no day yet."""
        return self.filter(valid_from__isnull=True)

    def on(self, day: date) -> Self:
        """The one that applies on that day."""
        return self.filter(valid_from__lte=day).filter(
            models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=day)
        )


class StaircaseVersion(models.Model):
    """Applies from valid_from until the day before valid_to; a draft has neither.

    `applied`: the living rows (`Stage`, `Criterion`) have been brought to it.
    """

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="staircases")
    label = models.CharField(_("name of the version"), max_length=40)
    note = models.TextField(_("what changes and why"), blank=True)
    valid_from = models.DateField(_("applies from"), null=True, blank=True)
    valid_to = models.DateField(_("until (exclusive)"), null=True, blank=True)
    applied = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    objects = StaircaseVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of the staircase")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "valid_from"], name="staircase_version_once_a_day"
            ),
            models.UniqueConstraint(
                fields=["municipality"],
                condition=models.Q(valid_from__isnull=True),
                name="staircase_one_draft",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_from__isnull=False, valid_to__gt=models.F("valid_from")),
                name="staircase_version_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("roadmap:staircase_detail", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        """Whether it applies from no day yet."""
        return self.valid_from is None


class StageVersion(models.Model):
    """The names of one step in one version."""

    staircase = models.ForeignKey(StaircaseVersion, models.CASCADE, related_name="stages")
    stage = models.ForeignKey(Stage, models.CASCADE, related_name="versions")
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    short = models.CharField(_("short name"), max_length=40, blank=True)
    short_en = models.CharField(_("short name in English"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("step in a version")
        constraints = [
            models.UniqueConstraint(fields=["staircase", "stage"], name="stage_version_once")
        ]

    def __str__(self) -> str:
        return self.name


class CriterionVersion(models.Model):
    """One criterion in one version; `criterion` is empty for a new one that never applied.

    What was answered to `criterion` counts for every version that names it.
    """

    staircase = models.ForeignKey(StaircaseVersion, models.CASCADE, related_name="criteria")
    criterion = models.ForeignKey(
        Criterion, models.PROTECT, null=True, blank=True, related_name="versions"
    )
    stage = models.ForeignKey(Stage, models.CASCADE, related_name="criterion_versions")
    code = models.CharField(_("code"), max_length=10)
    text = models.CharField(_("text"), max_length=300)
    text_en = models.CharField(_("text in English"), max_length=300, blank=True)
    help = models.TextField(_("what counts as evidence"), blank=True)
    help_en = models.TextField(_("what counts as evidence, in English"), blank=True)
    mandatory = models.BooleanField(_("mandatory"), default=False)
    source = models.CharField(
        _("where the level comes from"), max_length=10, choices=CriterionSource
    )
    question = models.CharField(_("question of the survey"), max_length=10, blank=True)
    measure = models.CharField(
        _("what is counted"), max_length=12, choices=InitiativeMeasure, blank=True, default=""
    )
    threshold = models.JSONField(_("from where a level holds"), default=dict, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True, default="")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("criterion in a version")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["staircase", "code"], name="criterion_version_code_once"
            ),
            models.UniqueConstraint(
                fields=["staircase", "criterion"], name="criterion_version_once"
            ),
        ]

    def __str__(self) -> str:
        return self.text
