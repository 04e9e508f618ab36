"""Figures of criteria by hand: which criterion and day, one number a department; a key's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Department
from roadmap.actions.readings import Seen
from roadmap.forms.fields import JapaneseDateField
from roadmap.forms.parts import NumberField
from roadmap.models import Criterion, CriterionReading
from roadmap.reading_rows import EARLIEST, NOTE_LENGTH, Figure


def _day(today: date) -> JapaneseDateField:
    widget = forms.DateInput(attrs={"type": "date", "max": today.isoformat()}, format="%Y-%m-%d")
    return JapaneseDateField(label=_("measured on"), widget=widget)


def _check_day(day: date, today: date) -> date:
    """Nobody has measured tomorrow, and nothing long before."""
    if not EARLIEST <= day <= today:
        raise ValidationError(_("Choose today or an earlier day."))
    return day


class ReadingChoiceForm(forms.Form):
    """What the table is of: a criterion, a day, a bureau or all."""

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        criteria: Sequence[Criterion],
        bureaus: Sequence[Department],
        today: date,
    ) -> None:
        """Everything has a default: the first criterion, today, all bureaus."""
        super().__init__(data)
        self.criteria = {str(one.pk): one for one in criteria}
        self.today = today
        self.fields["measured_on"] = _day(today)
        self.fields["measured_on"].required = False
        names = [("", _("All bureaus")), *((str(one.pk), one.name) for one in bureaus)]
        self.fields["bureau"] = forms.ChoiceField(label=_("bureau"), choices=names, required=False)

    def clean_measured_on(self) -> date:
        """Today where none was chosen."""
        day: date | None = self.cleaned_data["measured_on"]
        return self.today if day is None else _check_day(day, self.today)

    @property
    def chosen(self) -> Criterion | None:
        """The criterion that the table is of."""
        found = self.criteria.get(str(self.data.get("criterion", "")))
        return found or next(iter(self.criteria.values()), None)

    @property
    def day(self) -> date:
        """The day that the figures are of."""
        day: date = self.cleaned_data.get("measured_on") or self.today
        return day

    @property
    def bureau_id(self) -> int | None:
        """The bureau that was chosen; None: all."""
        return int(self.cleaned_data.get("bureau") or 0) or None


@dataclass(frozen=True)
class ReadingFields:
    """The fields of one department; the last two say what the page had shown."""

    value: BoundField
    note: BoundField
    seen: BoundField
    seen_note: BoundField


class ReadingsForm(forms.Form):
    """One number and a note a department. Empty enters nothing; what was not touched stays."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        departments: Sequence[Department],
        there: Mapping[int, CriterionReading],
    ) -> None:
        """`there`: what stands on the chosen day already, by department."""
        super().__init__(data)
        self.departments = departments
        for one in departments:
            found = there.get(one.pk)
            shown, note = (found.value, found.note) if found else (None, "")
            self.fields[f"value-{one.pk}"] = NumberField(
                label=one.name, required=False, initial=shown
            )
            self.fields[f"note-{one.pk}"] = forms.CharField(
                max_length=NOTE_LENGTH, required=False, initial=note
            )
            seen = NumberField(required=False, initial=shown)
            seen.widget = forms.HiddenInput()
            self.fields[f"seen-{one.pk}"] = seen
            self.fields[f"seen_note-{one.pk}"] = forms.CharField(
                required=False, initial=note, widget=forms.HiddenInput()
            )

    def fields_of(self, department: Department) -> ReadingFields:
        """For the row of the table."""
        pk = department.pk
        names = (f"value-{pk}", f"note-{pk}", f"seen-{pk}", f"seen_note-{pk}")
        return ReadingFields(*(self[name] for name in names))

    def typed(self, department: Department) -> Seen:
        """What stands in the two fields."""
        pk = department.pk
        note: str = self.cleaned_data[f"note-{pk}"]
        return self.cleaned_data[f"value-{pk}"], " ".join(note.split())

    def seen(self, department: Department) -> Seen:
        """What the page had shown in them."""
        pk = department.pk
        note: str = self.cleaned_data[f"seen_note-{pk}"]
        return self.cleaned_data[f"seen-{pk}"], " ".join(note.split())

    def figures(self, criterion: Criterion, day: date) -> dict[Figure, Seen]:
        """What was typed and differs from what the page had shown, with that."""
        found = {}
        for one in self.departments:
            (value, note), seen = self.typed(one), self.seen(one)
            if value is not None and (value, note) != seen:
                found[Figure(criterion.pk, one.pk, day, value, note)] = seen
        return found

    def after_conflict(self, there: Mapping[int, CriterionReading]) -> ReadingsForm:
        """What was typed, beside what stands there now; rows that were not touched show that.

        Saving once more then replaces what was seen, and nothing else.
        """
        fresh = ReadingsForm(departments=self.departments, there=there)
        for one in self.departments:
            if self.typed(one) != self.seen(one):
                for name in (f"value-{one.pk}", f"note-{one.pk}"):
                    fresh.fields[name].initial = self.cleaned_data[name]
        return fresh


class ReadingForm(forms.Form):
    """One figure of the own department."""

    value = NumberField(label=_("value"))
    note = forms.CharField(
        label=_("where the figure comes from"), max_length=NOTE_LENGTH, required=False
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, today: date, unit: str = ""
    ) -> None:
        """The day is today unless another one is chosen."""
        super().__init__(data, auto_id="reading-%s", initial={"measured_on": today})
        self.today = today
        self.fields["measured_on"] = _day(today)
        if unit:
            self.fields["value"].help_text = _("Unit: %(unit)s") % {"unit": unit}
        self.order_fields(["value", "measured_on", "note"])

    def clean_measured_on(self) -> date:
        """Today or earlier."""
        return _check_day(self.cleaned_data["measured_on"], self.today)


class FeedKeyForm(forms.Form):
    """Whose key it is."""

    name = forms.CharField(
        label=_("which system"),
        max_length=80,
        help_text=_("For example: 電子申請システム. It stands in the audit trail."),
    )
