"""One criterion in one form: level and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dxportal.dashboards.cells.states import CriterionState
from roadmap.actions.assessments import Claim
from roadmap.choices import Level


class ConfirmForm(forms.Form):
    """What the head says now; it starts from what was said before."""

    level = forms.TypedChoiceField(
        label=gettext_lazy("How far the department is"),
        choices=Level.choices,
        coerce=int,
        widget=forms.RadioSelect,
    )
    evidence = forms.CharField(
        label=gettext_lazy("Evidence (document, address, figure)"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, state: CriterionState) -> None:
        """The present level and evidence stand in it."""
        initial = {"level": state.level, "evidence": state.evidence}
        super().__init__(data, auto_id="confirm-%s", initial=initial)

    def clean(self) -> dict[str, Any]:
        """A firm criterion needs evidence."""
        data = super().clean() or {}
        if data.get("level") == Level.FIRM and not data.get("evidence", "").strip():
            self.add_error("evidence", _("Name the evidence: a document, an address or a figure."))
        return data

    def claim(self) -> Claim:
        """For the action."""
        return Claim(self.cleaned_data["level"], self.cleaned_data["evidence"].strip())
