"""What a stop asks: the work that ended, or that none did, and the time that this frees."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from roadmap.value_sums import Amount, read_hours


class FreedTimeField(forms.CharField):
    """Hours a week as a clerk writes them, 5 or 5〜9; minutes a week in the end."""

    def to_python(self, value: Any) -> Any:
        """The amount, None for nothing; the sentence of the reader says what to write instead."""
        if value in self.empty_values:
            return None
        try:
            return read_hours(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from None


def ended_field() -> forms.CharField:
    """The work, form or tool that ended."""
    return forms.CharField(
        label=_("Work, form or tool that ended"),
        required=False,
        max_length=400,
        help_text=_("What nobody has to do any more. Stopping it is a success too."),
    )


def none_ended_field() -> forms.BooleanField:
    """The explicit answer that there is none."""
    return forms.BooleanField(label=_("No work ended"), required=False)


def freed_field() -> FreedTimeField:
    """How much time that frees."""
    return FreedTimeField(
        label=_("Freed time (hours a week)"),
        required=False,
        max_length=40,
        help_text=_("Of all staff together, for example 5 or 5〜9. Leave it empty if unknown."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 10}),
    )


def said_ended(data: dict[str, Any]) -> str | None:
    """For the action: the text, "" where none ended, None where nobody has said."""
    text = " ".join(data.get("ended", "").split())
    return text or ("" if data.get("none_ended") else None)


def said_freed(data: dict[str, Any]) -> tuple[int, int] | None:
    """For the action: minutes a week."""
    found: Amount | None = data.get("freed")
    return (found.low, found.high) if found else None
