"""Surveys: what everybody may answer, and for the DX office what it runs and designs."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.shared.htmx import notify, render_page
from surveys.actions import designing
from surveys.actions.definitions import (
    copied_title,
    copy_survey,
    create_survey,
    definition_of,
)
from surveys.choices import Template
from surveys.design_outlook import to_expect, to_repair
from surveys.models import Survey, Wave
from surveys.survey_forms import SettingsForm, SurveyCreateForm, TitledForm
from surveys.views import design_pages

#: Fields of a survey that its settings change.
SETTINGS = ("title", "title_en", "minutes", "check_page", "repeat")


@require_safe
@requires(Permission.SEE_REPLIES)
def survey_list(request: HttpRequest) -> HttpResponse:
    """What can be answered now, what was asked before; for the DX office every wave."""
    user, now = signed_in(request), timezone.now()
    runs = can(user, Permission.RUN_SURVEYS)
    waves = Prefetch("waves", Wave.objects.newest_first())
    surveys = Survey.objects.visible_to(user).prefetch_related(waves).order_by("-id")
    context = {
        "to_answer": Wave.objects.answerable_by(user, now).select_related("survey"),
        "past": Wave.objects.visible_to(user).published().select_related("survey"),
        "now": now,
        "surveys": surveys if runs else (),
        "runs": runs,
    }
    return render_page(request, "surveys/survey_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def survey_create(request: HttpRequest) -> HttpResponse:
    """A new survey from a template."""
    user = signed_in(request)
    form = SurveyCreateForm(typed(request))
    if request.method == "POST" and form.is_valid() and user.municipality:
        survey = create_survey(user.municipality, by=user, **form.cleaned_data)
        return notify(request, redirect(survey), _("The survey was created."))
    context = {
        "form": form,
        "tiles": design_pages.template_tiles(form["template"].value() or ""),
        "empty": Template.EMPTY.value,
    }
    status = 422 if form.errors else 200
    return render_page(request, "surveys/survey_create.html", context, status=status)


@require_safe
@requires(Permission.RUN_SURVEYS)
def survey_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions with what is to be repaired, and every time they were asked."""
    return show(request, survey_of(request, pk))


def show(
    request: HttpRequest, survey: Survey, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The page of a survey, with a sentence where something could not be done."""
    questions = list(survey.questions.prefetch_related("options").order_by("order", "pk"))
    pairs = list(survey.cross_pairs.select_related("rows", "columns").order_by("pk"))
    waves = list(survey.waves.newest_first())
    definition = definition_of(survey, questions)
    findings = to_repair(definition, pairs)
    expected = to_expect(survey, definition, pairs, timezone.localdate())
    lines = partial(design_pages.finding_lines, questions=questions)
    context: dict[str, Any] = {
        "survey": survey,
        "cards": design_pages.question_cards(survey.template, questions, findings),
        "retired": [question for question in questions if question.retired],
        "errors": lines(findings, "error"),
        "warnings": lines(findings, "warning"),
        "expected": lines(expected, "warning"),
        "pairs": pairs,
        **_rounds(waves),
        "problem": problem,
        **design_pages.cost(definition),
    }
    return render_page(request, "surveys/survey_detail.html", context, status=status)


def _rounds(waves: list[Wave]) -> dict[str, Any]:
    running = any(wave.state in designing.RUNNING for wave in waves)
    return {"waves": waves, "running": running, "kept": designing.why_kept(waves)}


def survey_of(request: HttpRequest, pk: int) -> Survey:
    """A survey of the person's own municipality, or none at all."""
    surveys = Survey.objects.visible_to(signed_in(request)).select_related("municipality")
    return get_object_or_404(surveys, pk=pk)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def survey_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Title, minutes, check page, repetition."""
    survey, user = survey_of(request, pk), signed_in(request)
    initial = {name: getattr(survey, name) for name in SETTINGS}
    form = SettingsForm(typed(request), initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                designing.change_survey(survey, form.wish(), version=version_in(request), by=user)
            except designing.DesignConflict:
                status = 409
            else:
                return notify(request, redirect(survey), _("Saved."))
    context = {
        "survey": survey,
        "form": form,
        "version": survey.version if status != 422 else version_in(request),
        "theirs": designing.last_change(survey) if status == 409 else None,
    }
    return render_page(request, "surveys/survey_edit.html", context, status=status)


def typed(request: HttpRequest) -> QueryDict | None:
    """What was posted, were it nothing; None where the page is only opened."""
    return request.POST if request.method == "POST" else None


def version_in(request: HttpRequest) -> int:
    """The version that the page was made from; 0, which none has, where it is not told."""
    told = request.POST.get("version", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def survey_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A survey of its own with the same questions and codes."""
    survey, user = survey_of(request, pk), signed_in(request)
    form = TitledForm(typed(request), initial={"title": copied_title(survey)})
    if request.method == "POST" and form.is_valid():
        copy = copy_survey(survey, by=user, **form.titles)
        return notify(request, redirect(copy), _("The survey was copied."))
    status = 422 if request.method == "POST" else 200
    context = {"survey": survey, "form": form}
    return render_page(request, "surveys/survey_copy.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def survey_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, then delete a survey that was never asked."""
    survey, user = survey_of(request, pk), signed_in(request)
    waves = list(survey.waves.newest_first())
    kept, status = designing.why_kept(waves), 200
    if request.method == "POST":
        try:
            designing.delete_survey(survey, by=user)
        except designing.DesignRefused as refused:
            kept, status = str(refused), 409
        else:
            return notify(request, redirect("surveys:survey_list"), _("The survey was deleted."))
    context = {"survey": survey, "kept": kept, "waves": waves}
    return render_page(request, "surveys/survey_delete.html", context, status=status)
