"""The municipality, its departments, and the municipalities of the installation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.actions.organisation import (
    CodeTaken,
    ParentBelow,
    edit_municipality,
    save_department,
)
from dxportal.accounts.forms import DepartmentForm, MunicipalityForm, posted
from dxportal.accounts.models import Department, Municipality, User
from dxportal.shared.htmx import notify


@require_safe
@requires(Permission.SEE_INSTALLATION)
def installation(request: HttpRequest) -> HttpResponse:
    """Names and codes of the municipalities, nothing of what they hold."""
    municipalities = Municipality.objects.order_by("code").values("code", "name")
    return render(request, "accounts/installation.html", {"municipalities": municipalities})


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def municipality_edit(request: HttpRequest) -> HttpResponse:
    """What the municipality says of itself."""
    user = signed_in(request)
    municipality = get_object_or_404(Municipality, pk=user.municipality_id)
    names = ("name", "size_band", "calendar_style", "report_channel", "report_url")
    initial = {name: getattr(municipality, name) for name in names}
    form = MunicipalityForm(posted(request), initial=initial)
    if form.is_valid():
        edit_municipality(municipality, by=user, **form.cleaned_data)
        return notify(request, redirect("accounts:municipality_edit"), _("Saved."))
    context = {"form": form, "municipality": municipality}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/municipality_edit.html", context, status=status)


@require_safe
@requires(Permission.MANAGE_PEOPLE)
def department_list(request: HttpRequest) -> HttpResponse:
    """Departments in the order of the organisation chart; ended ones last."""
    user, today = signed_in(request), timezone.localdate()
    here = Department.objects.visible_to(user).select_related("parent").in_order()
    context = {"departments": here.on(today), "others": here.not_on(today)}
    return render(request, "accounts/department_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def department_create(request: HttpRequest) -> HttpResponse:
    """A new department."""
    user = signed_in(request)
    form = DepartmentForm(posted(request), viewer=user, today=timezone.localdate())
    if form.is_valid() and _saved(form, None, by=user):
        response = redirect("accounts:department_list")
        return notify(request, response, _("The department is created."))
    status = 422 if form.is_bound else 200
    context = {"form": form, "title": _("Add a department")}
    return render(request, "accounts/department_edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def department_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One department; an end keeps its history."""
    user = signed_in(request)
    department = get_object_or_404(Department.objects.visible_to(user), pk=pk)
    form = DepartmentForm(
        posted(request), viewer=user, today=timezone.localdate(), department=department
    )
    if form.is_valid() and _saved(form, department, by=user):
        return notify(request, redirect("accounts:department_list"), _("Saved."))
    status = 422 if form.is_bound else 200
    context = {"form": form, "title": department.name}
    return render(request, "accounts/department_edit.html", context, status=status)


def _saved(form: DepartmentForm, department: Department | None, *, by: User) -> bool:
    """Save what the form holds, or say beside the field why not."""
    if by.municipality is None:
        return False
    try:
        save_department(department, municipality=by.municipality, by=by, **form.cleaned_data)
    except CodeTaken:
        form.add_error("code", _("Another department has this code."))
        return False
    except ParentBelow:
        form.add_error("parent", _("That department lies below this one."))
        return False
    return True
