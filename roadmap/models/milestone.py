"""Milestones of an initiative; a date that moves keeps its reason."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from roadmap.choices import Channel
from roadmap.models.initiative import Initiative


class StandingMilestones(models.Manager["Milestone"]):
    """Without those that were removed: what every screen, file and figure means."""

    def get_queryset(self) -> models.QuerySet[Milestone]:
        """Only those that stand."""
        return super().get_queryset().filter(removed_on__isnull=True)


class Milestone(models.Model):
    """One point on the way; late when its date has passed and it is not done.

    A removed one keeps its row, because the moves of its date are never deleted.
    """

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="milestones")
    title = models.CharField(_("milestone"), max_length=200)
    due_on = models.DateField(_("date"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    removed_on = models.DateField(_("removed on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = StandingMilestones()
    every: models.Manager[Milestone] = models.Manager()

    class Meta:
        verbose_name = _("milestone")
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["initiative", "due_on"], name="milestone_of_initiative")]

    def __str__(self) -> str:
        return self.title


class MilestoneMove(models.Model):
    """A date that moved, append-only: from when, to when, why, by whom."""

    milestone = models.ForeignKey(Milestone, models.CASCADE, related_name="moves")
    from_on = models.DateField(_("old date"))
    to_on = models.DateField(_("new date"))
    reason = models.CharField(_("reason"), max_length=400)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.SCREEN)

    class Meta:
        verbose_name = _("moved date")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="move_has_a_reason"),
            models.CheckConstraint(
                condition=~models.Q(from_on=models.F("to_on")), name="move_changes_the_date"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.milestone}: {self.from_on} → {self.to_on}"
