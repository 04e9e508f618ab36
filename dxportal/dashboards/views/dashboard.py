"""The municipality's two-axis staircase."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.accounts.models import Department, User
from dxportal.dashboards import department_page, panels
from dxportal.dashboards.adoption import adoption_rows
from dxportal.dashboards.department_page import Stair
from dxportal.dashboards.painpoints import pain_summary
from dxportal.dashboards.value_page import value_panel
from roadmap.models import Initiative


@require_safe
@requires(Permission.SEE_DISTRIBUTION)
def dashboard(request: HttpRequest) -> HttpResponse:
    """Names for those who may see them, counts for everybody."""
    user = signed_in(request)
    with_culture = can(user, Permission.SEE_CULTURE_NAMES)
    picked = _number(request.GET.get("department", ""))
    data = panels.dashboard(
        user,
        period=request.GET.get("period", ""),
        compare=request.GET.get("compare", ""),
        picked=picked,
        with_culture=with_culture,
        with_names=can(user, Permission.SEE_TECHNOLOGY_NAMES),
        today=timezone.localdate(),
    )
    may_see_results = can(user, Permission.SEE_RESULTS)
    adoption = adoption_rows(user, as_of=timezone.localdate())
    context = {
        "data": data,
        "chosen": _chosen(user, picked, with_culture),
        "adoption": adoption,
        "rooted": sum(row.adoption.took_root for row in adoption),
        "hollow": sum(row.adoption.hollow for row in adoption),
        "pain": pain_summary(user, timezone.now()) if may_see_results else None,
        "value": value_panel(user),
        "may_see_results": may_see_results,
        "samples": Initiative.objects.visible_to(user).samples().count(),
        "offers_imports": not data.health.total and _may_begin(user),
    }
    return render(request, "dashboards/dashboard.html", context)


def _may_begin(user: User) -> bool:
    """Whether somebody who imports tables looks at a municipality without any initiative."""
    imports = can(user, Permission.IMPORT_DATA) or can(user, Permission.MANAGE_PEOPLE)
    return imports and not Initiative.objects.visible_to(user).exists()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _chosen(
    user: User, pk: int | None, with_culture: bool
) -> tuple[Department, list[Stair]] | None:
    """The department of the side card, for those who see names."""
    if pk is None or not can(user, Permission.SEE_TECHNOLOGY_NAMES):
        return None
    department = Department.objects.visible_to(user).filter(pk=pk).first()
    if department is None:
        return None
    as_of = timezone.localdate()
    return department, department_page.stairs(department, as_of=as_of, with_culture=with_culture)
