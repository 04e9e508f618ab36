"""Importing a table: choose a file, look at what would happen, confirm, go on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.accounts.actions.import_jobs import (
    confirm_import,
    may_undo,
    read_again,
    start_import,
)
from dxportal.accounts.choices import ImportState
from dxportal.accounts.forms_import import ColumnsForm, ImportUploadForm
from dxportal.accounts.import_cells import cells_view, sides_of
from dxportal.accounts.import_pages import progress_view, shown_rows
from dxportal.accounts.import_registry import Importer, importer_of
from dxportal.accounts.models import ImportJob, User
from dxportal.shared.htmx import notify, stop_polling
from dxportal.shared.tabular import csv_lines

#: Problems on the page; the file with all of them is beside it.
SHOWN_PROBLEMS = 50


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORT_DATA, Permission.MANAGE_PEOPLE)
def import_upload(request: HttpRequest, kind: str) -> HttpResponse:
    """Choose a file; nothing is written yet."""
    user, importer = signed_in(request), importer_of(kind)
    _check(user, importer)
    sent = request.method == "POST"
    form = ImportUploadForm(request.POST, request.FILES) if sent else ImportUploadForm()
    if form.is_valid() and user.municipality is not None:
        file = form.cleaned_data["file"]
        job = start_import(
            kind,
            name=file.name,
            content=file.read(),
            by=user,
            municipality=user.municipality,
            as_of=form.cleaned_data["as_of"] or timezone.localdate(),
        )
        return redirect("accounts:import_detail", job.pk)
    context = {"form": form, "importer": importer}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/import_upload.html", context, status=status)


@require_safe
@requires(Permission.IMPORT_DATA, Permission.MANAGE_PEOPLE)
def import_template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty table with the headings that are understood."""
    importer = importer_of(kind)
    _check(signed_in(request), importer)
    return csv_file(csv_lines(importer.template, []), f"{importer.noun}.csv")


@require_safe
@requires(Permission.IMPORT_DATA, Permission.MANAGE_PEOPLE)
def import_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One import: being read, to be checked, done, or not done and why."""
    job, importer = job_of(request, pk)
    return _page(request, job, importer)


@require_safe
@requires(Permission.IMPORT_DATA, Permission.MANAGE_PEOPLE)
def import_progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far it is; the last answer stops the asking."""
    job, _importer = job_of(request, pk)
    view = progress_view(job)
    response = render(request, "_progress.html", {"job": view})
    if not view.finished:
        return response
    notify(request, response, view.words, tone="error" if view.failed else "success")
    return stop_polling(response)


@require_POST
@requires(Permission.IMPORT_DATA, Permission.MANAGE_PEOPLE)
def import_columns(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Read the file again with other columns or another municipality."""
    job, importer = job_of(request, pk)
    form = ColumnsForm(request.POST, preview=job.preview, importer=importer)
    if not form.is_valid():
        return _page(request, job, importer, form=form, status=422)
    read_again(job, **form.chosen())
    return redirect("accounts:import_detail", job.pk)


@require_POST
@requires(Permission.IMPORT_DATA, Permission.MANAGE_PEOPLE)
def import_confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write what was shown; twice writes once."""
    job, importer = job_of(request, pk)
    sent = {name: request.POST.get(name, "") for name in ("sha256", "fingerprint")}
    sides = sides_of(request.POST, job.preview.get("groups", []))
    if not confirm_import(job, by=signed_in(request), sides=sides, **sent):
        job.refresh_from_db()
        return _page(request, job, importer, status=409)
    return redirect("accounts:import_detail", job.pk)


@require_safe
@requires(Permission.IMPORT_DATA, Permission.MANAGE_PEOPLE)
def import_rejected(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The rows that were left out, with reasons, for Excel."""
    job, _importer = job_of(request, pk)
    problems = job.preview.get("problems", [])
    names = ("row", "column", "value", "what", "remedy")
    header = [_("Row"), _("Column"), _("Value"), _("What is wrong"), _("What to do")]
    rows = [[str(problem[name] or "") for name in names] for problem in problems]
    more = job.preview.get("problem_count", 0) - len(rows)
    if more > 0:
        rows.append(["", "", "", _("… and %(count)s more.") % {"count": more}, ""])
    return csv_file(csv_lines(header, rows), f"{_('rejected')}_{job.file_name}.csv")


def _check(user: User, importer: Importer) -> None:
    """403 unless the user may import tables of this kind."""
    if not any(can(user, permission) for permission in importer.permissions):
        raise PermissionDenied


def job_of(request: HttpRequest, pk: UUID) -> tuple[ImportJob, Importer]:
    """A job of the user's municipality (404), of a kind that the user may import (403)."""
    user = signed_in(request)
    jobs = ImportJob.objects.visible_to(user).select_related("created_by").defer("content")
    job = get_object_or_404(jobs, pk=pk)
    importer = importer_of(job.kind)
    _check(user, importer)
    return job, importer


def _page(
    request: HttpRequest,
    job: ImportJob,
    importer: Importer,
    *,
    form: ColumnsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of the job's state."""
    preview = job.preview
    problems = preview.get("problems", [])
    context: dict[str, Any] = {
        "job": job,
        "importer": importer,
        "preview": preview,
        "counts": job.summary,
        "problems": problems[:SHOWN_PROBLEMS],
        "more_problems": max(0, preview.get("problem_count", 0) - SHOWN_PROBLEMS),
        "conflict": status == 409,
    }
    if job.state == ImportState.PREVIEW and preview.get("cellwise"):
        context["cells"] = cells_view(job, request.GET)
    elif job.state == ImportState.PREVIEW:
        wanted = job.options.get("rows", "")
        context["form"] = form or ColumnsForm(preview=preview, importer=importer, rows=wanted)
        context["shown"] = shown_rows(preview)
        counts = (job.summary.get("created", 0), job.summary.get("changed", 0))
        context["to_write"] = sum(counts)
    elif job.state == ImportState.DONE:
        context["links"] = importer.links(job.summary, signed_in(request))
        context["may_undo"] = importer.undo is not None and may_undo(job)
    elif job.state != ImportState.FAILED:
        context["progress"] = progress_view(job)
    return render(request, "accounts/import_detail.html", context, status=status)


def csv_file(lines: Iterator[bytes], name: str) -> HttpResponse:
    """A download that Excel opens: UTF-8 with BOM."""
    response = HttpResponse(b"".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
