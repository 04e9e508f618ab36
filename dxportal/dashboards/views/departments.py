"""One department's two staircases, and its criteria."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dxportal.accounts.access import Permission, can, signed_in
from dxportal.accounts.models import Department, User
from dxportal.dashboards.cells import states as criteria
from dxportal.dashboards.cells.left_out import left_out_words
from dxportal.dashboards.forms import CriteriaForm
from dxportal.dashboards.heads import department_page
from dxportal.dashboards.scope import may_confirm, may_see_culture, may_see_technology
from dxportal.shared.htmx import notify
from roadmap.choices import Axis
from roadmap.rounds import department_line, may_see_return


def _department(request: HttpRequest, pk: int) -> tuple[User, Department]:
    """The department, 404 for strangers, 403 for those who may not see it by name."""
    user = signed_in(request)
    visible = Department.objects.visible_to(user).select_related("bureau", "parent")
    department = get_object_or_404(visible, pk=pk)
    if not may_see_technology(user, department):
        raise PermissionDenied
    return user, department


@require_safe
def department_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A head's first page: both stairs, what is missing, the top pain point, the initiatives."""
    user, department = _department(request, pk)
    context = department_page.build(
        user,
        department,
        now=timezone.now(),
        with_culture=may_see_culture(user, department),
        with_results=can(user, Permission.SEE_RESULTS),
    )
    context["may_confirm"] = may_confirm(user, department)
    if may_see_return(user, department.pk, timezone.localdate()):
        context["round_line"] = department_line(department.municipality_id, [department.pk])
    return render(request, "dashboards/department_detail.html", context)


@require_http_methods(["GET", "POST"])
def department_assess(request: HttpRequest, pk: int) -> HttpResponse:
    """The criteria of one department: levels, evidence, confirm."""
    user, department = _department(request, pk)
    if not may_confirm(user, department):
        raise PermissionDenied
    today = timezone.localdate()
    states = criteria.stage_states(department, as_of=today)
    form = CriteriaForm(request.POST or None, states=states)
    if request.method == "POST" and form.is_valid():
        try:
            changed = form.save(department, by=user, on=today)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            response = redirect("dashboards:department_detail", department.pk)
            message = _("Confirmed %(count)d criteria.") % {"count": changed}
            message = message if changed else _("Nothing had changed.")
            return notify(request, response, message + left_out_words(department, today))
    context: dict[str, Any] = {
        "department": department,
        "form": form,
        "axes": form.axes(),
        "answered": sum(c.level is not None for s in states[Axis.TECHNOLOGY] for c in s.criteria),
    }
    status = 422 if form.is_bound else 200
    return render(request, "dashboards/department_assess.html", context, status=status)
