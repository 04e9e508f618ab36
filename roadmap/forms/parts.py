"""The forms of what hangs on an initiative: milestones, indicators and their values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dxportal.shared.fiscal import CalendarStyle, fiscal_year, format_date, format_fiscal_year
from roadmap.actions.indicators import IndicatorFields
from roadmap.choices import Direction, IndicatorKind, Rhythm
from roadmap.forms.fields import JapaneseDateField
from roadmap.measuring import read_number, written

#: Years that have a field for a target, around the present one.
YEARS_BACK, YEARS_AHEAD = 1, 4


def _day(label: Any, **more: Any) -> JapaneseDateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return JapaneseDateField(label=label, widget=widget, **more)


class NumberField(forms.CharField):
    """A number as a clerk types it: full width digits, commas and % are understood."""

    def __init__(self, **options: Any) -> None:
        """The keyboard of a phone shows digits."""
        widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 10})
        super().__init__(widget=widget, **options)

    def to_python(self, value: Any) -> Any:
        """The number, None for nothing; the sentence of the reader says what to write instead."""
        if value in self.empty_values or not str(value).strip():
            return None
        try:
            return read_number(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        """Numbers as people write them, typed text as it was typed."""
        return written(value) if isinstance(value, Decimal) else value


class MilestoneForm(forms.Form):
    """`reason` and `done_on` are asked only of one that is there already."""

    title = forms.CharField(label=_("milestone"), max_length=200)
    due_on = _day(_("date"))
    reason = forms.CharField(
        label=_("why the date moves"),
        required=False,
        max_length=400,
        help_text=_("Needed only where the date changes; it is kept and shown."),
    )
    done_on = _day(_("done on"), required=False)
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, new: bool = False, **options: Any) -> None:
        """`new`: one that is being added."""
        super().__init__(*args, **options)
        if new:
            for name in ("reason", "done_on", "version"):
                del self.fields[name]


class MeasureForm(forms.Form):
    """One value of one day; `replaces` is the value that the person saw on that day."""

    value = NumberField(label=_("value"))
    measured_on = _day(_("measured on"))
    note = forms.CharField(label=_("note"), max_length=200, required=False)
    replaces = NumberField(required=False)

    def __init__(self, data: Any = None, *, day: date, auto_id: str) -> None:
        """`day`: today, which stands in the form and is the last one that can be."""
        super().__init__(data, auto_id=auto_id, initial={"measured_on": day})
        self.day = day
        self.fields["replaces"].widget = forms.HiddenInput()

    def clean_measured_on(self) -> date:
        """Nobody has measured tomorrow."""
        day: date = self.cleaned_data["measured_on"]
        if day > self.day:
            raise ValidationError(_("Choose today or an earlier day."))
        return day


class IndicatorForm(forms.Form):
    """Field names are those of IndicatorFields; each year has a field for its target."""

    name = forms.CharField(label=_("indicator"), max_length=120)
    kind = forms.ChoiceField(
        label=_("what it tells"),
        choices=IndicatorKind.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "That something can be used says nothing about whether it is used:"
            " these are two indicators."
        ),
    )
    unit = forms.CharField(
        label=_("unit"), max_length=20, required=False, widget=forms.TextInput(attrs={"size": 10})
    )
    direction = forms.ChoiceField(
        label=_("direction"),
        choices=Direction.choices,
        initial=Direction.UP,
        widget=forms.RadioSelect,
    )
    source = forms.CharField(
        label=_("source"),
        max_length=200,
        required=False,
        help_text=_("Where the value is read, so that the next person finds it."),
    )
    baseline = NumberField(label=_("baseline"), required=False)
    baseline_on = _day(_("date of the baseline"), required=False)
    every_months = forms.TypedChoiceField(
        label=_("how often it is measured"),
        choices=Rhythm.choices,
        coerce=int,
        initial=Rhythm.YEARLY,
    )
    next_due = _day(
        _("measured next on"),
        required=False,
        help_text=_("Those who may report on it are reminded of this day."),
    )
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    FIRST = ("name", "kind", "unit", "direction")
    REST = ("source", "baseline", "baseline_on", "every_months", "next_due")

    def __init__(
        self,
        data: Any = None,
        *,
        day: date,
        style: CalendarStyle,
        current: IndicatorFields | None = None,
        version: int = 0,
    ) -> None:
        """Years of targets are those around the present one and those that have a target."""
        initial: dict[str, Any] = {}
        if current is not None:
            initial = {name: getattr(current, name) for name in (*self.FIRST, *self.REST)}
            initial |= {_year_name(year): value for year, value in current.targets}
            initial["version"] = version
        super().__init__(data, initial=initial)
        this_year = fiscal_year(day)
        years = set(range(this_year - YEARS_BACK, this_year + YEARS_AHEAD + 1))
        self.years = sorted(years | {year for year, _v in (current.targets if current else ())})
        self.day, self.style = day, style
        for year in self.years:
            label = format_fiscal_year(year, style)
            self.fields[_year_name(year)] = NumberField(label=label, required=False)

    def clean(self) -> dict[str, Any]:
        """A baseline has its day."""
        data = super().clean() or {}
        if data.get("baseline") is not None and not data.get("baseline_on"):
            if "baseline_on" not in self.errors:
                self.add_error("baseline_on", _("Say of which day the baseline is."))
        elif data.get("baseline_on") and data["baseline_on"] > self.day:
            self.add_error("baseline_on", _("Choose today or an earlier day."))
        return data

    def values(self) -> IndicatorFields:
        """What was typed, for the action."""
        data = self.cleaned_data
        typed = {name: data[name] for name in (*self.FIRST, *self.REST)}
        if typed["baseline"] is None:
            typed["baseline_on"] = None
        targets = ((year, data[_year_name(year)]) for year in self.years)
        return IndicatorFields(**typed, targets=tuple((y, v) for y, v in targets if v is not None))

    def differing(self, theirs: IndicatorFields) -> list[tuple[str, str, str]]:
        """Label, theirs and mine of everything that differs, in words."""
        mine = self.values()
        pairs = [(n, getattr(theirs, n), getattr(mine, n)) for n in (*self.FIRST, *self.REST)]
        before, after = dict(theirs.targets), dict(mine.targets)
        pairs += [(_year_name(year), before.get(year), after.get(year)) for year in self.years]
        return [
            (str(self.fields[name].label), self._words(name, old), self._words(name, new))
            for name, old, new in pairs
            if old != new
        ]

    def _words(self, name: str, value: Any) -> str:
        if isinstance(value, Decimal):
            return written(value)
        if isinstance(value, date):
            return format_date(value, self.style)
        choices = dict(getattr(self.fields[name], "choices", ()))
        return str(choices.get(value, value)) if value not in (None, "") else "–"

    def first(self) -> list[forms.BoundField]:
        """What it is."""
        return [self[name] for name in self.FIRST]

    def targets(self) -> list[forms.BoundField]:
        """One field a year."""
        return [self[_year_name(year)] for year in self.years]

    def rest(self) -> list[forms.BoundField]:
        """Where it begins and when it is measured."""
        return [self[name] for name in self.REST]


def _year_name(year: int) -> str:
    return f"target_{year}"


class DependencyForm(forms.Form):
    """Search words, and which of the found initiatives is meant."""

    q = forms.CharField(
        label=_("search in the titles and texts"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    other = forms.TypedChoiceField(
        label=_("initiative"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the initiatives that were found.")},
    )
    note = forms.CharField(label=_("note"), required=False, max_length=200)

    def __init__(self, *args: Any, found: Iterable[tuple[int, str]] = (), **options: Any) -> None:
        """`found`: key and title of what may be chosen."""
        super().__init__(*args, **options)
        cast(forms.ChoiceField, self.fields["other"]).choices = list(found)
