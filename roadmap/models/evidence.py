"""Evidence between a department and the office, and figures that feed an indicator criterion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Department, Municipality
from roadmap.choices import Channel
from roadmap.models.staircase import Assessment, Criterion

if TYPE_CHECKING:
    from datetime import date

    from dxportal.accounts.models import User


class EvidenceRequestQuerySet(models.QuerySet["EvidenceRequest"]):
    """Requests as the office names them."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(department__municipality_id=user.municipality_id or 0)

    def open_on(self, day: date) -> Self:
        """Neither answered nor taken back by that day."""
        return self.filter(asked_on__lte=day).filter(
            models.Q(answered_on__isnull=True) | models.Q(answered_on__gt=day),
            models.Q(withdrawn_on__isnull=True) | models.Q(withdrawn_on__gt=day),
        )


class EvidenceRequest(models.Model):
    """The office asks for evidence, or asks back about what was confirmed (`assessment`).

    While an asked-back confirmation is not answered it does not count (as an expired one).
    """

    department = models.ForeignKey(Department, models.CASCADE, related_name="evidence_requests")
    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="evidence_requests")
    assessment = models.ForeignKey(
        Assessment, models.CASCADE, null=True, blank=True, related_name="asked_back"
    )
    text = models.CharField(_("what is asked"), max_length=400)
    due_on = models.DateField(_("answer by"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_on = models.DateField(_("asked on"))
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    answer = models.ForeignKey(
        Assessment, models.SET_NULL, null=True, blank=True, related_name="answers"
    )
    withdrawn_on = models.DateField(_("taken back on"), null=True, blank=True)

    objects = EvidenceRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for evidence")
        constraints = [
            models.UniqueConstraint(
                fields=["department", "criterion"],
                condition=models.Q(answered_on__isnull=True, withdrawn_on__isnull=True),
                name="evidence_request_open_once",
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="evidence_request_says_what"),
        ]
        indexes = [models.Index(fields=["assessment"], name="evidence_asked_back")]

    def __str__(self) -> str:
        return f"{self.department} {self.criterion.code}"


class EvidenceAcceptance(models.Model):
    """The office looked at a confirmation and its evidence and accepted them.

    Only the undo of the very press takes it away again; both stand in the audit trail.
    """

    assessment = models.OneToOneField(Assessment, models.CASCADE, related_name="acceptance")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on = models.DateField(_("accepted on"))

    class Meta:
        verbose_name = _("acceptance")

    def __str__(self) -> str:
        return f"{self.assessment}"


class CriterionReadingQuerySet(models.QuerySet["CriterionReading"]):
    """Figures of indicator criteria."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(department__municipality_id=user.municipality_id or 0)


class CriterionReading(models.Model):
    """One figure of one department and day; a correction replaces it. Valid until expires_on."""

    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="readings")
    department = models.ForeignKey(Department, models.CASCADE, related_name="readings")
    measured_on = models.DateField(_("measured on"))
    expires_on = models.DateField()
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=3)
    note = models.CharField(_("where the figure comes from"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.SCREEN)
    at = models.DateTimeField(auto_now=True)

    objects = CriterionReadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("figure of a criterion")
        constraints = [
            models.UniqueConstraint(
                fields=["criterion", "department", "measured_on"], name="criterion_reading_once"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_on__gt=models.F("measured_on")),
                name="criterion_reading_expires_after",
            ),
        ]
        indexes = [
            models.Index(
                fields=["department", "criterion", "-measured_on"], name="criterion_reading_latest"
            ),
            models.Index(fields=["expires_on"], name="criterion_reading_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.criterion.code}: {self.value}"


class FeedToken(models.Model):
    """Lets another system send figures of indicator criteria; only a hash of it is kept."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="feed_tokens")
    name = models.CharField(_("which system"), max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    used_on = models.DateField(_("used last on"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("key of a system")

    def __str__(self) -> str:
        return self.name
