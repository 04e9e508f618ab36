"""Trying a survey out as a respondent: every answer travels in the page, nothing is stored."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dxportal.accounts.access import Permission, requires
from dxportal.shared.names import looks_like_name
from surveys import answers as meaning
from surveys.actions.definitions import definition_of
from surveys.answers import Answers
from surveys.choices import Audience, Repeat
from surveys.content.notice import notice
from surveys.design_outlook import K_CELL
from surveys.kinds import kind_of
from surveys.models import Survey
from surveys.views.answer_pages import answer_rows, in_language, question_page
from surveys.views.survey_pages import survey_of

#: Fewest texts of a bureau, as every round proposes.
K_TEXT = 10
#: Answers of one person fit in this many characters many times over.
MOST_CARRIED = 20_000


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def survey_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The first page, and then one question after the other, in either language."""
    survey = survey_of(request, pk)
    wanted = request.GET.get("lang", "")
    language = wanted if wanted in {"ja", "en"} else translation.get_language()
    with translation.override(language):
        page = _step(request, survey, definition_of(survey))
        context = {
            "survey": survey,
            "language": language,
            "title": in_language({"title_ja": survey.title, "title_en": survey.title_en}, "title"),
            "pages": len(page["definition"]["questions"]),
            **page,
        }
        return render(
            request, "surveys/survey_preview.html", context, status=page.get("status", 200)
        )


def _step(request: HttpRequest, survey: Survey, definition: dict[str, Any]) -> dict[str, Any]:
    """What the pressed button leads to."""
    post, action = request.POST, request.POST.get("action", "")
    answers = _carried(definition, post.get("carry", ""))
    question = meaning.question_of(definition, post.get("code", ""))
    if not definition["questions"] or request.method == "GET" or action == "first":
        return _first(survey, definition)
    if action in {"next", "send"} and question is not None:
        values = post.getlist("answer")
        answer, problem = meaning.read(question, values)
        is_named = kind_of(question).text and "name_seen" not in post
        names = is_named and isinstance(answer, str) and looks_like_name(answer)
        if problem or names:
            page = question_page(
                definition,
                question,
                answers,
                posted=values,
                problem=problem,
                names_somebody=names,
            )
            return {**_drawn(definition, answers, page=page), "status": 422}
        answers = meaning.with_answer(answers, question["code"], answer)
    return _further(definition, answers, action, post.get("code", ""), post.get("open", ""))


def _further(
    definition: dict[str, Any], answers: Answers, action: str, code: str, wanted: str
) -> dict[str, Any]:
    """The question that follows, the one that was asked for, the last page, or the end."""
    if action == "send":
        lacking = meaning.missing(definition, answers)
        if not lacking:
            return _drawn(definition, answers, end=True)
        page = meaning.question_of(definition, lacking[0])
    elif action == "open":
        page = meaning.question_of(definition, wanted) or definition["questions"][0]
    elif action == "start":
        page = definition["questions"][0]
    else:
        following = meaning.after(definition, answers, code)
        page = meaning.question_of(definition, following) if following else None
    if page is None and not definition["check"]:
        return _drawn(definition, answers, end=True)
    if page is None:
        previous = meaning.before(definition, answers, None)
        rows = answer_rows(definition, answers)
        return _drawn(definition, answers, rows=rows, previous=previous)
    return _drawn(definition, answers, page=question_page(definition, page, answers))


def _first(survey: Survey, definition: dict[str, Any]) -> dict[str, Any]:
    """The notice reads as with the settings that every round proposes."""
    ja, en = notice(
        closes=_("(the deadline of the round)"),
        k=K_CELL,
        k_text=K_TEXT,
        readers=[_("(whom the round names)")],
        heads=survey.audience == Audience.HEADS,
        has_text=any(kind_of(question).text for question in definition["questions"]),
        repeats=survey.repeat == Repeat.MONTHLY,
    )
    agreed = in_language({"notice_ja": ja, "notice_en": en}, "notice")
    return _drawn(definition, {}, first=True, notice=agreed)


def _drawn(definition: dict[str, Any], answers: Answers, **more: Any) -> dict[str, Any]:
    """Every name that the template reads."""
    nothing = {"first": False, "end": False, "page": None, "rows": None, "notice": ""}
    carry = json.dumps(answers, ensure_ascii=False)
    return {"definition": definition, "carry": carry, "previous": None, **nothing, **more}


def _carried(definition: dict[str, Any], text: str) -> Answers:
    """The answers that travelled in the page, as far as they stand."""
    try:
        given = json.loads(text) if len(text) <= MOST_CARRIED else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(given, dict):
        return {}
    plain = {str(code): value for code, value in given.items() if _is_answer(value)}
    return meaning.settled(definition, plain)


def _is_answer(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str)
