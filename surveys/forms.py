"""Forms of the people who run surveys."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from surveys import content
from surveys.choices import Template

#: Proposed: two weeks to answer, until the end of a working day, results a week later.
ANSWER_DAYS, RESULT_DAYS = 14, 7
END_OF_WORK = time(17, 15)
_ISO_MINUTES = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """Date and time of day, picked with the browser's own control."""

    def __init__(self, **kwargs: Any) -> None:
        """Set the widget and what it sends."""
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_ISO_MINUTES)
        super().__init__(widget=widget, input_formats=[_ISO_MINUTES], **kwargs)


class TemplateForm(forms.Form):
    """Which template a new survey starts from."""

    template = forms.ChoiceField(
        label=_("Template"),
        choices=[(value, label) for value, label in Template.choices if value in content.TEMPLATES],
    )


class WaveForm(forms.Form):
    """When a survey is asked."""

    label = forms.CharField(
        label=_("Name of this round"),
        max_length=120,
        help_text=_("Staff see it, for example 2026 autumn."),
    )
    opens_at = MomentField(
        label=_("Opens"),
        help_text=_("Staff see this day until you open the round yourself."),
    )
    closes_at = MomentField(label=_("Deadline"))
    publish_at = MomentField(
        label=_("Results from"), help_text=_("Everybody sees the results from the same moment.")
    )

    def clean(self) -> dict[str, Any]:
        """Opening, deadline and results follow each other, and the deadline is still to come."""
        data = super().clean() or self.cleaned_data
        opens, closes, shows = (data.get(n) for n in ("opens_at", "closes_at", "publish_at"))
        if closes and closes <= timezone.now():
            self.add_error("closes_at", _("This time has passed."))
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("The deadline must be later than the opening."))
        if closes and shows and shows < closes:
            self.add_error("publish_at", _("Results cannot come before the deadline."))
        return data

    @staticmethod
    def proposal(now: datetime) -> dict[str, datetime]:
        """Times that fit most rounds."""
        today = timezone.localdate(now)

        def at(days: int) -> datetime:
            return timezone.make_aware(datetime.combine(today + timedelta(days=days), END_OF_WORK))

        opens = timezone.localtime(now).replace(second=0, microsecond=0)
        return {
            "opens_at": opens,
            "closes_at": at(ANSWER_DAYS),
            "publish_at": at(ANSWER_DAYS + RESULT_DAYS),
        }


class ExtendForm(forms.Form):
    """The new deadline."""

    closes_at = MomentField(label=_("New deadline"))
