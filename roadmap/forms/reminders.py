"""When reminders go out, and for whom they pause."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.access import Permission, can, departments_for
from dxportal.accounts.forms import DayInput
from dxportal.accounts.models import Department, User
from roadmap.forms.fields import JapaneseDateField
from roadmap.forms.filters import below

WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
)


class ReminderForm(forms.Form):
    """Field names are those of ReminderSetting."""

    active = forms.BooleanField(
        label=_("Send reminders"),
        required=False,
        help_text=_("Without the tick nothing goes out by itself. You can still ask by hand."),
    )
    weekday = forms.TypedChoiceField(
        label=_("Day of the week"),
        coerce=int,
        choices=WEEKDAYS,
        help_text=_("On a holiday and from 29 December to 3 January: the next working day."),
    )
    days_before = forms.IntegerField(
        label=_("Days before a date"),
        min_value=0,
        max_value=30,
        help_text=_(
            "From so many days before milestones, targets, measurements and rounds are due."
        ),
    )
    escalate_after = forms.IntegerField(
        label=_("Goes further up after"),
        min_value=1,
        max_value=10,
        help_text=_(
            "Times that somebody was reminded without a report: then the head is told too, and"
            " after as many again the DX office."
        ),
    )


class SnoozeForm(forms.Form):
    """From when to when nothing is sent; whose, where somebody may say so for others."""

    email = forms.EmailField(
        label=_("Whose reminders"),
        required=False,
        help_text=_("The person's e-mail address. Empty: your own."),
    )
    valid_from = JapaneseDateField(label=_("First day"), widget=DayInput())
    last_day = JapaneseDateField(
        label=_("Last day"), widget=DayInput(), help_text=_("Three months at most.")
    )

    def __init__(self, data: Any = None, *, user: User, today: date) -> None:
        """Only the DX office and heads may name somebody else."""
        super().__init__(data, initial={"valid_from": today})
        self.user, self.person = user, user
        if not may_pause_others(user):
            del self.fields["email"]

    def clean_email(self) -> str:
        """Somebody of theirs; anybody else is not found."""
        email = str(self.cleaned_data["email"]).lower()
        if email:
            found = people_of(self.user).filter(email=email, is_active=True).first()
            if found is None:
                raise ValidationError(
                    _("There is nobody with this address whose reminders you may pause.")
                )
            self.person = found
        return email

    @property
    def valid_to(self) -> date:
        """The day after the last one."""
        last: date = self.cleaned_data["last_day"]
        return last + timedelta(days=1)


def may_pause_others(user: User) -> bool:
    """The DX office, and heads."""
    return can(user, Permission.RUN_REMINDERS) or bool(
        departments_for(user, Permission.SUBMIT_ROUNDS)
    )


def people_of(user: User) -> Any:
    """Whose reminders the person may pause: everybody's, or those of the own departments."""
    everybody = User.objects.visible_to(user)
    if can(user, Permission.RUN_REMINDERS):
        return everybody
    held = departments_for(user, Permission.SUBMIT_ROUNDS)
    here = list(Department.objects.visible_to(user)) if held else []
    led = {pk for department in held for pk in below(here, department)}
    return everybody.filter(department__in=led) | everybody.filter(pk=user.pk)
