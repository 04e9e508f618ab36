"""A municipality: the tenant of everything below it."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import CalendarStyle, SizeBand
from dxportal.accounts.codes import is_valid_code


class Municipality(models.Model):
    """Keyed by its six-digit code as text: names repeat (府中市), leading zeros matter."""

    code = models.CharField(_("code"), max_length=6, unique=True)
    name = models.CharField(_("name"), max_length=60)
    size_band = models.CharField(
        _("size"), max_length=20, choices=SizeBand, default=SizeBand.CITY_SMALL
    )
    calendar_style = models.CharField(
        _("calendar"), max_length=10, choices=CalendarStyle, default=CalendarStyle.WAREKI
    )
    report_channel = models.CharField(
        _("contact points for whistle-blowing and harassment"), max_length=200, blank=True
    )
    report_url = models.URLField(_("their page"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("municipality")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[0-9]{6}$"), name="municipality_code_six_digits"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a code whose check digit is wrong; the database refuses it too."""
        if not is_valid_code(self.code):
            raise ValidationError(
                {"code": _("This is not a valid municipality code (six digits).")}
            )
