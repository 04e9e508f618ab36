"""A table compared cell by cell: choose in conflicts, get all cells as a file, take it back."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.actions.import_jobs import choose_sides, undo_import
from dxportal.accounts.import_cells import cell_header, cell_rows, sides_of
from dxportal.accounts.views.imports import csv_file, job_of
from dxportal.shared.htmx import notify
from dxportal.shared.tabular import csv_lines


@require_POST
@requires(Permission.IMPORT_DATA, Permission.MANAGE_PEOPLE)
def import_choices(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep what was chosen in the conflicts of one page, and go on to the wanted page."""
    job, _importer = job_of(request, pk)
    choose_sides(job, sides_of(request.POST, job.preview.get("groups", [])))
    query = {name: request.POST.get(name, "")[:20] for name in ("show", "page")}
    address = f"{reverse('accounts:import_detail', args=[job.pk])}?{urlencode(query)}"
    return notify(request, redirect(address), _("Your choice is kept. Nothing is written yet."))


@require_safe
@requires(Permission.IMPORT_DATA, Permission.MANAGE_PEOPLE)
def import_cells(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every cell of the preview, for Excel."""
    job, _importer = job_of(request, pk)
    name = f"{_('changes')}_{job.file_name}.csv"
    return csv_file(csv_lines(cell_header(), cell_rows(job)), name)


@require_POST
@requires(Permission.IMPORT_DATA, Permission.MANAGE_PEOPLE)
def import_undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the whole import back; what somebody changed since stays and is listed."""
    job, _importer = job_of(request, pk)
    response = redirect("accounts:import_detail", job.pk)
    if not undo_import(job, by=signed_in(request)):
        return notify(request, response, _("There is nothing to take back."), tone="error")
    job.refresh_from_db(fields=["summary"])
    count = job.summary["undone"]
    text = ngettext("%(count)s row was set back.", "%(count)s rows were set back.", count)
    return notify(request, response, text % {"count": count})
