"""People: the list, one account, its password."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.actions.people import (
    EmailTaken,
    create_person,
    edit_person,
    reset_password,
)
from dxportal.accounts.forms import PersonForm, SearchForm, posted
from dxportal.accounts.models import User
from dxportal.shared.htmx import notify, render_page

PER_PAGE = 50


@require_safe
@requires(Permission.MANAGE_PEOPLE)
def people_list(request: HttpRequest) -> HttpResponse:
    """Everybody of the municipality, with today's roles."""
    user = signed_in(request)
    form = SearchForm(request.GET)
    people = form.apply(User.objects.visible_to(user)).with_roles(timezone.localdate()).in_order()
    page = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "q": request.GET.get("q", "")}
    return render_page(
        request, "accounts/people_list.html", context, partial="accounts/_people_table.html"
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def person_create(request: HttpRequest) -> HttpResponse:
    """A new account; its password is shown once."""
    user = signed_in(request)
    form = PersonForm(posted(request), viewer=user, today=timezone.localdate())
    if form.is_valid() and user.municipality is not None:
        try:
            person, password = create_person(user.municipality, by=user, **form.cleaned_data)
        except EmailTaken:
            form.add_error("email", _("This e-mail cannot be used."))
        else:
            return _password_page(request, person, password)
    status = 422 if form.is_bound else 200
    return render(request, "accounts/person_create.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Name, e-mail, department, employment, and whether the account is in use."""
    user = signed_in(request)
    person = get_object_or_404(User.objects.visible_to(user), pk=pk)
    form = PersonForm(posted(request), viewer=user, today=timezone.localdate(), person=person)
    if form.is_valid():
        try:
            edit_person(person, by=user, **form.cleaned_data)
        except EmailTaken:
            form.add_error("email", _("This e-mail cannot be used."))
        else:
            return notify(request, redirect("accounts:people_list"), _("Saved."))
    status = 422 if form.is_bound else 200
    context = {"form": form, "person": person}
    return render(request, "accounts/person_edit.html", context, status=status)


@require_POST
@requires(Permission.MANAGE_PEOPLE)
def person_reset_password(request: HttpRequest, pk: int) -> HttpResponse:
    """A new password, shown once; one's own is changed elsewhere."""
    user = signed_in(request)
    person = get_object_or_404(User.objects.visible_to(user), pk=pk)
    if person == user:
        return redirect("accounts:password_change")
    return _password_page(request, person, reset_password(person, by=user))


def _password_page(request: HttpRequest, person: User, password: str) -> HttpResponse:
    """The one page that ever shows it; no cache keeps it (MunicipalityMiddleware)."""
    context = {"person": person, "password": password}
    return render(request, "accounts/person_password.html", context)
