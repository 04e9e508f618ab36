"""Tags: the municipality's own pillars, national priorities, standardised work, procedures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Municipality
from roadmap.choices import TagScheme
from roadmap.models.initiative import Initiative

if TYPE_CHECKING:
    from datetime import date

    from dxportal.accounts.models import User


class TagQuerySet(models.QuerySet["Tag"]):
    """Tags as the office names them."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality, list by list."""
        return self.filter(municipality_id=user.municipality_id or 0).order_by(
            "scheme", "order", "pk"
        )

    def on(self, day: date) -> Self:
        """Those that can be chosen on that day."""
        begun = models.Q(valid_from__isnull=True) | models.Q(valid_from__lte=day)
        open_still = models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=day)
        return self.filter(begun & open_still)


class Tag(models.Model):
    """One entry of a list. `version` names the edition of a list that comes with the product."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="tags")
    scheme = models.CharField(_("list"), max_length=16, choices=TagScheme)
    code = models.CharField(_("code"), max_length=40)
    label = models.CharField(_("name"), max_length=120)
    label_en = models.CharField(_("English name"), max_length=120, blank=True)
    version = models.CharField(_("version"), max_length=20, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("until (exclusive)"), null=True, blank=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag")
        ordering = ["scheme", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "scheme", "version", "code"], name="tag_code_once"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_from__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="tag_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        if translation.get_language() == "en" and self.label_en:
            return self.label_en
        return self.label


class InitiativeTag(models.Model):
    """An initiative carries a tag."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="tag_links")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="initiative_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["initiative", "tag"], name="initiative_tag_once")
        ]

    def __str__(self) -> str:
        return f"{self.initiative}: {self.tag}"
