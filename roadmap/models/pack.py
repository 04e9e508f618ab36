"""Packs: files with initiatives of another municipality, and what was made of them here."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import SizeBand
from dxportal.accounts.models import Municipality
from roadmap.models.initiative import Initiative

if TYPE_CHECKING:
    from dxportal.accounts.models import User


class PackUploadQuerySet(models.QuerySet["PackUpload"]):
    """Packs that were sent to a municipality."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(municipality_id=user.municipality_id or 0)


class PackUpload(models.Model):
    """One file that was read without a problem; what is in it goes once it was taken over.

    `sha256` is that of the content in one order, so that the same pack is known again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="packs")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.JSONField(default=dict, blank=True)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    objects = PackUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("pack of initiatives")
        indexes = [models.Index(fields=["municipality", "sha256"], name="pack_of_municipality")]

    def __str__(self) -> str:
        return self.name


class PackOrigin(models.Model):
    """From whose initiative this one was made; `content` is theirs as it stood in the file."""

    initiative = models.OneToOneField(Initiative, models.CASCADE, related_name="pack_origin")
    upload = models.ForeignKey(PackUpload, models.PROTECT, related_name="origins")
    place = models.PositiveSmallIntegerField()
    municipality_code = models.CharField(_("code"), max_length=6)
    municipality_name = models.CharField(_("municipality"), max_length=60)
    size_band = models.CharField(_("size"), max_length=20, choices=SizeBand)
    made_on = models.DateField(_("made on"))
    licence = models.CharField(_("licence"), max_length=60)
    content = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("initiative that this one is based on")
        constraints = [
            models.UniqueConstraint(fields=["upload", "place"], name="pack_item_taken_once")
        ]

    def __str__(self) -> str:
        return f"{self.municipality_name}: {self.content.get('title', '')}"
