"""Which initiative waits for which; never for itself, never in a circle."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from roadmap.models.initiative import Initiative


class DependencyQuerySet(models.QuerySet["Dependency"]):
    """Dependencies."""

    def touching(self, initiative_id: int) -> Self:
        """Those with this initiative at either end."""
        return self.filter(models.Q(predecessor=initiative_id) | models.Q(successor=initiative_id))


class Dependency(models.Model):
    """`successor` cannot go on before `predecessor`; circles are refused by the action."""

    predecessor = models.ForeignKey(
        Initiative, models.CASCADE, related_name="successor_links", verbose_name=_("comes first")
    )
    successor = models.ForeignKey(
        Initiative, models.CASCADE, related_name="predecessor_links", verbose_name=_("waits for it")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = DependencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("dependency")
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="dependency_once"),
            models.CheckConstraint(
                condition=~models.Q(predecessor=models.F("successor")),
                name="dependency_not_on_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"
