"""One criterion of one department: the page, confirming it, entering its figure."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dxportal.accounts.access import signed_in
from dxportal.accounts.models import Department, User
from dxportal.dashboards.cells import page as criterion_page
from dxportal.dashboards.cells.states import criterion_state
from dxportal.dashboards.forms_criterion import ConfirmForm
from dxportal.dashboards.scope import may_confirm
from dxportal.shared.htmx import notify
from roadmap.actions.assessments import confirm_criteria
from roadmap.actions.evidence import DepartmentEnded
from roadmap.actions.readings import enter_readings
from roadmap.choices import CriterionSource
from roadmap.forms.readings import ReadingForm
from roadmap.models import Criterion
from roadmap.permissions import may_feed
from roadmap.reading_rows import Figure

PAGE = "dashboards/criterion_detail.html"


def _found(request: HttpRequest, pk: int, code: str) -> tuple[User, Department, Criterion]:
    """404 for strangers and unknown codes, 403 for those who may not see it by name."""
    user = signed_in(request)
    visible = Department.objects.visible_to(user).select_related("bureau", "parent", "municipality")
    department = get_object_or_404(visible, pk=pk)
    rows = Criterion.objects.visible_to(user).in_force().select_related("stage")
    criterion = get_object_or_404(rows, code=code)
    if not criterion_page.may_see(user, department, criterion):
        raise PermissionDenied
    return user, department, criterion


@require_safe
def criterion_detail(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Where it stands, where the level comes from, what would change it, and what happened."""
    user, department, criterion = _found(request, pk, code)
    context = criterion_page.build(user, department, criterion, timezone.localdate())
    return render(request, PAGE, context)


@require_POST
def criterion_confirm(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """The head confirms it; what was asked about it is answered by that."""
    user, department, criterion = _found(request, pk, code)
    if not may_confirm(user, department):
        raise PermissionDenied
    today = timezone.localdate()
    state = criterion_state(department, criterion, as_of=today)
    form = ConfirmForm(request.POST, state=state)
    if form.is_valid():
        try:
            confirm_criteria(department, {criterion.pk: form.claim()}, by=user, on=today)
        except DepartmentEnded as refused:
            here = redirect("dashboards:criterion_detail", pk, code)
            return notify(request, here, " ".join(refused.messages), tone="error")
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            words = _("%(code)s was confirmed.") % {"code": criterion.code}
            return notify(request, redirect("dashboards:criterion_detail", pk, code), words)
    context = criterion_page.build(user, department, criterion, today, confirm=form)
    return render(request, PAGE, context, status=422)


@require_POST
def criterion_reading(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """One figure of the department; one of the same day takes its place."""
    user, department, criterion = _found(request, pk, code)
    if not may_feed(user, department) or criterion.source != CriterionSource.INDICATOR:
        raise PermissionDenied
    today = timezone.localdate()
    form = ReadingForm(request.POST, today=today, unit=criterion.unit)
    if form.is_valid():
        data = form.cleaned_data
        note = " ".join(data["note"].split())
        figure = Figure(criterion.pk, department.pk, data["measured_on"], data["value"], note)
        try:
            enter_readings(department.municipality, [figure], by=user, today=today)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            words = _("The figure was saved.")
            return notify(request, redirect("dashboards:criterion_detail", pk, code), words)
    context = criterion_page.build(user, department, criterion, today, reading=form)
    return render(request, PAGE, context, status=422)
