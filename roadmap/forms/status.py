"""The small form in a row and on the page: progress, phase, and what a delay needs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from roadmap.choices import Cause, Phase, Progress
from roadmap.effort import measured
from roadmap.forms.fields import JapaneseDateField
from roadmap.forms.stopping import (
    ended_field,
    freed_field,
    none_ended_field,
    said_ended,
    said_freed,
)


class StatusForm(forms.Form):
    """Which phases may be chosen is decided by the action; here only words are checked."""

    progress = forms.ChoiceField(
        label=_("Progress"), choices=[("", "–"), *Progress.choices], required=False
    )
    phase = forms.ChoiceField(label=_("Phase"), choices=Phase.choices, required=False)
    note = forms.CharField(label=_("Reason or note"), required=False, max_length=2000)
    cause = forms.ChoiceField(
        label=_("Cause of the delay"), choices=[("", "–"), *Cause.choices], required=False
    )
    next_step = forms.CharField(label=_("Next step"), required=False, max_length=200)
    next_due = JapaneseDateField(label=_("By when"), required=False)
    ended = ended_field()
    none_ended = none_ended_field()
    freed = freed_field()
    unchanged = forms.BooleanField(required=False)
    expected = forms.IntegerField(required=False, min_value=0)
    seconds = forms.CharField(required=False)

    def clean_seconds(self) -> int | None:
        """A time that cannot be one is none: nobody's report fails because of it."""
        return measured(self.cleaned_data["seconds"])

    def report(self) -> dict[str, Any]:
        """Arguments of the action; a word that was not sent stays as it is."""
        data = self.cleaned_data
        return {
            "progress": data["progress"] if "progress" in self.data else None,
            "phase": data["phase"] or None,
            "note": data["note"],
            "unchanged": data["unchanged"],
            "cause": data["cause"],
            "next_step": data["next_step"],
            "next_due": data["next_due"],
            "expected_update_id": data["expected"],
            "seconds": data["seconds"],
            "ended": said_ended(data),
            "freed": said_freed(data),
        }
