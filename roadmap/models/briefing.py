"""What is taken to a meeting: an immutable picture with its files, and a picture that is shared."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Municipality
from roadmap.choices import BriefingKind, FileState
from roadmap.models.reporting_round import ReportingRound

if TYPE_CHECKING:
    from dxportal.accounts.models import User


class BriefingQuerySet(models.QuerySet["Briefing"]):
    """Briefings of a municipality."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality, the newest first."""
        return self.filter(municipality_id=user.municipality_id or 0).order_by("-created_at", "-pk")

    def listed(self, kinds: Collection[str]) -> Self:
        """Those of the given kinds with all that a line shows, and nothing of what is in them."""
        rows = self.filter(kind__in=kinds).select_related("created_by", "round")
        return rows.defer("content", "asks")


class Briefing(models.Model):
    """One sheet for a meeting: `content` is all that its files show, append-only.

    `sha256`: of `content` as JSON with sorted keys, without spaces, UTF-8. `asks`: what is wanted
    to be decided, as typed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="briefings")
    kind = models.CharField(_("for whom"), max_length=10, choices=BriefingKind)
    title = models.CharField(_("title"), max_length=120)
    period = models.DateField(_("month"))
    round = models.ForeignKey(
        ReportingRound, models.PROTECT, null=True, blank=True, related_name="briefings"
    )
    as_of = models.DateField(_("as of"))
    method = models.CharField(max_length=12)
    asks = models.JSONField(_("to be decided"), default=list)
    content = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BriefingQuerySet.as_manager()

    class Meta:
        verbose_name = _("sheet for a meeting")
        indexes = [
            models.Index(fields=["municipality", "-created_at"], name="briefing_latest"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("dashboards:briefing_detail", args=[self.pk])


class BriefingFile(models.Model):
    """A file of a briefing, made by a job: `step` of `steps`; once ready it never changes."""

    briefing = models.ForeignKey(Briefing, models.CASCADE, related_name="files")
    kind = models.CharField(max_length=4)
    state = models.CharField(max_length=8, choices=FileState, default=FileState.WAITING)
    step = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=1)
    problem = models.CharField(max_length=400, blank=True)
    name = models.CharField(max_length=200, blank=True)
    content = models.BinaryField(default=bytes)
    sha256 = models.CharField(max_length=64, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("file of a sheet")
        constraints = [
            models.UniqueConstraint(fields=["briefing", "kind"], name="briefing_file_once")
        ]

    def __str__(self) -> str:
        return self.name or f"{self.briefing} {self.kind}"


class SharedPictureQuerySet(models.QuerySet["SharedPicture"]):
    """Pictures that were shared."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality, the newest first."""
        return self.filter(municipality_id=user.municipality_id or 0).order_by("-published_at")

    def shown(self) -> Self:
        """Those that were not taken back."""
        return self.filter(withdrawn_at__isnull=True)


class SharedPicture(models.Model):
    """A reduced staircase under an address that cannot be guessed: technology with names, culture
    as a distribution. `content` is emptied when it is taken back."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="shared_pictures")
    token = models.CharField(max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=120)
    period = models.DateField(_("month"))
    as_of = models.DateField(_("as of"))
    method = models.CharField(max_length=12)
    content = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(auto_now_add=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = SharedPictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("shared picture")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="shared_picture_withdrawn_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("dashboards:shared_picture", args=[self.token])
