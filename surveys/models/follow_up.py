"""The asking again after go-live: when, whom, and why nobody was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Department, Municipality
from roadmap.models import AdoptionTask, Initiative
from surveys.choices import NotAsked
from surveys.models.wave import Wave

if TYPE_CHECKING:
    import datetime as dt

    from dxportal.accounts.models import User

#: So often a person is asked in a quarter, where the municipality says nothing else.
ASKS_PER_QUARTER = 3


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    """Follow-ups of a municipality."""

    def visible_to(self, user: User) -> Self:
        """Those of initiatives of the user's municipality that were not removed."""
        return self.filter(
            initiative__municipality_id=user.municipality_id or 0,
            initiative__removed_on__isnull=True,
        )

    def waiting(self) -> Self:
        """Neither asked nor closed yet, of initiatives that stand; in the order of their dates."""
        return self.filter(
            wave__isnull=True, closed_on__isnull=True, initiative__removed_on__isnull=True
        ).order_by("due_on", "id")

    def due(self, day: dt.date) -> Self:
        """Those waiting whose date has come."""
        return self.waiting().filter(due_on__lte=day)


class FollowUp(models.Model):
    """A launched initiative is asked about again 90 days later.

    `departments`: whom to ask in place of those that are meant to use it. `why`: what staff are
    told it was brought in for, in place of its purpose. `wave`: its own results, a block's where
    several initiatives were asked about together. `not_asked`: why nobody was asked. `task`:
    what follows from an earlier verdict, because of which it is asked.
    """

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="follow_ups")
    due_on = models.DateField(_("asked from"))
    departments = models.ManyToManyField(
        Department, blank=True, related_name="+", verbose_name=_("whom to ask")
    )
    why = models.CharField(
        _("what it was brought in for"), max_length=300, blank=True, default="", db_default=""
    )
    wave = models.OneToOneField(
        Wave, models.PROTECT, null=True, blank=True, related_name="follow_up"
    )
    closed_on = models.DateField(null=True, blank=True)
    task = models.ForeignKey(
        AdoptionTask, models.SET_NULL, null=True, blank=True, related_name="follow_ups"
    )
    not_asked = models.CharField(
        max_length=8, choices=NotAsked, blank=True, default="", db_default=""
    )
    not_asked_note = models.CharField(
        _("reason"), max_length=300, blank=True, default="", db_default=""
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up")
        constraints = [
            models.UniqueConstraint(fields=["initiative", "due_on"], name="follow_up_once"),
            models.CheckConstraint(
                condition=models.Q(not_asked="")
                | models.Q(wave__isnull=True, closed_on__isnull=False),
                name="follow_up_not_asked_is_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative} {self.due_on}"

    @property
    def is_waiting(self) -> bool:
        """Whether nobody was asked yet and nothing has ended it."""
        return self.wave_id is None and self.closed_on is None


class AskLimit(models.Model):
    """How often a municipality asks one person in a quarter; without a row the default holds."""

    municipality = models.OneToOneField(Municipality, models.CASCADE, related_name="ask_limit")
    asks_per_quarter = models.PositiveSmallIntegerField(
        _("how often one person is asked in a quarter, at most"), default=ASKS_PER_QUARTER
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("limit on asking")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(asks_per_quarter__range=(1, 12)), name="ask_limit_1_to_12"
            )
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.asks_per_quarter}"
