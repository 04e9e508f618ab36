"""What holds an initiative back, and what was decided about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from roadmap.choices import Cause
from roadmap.models.initiative import Initiative

if TYPE_CHECKING:
    from dxportal.accounts.models import User


class BlockerQuerySet(models.QuerySet["Blocker"]):
    """Blockers as the office names them."""

    def visible_to(self, user: User) -> Self:
        """Those of standing initiatives of the user's municipality."""
        return self.filter(
            initiative__municipality_id=user.municipality_id or 0,
            initiative__removed_on__isnull=True,
        )

    def unsolved(self) -> Self:
        """Those that still hold something back."""
        return self.filter(closed_on__isnull=True)

    def escalated(self) -> Self:
        """Those that wait for a decision of the CDO."""
        return self.unsolved().filter(escalated_on__isnull=False)


class Blocker(models.Model):
    """One obstacle (domain 3.4); escalated ones stand on the CDO's list until they are closed."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="blockers")
    category = models.CharField(_("category"), max_length=16, choices=Cause)
    external = models.BooleanField(_("outside the municipality"), default=False)
    text = models.CharField(_("what holds it back"), max_length=400)
    wanted = models.CharField(_("decision wanted"), max_length=400, blank=True)
    opened_on = models.DateField(_("since"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    escalated_on = models.DateField(_("escalated on"), null=True, blank=True)
    escalated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_on = models.DateField(_("solved on"), null=True, blank=True)
    resolution = models.CharField(_("how it was solved"), max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = BlockerQuerySet.as_manager()

    class Meta:
        verbose_name = _("blocker")
        ordering = ["-opened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_on__isnull=True)
                | models.Q(closed_on__gte=models.F("opened_on")),
                name="blocker_closes_after_it_opens",
            )
        ]

    def __str__(self) -> str:
        return self.text


class Decision(models.Model):
    """Who decided what and when; may answer a blocker."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="decisions")
    blocker = models.ForeignKey(
        Blocker, models.SET_NULL, null=True, blank=True, related_name="decisions"
    )
    text = models.CharField(_("what was decided"), max_length=400)
    decided_by = models.CharField(_("who decided"), max_length=120)
    meeting = models.CharField(_("meeting"), max_length=120, blank=True)
    decided_on = models.DateField(_("decided on"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("decision")
        ordering = ["-decided_on", "-pk"]

    def __str__(self) -> str:
        return self.text
