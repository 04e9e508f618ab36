"""The audit trail, and the only history: append-only, without foreign keys."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from dxportal.accounts.models.user import User


class EventQuerySet(models.QuerySet["Event"]):
    """What happened."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(municipality_id=user.municipality_id or 0)

    def about(self, kind: str, pk: int) -> Self:
        """Those of one object, newest first."""
        return self.filter(object_type=kind, object_id=str(pk)).order_by("-id")

    def newest(self, before: int | None = None) -> Self:
        """Newest first; with a number, those before it."""
        rows = self.order_by("-id")
        return rows if before is None else rows.filter(id__lt=before)

    def by_person(self, text: str) -> Self:
        """Those done by, or done to the account of, a person whose name contains the text."""
        return self.filter(
            models.Q(actor_name__icontains=text)
            | models.Q(object_type="user", object_label__icontains=text)
        )

    def between(self, start: datetime, end: datetime) -> Self:
        """Those from start to before end."""
        return self.filter(at__gte=start, at__lt=end)


class Event(models.Model):
    """Who, when, through what, which object, which fields before and after.

    The application role may INSERT and SELECT, nothing else. Answering a survey writes no Event.
    """

    municipality_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(auto_now_add=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80, blank=True)
    channel = models.CharField(max_length=10, default="screen")
    action = models.CharField(_("action"), max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    object_label = models.CharField(max_length=200, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        indexes = [
            models.Index(fields=["municipality_id", "-id"]),
            models.Index(fields=["object_type", "object_id", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"
