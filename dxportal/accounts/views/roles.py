"""Who may do what: the table of roles, and the roles of one person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import ROLE_PERMISSIONS, SENTENCES, Permission, requires, signed_in
from dxportal.accounts.actions.roles import (
    LastAdministrator,
    RoleHeldAlready,
    end_role,
    grant_role,
)
from dxportal.accounts.choices import DEPARTMENT_ROLES, Role
from dxportal.accounts.forms import EndForm, RoleForm, posted
from dxportal.accounts.models import RoleGrant, User
from dxportal.shared.htmx import notify


@require_safe
def role_table(request: HttpRequest) -> HttpResponse:
    """The table that the program itself obeys, for everybody to read."""
    rows = [
        (SENTENCES[permission], [permission in ROLE_PERMISSIONS[role] for role in Role])
        for permission in Permission
    ]
    heads = [(role.label, role in DEPARTMENT_ROLES) for role in Role]
    return render(request, "accounts/role_table.html", {"heads": heads, "rows": rows})


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def person_roles(request: HttpRequest, pk: int) -> HttpResponse:
    """Roles of one person, past and future; give another."""
    user = signed_in(request)
    person = get_object_or_404(User.objects.visible_to(user), pk=pk)
    today = timezone.localdate()
    form = RoleForm(posted(request), viewer=user, today=today)
    if form.is_valid():
        try:
            grant_role(person, by=user, **form.cleaned_data)
        except RoleHeldAlready:
            form.add_error("role", _("The person holds this role from that day already."))
        else:
            return notify(request, redirect("accounts:person_roles", pk), _("The role is given."))
    grants = RoleGrant.objects.visible_to(user).of(person)
    context = {"form": form, "person": person, "grants": grants, "today": today}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/person_roles.html", context, status=status)


@require_POST
@requires(Permission.MANAGE_PEOPLE)
def role_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a role on the given day."""
    user = signed_in(request)
    grants = RoleGrant.objects.visible_to(user).select_related("user", "department")
    grant = get_object_or_404(grants, pk=pk)
    form = EndForm(request.POST)
    response = redirect("accounts:person_roles", grant.user_id)
    if not form.is_valid():
        return notify(request, response, _("Give the day as a date."), tone="error")
    try:
        end_role(grant, on=form.cleaned_data["on"], by=user)
    except LastAdministrator:
        sentence = _("This is the last administrator. Give the role to somebody else first.")
        return notify(request, response, sentence, tone="error")
    return notify(request, response, _("The role is ended."))
