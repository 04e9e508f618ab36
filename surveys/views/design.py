"""Designing a survey: its questions, and the cross tables declared for it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.shared.htmx import notify, render_page
from surveys.actions import crosses, designing
from surveys.actions.definitions import as_data, definition_of
from surveys.design_checks import check_pairs
from surveys.design_forms import Fixed, QuestionForm
from surveys.design_outlook import codes_of, to_expect
from surveys.models import CrossPair, Question, Survey
from surveys.survey_forms import CrossForm
from surveys.tied import is_needed, is_tied, lost_without
from surveys.views import design_pages
from surveys.views.survey_pages import show, survey_of, typed, version_in


def _question(request: HttpRequest, pk: int, code: str) -> Question:
    questions = survey_of(request, pk).questions.select_related("survey__municipality")
    if "\0" in code:
        raise Http404
    return get_object_or_404(questions.prefetch_related("options"), code=code)


def _at(question: Question) -> str:
    """The place of a question on the page of its survey."""
    return f"{question.survey.get_absolute_url()}#question-{question.code}"


def _changed_meanwhile() -> str:
    return _(
        "Somebody else changed this survey meanwhile. This is how it is now; please try again."
    )


# One question -----------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def question_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a question at the end."""
    survey, user = survey_of(request, pk), signed_in(request)
    form = QuestionForm(
        typed(request),
        earlier=definition_of(survey)["questions"],
    )
    if request.method == "GET" or request.POST.get("action") == "rows":
        return _form_page(request, survey, form)
    if not form.is_valid():
        return _form_page(request, survey, form, status=422)
    try:
        question = designing.add_question(survey, form.wish(), version=version_in(request), by=user)
    except designing.DesignRefused as refused:
        form.add_error(None, str(refused))
        return _form_page(request, survey, form, status=422)
    except designing.DesignConflict:
        return _form_page(request, survey, form, status=409)
    return notify(request, redirect(_at(question)), _("The question was added."))


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def question_edit(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Change texts, answers and condition of a question."""
    question, user = _question(request, pk, code), signed_in(request)
    form = _edit_form(request, question)
    if request.method == "GET" or request.POST.get("action") == "rows":
        return _form_page(request, question.survey, form)
    if not form.is_valid():
        return _form_page(request, question.survey, form, status=422)
    try:
        designing.change_question(question, form.wish(), version=version_in(request), by=user)
    except designing.DesignRefused as refused:
        form.add_error(None, str(refused))
        return _form_page(request, question.survey, form, status=422)
    except designing.DesignConflict:
        return _form_page(request, question.survey, form, status=409)
    return notify(request, redirect(_at(question)), _("The question was saved."))


def _edit_form(request: HttpRequest, question: Question) -> QuestionForm:
    survey = question.survey
    asked = question.code in designing.asked_codes(survey)
    tied = is_tied(survey.template, question.code)
    before = survey.questions.filter(order__lt=question.order, retired=False)
    earlier = before.prefetch_related("options").order_by("order", "pk")
    return QuestionForm(
        typed(request),
        question=question,
        earlier=[] if is_needed(survey.template, question.code) else list(map(as_data, earlier)),
        fixed=Fixed(kind=asked or tied, answers=tied, bounds=asked),
    )


def _form_page(
    request: HttpRequest, survey: Survey, form: QuestionForm, *, status: int = 200
) -> HttpResponse:
    """The form; after a conflict with what is saved now, and what was typed still in it."""
    more_rows = request.method == "POST" and request.POST.get("action") == "rows"
    judged = request.method == "POST" and not more_rows and status != 409
    seen = version_in(request) if judged or more_rows else survey.version
    question = form.question
    context: dict[str, Any] = {
        "survey": survey,
        "question": question,
        "form": form.with_more_rows() if more_rows else form,
        "version": seen,
        "theirs": designing.last_change(survey) if status == 409 else None,
        "conflict": status == 409,
        "running": designing.is_running(survey),
        "tied": lost_without(survey.template, question.code) if question else "",
    }
    return render_page(request, "surveys/question_form.html", context, status=status)


@require_POST
@requires(Permission.RUN_SURVEYS)
def question_move(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """One place up or down."""
    question, user = _question(request, pk, code), signed_in(request)
    steps = -1 if request.POST.get("direction") == "up" else 1
    try:
        designing.move_question(question, steps, version=version_in(request), by=user)
    except designing.DesignRefused as refused:
        return show(request, question.survey, problem=str(refused), status=409)
    except designing.DesignConflict:
        return show(request, question.survey, problem=_changed_meanwhile(), status=409)
    return notify(request, redirect(_at(question)), _("The question was moved."))


@require_POST
@requires(Permission.RUN_SURVEYS)
def question_retire(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Ask it no longer; undone by one press."""
    question, user = _question(request, pk, code), signed_in(request)
    try:
        designing.retire_question(question, by=user)
    except designing.DesignRefused as refused:
        return show(request, question.survey, problem=str(refused), status=409)
    undo = reverse("surveys:question_restore", args=[pk, code])
    sentence = _("“%(question)s” is no longer asked.") % {"question": question.text}
    return notify(request, redirect(question.survey), sentence, undo)


@require_POST
@requires(Permission.RUN_SURVEYS)
def question_restore(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Ask it again, where it stood."""
    question = _question(request, pk, code)
    designing.restore_question(question, by=signed_in(request))
    sentence = _("“%(question)s” is asked again.") % {"question": question.text}
    return notify(request, redirect(_at(question)), sentence)


# Cross tables -----------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def survey_crosses(request: HttpRequest, pk: int) -> HttpResponse:
    """Which pairs of questions are counted against each other, and which cells would be hidden."""
    survey = survey_of(request, pk)
    questions = list(survey.questions.prefetch_related("options").order_by("order", "pk"))
    pairs = list(survey.cross_pairs.select_related("rows", "columns", "survey").order_by("pk"))
    if request.method == "GET":
        return _crosses_page(request, survey, questions, pairs)
    try:
        return _cross_changed(request, survey, questions, pairs)
    except designing.DesignRefused as refused:
        problem, status = str(refused), 422
    except designing.DesignConflict:
        problem, status = _changed_meanwhile(), 409
    return _crosses_page(request, survey, questions, pairs, problem=problem, status=status)


def _cross_changed(
    request: HttpRequest, survey: Survey, questions: list[Question], pairs: list[CrossPair]
) -> HttpResponse:
    """Take the pair of the pressed button back, or declare the chosen one."""
    user, version = signed_in(request), version_in(request)
    back = redirect("surveys:survey_crosses", survey.pk)
    if "remove" in request.POST:
        pair = next((p for p in pairs if str(p.pk) == request.POST["remove"]), None)
        if pair is not None:
            crosses.remove_cross(pair, version=version, by=user)
        return notify(request, back, _("The cross table was taken back."))
    form = CrossForm(request.POST, questions=questions)
    if not form.is_valid():
        return _crosses_page(request, survey, questions, pairs, form=form, status=422)
    crosses.add_cross(survey, version=version, by=user, **form.cleaned_data)
    return notify(request, back, _("The cross table was declared."))


def _crosses_page(
    request: HttpRequest,
    survey: Survey,
    questions: list[Question],
    pairs: list[CrossPair],
    *,
    form: CrossForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    definition = definition_of(survey, questions)
    findings = check_pairs(definition, codes_of(pairs))
    expected = to_expect(survey, definition, pairs, timezone.localdate())
    if form is None:
        form = CrossForm(typed(request), questions=questions)
    context = {
        "survey": survey,
        "form": form,
        "pairs": pairs,
        "errors": design_pages.finding_lines(findings, "error", questions),
        "expected": design_pages.finding_lines(expected, "warning", questions),
        "running": designing.is_running(survey),
        "problem": problem,
    }
    return render_page(request, "surveys/survey_crosses.html", context, status=status)
