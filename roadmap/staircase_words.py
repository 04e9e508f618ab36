"""What a version says, in words: where a level comes from, from which numbers, what a change is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from roadmap.choices import Axis, CriterionSource, Direction, InitiativeMeasure
from roadmap.staircase_checks import threshold_of
from roadmap.staircase_diff import Asked, CriterionChange, Step, StepChange
from roadmap.thresholds import NAMES, Threshold

FIELD_WORDS: Final = {
    "code": gettext_lazy("code"),
    "stage": pgettext_lazy("staircase", "step"),
    "text": gettext_lazy("text"),
    "text_en": gettext_lazy("text in English"),
    "help": gettext_lazy("what counts as evidence"),
    "help_en": gettext_lazy("what counts as evidence, in English"),
    "mandatory": gettext_lazy("mandatory"),
    "source": gettext_lazy("where the level comes from"),
    "question": gettext_lazy("question of the survey"),
    "measure": gettext_lazy("what is counted"),
    "threshold": gettext_lazy("from where a level holds"),
    "unit": gettext_lazy("unit"),
    "name": gettext_lazy("name"),
    "name_en": gettext_lazy("name in English"),
    "short": gettext_lazy("short name"),
    "short_en": gettext_lazy("short name in English"),
}

#: Why a criterion that goes over to the other axis starts over.
OTHER_AXIS: Final = gettext_lazy(
    "On the other axis other people read what was answered: choose that it is a new question."
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after, in words; empty is said as a dash by the page."""

    label: str
    before: str
    after: str


def step_name(step: Step) -> str:
    """Its name in the reader's language."""
    return step.name_en if get_language() == "en" and step.name_en else step.name


def step_heading(step: Step) -> str:
    """Axis, number and name: 「技術 2 情報共有」."""
    return f"{Axis(step.axis).label} {step.step} {step_name(step)}"


def text_of(asked: Asked) -> str:
    """What must be so, in the reader's language."""
    return asked.text_en if get_language() == "en" and asked.text_en else asked.text


def unit_of(source: str, measure: str, unit: str) -> str:
    """In what the numbers of a threshold are given."""
    if source == CriterionSource.INDICATOR:
        return unit
    return _("times") if measure == InitiativeMeasure.STOPPED else "%"


def threshold_words(asked: Asked) -> str:
    """From which numbers the levels hold; empty for a declared criterion or numbers that fail."""
    try:
        found = threshold_of(asked.source, asked.measure, asked.threshold)
    except ValueError:
        return ""
    if found is None:
        return ""
    return _numbers(found, unit_of(asked.source, asked.measure, asked.unit))


def _numbers(found: Threshold, unit: str) -> str:
    gap = " " if unit.isascii() and unit[:1].isalpha() else ""
    values = {name: f"{number(getattr(found, name))}{gap}{unit}" for name in NAMES}
    if found.direction == Direction.DOWN:
        return (
            _("level 3 up to %(firm)s, level 2 up to %(partly)s, level 1 up to %(started)s")
            % values
        )
    return _("level 3 from %(firm)s, level 2 from %(partly)s, level 1 from %(started)s") % values


def number(value: Decimal) -> str:
    """Without zeros that say nothing."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def source_words(asked: Asked, questions: Mapping[str, str]) -> str:
    """Where the level comes from, with what it is asked, counted or measured by."""
    label = str(CriterionSource(asked.source).label)
    if asked.source == CriterionSource.SURVEY:
        return _("%(source)s: %(what)s") % {
            "source": label,
            "what": question_words(asked.question, questions),
        }
    if asked.source == CriterionSource.INITIATIVE and asked.measure:
        what = str(InitiativeMeasure(asked.measure).label)
        return _("%(source)s: %(what)s") % {"source": label, "what": what}
    return label


def beside_words(asked: Asked, questions: Mapping[str, str]) -> str:
    """What the staff answer beside a declared criterion; it decides nothing."""
    if asked.source != CriterionSource.DECLARED or not asked.question:
        return ""
    return _("Beside it stands what staff answer to %(question)s. It decides nothing.") % {
        "question": question_words(asked.question, questions)
    }


def question_words(code: str, questions: Mapping[str, str]) -> str:
    """Code and words of a question; the code alone where the survey has none of it."""
    words = questions.get(code, "")
    return f"{code}「{words}」" if words and get_language() != "en" else f"{code} {words}".strip()


def differences(
    change: CriterionChange, steps: Sequence[Step], questions: Mapping[str, str]
) -> list[Difference]:
    """Field by field, before and after."""
    if change.before is None or change.after is None:
        return []
    names = {step.stage: step_heading(step) for step in steps}
    before, after = change.before, change.after
    found = []
    for name in change.fields:
        old, new = (
            _value(name, row, getattr(row, name), names, questions) for row in (before, after)
        )
        if old != new:
            found.append(Difference(str(FIELD_WORDS[name]), old, new))
    return found


def step_differences(change: StepChange) -> list[Difference]:
    """Names before and after."""
    return [
        Difference(
            str(FIELD_WORDS[name]), getattr(change.before, name), getattr(change.after, name)
        )
        for name in change.fields
    ]


def _value(
    name: str, row: Asked, value: Any, steps: Mapping[int, str], questions: Mapping[str, str]
) -> str:
    if name == "stage":
        return steps.get(value, "")
    if name == "mandatory":
        return pgettext("answer", "yes") if value else pgettext("answer", "no")
    if name == "source":
        return str(CriterionSource(value).label)
    if name == "question":
        return question_words(value, questions) if value else ""
    if name == "measure":
        return str(InitiativeMeasure(value).label) if value else ""
    return threshold_words(row) if name == "threshold" else str(value)
