"""A question as the audit trail keeps it: plain words that stay when rows change later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from surveys.choices import QuestionKind
from surveys.models import Option, Question

#: Fields that are kept under their own names.
FIELDS = ("text", "text_en", "hint", "hint_en", "required", "max_choices")


def conditions_of(question: Question) -> dict[str, set[str]]:
    """Code of an earlier question → codes of the answers after which this one is asked."""
    return {c["question"]: set(c["any_of"]) for c in question.ask_if or ()}


def in_trail(question: Question) -> dict[str, Any]:
    """Fields, answers and conditions, with the words that they have now."""
    options = Option.objects.filter(question=question, retired=False).order_by("order")
    return {
        "question_kind": str(QuestionKind(question.kind).label),
        **{name: getattr(question, name) for name in FIELDS},
        "options": [str(option) for option in options],
        "ask_if": _conditions(question),
    }


def without_empty(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Only what says something: for a question that is new."""
    return {name: value for name, value in fields.items() if value}


def _conditions(question: Question) -> list[str]:
    """What was asked earlier, and an answer to it, one line each."""
    conditions = conditions_of(question)
    if not conditions:
        return []
    answers = Option.objects.filter(
        question__survey_id=question.survey_id, question__code__in=conditions
    )
    return [
        f"{option.question.text} {option.label}"
        for option in answers.select_related("question").order_by("question__order", "order")
        if option.code in conditions[option.question.code]
    ]
