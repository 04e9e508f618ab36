"""Create surveys from templates or copies, and write one out as the dict that a wave freezes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from dxportal.accounts.audit import record
from dxportal.accounts.models import Municipality, User
from roadmap.actions.content import ensure_themes
from surveys import content
from surveys.choices import Audience, Template
from surveys.models import CrossPair, Option, Question, Survey

Row = TypeVar("Row", bound=models.Model)
#: A survey of one's own: nothing but a title until questions are added.
EMPTY: Final[content.Template] = {
    "template": "empty",
    "version": 1,
    "title_ja": "新しいアンケート",
    "title_en": "New survey",
    "minutes": 3,
    "check": True,
    "audience": "staff",
    "questions": [],
}


def template_data(template: str) -> content.Template:
    """The template of that name; the empty one has no questions."""
    return EMPTY if template == Template.EMPTY else content.TEMPLATES[template]


@transaction.atomic
def create_survey(
    municipality: Municipality,
    template: str | content.Template,
    *,
    by: User | None,
    title: str = "",
    title_en: str = "",
    audience: str = "",
) -> Survey:
    """A survey with the template's questions and options, as rows of the municipality's own.

    Without a title it bears the template's; only an empty survey chooses whom it asks.
    """
    data = template_data(template) if isinstance(template, str) else template
    if data["template"] in {Template.PAIN, Template.INTAKE}:
        ensure_themes(municipality, by=by)
    chosen = audience if data["template"] == Template.EMPTY else ""
    survey = Survey.objects.create(
        municipality=municipality,
        template=data["template"],
        title=title or data["title_ja"],
        title_en=title_en if title else title_en or data["title_en"],
        minutes=data["minutes"],
        content_version=str(data["version"]),
        audience=Audience(chosen or data["audience"]),
        check_page=data["check"],
    )
    questions = [
        _question(survey, order, question) for order, question in enumerate(data["questions"])
    ]
    Question.objects.bulk_create(questions)
    Option.objects.bulk_create(
        _option(row, order, option)
        for row, question in zip(questions, data["questions"], strict=True)
        for order, option in enumerate(question["options"])
    )
    record("survey.created", survey, by=by, after={"template": data["template"]})
    return survey


def _question(survey: Survey, order: int, data: content.Question) -> Question:
    return Question(
        survey=survey,
        code=data["code"],
        kind=data["kind"],
        text=data["text_ja"],
        text_en=data["text_en"],
        hint=data["hint_ja"],
        hint_en=data["hint_en"],
        required=data["required"],
        max_choices=data["max"],
        max_length=data["max_length"],
        ask_if=data["ask_if"],
        order=order,
    )


def _option(question: Question, order: int, data: content.Option) -> Option:
    return Option(
        question=question,
        code=data["code"],
        label=data["label_ja"],
        label_en=data["label_en"],
        more=data["more"],
        finish=data["finish"],
        low=data["low"],
        high=data["high"],
        order=order,
    )


@transaction.atomic
def copy_survey(survey: Survey, *, title: str, title_en: str = "", by: User | None) -> Survey:
    """A survey of its own with the same questions, options, codes and cross tables.

    What is retired comes along, retired: its codes stay taken in the copy too.
    """
    source = Survey.objects.select_for_update().get(pk=survey.pk)
    copy = _again(source, title=title, title_en=title_en, copied_from=source, version=1)
    copy.save(force_insert=True)
    twins: dict[int, Question] = {}
    for question in source.questions.all():
        twins[question.pk] = _again(question, survey=copy)
    Question.objects.bulk_create(twins.values())
    options = Option.objects.filter(question__survey=source)
    Option.objects.bulk_create(_again(o, question=twins[o.question_id]) for o in options)
    CrossPair.objects.bulk_create(
        _again(pair, survey=copy, rows=twins[pair.rows_id], columns=twins[pair.columns_id])
        for pair in source.cross_pairs.all()
    )
    record("survey.copied", copy, by=by, after={"copied_from": source.pk, "title": title})
    return copy


def _again(row: Row, **changes: Any) -> Row:
    """The same row, not saved yet, with some fields of its own."""
    columns = (field for field in row._meta.concrete_fields if not field.primary_key)
    twin = type(row)(**{column.attname: getattr(row, column.attname) for column in columns})
    for name, value in changes.items():
        setattr(twin, name, value)
    return twin


def copied_title(survey: Survey) -> str:
    """A title for a copy, never longer than the column."""
    return _("Copy of %(title)s") % {"title": survey.title[:100]}


def definition_of(survey: Survey, questions: Sequence[Question] | None = None) -> dict[str, Any]:
    """The survey's rows in the shape of `content.Template`, without what is retired.

    `questions`: where they were read already, in order and with their options.
    """
    if questions is None:
        questions = list(survey.questions.prefetch_related("options").order_by("order", "pk"))
    return {
        "template": survey.template,
        "version": survey.content_version,
        "title_ja": survey.title,
        "title_en": survey.title_en,
        "minutes": survey.minutes,
        "check": survey.check_page,
        "audience": survey.audience,
        "questions": [as_data(question) for question in questions if not question.retired],
    }


def as_data(question: Question) -> dict[str, Any]:
    """A question in the shape of `content.Question`; its options should be prefetched."""
    return {
        "code": question.code,
        "kind": question.kind,
        "text_ja": question.text,
        "text_en": question.text_en,
        "hint_ja": question.hint,
        "hint_en": question.hint_en,
        "required": question.required,
        "max": question.max_choices,
        "max_length": question.max_length,
        "ask_if": question.ask_if,
        "options": [
            {
                "code": option.code,
                "label_ja": option.label,
                "label_en": option.label_en,
                "more": option.more,
                "finish": option.finish,
                "low": option.low,
                "high": option.high,
            }
            for option in question.options.all()
            if not option.retired
        ],
    }
