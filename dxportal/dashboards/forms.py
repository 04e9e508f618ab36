"""Forms of the roof: the criteria of one department, and the months of the dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dxportal.accounts.models import Department, User
from dxportal.dashboards.cells.states import CriterionState, StageState
from roadmap.actions.assessments import Claim, confirm_criteria, confirm_unchanged
from roadmap.choices import Axis, Level


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion with its two fields; measured ones have none."""

    state: CriterionState
    level: BoundField | None
    evidence: BoundField | None


@dataclass(frozen=True, slots=True)
class StageRows:
    """One stage with its rows."""

    stage: StageState
    rows: list[CriterionRow]


class CriteriaForm(forms.Form):
    """Level and evidence per declared criterion; what is untouched stays as it was."""

    def __init__(self, *args: Any, states: Mapping[str, list[StageState]], **kwargs: Any) -> None:
        """Make two fields per declared criterion."""
        super().__init__(*args, **kwargs)
        self.states = states
        for stage in self._stages():
            for state in stage.criteria:
                if state.declared:
                    self._add(state)

    def _stages(self) -> list[StageState]:
        return [*self.states[Axis.TECHNOLOGY], *self.states[Axis.CULTURE]]

    def _add(self, state: CriterionState) -> None:
        pk = state.criterion.pk
        self.fields[f"level_{pk}"] = forms.TypedChoiceField(
            label=str(state.criterion),
            choices=Level.choices,
            coerce=int,
            empty_value=None,
            required=False,
            initial=state.level,
            widget=forms.RadioSelect,
        )
        self.fields[f"evidence_{pk}"] = forms.CharField(
            label=gettext_lazy("Evidence (document, address, figure)"),
            max_length=400,
            required=False,
            initial=state.evidence,
        )

    def clean(self) -> dict[str, Any]:
        """A firm criterion needs evidence."""
        data = super().clean() or {}
        for name, level in list(data.items()):
            if not name.startswith("level_") or level != Level.FIRM:
                continue
            evidence = name.replace("level_", "evidence_")
            if not data.get(evidence, "").strip():
                self.add_error(
                    evidence, _("Name the evidence: a document, an address or a figure.")
                )
        return data

    def axes(self) -> list[tuple[str, list[StageRows]]]:
        """Axis label → stages → rows, for the template."""
        return [
            (
                str(axis.label),
                [
                    StageRows(stage, [self._row(state) for state in stage.criteria])
                    for stage in self.states[axis]
                ],
            )
            for axis in Axis
        ]

    def _row(self, state: CriterionState) -> CriterionRow:
        if not state.declared:
            return CriterionRow(state, None, None)
        pk = state.criterion.pk
        return CriterionRow(state, self[f"level_{pk}"], self[f"evidence_{pk}"])

    def claims(self) -> dict[int, Claim]:
        """What differs from the latest answers, or was not answered before."""
        found = {}
        for stage in self._stages():
            for state in stage.criteria:
                level = self.cleaned_data.get(f"level_{state.criterion.pk}")
                if not state.declared or level is None:
                    continue
                evidence = self.cleaned_data[f"evidence_{state.criterion.pk}"].strip()
                if level != state.level or evidence != state.evidence:
                    found[state.criterion.pk] = Claim(level, evidence)
        return found

    def save(self, department: Department, *, by: User, on: date) -> int:
        """Confirm what changed and, in the same click, the rest as unchanged."""
        claims = self.claims()
        changed = confirm_criteria(department, claims, by=by, on=on) if claims else []
        rest = confirm_unchanged(department, by=by, on=on, except_for=frozenset(claims))
        return len(changed) + len(rest)
