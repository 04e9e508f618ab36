"""What is typed about trainings: the occasion, how many came, and the care for everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Department, User
from roadmap.actions.care import Care
from roadmap.actions.trainings import TrainingFields
from roadmap.forms.fields import JapaneseDateField
from roadmap.models import Initiative, Training
from roadmap.training import MOST_PEOPLE, read_numbers

#: A day has no more minutes to learn in.
MOST_MINUTES = 1_440
#: Years in which a training may have been.
FIRST_YEAR, LAST_YEAR = 2000, 2100


class TrainingForm(forms.Form):
    """One occasion, for the DX office."""

    title = forms.CharField(label=_("title"), max_length=120)
    held_on = JapaneseDateField(label=_("day"), widget=forms.DateInput(attrs={"type": "date"}))
    minutes = forms.IntegerField(
        label=_("minutes"), required=False, min_value=1, max_value=MOST_MINUTES
    )
    place = forms.CharField(label=_("place or address of the page"), required=False, max_length=300)
    for_whom = forms.CharField(
        label=_("for whom"),
        required=False,
        max_length=200,
        help_text=_("For example: everybody at a counter, those who never used it."),
    )
    initiative = forms.TypedChoiceField(
        label=_("initiative it prepares"), required=False, coerce=int, empty_value=None
    )
    everybody = forms.BooleanField(label=_("Offered to all sections"), required=False)
    offered_to = forms.TypedMultipleChoiceField(
        label=_("offered to"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Not needed where it is offered to all."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        user: User,
        day: dt.date,
        training: Training | None = None,
        initiative: int | None = None,
    ) -> None:
        """Today's departments and what is chosen already."""
        chosen = list(training.offered_to.values_list("pk", flat=True)) if training else []
        super().__init__(data, initial=_initial(training, chosen, day, initiative))
        here = Department.objects.visible_to(user)
        self.rows = list(
            (here.on(day) | here.filter(pk__in=chosen)).select_related("bureau").in_order()
        )
        names = [(d.pk, f"{d.bureau or ''} {d}".strip()) for d in self.rows]
        cast(forms.TypedMultipleChoiceField, self.fields["offered_to"]).choices = names
        rows = Initiative.objects.visible_to(user).order_by("title").values_list("pk", "title")
        cast(forms.TypedChoiceField, self.fields["initiative"]).choices = [("", "–"), *rows]

    def clean(self) -> dict[str, Any]:
        """A training is offered to somebody."""
        data = super().clean() or self.cleaned_data
        day = data.get("held_on")
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.add_error("held_on", _("Choose a day between the years 2000 and 2100."))
        if not data.get("everybody") and not data.get("offered_to") and not self.errors:
            self.add_error(
                "offered_to", _("Choose the departments, or tick that it is offered to all.")
            )
        return data

    def values(self) -> TrainingFields:
        """What was typed, for the action."""
        data = dict(self.cleaned_data)
        chosen = set(data["offered_to"])
        if data.pop("everybody"):
            chosen |= {d.pk for d in self.rows if d.stands}
        return TrainingFields(**{**data, "offered_to": tuple(sorted(chosen))})


def _initial(
    training: Training | None, chosen: list[int], day: dt.date, initiative: int | None
) -> dict[str, Any]:
    if training is None:
        return {"held_on": day, "initiative": initiative}
    names = ("title", "held_on", "minutes", "place", "for_whom")
    found: dict[str, Any] = {name: getattr(training, name) for name in names}
    return {**found, "initiative": training.initiative_id, "offered_to": chosen}


class NumbersForm(forms.Form):
    """How many came, one field a section; pasted lines fill the fields of the same name."""

    lines = forms.CharField(
        label=_("or paste lines"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One section a line with its number, for example: 市民課 12"),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        departments: Iterable[Department],
        people: Mapping[int, int],
    ) -> None:
        """Start with what was entered."""
        initial = {f"section_{key}": number for key, number in people.items()}
        super().__init__(data, initial=initial)
        self.departments = list(departments)
        for department in self.departments:
            self.fields[f"section_{department.pk}"] = forms.IntegerField(
                label=department.name, required=False, min_value=0, max_value=MOST_PEOPLE
            )

    def sections(self) -> list[tuple[Department, forms.BoundField]]:
        """Each section with its field."""
        return [(d, self[f"section_{d.pk}"]) for d in self.departments]

    def clean(self) -> dict[str, Any]:
        """Pasted numbers go over typed ones; a line that names no section is told."""
        data = super().clean() or self.cleaned_data
        pasted, unread = read_numbers(data.get("lines", ""))
        keys = {"".join(d.name.split()): d.pk for d in self.departments}
        for name, number in pasted:
            key = keys.get("".join(name.split()))
            if key is None:
                unread.append(name)
            else:
                data[f"section_{key}"] = number
        if unread:
            sentence = gettext("These lines name no section of the table, or no number: %(lines)s")
            self.add_error("lines", sentence % {"lines": "、".join(unread[:5])})
        return data

    def people(self) -> dict[int, int | None]:
        """Section → number, None for an empty field."""
        return {d.pk: self.cleaned_data[f"section_{d.pk}"] for d in self.departments}


class CareForm(forms.Form):
    """Field names are those of Care."""

    replaces_channel = forms.TypedChoiceField(
        label=_("does it replace a counter, paper or telephone"),
        choices=[("", _("Not said yet")), ("True", _("Yes")), ("False", _("No"))],
        coerce=lambda value: value == "True",
        empty_value=None,
        required=False,
    )
    replaced_channel = forms.CharField(
        label=_("what it replaces"),
        required=False,
        max_length=4000,
        help_text=_("Counter, paper form, telephone, notice board …"),
    )
    alternative = forms.CharField(
        label=_("other way for those who cannot use it"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What somebody does who has no smartphone, or cannot read the screen."),
    )
    support = forms.CharField(
        label=_("who helps them, where, until when"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example: the reception helps to fill it in, until March."),
    )

    def care(self) -> Care:
        """What was typed, for the action."""
        return Care(**self.cleaned_data)
