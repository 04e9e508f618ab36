"""Forms of the staircase: names of its steps, one criterion, the day from which it applies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from roadmap.actions.staircase_applying import LONGEST_LABEL
from roadmap.choices import CriterionSource, Direction, InitiativeMeasure
from roadmap.forms.fields import JapaneseDateField
from roadmap.models import CriterionVersion, StaircaseVersion
from roadmap.staircase_checks import stored, threshold_of
from roadmap.staircase_diff import STAGE_FIELDS, Asked, Step, another_thing, asks_for_choice
from roadmap.staircase_versions import COLUMNS
from roadmap.staircase_words import OTHER_AXIS, number, step_heading
from roadmap.thresholds import NAMES

SAME, NEW = "same", "new"
_LONGEST: Final = {"name": 80, "name_en": 80, "short": 40, "short_en": 40}
_NAME_WORDS: Final = {
    "name": _("name"),
    "name_en": _("name in English"),
    "short": _("short name"),
    "short_en": _("short name in English"),
}
_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _area(rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class VersionForm(forms.Form):
    """Name and note of the draft, and four names for each step."""

    label = forms.CharField(
        label=_("name of the version"),
        max_length=LONGEST_LABEL,
        help_text=_("For example 2027.1. It stands beside every picture that it labels."),
    )
    note = forms.CharField(
        label=_("what changes and why"),
        required=False,
        max_length=2000,
        widget=_area(3),
        help_text=_("The CDO and the DX office read this beside the new version."),
    )

    def __init__(self, data: Any, *, version: StaircaseVersion, steps: Sequence[Step]) -> None:
        """Four fields a step."""
        super().__init__(data, initial={"label": version.label, "note": version.note})
        self._steps = steps
        for step in steps:
            for name in STAGE_FIELDS:
                self.fields[f"{name}_{step.stage}"] = forms.CharField(
                    label=_NAME_WORDS[name],
                    max_length=_LONGEST[name],
                    required=name == "name",
                    initial=getattr(step, name),
                )

    def groups(self) -> Iterator[tuple[str, list[BoundField]]]:
        """Heading of a step and its fields, for the template."""
        for step in self._steps:
            yield step_heading(step), [self[f"{name}_{step.stage}"] for name in STAGE_FIELDS]

    def names(self) -> dict[int, dict[str, str]]:
        """Stage → its four names."""
        return {
            step.stage: {name: self.cleaned_data[f"{name}_{step.stage}"] for name in STAGE_FIELDS}
            for step in self._steps
        }


class CriterionForm(forms.Form):
    """One criterion; what its source does not need is left out when it is saved."""

    stage = forms.TypedChoiceField(label=pgettext_lazy("staircase", "step"), coerce=int)
    code = forms.RegexField(
        label=_("code"),
        regex=r"^[A-Za-z][0-9A-Za-z.-]{0,9}$",
        max_length=10,
        help_text=_("A letter, then figures, for example T2-7. Files name the criterion by it."),
    )
    text = forms.CharField(
        label=_("text"),
        max_length=300,
        widget=_area(),
        help_text=_("What must be so. One thing, such that a head can say yes or no."),
    )
    text_en = forms.CharField(
        label=_("text in English"), max_length=300, required=False, widget=_area()
    )
    mandatory = forms.BooleanField(
        label=_("★ mandatory: without it the step is not reached"), required=False
    )
    source = forms.ChoiceField(
        label=_("where the level comes from"),
        choices=CriterionSource.choices,
        widget=forms.RadioSelect,
    )
    question = forms.ChoiceField(
        label=_("question of the survey"),
        required=False,
        help_text=_(
            "Of a criterion measured by the survey it decides. Of a declared one it decides"
            " nothing: what staff answer stands beside what the head says."
        ),
    )
    measure = forms.ChoiceField(
        label=_("what is counted"),
        choices=[("", "–"), *InitiativeMeasure.choices],
        required=False,
    )
    unit = forms.CharField(
        label=_("unit"), max_length=20, required=False, help_text=_("For example %, days, cases.")
    )
    direction = forms.ChoiceField(
        label=_("which way is better"), choices=Direction.choices, required=False
    )
    firm = forms.CharField(label=_("level 3 (firm) from"), max_length=12, required=False)
    partly = forms.CharField(label=_("level 2 (partly) from"), max_length=12, required=False)
    started = forms.CharField(label=_("level 1 (started) from"), max_length=12, required=False)
    help = forms.CharField(
        label=_("what counts as evidence"),
        max_length=1000,
        required=False,
        widget=_area(),
        help_text=_("Stands below the criterion where a head confirms it."),
    )
    help_en = forms.CharField(
        label=_("what counts as evidence, in English"),
        max_length=1000,
        required=False,
        widget=_area(),
    )
    same = forms.ChoiceField(
        label=_("Is it still the same criterion?"),
        choices=[
            (SAME, _("The same, in other words: what was answered stays")),
            (NEW, _("A new question: answers start over from its day")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(
        self,
        data: Any,
        *,
        steps: Sequence[Step],
        questions: Sequence[tuple[str, str]],
        row: CriterionVersion | None = None,
        came_from: Asked | None = None,
        stage: int | None = None,
    ) -> None:
        """`row`: the line that is changed; `came_from`: what it was before, if it was asked."""
        super().__init__(data, initial=_initial(row, came_from) if row else {"stage": stage})
        if row is None:
            self.initial["source"] = CriterionSource.DECLARED.value
        self._row, self._before = row, came_from
        self._axes = {step.stage: step.axis for step in steps}
        if came_from is None or came_from.criterion is None:
            del self.fields["same"]
        choices = [(step.stage, step_heading(step)) for step in steps]
        cast(forms.ChoiceField, self.fields["stage"]).choices = choices
        words = [(code, f"{code} {text}") for code, text in questions]
        cast(forms.ChoiceField, self.fields["question"]).choices = [("", "–"), *words]

    def clean_code(self) -> str:
        """Codes are written in capitals."""
        return str(self.cleaned_data["code"]).upper()

    def clean(self) -> dict[str, Any]:
        """What the source needs, numbers in order, and whether the answers stay."""
        data = super().clean() or {}
        source = data.get("source", "")
        self._needs(source, data)
        if not self.errors:
            try:
                threshold = threshold_of(source, self._measure(), self._numbers(source))
            except ValueError as error:
                self.add_error("firm", str(error))
            else:
                data["threshold"] = stored(threshold, source, self._measure())
        if not self.errors:
            self._same(data)
        return data

    def _needs(self, source: str, data: Mapping[str, Any]) -> None:
        if source == CriterionSource.SURVEY and not data.get("question"):
            self.add_error("question", gettext("Choose the question of the survey that decides."))
        if source == CriterionSource.INITIATIVE and not data.get("measure"):
            self.add_error("measure", gettext("Choose what is counted."))
        if source == CriterionSource.INDICATOR and not data.get("unit", "").strip():
            self.add_error("unit", gettext("Say in which unit the figure is given."))
        if source == CriterionSource.INDICATOR and not any(data.get(name) for name in NAMES):
            self.add_error("firm", gettext("Write a number for each of the three levels."))

    def _measure(self) -> str:
        data = self.cleaned_data
        return str(data["measure"]) if data["source"] == CriterionSource.INITIATIVE else ""

    def _numbers(self, source: str) -> dict[str, str]:
        """As typed, in wide or narrow figures; nothing where all three are left empty."""
        typed = {name: _narrow(self.cleaned_data.get(name, "")) for name in NAMES}
        if source == CriterionSource.DECLARED or not any(typed.values()):
            return {}
        if source == CriterionSource.INDICATOR:
            typed["direction"] = self.cleaned_data.get("direction") or Direction.UP
        return typed

    def _same(self, data: dict[str, Any]) -> None:
        if self._row is None or self._before is None or "same" not in self.fields:
            return
        after = Asked(row=self._row.pk, criterion=None, **self.values())
        said = data.get("same", "")
        if self._axes.get(self._before.stage) != self._axes.get(after.stage):
            if said != NEW:
                self.add_error("same", OTHER_AXIS)
        elif another_thing(self._before, after):
            if said != NEW:
                text = gettext(
                    "Another question of the survey, or another unit, measures something else:"
                    " choose that it is a new question."
                )
                self.add_error("same", text)
        elif not said and asks_for_choice(self._before, after):
            self.add_error(
                "same", gettext("The text changes much. Say whether what was answered still holds.")
            )

    def values(self) -> dict[str, Any]:
        """What a line of the version says."""
        data = self.cleaned_data
        source = data["source"]
        asks = source in (CriterionSource.SURVEY, CriterionSource.DECLARED)
        return {
            **{name: data[name].strip() for name in ("code", "text", "text_en", "help", "help_en")},
            "stage": data["stage"],
            "mandatory": data["mandatory"],
            "source": source,
            "question": data["question"] if asks else "",
            "measure": self._measure(),
            "threshold": data.get("threshold", {}),
            "unit": data["unit"].strip() if source == CriterionSource.INDICATOR else "",
        }

    def stays(self) -> bool | None:
        """Whether what was answered stays; None where nobody was asked."""
        said = self.cleaned_data.get("same", "")
        return None if not said else said == SAME


def _narrow(text: str) -> str:
    """Wide figures and a per-cent sign that came along."""
    wide = str.maketrans("０１２３４５６７８９．－％", "0123456789.-%")
    return text.translate(wide).strip().removesuffix("%").strip()


def _initial(row: CriterionVersion, came_from: Asked | None) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in COLUMNS} | {"stage": row.stage_id}
    try:
        threshold = threshold_of(row.source, row.measure, row.threshold)
    except ValueError:
        found |= {name: row.threshold.get(name, "") for name in NAMES}
    else:
        if threshold is not None:
            found |= {name: number(getattr(threshold, name)) for name in NAMES}
            found["direction"] = threshold.direction
    if came_from is not None and came_from.criterion is not None:
        changed = came_from.text != row.text
        found["same"] = NEW if row.criterion_id is None else (SAME if changed else "")
    return found


class DayForm(forms.Form):
    """From which day it is to apply."""

    valid_from = JapaneseDateField(
        label=_("applies from"),
        widget=_DATE,
        help_text=_("Today, or a later day: then it applies from just after midnight."),
    )


class PlanForm(forms.Form):
    """The day that was looked at, and the tick where a step would be out of reach."""

    valid_from = JapaneseDateField(label=_("applies from"), widget=forms.HiddenInput)
    confirmed = forms.BooleanField(
        label=_("Nobody can reach these steps by this version. That is what we want."),
        required=False,
    )

    def __init__(self, data: Any, *, day: date | None, gaps: bool) -> None:
        """The tick stands only where it is needed."""
        super().__init__(data, initial={"valid_from": day})
        if not gaps:
            del self.fields["confirmed"]

    def clean_confirmed(self) -> bool:
        """Without the tick it is not planned."""
        if not self.cleaned_data["confirmed"]:
            raise ValidationError(
                gettext("Tick this, or give each of these steps a mandatory criterion.")
            )
        return True
