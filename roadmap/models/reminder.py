"""Reminders: when a municipality reminds, whom it leaves alone, and what went out."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Municipality


class ReminderSetting(models.Model):
    """How one municipality reminds; without a row the defaults hold."""

    municipality = models.OneToOneField(
        Municipality, models.CASCADE, related_name="reminder_setting"
    )
    active = models.BooleanField(_("send reminders"), default=True)
    weekday = models.PositiveSmallIntegerField(_("day of the week"), default=0)
    days_before = models.PositiveSmallIntegerField(_("days before a date"), default=7)
    escalate_after = models.PositiveSmallIntegerField(_("escalate after"), default=2)
    last_weekly_on = models.DateField(_("weekly digests last sent on"), null=True, blank=True)

    class Meta:
        verbose_name = _("reminders")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weekday__lte=4), name="reminder_on_a_weekday"
            ),
            models.CheckConstraint(
                condition=models.Q(escalate_after__range=(1, 10)),
                name="reminder_escalates_sometime",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality}"


class Snooze(models.Model):
    """A person who is not reminded for a time (leave); no reason is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="snoozes")
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until (exclusive)"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("pause of reminders")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__gt=models.F("valid_from")),
                name="snooze_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.valid_from}"

    @property
    def last_day(self) -> date:
        """The last day without reminders."""
        return self.valid_to - timedelta(days=1)


class Digest(models.Model):
    """What one person was reminded of on one day; one row a person and day.

    items: [{"key": "report-7", "reason": "stale", "initiative": 7, "level": 0}, …]; `held` where it
    was not sent because of a pause. How often a key went out since the last report decides when it
    goes to the head (roadmap.reminding).
    """

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="digests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests")
    day = models.DateField()
    items = models.JSONField(default=list)

    class Meta:
        verbose_name = _("digest")
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="digest_once_a_day")]

    def __str__(self) -> str:
        return f"{self.user}: {self.day}"
