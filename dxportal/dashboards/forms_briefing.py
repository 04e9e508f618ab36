"""The form of a sheet for a meeting: which month or round, why one meets, what is to be decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dxportal.dashboards.briefing.content import LONGEST, MOST_ASKS, MOST_OPTIONS, Ask, Option
from dxportal.dashboards.briefing.gather import Wish
from roadmap.choices import BriefingKind
from roadmap.models import ReportingRound

PARTS = {
    "text": gettext_lazy("Option"),
    "risk": gettext_lazy("Risk"),
    "cost": gettext_lazy("Cost"),
    "effect": gettext_lazy("Effect"),
}
ROUND = "round-"


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option: its four fields in order."""

    letter: str
    fields: list[BoundField]


@dataclass(frozen=True, slots=True)
class AskRow:
    """One thing to be decided with its options."""

    number: int
    title: BoundField
    options: list[OptionRow]

    @property
    def typed(self) -> bool:
        """Whether anything stands in it, so that it is open."""
        fields = [self.title, *(field for option in self.options for field in option.fields)]
        return any(field.value() or field.errors for field in fields)


class BriefingForm(forms.Form):
    """Everything is optional but the month: what is left out is not on the sheet."""

    when = forms.ChoiceField(label=gettext_lazy("Month or progress report"))
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        max_length=LONGEST["purpose"],
        required=False,
        help_text=gettext_lazy("Why one meets, in one sentence of up to 80 characters."),
    )

    def __init__(
        self,
        *args: Any,
        kind: str,
        periods: Sequence[date],
        rounds: Sequence[ReportingRound],
        asks: Sequence[Ask] = (),
        **kwargs: Any,
    ) -> None:
        """Make the fields of the asks; there are none for the assembly."""
        super().__init__(*args, **kwargs)
        self.kind, self.rounds = kind, {row.pk: row for row in rounds}
        when = self.fields["when"]
        assert isinstance(when, forms.ChoiceField)  # noqa: S101 - declared above
        when.choices = [
            *((f"{p:%Y-%m}", _("%(year)d-%(month)02d") % _month(p)) for p in periods),
            *((f"{ROUND}{row.pk}", row.label) for row in rounds),
        ]
        if kind != BriefingKind.ASSEMBLY:
            for number in range(1, MOST_ASKS + 1):
                self._add(number, asks[number - 1] if number <= len(asks) else Ask(""))

    def _add(self, number: int, ask: Ask) -> None:
        self.fields[f"ask{number}_title"] = _text(
            gettext_lazy("What is to be decided"), "title", ask.title
        )
        for place in range(1, MOST_OPTIONS + 1):
            option = ask.options[place - 1] if place <= len(ask.options) else Option("")
            for part, label in PARTS.items():
                name = f"ask{number}_option{place}_{part}"
                self.fields[name] = _text(label, part, getattr(option, part))

    @property
    def rows(self) -> Iterator[AskRow]:
        """The asks as the page lays them out."""
        for number in range(1, MOST_ASKS + 1):
            if f"ask{number}_title" in self.fields:
                options = [
                    OptionRow(letter, [self[f"ask{number}_option{place}_{p}"] for p in PARTS])
                    for place, letter in enumerate("ABC"[:MOST_OPTIONS], start=1)
                ]
                yield AskRow(number, self[f"ask{number}_title"], options)

    def clean(self) -> dict[str, Any]:
        """An option needs its name, and options need what they decide."""
        found = super().clean() or {}
        for number in range(1, MOST_ASKS + 1):
            told = False
            for place in range(1, MOST_OPTIONS + 1):
                name = f"ask{number}_option{place}_"
                parts = [found.get(f"{name}{part}", "") for part in PARTS]
                told |= any(parts)
                if any(parts[1:]) and not parts[0] and f"{name}text" not in self.errors:
                    self.add_error(f"{name}text", _("Name the option that this belongs to."))
            title = f"ask{number}_title"
            if told and not found.get(title) and title not in self.errors:
                self.add_error(title, _("Say what is to be decided by these options."))
        return found

    def wish(self) -> Wish:
        """What was chosen; only of a valid form."""
        when = self.cleaned_data["when"]
        chosen = self.rounds.get(int(when.removeprefix(ROUND))) if ROUND in when else None
        return Wish(
            kind=self.kind,
            period="" if chosen else when,
            round=chosen,
            purpose=self.cleaned_data["purpose"].strip(),
            asks=tuple(self._asks()),
        )

    def _asks(self) -> Iterator[Ask]:
        for row in self.rows:
            number = row.number
            title = self.cleaned_data[f"ask{number}_title"].strip()
            if not title:
                continue
            options = (
                Option(
                    **{p: self.cleaned_data[f"ask{number}_option{n}_{p}"].strip() for p in PARTS}
                )
                for n in range(1, MOST_OPTIONS + 1)
            )
            yield Ask(title, tuple(option for option in options if option.text))

    def _option(self, name: str) -> Option:
        return Option(**{part: self.cleaned_data[f"{name}{part}"].strip() for part in PARTS})


def _month(period: date) -> dict[str, int]:
    return {"year": period.year, "month": period.month}


def _text(label: Any, part: str, initial: str) -> forms.CharField:
    """A field that says how long it may be."""
    return forms.CharField(label=label, max_length=LONGEST[part], required=False, initial=initial)
