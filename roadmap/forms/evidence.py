"""Asking for evidence, and asking back: what, and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Department
from dxportal.shared.workdays import is_workday, on_or_after
from roadmap.forms.fields import JapaneseDateField
from roadmap.models import Criterion

#: What is asked is to be answered in so many days, unless another day is chosen.
DAYS = 14


class AskForm(forms.Form):
    """What is asked, and the working day by which it is to be answered."""

    text = forms.CharField(
        label=_("What is asked"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Say what is missing and what would be enough."),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, today: date, prefix: str = "ask"
    ) -> None:
        """Two weeks are proposed."""
        proposed = on_or_after(today + timedelta(days=DAYS))
        super().__init__(data, auto_id=f"{prefix}-%s", initial={"due_on": proposed})
        self.today = today
        first = (today + timedelta(days=1)).isoformat()
        self.fields["due_on"] = JapaneseDateField(
            label=_("answer by"),
            widget=forms.DateInput(attrs={"type": "date", "min": first}, format="%Y-%m-%d"),
            help_text=_("A working day."),
        )

    def clean_due_on(self) -> date:
        """Somebody has to be there on that day."""
        day: date = self.cleaned_data["due_on"]
        if day <= self.today or not is_workday(day):
            raise ValidationError(_("Choose a working day after today."))
        return day


class AskDepartmentForm(AskForm):
    """The same, with the department and the criterion to choose."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        departments: Sequence[Department],
        criteria: Sequence[Criterion],
        chosen: Mapping[str, Any],
        today: date,
    ) -> None:
        """`chosen`: what the page before has chosen already."""
        super().__init__(data, today=today)
        names = ((one.pk, f"{one.bureau} {one}" if one.bureau else one.name) for one in departments)
        self.fields["department"] = forms.TypedChoiceField(
            label=_("department"), coerce=int, choices=[("", _("Choose a department")), *names]
        )
        texts = ((one.pk, f"{one.code} {one}") for one in criteria)
        self.fields["criterion"] = forms.TypedChoiceField(
            label=_("criterion"), coerce=int, choices=[("", _("Choose a criterion")), *texts]
        )
        for name in ("department", "criterion"):
            self.initial[name] = chosen.get(name)
        self.order_fields(["department", "criterion", "text", "due_on"])
