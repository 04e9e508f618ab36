"""One address per municipality to which messages also go, as JSON."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models.municipality import Municipality


class Webhook(models.Model):
    """Where the municipality's own gateway (chat, ticket system) takes messages."""

    municipality = models.OneToOneField(Municipality, models.CASCADE, related_name="webhook")
    url = models.URLField(_("address"), max_length=500)
    secret = models.CharField(_("secret for the signature"), max_length=80)
    active = models.BooleanField(_("active"), default=True)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True)
    last_failed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("webhook")

    def __str__(self) -> str:
        return self.url
