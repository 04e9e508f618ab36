"""Forms of replies and of declared outcomes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import User
from roadmap.choices import ReplyState
from roadmap.models import Initiative
from surveys.actions.follow_ups import DECLARABLE
from surveys.models import Commitment


class ReplyForm(forms.Form):
    """Two inputs reply; the other two may follow."""

    state = forms.ChoiceField(
        label=_("Your reply"), choices=ReplyState.choices, widget=forms.RadioSelect
    )
    sentence = forms.CharField(
        label=_("In one sentence"),
        max_length=300,
        help_text=_("If you cannot, say why, and when you will look at it again."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    initiative = forms.TypedChoiceField(
        label=_("Initiative"), coerce=int, empty_value=None, required=False
    )
    due_on = forms.DateField(
        label=_("Looked at again on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, user: User, reply: Commitment | None) -> None:
        """Begin with the reply that stands, if there is one."""
        names = ("state", "sentence", "initiative_id", "due_on", "version")
        initial = {name.removesuffix("_id"): getattr(reply, name) for name in names if reply}
        super().__init__(data, initial=initial)
        rows = Initiative.objects.visible_to(user).order_by("title", "id")
        self._initiatives = {row.pk: row for row in rows.only("id", "title", "municipality_id")}
        choices = [(pk, row.title) for pk, row in self._initiatives.items()]
        self.fields["initiative"].choices = [("", _("None yet")), *choices]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Arguments of the action."""
        chosen = self.cleaned_data["initiative"]
        return {
            **self.cleaned_data,
            "initiative": self._initiatives[chosen] if chosen else None,
        }


class DeclareForm(forms.Form):
    """An outcome and the reason for it."""

    verdict = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(verdict.value, verdict.label) for verdict in DECLARABLE],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Why do you judge it so?"),
        max_length=400,
        help_text=_("It is shown as declared, never as measured."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
