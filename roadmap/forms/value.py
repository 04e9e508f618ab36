"""The forms of effects: a figure in the unit of its measure, its check, and what it is used for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dxportal.accounts.models import User
from roadmap.actions.value import ValueFields
from roadmap.choices import Measure, Standing
from roadmap.forms.fields import JapaneseDateField
from roadmap.forms.parts import NumberField
from roadmap.models import Initiative, ValueEntry
from roadmap.value_sums import MINUTES, to_minutes, whole

#: What is asked in which unit; hours are stored as minutes.
ASKED = {
    Measure.HOURS: _("hours a week, of all staff together; half an hour is 0.5"),
    Measure.PAPER: _("sheets a year"),
    Measure.VISITS: _("visits a year"),
    Measure.MONEY: _("yen"),
    Measure.NEW_VALUE: _("people a year"),
}
TYPED = (Standing.PROMISED, Standing.REPORTED)


def _stored(measure: str, number: Decimal) -> int:
    """As it is stored. Raises ValidationError where no town has so much."""
    try:
        return to_minutes(number) if measure == Measure.HOURS else whole(number)
    except ValueError as error:
        raise ValidationError(str(error)) from None


def _typed(measure: str, stored: int) -> Decimal:
    """As a person types it."""
    if measure != Measure.HOURS:
        return Decimal(stored)
    return round(Decimal(stored) / MINUTES, 3)


class ValueForm(forms.Form):
    """One figure of one measure; a second number only where it is a range."""

    standing = forms.ChoiceField(
        label=_("how sure it is"),
        choices=[(standing.value, standing.label) for standing in TYPED],
        widget=forms.RadioSelect,
        help_text=_(
            "Promised: before it is used. Reported: seen in use."
            " What is verified comes from the staff's answers or from a document."
        ),
    )
    low = NumberField(label=_("how much"))
    high = NumberField(
        label=_("up to"), required=False, help_text=_("Only where you know no single number.")
    )
    once = forms.ChoiceField(
        label=_("how often"),
        choices=[("", pgettext_lazy("yen", "every year")), ("1", _("once"))],
        required=False,
        widget=forms.RadioSelect,
    )
    sentence = forms.CharField(label=_("what people could not have before"), max_length=400)
    basis = forms.CharField(
        label=_("where the figure comes from"),
        max_length=400,
        help_text=_("For example: measured on three days, number of applications last year."),
    )
    on = JapaneseDateField(
        label=pgettext_lazy("effect", "as of"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        measure: str,
        day: date,
        entry: ValueEntry | None = None,
        launched: bool = False,
    ) -> None:
        """`entry`: the figure that is corrected; else the day stands in the form.

        Before going live a figure is usually a promise, afterwards a report.
        """
        usual = Standing.REPORTED if launched else Standing.PROMISED
        initial: dict[str, Any] = {"on": day, "standing": usual.value}
        if entry is not None:
            names = ("standing", "sentence", "basis", "on")
            initial = {name: getattr(entry, name) for name in names}
            initial["once"] = "1" if entry.once else ""
            initial["low"] = _typed(measure, entry.low)
            initial["high"] = None if entry.low == entry.high else _typed(measure, entry.high)
        super().__init__(data, initial=initial)
        self.measure = measure
        self.fields["low"].help_text = ASKED[Measure(measure)]
        if measure != Measure.MONEY:
            del self.fields["once"]
        if measure != Measure.NEW_VALUE:
            del self.fields["sentence"]

    def clean(self) -> dict[str, Any]:
        """Numbers as they are stored."""
        data = super().clean() or {}
        for name in ("low", "high"):
            if data.get(name) is not None:
                try:
                    data[name] = _stored(self.measure, data[name])
                except ValidationError as refused:
                    self.add_error(name, refused)
        return data

    def values(self) -> ValueFields:
        """What was typed, for the action."""
        data = self.cleaned_data
        return ValueFields(
            measure=self.measure,
            standing=data["standing"],
            low=data["low"],
            high=data["low"] if data["high"] is None else data["high"],
            once=data.get("once") == "1",
            sentence=data.get("sentence", ""),
            basis=data["basis"],
            on=data["on"],
        )


class CheckForm(forms.Form):
    """In which document the figure was found."""

    document = forms.CharField(
        label=_("document"),
        max_length=400,
        help_text=_("Its name and where it lies, or its address, so that others find it too."),
    )


class ReinvestmentForm(forms.Form):
    """Where a part of what was freed went."""

    measure = forms.ChoiceField(
        label=_("what was freed"),
        choices=[
            (Measure.HOURS.value, _("Time (hours a week)")),
            (Measure.MONEY.value, _("Money (yen a year)")),
        ],
        widget=forms.RadioSelect,
    )
    amount = NumberField(label=_("how much"))
    sentence = forms.CharField(
        label=_("what it is used for"),
        max_length=400,
        help_text=_("For example: talks at the counter, training, the next initiative."),
    )
    target = forms.ModelChoiceField(
        label=_("initiative that gets it"),
        queryset=Initiative.objects.none(),
        required=False,
        empty_label=_("no initiative"),
    )
    on = JapaneseDateField(
        label=pgettext_lazy("use", "since"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self, data: Any = None, *, user: User, initiative: Initiative, day: date, measure: str
    ) -> None:
        """Targets are the other initiatives that the user may read."""
        super().__init__(data, initial={"on": day, "measure": measure})
        others = Initiative.objects.visible_to(user).exclude(pk=initiative.pk)
        self.fields["target"].queryset = others.order_by("title")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The amount as it is stored."""
        data = super().clean() or {}
        if data.get("amount") is not None and data.get("measure"):
            try:
                data["amount"] = _stored(data["measure"], data["amount"])
            except ValidationError as refused:
                self.add_error("amount", refused)
        return data
