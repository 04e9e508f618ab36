"""What of the history of an initiative is shown: kind, person, field, period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from roadmap.choices import HistoryKind
from roadmap.forms.fields import JapaneseDateField
from roadmap.history import Item
from roadmap.wording import LABELS


class HistoryFilter(forms.Form):
    """A value that does not exist asks for nothing; a day that cannot be read is told."""

    kind = forms.ChoiceField(
        label=pgettext_lazy("history", "What is shown"),
        choices=[("", _("All")), *HistoryKind.choices],
        required=False,
    )
    person = forms.ChoiceField(label=_("Person"), required=False)
    field = forms.ChoiceField(label=_("Field"), required=False)
    since = JapaneseDateField(label=_("From day"), required=False)
    until = JapaneseDateField(label=_("To day"), required=False)

    def __init__(self, data: Any, *, items: Sequence[Item]) -> None:
        """People and fields that are in the history."""
        super().__init__(data)
        people = sorted({item.person for item in items if item.person})
        names = {name for item in items for name in item.names}
        self._choose("person", _("Everybody"), [(name, name) for name in people])
        fields = [(name, label) for name, label in LABELS.items() if name in names]
        self._choose("field", _("All fields"), fields)
        for name in ("since", "until"):
            self.fields[name].widget.attrs["placeholder"] = "2026/4/1"

    def _choose(self, name: str, everything: Any, choices: Sequence[tuple[Any, Any]]) -> None:
        field = cast(forms.ChoiceField, self.fields[name])
        field.choices = [("", everything), *choices]

    @property
    def wanted(self) -> dict[str, Any]:
        """What is asked for."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def apply(self, items: Sequence[Item]) -> list[Item]:
        """Those that are asked for."""
        wanted = self.wanted
        return [item for item in items if _fits(item, wanted)]


def _fits(item: Item, wanted: dict[str, Any]) -> bool:
    kind, day = wanted.get("kind"), localtime(item.at).date()
    if kind == HistoryKind.NO_COMMENTS and item.is_comment:
        return False
    if kind not in (None, HistoryKind.NO_COMMENTS, item.kind):
        return False
    if "person" in wanted and item.person != wanted["person"]:
        return False
    if "field" in wanted and wanted["field"] not in item.names:
        return False
    return bool(wanted.get("since", date.min) <= day <= wanted.get("until", date.max))
