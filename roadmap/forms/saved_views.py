"""Saving a view of the list under a name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from roadmap.forms.filters import InitiativeFilter

#: As long as the column; a browser's address bar takes more, a reader does not.
LONGEST_QUERY = 1000


class SavedViewForm(forms.Form):
    """The name, whether everybody sees it, and the query string of the list."""

    name = forms.CharField(label=_("Name of the view"), max_length=60)
    shared = forms.BooleanField(label=_("Show it to everybody"), required=False)
    query = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, may_share: bool) -> None:
        """Only those who may share are asked whether they want to."""
        super().__init__(data)
        if not may_share:
            del self.fields["shared"]

    def clean_name(self) -> str:
        """The name without spaces around and inside doubled."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not name:
            raise ValidationError(_("Give the view a name."))
        return name

    def clean_query(self) -> str:
        """No longer than what is kept; what it says is read by `asked_for`."""
        query = str(self.cleaned_data["query"]).removeprefix("?")
        if len(query) > LONGEST_QUERY:
            raise ValidationError(
                _("This address is too long to be kept. Search for fewer words.")
            )
        return query


def asked_for(query: str, known: InitiativeFilter) -> str:
    """What the list understands of a query string: nothing else of it is kept."""
    return type(known)(QueryDict(query), known.offered).query()
