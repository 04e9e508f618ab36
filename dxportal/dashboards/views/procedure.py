"""The check list of the national procedure: read by everybody, kept by the DX office."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.dashboards.forms_setup import ProcedureForm
from dxportal.dashboards.procedure import steps_of
from dxportal.shared.htmx import notify
from roadmap.actions.procedure import ProcedureConflict, say_procedure, undo_procedure
from roadmap.content.procedure import ITEMS
from roadmap.models import ProcedureEntry


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_DISTRIBUTION)
def procedure(request: HttpRequest) -> HttpResponse:
    """The four steps; a post says how far one item is."""
    if request.method != "POST":
        return _page(request)
    user, item = signed_in(request), request.POST.get("item", "")
    if not can(user, Permission.KEEP_PROCEDURE) or user.municipality is None:
        raise PermissionDenied
    form = ProcedureForm(request.POST, prefix=item if item in ITEMS else "item")
    if form.is_valid():
        try:
            said = say_procedure(
                user.municipality, item, by=user, today=timezone.localdate(), **form.said()
            )
        except ValidationError as error:
            form.add_error(None, error)
        except ProcedureConflict:
            return _page(request, form, item, status=409)
        else:
            response = redirect(f"{reverse('dashboards:procedure')}#item-{item}")
            undo = reverse("dashboards:procedure_undo", args=[said.pk]) if said else None
            return notify(request, response, _("Saved."), undo)
    return _page(request, form, item, status=422)


@require_POST
@requires(Permission.KEEP_PROCEDURE)
def procedure_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what was said last of an item."""
    user = signed_in(request)
    entry = get_object_or_404(ProcedureEntry.objects.visible_to(user), pk=pk)
    undone = undo_procedure(entry, by=user)
    response = redirect(f"{reverse('dashboards:procedure')}#item-{entry.item}")
    words = _("Taken back.") if undone else _("Somebody said something newer; it stays.")
    return notify(request, response, words, tone="success" if undone else "error")


def _page(
    request: HttpRequest,
    form: ProcedureForm | None = None,
    item: str = "",
    *,
    status: int = 200,
) -> HttpResponse:
    user = signed_in(request)
    steps = steps_of(user, timezone.localdate())
    may_edit = can(user, Permission.KEEP_PROCEDURE)
    forms = {
        row.item.code: (
            form if form is not None and row.item.code == item else ProcedureForm.of(row)
        )
        for step in steps
        for row in step.items
        if may_edit
    }
    context = {
        "steps": [
            (step, [(row, forms.get(row.item.code)) for row in step.items]) for step in steps
        ],
        "may_edit": may_edit,
        "opened": item if form is not None else request.GET.get("item", ""),
        "form": form,
        "conflict": status == 409,
    }
    return render(request, "dashboards/procedure.html", context, status=status)
