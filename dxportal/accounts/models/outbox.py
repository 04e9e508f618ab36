"""Messages to people: one row per message, marked sent after acceptance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import MessageChannel
from dxportal.accounts.models.municipality import Municipality
from dxportal.accounts.models.user import User

if TYPE_CHECKING:
    from datetime import datetime


class OutboxQuerySet(models.QuerySet["Outbox"]):
    """Messages as the worker and the reader name them."""

    def visible_to(self, user: User) -> Self:
        """Notices in the portal, addressed to the user."""
        return self.filter(recipient=user, channel=MessageChannel.IN_APP)

    def unread(self) -> Self:
        """Those not read yet."""
        return self.filter(read_at__isnull=True)

    def for_reading(self) -> Self:
        """Unread first, then newest first."""
        return self.order_by(models.F("read_at").asc(nulls_first=True), "-id")

    def to_send(self, now: datetime) -> Self:
        """Mails and webhook calls that wait, oldest first; ten failures park a message."""
        return self.filter(
            channel__in=[MessageChannel.EMAIL, MessageChannel.WEBHOOK],
            sent_at__isnull=True,
            not_before__lte=now,
            attempts__lt=10,
        ).order_by("id")

    def counts(self, municipality_id: int) -> dict[str, int]:
        """How many wait, and how many were given up after ten failures, by channel; one query."""
        out = [MessageChannel.EMAIL, MessageChannel.WEBHOOK]
        open_rows = self.filter(municipality_id=municipality_id, sent_at__isnull=True)
        given_up = models.Q(attempts__gte=10, last_error__gt="")
        found: dict[str, int] = open_rows.aggregate(
            **{
                f"{channel}_{name}": models.Count(
                    "pk", filter=condition & models.Q(channel=channel)
                )
                for channel in out
                for name, condition in (
                    ("waiting", models.Q(attempts__lt=10)),
                    ("given_up", given_up),
                )
            }
        )
        return found


class Outbox(models.Model):
    """One message to one person through one channel."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="messages")
    recipient = models.ForeignKey(User, models.CASCADE, related_name="messages")
    channel = models.CharField(max_length=10, choices=MessageChannel)
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    path = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    not_before = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=120)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "channel", "key"], name="outbox_message_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=models.Q(sent_at__isnull=True, channel__in=["email", "webhook"]),
                name="outbox_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.subject
