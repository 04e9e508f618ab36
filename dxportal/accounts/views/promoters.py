"""Promoters: adding, changing, pasting, and asking a head for one. Their page is in dashboards."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.accounts.actions.promoters import (
    PromoterAlready,
    Term,
    add_promoter,
    ask_for_promoter,
    change_promoter,
    remove_promoter,
    suggest_promoter,
)
from dxportal.accounts.choices import ChosenBy
from dxportal.accounts.forms import posted
from dxportal.accounts.forms_promoters import PasteForm, PromoterForm, SuggestForm, TermForm
from dxportal.accounts.models import Department, RoleGrant, User
from dxportal.accounts.promoter_plan import add_planned, plan
from dxportal.accounts.promoting import a_year_more
from dxportal.shared.htmx import notify

LIST = "dashboards:promoter_list"
M = TypeVar("M", bound=Model)


@require_http_methods(["GET", "POST"])
@requires(Permission.APPOINT_PROMOTERS)
def promoter_create(request: HttpRequest) -> HttpResponse:
    """A new promoter; section and person may come from a head's wish."""
    user, today = signed_in(request), timezone.localdate()
    chosen = request.GET.get("chosen", "")
    form = PromoterForm(
        posted(request),
        viewer=user,
        today=today,
        department=_wished(request, "department", Department.objects.visible_to(user)),
        person=_wished(request, "person", User.objects.visible_to(user)),
        chosen=chosen if chosen in ChosenBy.values else "",
    )
    if form.is_valid():
        person, department = form.cleaned_data["person"], form.cleaned_data["department"]
        try:
            add_promoter(person, department, term=form.term(), by=user)
        except PromoterAlready:
            form.add_error("email", _("The person helps this section at that time already."))
        else:
            return notify(request, redirect(LIST), _("The promoter is added."))
    status = 422 if form.is_bound else 200
    return render(request, "accounts/promoter_form.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.APPOINT_PROMOTERS)
def promoter_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change, extend or end a term."""
    user, grant = signed_in(request), _grant(request, pk)
    form = TermForm(posted(request), today=timezone.localdate(), grant=grant)
    if form.is_valid():
        try:
            change_promoter(grant, term=form.term(), by=user)
        except PromoterAlready:
            form.add_error("valid_from", _("The person helps this section at that time already."))
        else:
            return notify(request, redirect(LIST), _("Saved."))
    status = 422 if form.is_bound else 200
    context = {"form": form, "grant": grant}
    return render(request, "accounts/promoter_form.html", context, status=status)


@require_POST
@requires(Permission.APPOINT_PROMOTERS)
def promoter_extend(request: HttpRequest, pk: int) -> HttpResponse:
    """A year more, from the end that the page showed: the same click twice adds one year."""
    user, grant = signed_in(request), _grant(request, pk)
    response = redirect(f"{reverse(LIST)}#section-{grant.department_id}")
    if grant.valid_to is None or request.POST.get("until") != grant.valid_to.isoformat():
        return notify(request, response, _("The term has changed in between."), tone="error")
    term = replace(_term(grant), valid_to=a_year_more(grant.valid_to))
    try:
        change_promoter(grant, term=term, by=user)
    except PromoterAlready:
        sentence = _("The person helps this section at that time already.")
        return notify(request, response, sentence, tone="error")
    sentence = _("%(person)s goes on for a year.") % {"person": grant.user}
    return notify(request, response, sentence)


@require_POST
@requires(Permission.APPOINT_PROMOTERS)
def promoter_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what was entered by mistake."""
    user, grant = signed_in(request), _grant(request, pk)
    remove_promoter(grant, by=user)
    return notify(request, redirect(LIST), _("The entry is removed."))


@require_POST
@requires(Permission.APPOINT_PROMOTERS)
def promoter_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the head of a section to name somebody, once a week."""
    user = signed_in(request)
    department = get_object_or_404(Department.objects.visible_to(user), pk=pk)
    asked = ask_for_promoter(department, by=user, now=timezone.now())
    response = redirect(f"{reverse(LIST)}#section-{department.pk}")
    if asked is None:
        return notify(request, response, _("The head was asked this week already."))
    if not asked:
        sentence = _("Nobody heads %(section)s in the portal: ask there by telephone.")
        return notify(request, response, sentence % {"section": department}, tone="error")
    sentence = _("The head of %(section)s was asked to name somebody.")
    return notify(request, response, sentence % {"section": department})


@require_http_methods(["GET", "POST"])
@requires(Permission.SUGGEST_PROMOTERS)
def promoter_suggest(request: HttpRequest, pk: int) -> HttpResponse:
    """A head names somebody to the DX office."""
    user = signed_in(request)
    department = get_object_or_404(Department.objects.visible_to(user), pk=pk)
    if not can(user, Permission.SUGGEST_PROMOTERS, department.pk):
        raise PermissionDenied
    form = SuggestForm(posted(request), viewer=user)
    if form.is_valid():
        suggest_promoter(department, **form.cleaned_data, by=user, now=timezone.now())
        return notify(request, redirect(LIST), _("The DX office was told. Thank you."))
    status = 422 if form.is_bound else 200
    context = {"form": form, "department": department}
    return render(request, "accounts/promoter_suggest.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.APPOINT_PROMOTERS)
def promoter_import(request: HttpRequest) -> HttpResponse:
    """Paste lines, look at what would happen, add what is ready."""
    user = signed_in(request)
    form = PasteForm(posted(request))
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "accounts/promoter_import.html", {"form": form}, status=status)
    rows = plan(form.cleaned_data["lines"], user, timezone.localdate())
    ready = sum(row.ready for row in rows)
    if "confirm" in request.POST and ready:
        added = add_planned(rows, by=user)
        sentence = ngettext(
            "%(number)d promoter was added.", "%(number)d promoters were added.", added
        )
        return notify(request, redirect(LIST), sentence % {"number": added})
    context = {"form": form, "rows": rows, "ready": ready}
    status = 200 if ready else 422
    return render(request, "accounts/promoter_import.html", context, status=status)


def _grant(request: HttpRequest, pk: int) -> RoleGrant:
    """A promoter's term of this municipality; other roles are not found."""
    grants = RoleGrant.objects.visible_to(signed_in(request)).promoters()
    return get_object_or_404(grants, pk=pk)


def _term(grant: RoleGrant) -> Term:
    return Term(grant.valid_from, grant.valid_to, grant.chosen, grant.how, grant.minutes)


def _wished(request: HttpRequest, name: str, rows: QuerySet[M]) -> M | None:
    """The row that the address names, if there is one."""
    text = request.GET.get(name, "")
    found = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
    return rows.filter(pk=found).first()
