"""Forms of reporting rounds: the plan, the note of a department, what the office answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dxportal.shared.fiscal import CalendarStyle, fiscal_year
from dxportal.shared.workdays import before, is_workday, on_or_after
from roadmap.choices import RoundKind
from roadmap.forms.fields import JapaneseDateField
from roadmap.models import ReportingRound
from roadmap.round_calendar import Period, label, proposal

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
#: Fiscal years offered beside the present one.
_YEARS_AROUND = (-1, 0, 1)


def code_of(period: Period) -> str:
    """The period as the form sends it: half-2026-1."""
    return f"{period.kind}-{period.fiscal_year}-{period.number}"


def periods(day: dt.date) -> list[Period]:
    """Half-years first, then quarters, of the years around."""
    found = [
        Period(kind, fiscal_year(day) + years, number)
        for kind in RoundKind
        for years in _YEARS_AROUND
        for number in (1, 2, 3, 4)
    ]
    return [period for period in found if period.exists]


class RoundForm(forms.Form):
    """The plan. Days are working days; empty ones are those of the calendar."""

    period = forms.ChoiceField(label=_("Period"))
    opens_on = JapaneseDateField(
        label=_("opens on"),
        required=False,
        widget=_DATE,
        help_text=_("On this day it opens by itself and the heads are told."),
    )
    due_on = JapaneseDateField(label=_("to be returned by"), required=False, widget=_DATE)
    note = forms.CharField(
        label=_("words to the departments"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("They stand in the message and on the page of each department."),
    )

    def __init__(
        self, data: Any, *, day: dt.date, style: CalendarStyle, found: ReportingRound | None = None
    ) -> None:
        """Choices are the periods around the day; of an open round only deadline and words."""
        super().__init__(data)
        self._day = day
        self._periods = {code_of(period): period for period in periods(day)}
        if found is not None:
            own = Period(RoundKind(found.kind), found.fiscal_year, found.number)
            self._periods.setdefault(code_of(own), own)
        field = cast(forms.ChoiceField, self.fields["period"])
        field.choices = [(code, label(p, style)) for code, p in self._periods.items()]
        self._open = found if found is not None and found.opened_at else None
        if self._open is not None:
            del self.fields["period"], self.fields["opens_on"]

    def propose(self, taken: Iterable[Period], wanted: str = "") -> None:
        """Begin with the wanted period, or with the next one without a round."""
        period = self._periods.get(wanted) or proposal(RoundKind.HALF, self._day, set(taken))
        self._periods.setdefault(code_of(period), period)
        days = {"opens_on": self._opening(period), "due_on": period.due_on}
        self.initial = {"period": code_of(period), **days}

    def begin_with(self, found: ReportingRound) -> None:
        """Begin with what is planned."""
        own = Period(RoundKind(found.kind), found.fiscal_year, found.number)
        names = ("opens_on", "due_on", "note")
        self.initial = {"period": code_of(own)} | {name: getattr(found, name) for name in names}

    def clean_opens_on(self) -> dt.date | None:
        """A working day."""
        return _working(self.cleaned_data["opens_on"])

    def clean_due_on(self) -> dt.date | None:
        """A working day."""
        return _working(self.cleaned_data["due_on"])

    def clean(self) -> dict[str, Any]:
        """Fill empty days from the calendar; the deadline is not before the opening."""
        data = super().clean() or {}
        period = self._periods.get(data.get("period", "")) or self._own_period()
        if period is None or self.errors:
            return data
        opens = self._open.opens_on if self._open else data["opens_on"] or self._opening(period)
        due = data["due_on"] or max(period.due_on, on_or_after(opens))
        if due < opens:
            raise ValidationError({"due_on": _("The deadline is before the opening.")})
        return {"period": period, "opens_on": opens, "due_on": due, "note": data["note"]}

    def _own_period(self) -> Period | None:
        found = self._open
        if found is None:
            return None
        return Period(RoundKind(found.kind), found.fiscal_year, found.number)

    def _opening(self, period: Period) -> dt.date:
        """Not in the past."""
        return max(period.opens_on, on_or_after(self._day))


def _working(day: dt.date | None) -> dt.date | None:
    if day is None or is_workday(day):
        return day
    near = {"before": f"{before(day):%Y-%m-%d}", "after": f"{on_or_after(day):%Y-%m-%d}"}
    raise ValidationError(
        _("The town hall is closed on that day. Choose %(before)s or %(after)s."), params=near
    )


class SubmitForm(forms.Form):
    """What a head sends with the return."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Note to the DX office"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DecideForm(forms.Form):
    """What the office answers."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    comment = forms.CharField(
        label=_("Comment to the department"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
