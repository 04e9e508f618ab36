"""Create surveys from templates, and write a survey out as the dict that a wave freezes."""

from typing import Any

from django.db import transaction

from dxportal.accounts.audit import record
from dxportal.accounts.models import Municipality, User
from roadmap.actions.content import ensure_themes
from surveys import content
from surveys.choices import Template
from surveys.models import Option, Question, Survey


@transaction.atomic
def create_survey(
    municipality: Municipality, template: str | content.Template, *, by: User | None
) -> Survey:
    """A survey with the template's questions and options, as rows of the municipality's own."""
    data = content.TEMPLATES[template] if isinstance(template, str) else template
    if data["template"] in {Template.PAIN, Template.INTAKE}:
        ensure_themes(municipality, by=by)
    survey = Survey.objects.create(
        municipality=municipality,
        template=data["template"],
        title=data["title_ja"],
        title_en=data["title_en"],
        minutes=data["minutes"],
        content_version=str(data["version"]),
        audience=data["audience"],
        check_page=data["check"],
    )
    questions = [
        _question(survey, order, question) for order, question in enumerate(data["questions"])
    ]
    Question.objects.bulk_create(questions)
    Option.objects.bulk_create(
        Option(
            question=row,
            code=option["code"],
            label=option["label_ja"],
            label_en=option["label_en"],
            more=option["more"],
            finish=option["finish"],
            low=option["low"],
            high=option["high"],
            order=order,
        )
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


def definition_of(survey: Survey) -> dict[str, Any]:
    """The survey's rows in the shape of `content.Template`, without what is retired."""
    return {
        "template": survey.template,
        "version": survey.content_version,
        "title_ja": survey.title,
        "title_en": survey.title_en,
        "minutes": survey.minutes,
        "check": survey.check_page,
        "audience": survey.audience,
        "questions": [
            _as_data(question)
            for question in survey.questions.filter(retired=False)
            .prefetch_related("options")
            .order_by("order")
        ],
    }


def _as_data(question: Question) -> dict[str, Any]:
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
