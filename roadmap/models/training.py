"""Trainings: what was offered to which sections, and how many of each came. Never names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Department, Municipality
from roadmap.models.initiative import Initiative

if TYPE_CHECKING:
    from dxportal.accounts.models import User


class TrainingQuerySet(models.QuerySet["Training"]):
    """Trainings as the office names them."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality that were not removed."""
        return self.standing().filter(municipality_id=user.municipality_id or 0)

    def standing(self) -> Self:
        """Without those that were removed."""
        return self.filter(removed_on__isnull=True)

    def between(self, first: date, last: date) -> Self:
        """Held from the first day to the last, the latest first."""
        return self.filter(held_on__range=(first, last)).order_by("-held_on", "-pk")

    def with_people(self) -> Self:
        """Each with `people`: how many came, and `sections`: to how many it was offered."""
        came = TrainingAttendance.objects.filter(training=models.OuterRef("pk")).order_by()
        offers: Any = Training.offered_to.through.objects.filter(training=models.OuterRef("pk"))
        return self.annotate(
            people=models.Subquery(
                came.values("training").annotate(n=models.Sum("people")).values("n")
            ),
            sections=models.Subquery(
                offers.order_by().values("training").annotate(n=models.Count("pk")).values("n")
            ),
        )


class Training(models.Model):
    """One occasion to learn. Who came is kept as a number a section: learning stays safe."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="trainings")
    title = models.CharField(_("title"), max_length=120)
    held_on = models.DateField(_("day"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)
    place = models.CharField(_("place or address of the page"), max_length=300, blank=True)
    for_whom = models.CharField(_("for whom"), max_length=200, blank=True)
    initiative = models.ForeignKey(
        Initiative,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="trainings",
        verbose_name=_("initiative"),
    )
    offered_to: models.ManyToManyField[Department, Any] = models.ManyToManyField(
        Department, related_name="+", blank=True, verbose_name=_("offered to")
    )
    removed_on = models.DateField(_("removed on"), null=True, blank=True)

    objects = TrainingQuerySet.as_manager()

    class Meta:
        verbose_name = _("training")
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "held_on", "title"],
                condition=models.Q(removed_on__isnull=True),
                name="training_once_a_day",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("roadmap:training_edit", args=[self.pk])


class TrainingAttendance(models.Model):
    """How many people of a section came: a number and nothing else."""

    training = models.ForeignKey(Training, models.CASCADE, related_name="attendance")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    people = models.PositiveSmallIntegerField(_("people"))

    class Meta:
        verbose_name = _("attendance")
        constraints = [
            models.UniqueConstraint(
                fields=["training", "department"], name="training_attendance_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.training}: {self.department} {self.people}"
