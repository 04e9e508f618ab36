"""Views of the list that somebody keeps under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Municipality

if TYPE_CHECKING:
    from dxportal.accounts.models import User


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Saved views of the list."""

    def visible_to(self, user: User) -> Self:
        """The own ones and those shared in the municipality."""
        return self.filter(municipality_id=user.municipality_id or 0).filter(
            models.Q(owner=user) | models.Q(shared=True)
        )


class SavedView(models.Model):
    """A name for an address of the list: what is filtered, searched, sorted, and which view."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="saved_views")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name of the view"), max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    shared = models.BooleanField(_("shown to everybody"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name_once")
        ]

    def __str__(self) -> str:
        return self.name
