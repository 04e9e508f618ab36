"""Uploaded tables on their way in, and the mapping a municipality has taught us."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import ImportKind, ImportState
from dxportal.accounts.models.municipality import Municipality
from dxportal.accounts.models.user import User


class ImportJobQuerySet(models.QuerySet["ImportJob"]):
    """Uploads as the office names them."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(municipality_id=user.municipality_id or 0)


class ImportJob(models.Model):
    """One file: uploaded → read → preview → applied or failed; confirmed by its own hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="imports")
    kind = models.CharField(_("kind"), max_length=12, choices=ImportKind)
    state = models.CharField(
        _("state"), max_length=10, choices=ImportState, default=ImportState.UPLOADED
    )
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    summary = models.JSONField(default=dict)
    preview = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")

    def __str__(self) -> str:
        return self.file_name


class ImportMapping(models.Model):
    """Which foreign column means which field: remembered per municipality and kind."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="mappings")
    kind = models.CharField(max_length=12, choices=ImportKind)
    columns = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "kind"], name="import_mapping_once_per_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.kind}"
