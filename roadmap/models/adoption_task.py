"""What follows from a verdict: one task each, with a date, until it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Post
from roadmap.choices import TaskChoice
from roadmap.models.initiative import Initiative
from roadmap.models.published import AdoptionVerdict

if TYPE_CHECKING:
    from dxportal.accounts.models import User


class AdoptionTaskQuerySet(models.QuerySet["AdoptionTask"]):
    """Tasks as the office names them."""

    def visible_to(self, user: User) -> Self:
        """Those of standing initiatives of the user's municipality."""
        return self.filter(
            initiative__municipality_id=user.municipality_id or 0,
            initiative__removed_on__isnull=True,
        )

    def unfinished(self) -> Self:
        """Neither done nor overtaken by a later verdict."""
        return self.filter(done_on__isnull=True, superseded_on__isnull=True)

    def newest(self) -> Self:
        """Of each initiative that of its newest verdict."""
        later = AdoptionTask.objects.filter(
            initiative=models.OuterRef("initiative"), verdict__on__gt=models.OuterRef("verdict__on")
        )
        return self.filter(~models.Exists(later))

    def waiting(self) -> Self:
        """Unfinished ones with which somebody has something to do: not while staff are to be asked
        once more, which goes by itself."""
        return self.unfinished().exclude(choice=TaskChoice.ASK_AGAIN)

    def to_ask_again(self) -> Self:
        """Those after which staff are asked once more, on `ask_on`, in the order of that day.

        The newest task of each standing initiative alone.
        """
        return (
            self.newest()
            .filter(
                ask_on__isnull=False,
                superseded_on__isnull=True,
                initiative__removed_on__isnull=True,
            )
            .select_related("initiative", "verdict")
            .order_by("ask_on", "initiative_id")
        )


class AdoptionTask(models.Model):
    """The care after one verdict; `owner` is the accountable post as it was when it opened.

    Rights and reminders follow the initiative's accountable post of the day. `version` guards
    changes. An unfinished one is overtaken by the next verdict (`superseded_on`) and kept.
    """

    verdict = models.OneToOneField(AdoptionVerdict, models.CASCADE, related_name="task")
    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="adoption_tasks")
    choice = models.CharField(_("what is done"), max_length=10, choices=TaskChoice, blank=True)
    due_on = models.DateField(_("by when"))
    note = models.CharField(_("in a sentence"), max_length=200, blank=True)
    chosen_on = models.DateField(_("chosen on"), null=True, blank=True)
    owner = models.ForeignKey(
        Post,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accountable post"),
    )
    done_on = models.DateField(_("done on"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    superseded_on = models.DateField(_("overtaken on"), null=True, blank=True)
    ask_on = models.DateField(
        _("staff are asked again on"),
        null=True,
        blank=True,
        help_text=_("Follows from choice and dates (`aftercare.ask_on`)."),
    )
    version = models.PositiveIntegerField(default=1)

    objects = AdoptionTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("what follows from the verdict")
        ordering = ["-verdict__on"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative"],
                condition=models.Q(done_on__isnull=True, superseded_on__isnull=True),
                name="adoption_task_one_unfinished",
            ),
            models.CheckConstraint(
                condition=models.Q(done_on__isnull=True) | models.Q(superseded_on__isnull=True),
                name="adoption_task_done_or_superseded",
            ),
            models.CheckConstraint(
                condition=models.Q(done_on__isnull=True) | ~models.Q(choice=""),
                name="adoption_task_done_is_chosen",
            ),
        ]

    def __str__(self) -> str:
        return self.get_choice_display() or str(_("not chosen yet"))

    @property
    def is_open(self) -> bool:
        """Neither done nor overtaken."""
        return self.done_on is None and self.superseded_on is None
