"""What is typed about promoters: a term, a name given by a head, and pasted lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.actions.promoters import Term
from dxportal.accounts.choices import ChosenBy
from dxportal.accounts.forms import DayInput, DepartmentChoice, department_choices, offer
from dxportal.accounts.models import Department, RoleGrant, User
from dxportal.accounts.promoter_lines import LONGEST
from dxportal.accounts.promoting import MINUTES, MOST_HOURS, last_day, year_end

#: Years that a term may lie in.
FIRST_YEAR, LAST_YEAR = 2000, 2100


class TermForm(forms.Form):
    """When somebody helps a section, how chosen, and the time allowed for it."""

    valid_from = forms.DateField(label=_("first day"), widget=DayInput())
    last = forms.DateField(
        label=_("last day"),
        required=False,
        widget=DayInput(),
        help_text=_("Leave it empty where no end is set."),
    )
    chosen = forms.ChoiceField(
        label=_("way of choosing"), required=False, choices=[("", "–"), *ChosenBy.choices]
    )
    how = forms.CharField(label=_("more about it"), required=False, max_length=120)
    hours = forms.DecimalField(
        label=_("hours a week allowed for it"),
        required=False,
        min_value=Decimal("0.1"),
        max_value=MOST_HOURS,
        decimal_places=1,
        max_digits=3,
        help_text=_("Agreed with the head. Criterion C3-5 asks for it."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        today: dt.date,
        grant: RoleGrant | None = None,
        chosen: str = "",
    ) -> None:
        """Start with what stands, or with today until the end of the fiscal year."""
        super().__init__(data, initial={"chosen": chosen} | _initial(grant, today))

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first one."""
        data = super().clean() or self.cleaned_data
        start, last = data.get("valid_from"), data.get("last")
        for name, day in (("valid_from", start), ("last", last)):
            if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
                self.add_error(name, _("Choose a day between the years 2000 and 2100."))
        if start and last and last < start:
            self.add_error("last", _("The last day must not be before the first day."))
        return data

    def term(self) -> Term:
        """What was typed, for the action."""
        data = self.cleaned_data
        last, hours = data["last"], data["hours"]
        return Term(
            valid_from=data["valid_from"],
            valid_to=last + dt.timedelta(days=1) if last else None,
            chosen=data["chosen"],
            how=data["how"],
            minutes=round(hours * MINUTES) if hours else None,
        )


def _initial(grant: RoleGrant | None, today: dt.date) -> dict[str, Any]:
    if grant is None:
        return {"valid_from": today, "last": year_end(today)}
    hours = Decimal(grant.minutes) / MINUTES if grant.minutes else None
    return {
        "valid_from": grant.valid_from,
        "last": last_day(grant.valid_to),
        "chosen": grant.chosen,
        "how": grant.how,
        "hours": hours.quantize(Decimal("0.1")) if hours else None,
    }


class PersonByMail(forms.Form):
    """Finds an active person of the viewer's municipality."""

    email = forms.EmailField(
        label=_("e-mail of the person"), max_length=254, widget=forms.EmailInput()
    )
    viewer: User

    def find_person(self, data: dict[str, Any]) -> None:
        """The same sentence for nobody and for somebody elsewhere."""
        email = data.pop("email", None)
        if email:
            people = User.objects.visible_to(self.viewer).filter(is_active=True)
            data["person"] = people.filter(email=email.strip().lower()).first()
            if data["person"] is None:
                self.add_error("email", _("Nobody here has this e-mail."))


class PromoterForm(TermForm, PersonByMail):
    """A new promoter: which section, who, and the term."""

    department = DepartmentChoice(label=_("section"))
    field_order = ["department", "email", "valid_from", "last", "chosen", "how", "hours"]

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        viewer: User,
        today: dt.date,
        department: Department | None = None,
        person: User | None = None,
        chosen: str = "",
    ) -> None:
        """Section and person may come from a link."""
        super().__init__(data, today=today, chosen=chosen)
        self.viewer = viewer
        self.initial["department"] = department
        self.initial["email"] = person.email if person else ""
        offer(self, "department", department_choices(viewer, today))

    def clean(self) -> dict[str, Any]:
        """Find the person."""
        data = super().clean()
        self.find_person(data)
        return data


class SuggestForm(PersonByMail):
    """A head names somebody."""

    chosen = forms.ChoiceField(
        label=_("way of choosing"), required=False, choices=[("", "–"), *ChosenBy.choices]
    )
    note = forms.CharField(
        label=_("word to the DX office"),
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, viewer: User) -> None:
        """Only people of the viewer's municipality are found."""
        super().__init__(data)
        self.viewer = viewer

    def clean(self) -> dict[str, Any]:
        """Find the person."""
        data = super().clean() or self.cleaned_data
        self.find_person(data)
        return data


class PasteForm(forms.Form):
    """Lines copied from a table."""

    lines = forms.CharField(
        label=_("lines"),
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_(
            "One promoter a line, copied from a table: section, e-mail, first day, last day,"
            " way of choosing, hours a week. Only section and e-mail are needed."
        ),
    )
