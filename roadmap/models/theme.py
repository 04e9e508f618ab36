"""Themes: what makes work harder, with ids that stay stable across waves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Municipality

if TYPE_CHECKING:
    from dxportal.accounts.models import User


class ThemeQuerySet(models.QuerySet["Theme"]):
    """Themes of a municipality."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality, in the order of the survey."""
        return self.filter(municipality_id=user.municipality_id or 0).order_by("order")

    def book(self, municipality_id: int) -> Self:
        """All themes of a municipality, those merged into others too, in one order for all."""
        return self.filter(municipality_id=municipality_id).order_by("order", "pk")


class Theme(models.Model):
    """One option of the pain survey's first question."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="themes")
    code = models.CharField(max_length=30)
    label = models.CharField(_("theme"), max_length=80)
    label_en = models.CharField(max_length=80, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged"
    )

    objects = ThemeQuerySet.as_manager()

    class Meta:
        verbose_name = _("theme")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "code"], name="theme_code_once"),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")), name="theme_not_into_itself"
            ),
        ]

    def __str__(self) -> str:
        if translation.get_language() == "en" and self.label_en:
            return self.label_en
        return self.label
