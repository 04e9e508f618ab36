"""Indicators of an initiative: baseline, yearly targets and what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from roadmap.choices import CLOSED_PHASES, Direction, IndicatorKind, Rhythm
from roadmap.models.initiative import Initiative
from roadmap.models.update import Update

if TYPE_CHECKING:
    from datetime import date


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    """Indicators as the office names them."""

    def of_municipality(self, municipality_id: int) -> Self:
        """Those of initiatives that were not removed."""
        return self.filter(
            initiative__municipality_id=municipality_id, initiative__removed_on__isnull=True
        )

    def due_by(self, day: date) -> Self:
        """Those whose next measurement is due; an established or stopped initiative needs none."""
        phase = Update.objects.filter(initiative=models.OuterRef("initiative")).order_by("-id")
        return (
            self.filter(next_due__lte=day)
            .annotate(phase=Coalesce(phase.values("phase")[:1], models.Value("")))
            .exclude(phase__in=CLOSED_PHASES)
            .order_by("next_due", "pk")
        )


class Indicator(models.Model):
    """One figure; availability and use are two indicators. `next_due`: next measurement."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="indicator_rows")
    name = models.CharField(_("indicator"), max_length=120)
    kind = models.CharField(_("what it tells"), max_length=12, choices=IndicatorKind)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    direction = models.CharField(
        _("direction"), max_length=4, choices=Direction, default=Direction.UP
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    baseline = models.DecimalField(
        _("baseline"), max_digits=16, decimal_places=3, null=True, blank=True
    )
    baseline_on = models.DateField(_("date of the baseline"), null=True, blank=True)
    next_due = models.DateField(_("measured next on"), null=True, blank=True)
    every_months = models.PositiveSmallIntegerField(
        _("how often it is measured"),
        choices=Rhythm,
        default=Rhythm.YEARLY,
        db_default=Rhythm.YEARLY.value,
    )
    order = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicator")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "name", "kind"], name="indicator_name_once"
            ),
            models.CheckConstraint(
                condition=models.Q(every_months__gte=1), name="indicator_measured_again"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Target(models.Model):
    """What an indicator is to reach by the end of a fiscal year."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="targets")
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    value = models.DecimalField(_("target"), max_digits=16, decimal_places=3)

    class Meta:
        verbose_name = _("target")
        ordering = ["fiscal_year"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "fiscal_year"], name="target_once_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.fiscal_year}: {self.value}"


class Measurement(models.Model):
    """What was measured on a day; a correction replaces the value of that day."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="measurements")
    measured_on = models.DateField(_("measured on"))
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=3)
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("measurement")
        ordering = ["measured_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "measured_on"], name="measurement_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.measured_on}: {self.value}"
