"""The search bar of the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.department_tree import told_apart
from dxportal.accounts.models import Department
from roadmap.board import step_title
from roadmap.choices import InitiativeKind, Queue
from roadmap.listing import Initiatives, matching, of_departments, of_stage
from roadmap.models import Stage
from roadmap.shown_words import ShownWords


def below(departments: Sequence[Department], root: int) -> set[int]:
    """A department and everything under it."""
    children: dict[int | None, list[int]] = {}
    for department in departments:
        children.setdefault(department.parent_id, []).append(department.pk)
    found: set[int] = set()
    open_ids = [root]
    while open_ids:
        pk = open_ids.pop()
        if pk not in found:
            found.add(pk)
            open_ids += children.get(pk, [])
    return found


class InitiativeFilter(forms.Form):
    """Search words, department (with those below it), step, phase and kind."""

    q = forms.CharField(label=_("Search initiatives"), required=False, max_length=200)
    department = forms.TypedChoiceField(
        label=_("Department"), coerce=int, empty_value=None, required=False
    )
    stage = forms.TypedChoiceField(label=_("Step"), coerce=int, empty_value=None, required=False)
    phase = forms.ChoiceField(label=_("Phase"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(
        self,
        data: Any,
        *,
        departments: Sequence[Department],
        stages: Sequence[Stage],
        words: ShownWords | None = None,
    ) -> None:
        """Choices are what the reader may see, in the municipality's words."""
        super().__init__(data)
        self.departments = departments
        self._choose("department", _("All departments"), list(told_apart(departments).items()))
        self._choose("stage", _("All steps"), [(s.pk, step_title(s)) for s in stages])
        words = words or ShownWords()
        self._choose("phase", _("All phases"), words.every_phase())
        self._choose("kind", _("All kinds"), InitiativeKind.choices)
        self.fields["q"].widget = forms.TextInput(
            attrs={"type": "search", "placeholder": _("Initiative, department, pain point")}
        )
        queue = str(self.data.get("queue", ""))
        self.queue = Queue(queue) if queue in Queue.values else Queue.ALL

    def _choose(self, name: str, everything: Any, choices: Sequence[tuple[Any, Any]]) -> None:
        field = cast(forms.ChoiceField, self.fields[name])
        field.choices = [("", everything), *choices]

    @property
    def wanted(self) -> dict[str, Any]:
        """What is asked for; a value that does not exist asks for nothing."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def is_narrow(self) -> bool:
        """Whether anything is filtered."""
        return bool(self.wanted) or self.queue != Queue.ALL

    def apply(self, initiatives: Initiatives) -> Initiatives:
        """Those that are asked for; the queue is chosen apart, so that all can be counted."""
        wanted = self.wanted
        if "q" in wanted:
            initiatives = matching(initiatives, wanted["q"])
        if "department" in wanted:
            ids = below(self.departments, wanted["department"])
            initiatives = of_departments(initiatives, ids)
        if "stage" in wanted:
            initiatives = of_stage(initiatives, wanted["stage"])
        if "phase" in wanted:
            initiatives = initiatives.filter(Q(latest__phase=wanted["phase"]))
        if "kind" in wanted:
            initiatives = initiatives.filter(kind=wanted["kind"])
        return initiatives
