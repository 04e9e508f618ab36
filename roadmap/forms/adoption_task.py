"""The form that chooses what follows from a verdict."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from roadmap.actions.adoption_tasks import TaskFields
from roadmap.choices import TaskChoice
from roadmap.forms.fields import JapaneseDateField
from roadmap.models import AdoptionTask

#: Further ahead nobody plans the care after a verdict.
MOST_AHEAD = timedelta(days=730)


class TaskForm(forms.Form):
    """Field names are those of TaskFields."""

    choice = forms.ChoiceField(
        label=_("what is done"), choices=TaskChoice.choices, widget=forms.RadioSelect
    )
    due_on = JapaneseDateField(
        label=_("by when"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(
        label=_("in a sentence"),
        max_length=200,
        required=False,
        help_text=_("For example what is changed, or who is trained."),
    )
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    @classmethod
    def of(cls, task: AdoptionTask, data: Any = None, *, suggested: str = "") -> TaskForm:
        """The form of one task; the suggestion is ticked until something is chosen."""
        initial = {
            "choice": task.choice or suggested,
            "due_on": task.due_on,
            "note": task.note,
            "version": task.version,
        }
        return cls(data, initial=initial, auto_id=f"task-{task.pk}-%s")

    def clean_due_on(self) -> date:
        """Today or later, within two years, or the day that stands."""
        day: date = self.cleaned_data["due_on"]
        today = timezone.localdate()
        if day != self.initial.get("due_on") and not today <= day <= today + MOST_AHEAD:
            raise forms.ValidationError(_("Choose today or a later day, at most two years ahead."))
        return day

    def values(self) -> TaskFields:
        """What was chosen, for the action."""
        data = self.cleaned_data
        return TaskFields(data["choice"], data["due_on"], data["note"])
