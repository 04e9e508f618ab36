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

    def __init__(
        self, data: Any, *, may_share: bool, known: InitiativeFilter | None = None
    ) -> None:
        """Only those who may share are asked whether they want to; `known` reads the query."""
        super().__init__(data)
        self.known = known
        if not may_share:
            del self.fields["shared"]

    def clean_name(self) -> str:
        """The name without spaces around and inside doubled."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not name:
            raise ValidationError(_("Give the view a name."))
        return name

    def clean_query(self) -> str:
        """What the list understands of a query string; nothing else of it is kept."""
        sent = str(self.cleaned_data["query"]).removeprefix("?")
        if self.known is None:
            return ""
        asked = InitiativeFilter(QueryDict(sent[: 3 * LONGEST_QUERY]), self.known.offered).query()
        if max(len(sent), len(asked)) > LONGEST_QUERY:
            raise ValidationError(_("This address is too long to be kept. Search for fewer words."))
        return asked
