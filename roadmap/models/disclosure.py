"""What of an initiative is not published, why, and when that is looked at again."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from roadmap.models.initiative import Initiative


class Withholding(models.Model):
    """One field (empty: the whole record) that is withheld, with the reason on record."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="withholdings")
    field = models.CharField(_("field"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=400)
    review_on = models.DateField(_("looked at again on"))

    class Meta:
        verbose_name = _("withholding")
        ordering = ["field"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "field"], name="withholding_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="withholding_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.initiative}: {self.field or '*'}"
