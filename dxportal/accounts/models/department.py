"""Departments: a tree of any depth with dates, and what became of each."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import DepartmentKind
from dxportal.accounts.models.municipality import Municipality

if TYPE_CHECKING:
    from dxportal.accounts.models.user import User


class DepartmentQuerySet(models.QuerySet["Department"]):
    """Departments as the office names them."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(municipality_id=user.municipality_id or 0)

    def on(self, day: date) -> Self:
        """Those that exist on that day."""
        return self.filter(valid_from__lte=day).filter(
            models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=day)
        )

    def not_on(self, day: date) -> Self:
        """Those that had ended, or had not begun."""
        return self.filter(models.Q(valid_from__gt=day) | models.Q(valid_to__lte=day))

    def sections(self) -> Self:
        """Those that stand on the staircases: sections, and bureaus without any section."""
        return self.filter(stands=True)

    def in_order(self) -> Self:
        """Order of the organisation chart."""
        return self.order_by("order", "code")


class Department(models.Model):
    """One unit of the organisation for the time from valid_from until the day before valid_to."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="departments")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    bureau = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The bureau above it; empty for a bureau and where there is none."),
    )
    code = models.CharField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=DepartmentKind)
    stands = models.BooleanField(_("stands on the staircases"), default=False)
    order = models.PositiveIntegerField(_("order"), default=0)
    without_account = models.PositiveSmallIntegerField(
        _("staff without an account"),
        default=0,
        help_text=_("They answer surveys with one-time tickets."),
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until (exclusive)"), null=True, blank=True)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        ordering = ["order", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "code"], name="department_code_once_per_municipality"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="department_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="department_not_its_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("dashboards:department_detail", args=[self.pk])


class DepartmentSuccession(models.Model):
    """Which department continues the work of which, from a day on."""

    predecessor = models.ForeignKey(Department, models.CASCADE, related_name="successions")
    successor = models.ForeignKey(Department, models.CASCADE, related_name="predecessions")
    on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor", "successor"], name="department_succession_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"
