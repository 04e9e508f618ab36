"""What the designer's pages show: questions in words, templates with what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.actions.definitions import template_data
from surveys.choices import Template
from surveys.content import most_taps
from surveys.content.shape import most_pages
from surveys.design_checks import Finding
from surveys.models import Option, Question
from surveys.tied import is_needed, lost_without

#: One sentence on each template.
TEMPLATE_SENTENCES: dict[str, str | Promise] = {
    Template.PAIN: gettext_lazy("What makes work harder, how often and how long: hours a week."),
    Template.PULSE: gettext_lazy(
        "Nine statements on how it feels to work here; some measure criteria."
    ),
    Template.PULSE_HEADS: gettext_lazy("Heads guess what their staff answer: shows the gap."),
    Template.FOLLOW_UP: gettext_lazy("Three months after go-live: is it used, is work easier?"),
    Template.INTAKE: gettext_lazy("One question a month, so that pain points keep coming in."),
    Template.EMPTY: gettext_lazy("No questions yet: write your own."),
}
#: The order in which they are offered.
OFFERED = (
    Template.PAIN,
    Template.PULSE,
    Template.PULSE_HEADS,
    Template.FOLLOW_UP,
    Template.INTAKE,
    Template.EMPTY,
)


@dataclass(frozen=True)
class TemplateTile:
    """One template to start from."""

    value: str
    label: str
    title: str
    sentence: str
    pages: int
    taps: int
    minutes: int
    checked: bool


@dataclass(frozen=True)
class QuestionCard:
    """One question as the survey's page shows it."""

    question: Question
    number: int
    condition: str
    options: Sequence[Option]
    errors: Sequence[str]
    first: bool
    last: bool
    tied: str
    needed: bool


@dataclass(frozen=True)
class FindingLine:
    """One sentence with the questions that it is about: code and words; none: the whole."""

    sentence: str
    places: Sequence[tuple[str, str]]


def template_tiles(chosen: str) -> list[TemplateTile]:
    """Every template with its sentence and what it costs to answer."""
    tiles = []
    for template in OFFERED:
        data = template_data(template)
        tiles.append(
            TemplateTile(
                value=template.value,
                label=str(template.label),
                title=data["title_ja"],
                sentence=str(TEMPLATE_SENTENCES[template]),
                pages=len(data["questions"]),
                taps=most_taps(data),
                minutes=data["minutes"],
                checked=template.value == chosen,
            )
        )
    return tiles


def cost(definition: Mapping[str, Any]) -> dict[str, int]:
    """Pages and taps of the longest way."""
    if not definition["questions"]:
        return {"pages": 0, "taps": 0}
    whole: Any = definition
    return {"pages": most_pages(whole), "taps": most_taps(whole)}


def question_cards(
    template: str, questions: Iterable[Question], findings: Sequence[Finding]
) -> list[QuestionCard]:
    """The questions that are asked, in order; their options should be prefetched."""
    asked = [question for question in questions if not question.retired]
    by_code = {question.code: question for question in asked}
    return [
        QuestionCard(
            question=question,
            number=number,
            condition=condition_words(question, by_code),
            options=[option for option in question.options.all() if not option.retired],
            errors=[
                finding.sentence
                for finding in findings
                if finding.question == question.code and finding.level == "error"
            ],
            first=number == 1,
            last=number == len(asked),
            tied=lost_without(template, question.code),
            needed=is_needed(template, question.code),
        )
        for number, question in enumerate(asked, start=1)
    ]


def condition_words(question: Question, by_code: Mapping[str, Question]) -> str:
    """Of whom a question is asked, in one sentence; nothing where it is asked of everybody."""
    parts = []
    for condition in question.ask_if or ():
        earlier = by_code.get(condition["question"])
        if earlier is None:
            continue
        labels = {option.code: option.label for option in earlier.options.all()}
        answers = [labels[code] for code in condition["any_of"] if code in labels]
        parts.append(
            _("“%(answers)s” to “%(question)s”")
            % {"answers": _("” or “").join(answers), "question": earlier.text}
        )
    if not parts:
        return ""
    return _("Asked of those who answered %(conditions)s.") % {"conditions": _(", or ").join(parts)}


def finding_lines(
    findings: Iterable[Finding], level: str, questions: Iterable[Question]
) -> list[FindingLine]:
    """Findings of one level; what is said of several questions is said once."""
    texts = {question.code: question.text for question in questions if not question.retired}
    places: dict[str, list[tuple[str, str]]] = {}
    for finding in findings:
        if finding.level == level:
            about = places.setdefault(finding.sentence, [])
            if finding.question in texts:
                about.append((finding.question, texts[finding.question]))
    return [FindingLine(sentence, about) for sentence, about in places.items()]
