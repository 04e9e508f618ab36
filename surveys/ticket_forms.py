"""What is typed to use, print and enter tickets."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from surveys.actions.tickets import AT_ONCE
from surveys.tickets import TYPED_LENGTH


class TicketCodeForm(forms.Form):
    """The code of a printed ticket."""

    code = forms.CharField(
        label=_("Code on your ticket"),
        max_length=TYPED_LENGTH,
        help_text=_("Capital or small letters, spaces and hyphens make no difference."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class PrintForm(forms.Form):
    """How many tickets of which section, and how many the page showed as given out."""

    segment = forms.IntegerField(widget=forms.HiddenInput())
    seen = forms.IntegerField(widget=forms.HiddenInput())
    number = forms.IntegerField(min_value=1, max_value=AT_ONCE)


class PaperForm(forms.Form):
    """Which section the paper comes from."""

    segment = forms.IntegerField()
