"""1 April: what ends, is renamed, merged or split, and who moves: one thing, to be undone."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Municipality
from roadmap.choices import ReorganisationState

if TYPE_CHECKING:
    from dxportal.accounts.models import User


class ReorganisationQuerySet(models.QuerySet["Reorganisation"]):
    """Reorganisations as the office names them."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality, newest first."""
        return self.filter(municipality_id=user.municipality_id or 0).order_by("-created_at")


class Reorganisation(models.Model):
    """One plan: what was read (`plan`), what carrying it out changed (`inverse`), for undoing.

    plan: {"changes": [row, …], "problems": […], "owners": {initiative: post}};
    inverse: {"steps": [[operation, …], …]}, one list a transaction, as they were written.
    `version` grows with every change of the draft.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="reorganisations")
    effective_on = models.DateField(_("in force from"))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=ReorganisationState,
        default=ReorganisationState.PREVIEW,
    )
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    plan = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64, blank=True)
    inverse = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    objects = ReorganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("reorganisation")

    def __str__(self) -> str:
        return self.file_name or str(self.effective_on)

    def get_absolute_url(self) -> str:
        return reverse("roadmap:reorganisation_detail", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        """Whether rows can still be added and removed."""
        return self.state == ReorganisationState.PREVIEW
