"""Surveys: what everybody may answer, and for the DX office what it runs."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.shared.htmx import notify, render_page
from surveys.actions.definitions import create_survey
from surveys.forms import TemplateForm
from surveys.models import Survey, Wave


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
    form = TemplateForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and user.municipality:
        survey = create_survey(user.municipality, form.cleaned_data["template"], by=user)
        return notify(request, redirect(survey), _("The survey was created."))
    status = 422 if form.errors else 200
    return render_page(request, "surveys/survey_create.html", {"form": form}, status=status)


@require_safe
@requires(Permission.RUN_SURVEYS)
def survey_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions, and every time they were asked."""
    surveys = Survey.objects.visible_to(signed_in(request))
    survey = get_object_or_404(surveys, pk=pk)
    context = {
        "survey": survey,
        "questions": survey.questions.prefetch_related("options"),
        "waves": survey.waves.newest_first(),
    }
    return render_page(request, "surveys/survey_detail.html", context)
