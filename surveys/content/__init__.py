"""The survey templates as data: pain points, follow-up, culture pulse, monthly intake.

Option codes are stable across versions; labels may change. Nothing is preselected, and nothing
but Q1 must be answered, which offers 「特にない・答えたくない」 itself.
"""

from surveys.content.followup import FOLLOW_UP
from surveys.content.intake import INTAKE
from surveys.content.pain import PAIN
from surveys.content.pulse import POSITIVE, PULSE, PULSE_HEADS
from surveys.content.shape import (
    MAX_TEXT,
    Answers,
    Condition,
    Option,
    Question,
    Template,
    is_asked,
    most_pages,
    most_taps,
    path,
)

__all__ = [
    "FOLLOW_UP",
    "INTAKE",
    "MAX_TEXT",
    "PAIN",
    "POSITIVE",
    "PULSE",
    "PULSE_HEADS",
    "TEMPLATES",
    "Answers",
    "Condition",
    "Option",
    "Question",
    "Template",
    "is_asked",
    "most_pages",
    "most_taps",
    "path",
]

#: By `choices.Template`.
TEMPLATES: dict[str, Template] = {
    template["template"]: template for template in (PAIN, FOLLOW_UP, PULSE, PULSE_HEADS, INTAKE)
}
