"""Forms of follow-ups: when and whom to ask, why nobody is asked, how often anybody is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import DepartmentKind
from dxportal.accounts.models import Department
from surveys.actions.follow_up_plans import FollowUpFields
from surveys.forms import as_tree
from surveys.models import FollowUp
from surveys.workdays import is_workday

#: Further ahead nothing is planned.
MOST_AHEAD = dt.timedelta(days=370)


class FollowUpForm(forms.Form):
    """Date, departments and what staff are told it was brought in for."""

    due_on = forms.DateField(
        label=_("Asked from"),
        help_text=_("A working day. Staff have two weeks to answer."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    why = forms.CharField(
        label=_("What it was brought in for"),
        required=False,
        max_length=300,
        help_text=_("Staff read it above the questions. Empty: the purpose of the initiative."),
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
    )
    departments = forms.TypedMultipleChoiceField(
        label=_("Whom to ask"),
        required=False,
        coerce=int,
        help_text=_(
            "None ticked: the departments that are meant to use it. A bureau stands for everything"
            " below it."
        ),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, follow_up: FollowUp, today: dt.date
    ) -> None:
        """Offer the departments as they are today, and how the follow-up stands."""
        chosen = [department.pk for department in follow_up.departments.all()]
        initial = {"due_on": follow_up.due_on, "why": follow_up.why, "departments": chosen}
        super().__init__(data, initial=initial)
        self.today = today
        rows = Department.objects.filter(municipality=follow_up.initiative.municipality_id)
        self.units = list(rows.on(today).exclude(kind=DepartmentKind.TEAM).in_order())
        self.fields["departments"].choices = as_tree(self.units)  # type: ignore[attr-defined]
        self.stands_on = follow_up.due_on

    def clean_due_on(self) -> dt.date:
        """A working day to come, or the date that it has already."""
        day: dt.date = self.cleaned_data["due_on"]
        if day == self.stands_on:
            return day
        if not is_workday(day):
            raise forms.ValidationError(
                _("The town hall is closed on this day. Choose a working day.")
            )
        if day < self.today:
            raise forms.ValidationError(_("This day has passed."))
        if day > self.today + MOST_AHEAD:
            raise forms.ValidationError(_("This day is more than a year ahead."))
        return day

    def fields_given(self) -> FollowUpFields:
        """What was chosen."""
        data = self.cleaned_data
        chosen = set(data["departments"])
        units = sorted((unit for unit in self.units if unit.pk in chosen), key=lambda u: u.pk)
        return FollowUpFields(data["due_on"], units, " ".join(data["why"].split()))


class NotAskedForm(forms.Form):
    """Why nobody is asked."""

    note = forms.CharField(
        label=_("Why is nobody asked?"),
        max_length=300,
        help_text=_("Everybody can read it, for instance: it runs by itself and nobody sees it."),
    )


class AskLimitForm(forms.Form):
    """How often one person is asked."""

    asks_per_quarter = forms.IntegerField(
        label=_("How often one person is asked in a quarter, at most"),
        min_value=1,
        max_value=12,
        widget=forms.NumberInput(attrs={"min": 1, "max": 12, "inputmode": "numeric"}),
    )
