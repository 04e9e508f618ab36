"""Setting up: the check list of the national procedure, how far the wizard is, sample content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Municipality
from roadmap.choices import ProcedureState
from roadmap.models.initiative import Initiative

if TYPE_CHECKING:
    from dxportal.accounts.models import User


class ProcedureEntryQuerySet(models.QuerySet["ProcedureEntry"]):
    """What was said about the steps of the procedure."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(municipality_id=user.municipality_id or 0)

    def in_force(self) -> Self:
        """The newest of each item: what holds now."""
        return self.order_by("item", "-id").distinct("item")


class ProcedureEntry(models.Model):
    """One item of the check list as somebody said it on a day; append-only, the newest counts.

    `undoes`: the entry that this one takes back; it repeats what stood before.
    """

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="procedure")
    item = models.CharField(_("item"), max_length=30)
    state = models.CharField(_("state"), max_length=10, choices=ProcedureState)
    evidence = models.CharField(_("evidence"), max_length=400, blank=True)
    held_on = models.DateField(_("since"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("said on"), auto_now_add=True)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by"
    )

    objects = ProcedureEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of the national procedure")
        indexes = [
            models.Index(fields=["municipality", "item", "-id"], name="procedure_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_state_display()}"


class SetUp(models.Model):
    """How far the wizard of a municipality is; without a row nobody is asked to set up.

    `steps`: step → done or skipped. `dismissed`: not now; the pages stay.
    """

    municipality = models.OneToOneField(Municipality, models.CASCADE, related_name="set_up")
    steps = models.JSONField(_("steps"), default=dict)
    dismissed = models.BooleanField(_("not now"), default=False)

    class Meta:
        verbose_name = _("set-up")

    def __str__(self) -> str:
        return f"{self.municipality}"


class SampleInitiative(models.Model):
    """An initiative that came as an example, so that one button takes exactly these away.

    `seen_event`: the last event about it when it was put there; a later one means that somebody
    changed it. `kept`: it was adopted and is no sample any more.
    """

    initiative = models.OneToOneField(Initiative, models.CASCADE, related_name="sample")
    code = models.CharField(max_length=30)
    seen_event = models.BigIntegerField()
    kept = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("sample")

    def __str__(self) -> str:
        return f"{self.initiative}"
