"""Step 4 of the wizard: oneself, other people, staff without an account, a trial message."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dxportal.accounts.access import Permission, requires, roles_of, signed_in
from dxportal.accounts.actions.organisation import set_without_account
from dxportal.accounts.actions.people import edit_person
from dxportal.accounts.actions.roles import RoleHeldAlready, grant_role
from dxportal.accounts.choices import DepartmentKind, ImportKind, Role
from dxportal.accounts.models import Department, ImportJob, RoleGrant, User
from dxportal.dashboards.forms_setup import CountsForm, MeForm, PasteForm
from dxportal.dashboards.setting_up.frame import go_on, may_post, municipality_of, step_page
from dxportal.dashboards.setting_up.pasting import apply_pasted, job_in, pasted_view, read_pasted
from dxportal.shared.htmx import notify
from roadmap.choices import SetUpStep

STEP = SetUpStep.PEOPLE


@require_http_methods(["GET", "POST"])
@requires(Permission.SET_UP)
def setup_people(request: HttpRequest) -> HttpResponse:
    """Four small forms, each of which may stay as it is."""
    if request.method != "POST":
        return _page(request, job=job_in(request, ImportKind.STAFF))
    may_post(request, STEP)
    action = request.POST.get("action", "")
    if action == "done":
        return go_on(request, STEP)
    if action == "apply":
        job, written = apply_pasted(request, ImportKind.STAFF)
        if not written:
            return _page(request, job=job, status=409)
        return notify(request, redirect("dashboards:setup_people"), _("The people are taken over."))
    if action == "paste":
        form = PasteForm(request.POST, kind=ImportKind.STAFF)
        return read_pasted(request, form, STEP) if form.is_valid() else _page(request, paste=form)
    return _counts(request) if action == "counts" else _me(request)


def _me(request: HttpRequest) -> HttpResponse:
    """Where the person belongs and, where wished, the role of the DX office; then the next step."""
    user, today = signed_in(request), timezone.localdate()
    form = MeForm(request.POST, viewer=user, today=today)
    if not form.is_valid():
        return _page(request, me=form)
    edit_person(user, by=user, department=form.cleaned_data["department"])
    if form.cleaned_data.get("office"):
        _become_office(user)
    return go_on(request, STEP, _("Saved."))


def _become_office(user: User) -> None:
    """Whoever manages people may give the role, to themselves as to others; the trail says so."""
    how = _("Taken in the set-up")
    try:
        grant_role(
            user,
            Role.DX_OFFICE,
            department=None,
            valid_from=timezone.localdate(),
            valid_to=None,
            how=how,
            by=user,
        )
    except RoleHeldAlready:
        return
    user._roles_today = None


def _counts(request: HttpRequest) -> HttpResponse:
    form = CountsForm(request.POST, units=_units(signed_in(request)))
    if not form.is_valid():
        return _page(request, counts=form)
    set_without_account(municipality_of(request), form.counts(), by=signed_in(request))
    return notify(request, redirect("dashboards:setup_people"), _("Saved."))


def _units(user: User) -> list[Department]:
    """Departments that people belong to, in the order of the organisation; teams are left out."""
    here = Department.objects.visible_to(user).on(timezone.localdate())
    return list(here.exclude(kind=DepartmentKind.TEAM).select_related("bureau").in_order())


def _page(
    request: HttpRequest,
    *,
    me: MeForm | None = None,
    paste: PasteForm | None = None,
    counts: CountsForm | None = None,
    job: ImportJob | None = None,
    status: int | None = None,
) -> HttpResponse:
    user, today = signed_in(request), timezone.localdate()
    refused = me or paste or counts
    units = counts.units if counts else _units(user)
    people = User.objects.filter(municipality_id=user.municipality_id, is_active=True)
    office = RoleGrant.objects.visible_to(user).on(today).filter(role=Role.DX_OFFICE)
    context: dict[str, Any] = {
        "me": me or MeForm(viewer=user, today=today, initial={"department": user.department_id}),
        "paste": paste or PasteForm(kind=ImportKind.STAFF, auto_id="paste_%s"),
        "counts": counts or CountsForm(units=units),
        "form": refused,
        "pasted": pasted_view(job),
        "conflict": status == 409,
        "is_office": Role.DX_OFFICE in roles_of(user),
        "people": people.count(),
        "placed": people.filter(department__isnull=False).count(),
        "office": [grant.user.name for grant in office.select_related("user")],
        "staff": sum(unit.without_account for unit in units),
        "mail_enabled": settings.MAIL_ENABLED,
    }
    return step_page(request, STEP, context, status=status or (422 if refused else 200))
