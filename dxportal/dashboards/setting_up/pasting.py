"""A pasted range on its way through the ordinary importers: read, looked at, taken over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from dxportal.accounts.access import signed_in
from dxportal.accounts.actions.import_jobs import confirm_import, start_import
from dxportal.accounts.choices import ImportState
from dxportal.accounts.models import ImportJob
from dxportal.accounts.pasted import cell_address
from dxportal.dashboards.forms_setup import PasteForm
from dxportal.dashboards.setting_up.frame import municipality_of, step_url

#: Problems on the page; the rest stand on the page of the import.
SHOWN_PROBLEMS = 20


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a row. `cell`: its address in what was pasted, "" for all of it."""

    cell: str
    value: str
    what: str
    remedy: str


@dataclass(frozen=True)
class PastedView:
    """What the page shows of a pasted range before it is taken over."""

    job: ImportJob
    created: int
    changed: int
    unchanged: int
    troubles: list[Trouble]
    more: int
    broken: bool

    @property
    def to_write(self) -> int:
        """How many rows would be written."""
        return 0 if self.broken else self.created + self.changed

    @property
    def fingerprint(self) -> str:
        """Of what is shown."""
        return str(self.job.preview.get("fingerprint", ""))


def read_pasted(request: HttpRequest, form: PasteForm, step: str) -> HttpResponse:
    """Read it as a file is read, and show what it says on the page of the step."""
    table = form.pasted()
    job = start_import(
        form.kind,
        name=_("Pasted"),
        content=table.content,
        by=signed_in(request),
        municipality=municipality_of(request),
        as_of=timezone.localdate(),
        notes={"added_rows": table.added},
    )
    if job.state != ImportState.PREVIEW:
        return redirect("accounts:import_detail", job.pk)
    return redirect(f"{step_url(step)}?{urlencode({'job': str(job.pk)})}#pasted")


def job_in(request: HttpRequest, kind: str) -> ImportJob | None:
    """The pasted range that the address names, while it waits to be looked at."""
    try:
        pk = UUID(request.GET.get("job", ""))
    except ValueError:
        return None
    jobs = ImportJob.objects.visible_to(signed_in(request)).select_related("municipality")
    return jobs.filter(pk=pk, kind=kind, state=ImportState.PREVIEW).first()


def apply_pasted(request: HttpRequest, kind: str) -> tuple[ImportJob | None, bool]:
    """Write what was shown; the job again and False where something else would be written now."""
    try:
        pk = UUID(request.POST.get("job", ""))
    except ValueError:
        pk = UUID(int=0)
    jobs = ImportJob.objects.visible_to(signed_in(request)).select_related("municipality")
    job = get_object_or_404(jobs, pk=pk, kind=kind)
    confirmed = confirm_import(
        job,
        sha256=request.POST.get("sha256", ""),
        fingerprint=request.POST.get("fingerprint", ""),
        by=signed_in(request),
    )
    job.refresh_from_db()
    written = confirmed and job.state in (ImportState.DONE, ImportState.APPLYING)
    return (job if job.state == ImportState.PREVIEW else None), written


def pasted_view(job: ImportJob | None) -> PastedView | None:
    """Counts and troubles of a range that was read."""
    if job is None:
        return None
    problems = job.preview.get("problems", [])
    counts = job.summary
    return PastedView(
        job=job,
        created=counts.get("created", 0),
        changed=counts.get("changed", 0),
        unchanged=counts.get("unchanged", 0),
        troubles=[_trouble(job, problem) for problem in problems[:SHOWN_PROBLEMS]],
        more=max(0, job.preview.get("problem_count", 0) - SHOWN_PROBLEMS),
        broken=bool(job.preview.get("broken") or job.preview.get("asks_origin")),
    )


def _trouble(job: ImportJob, problem: dict[str, Any]) -> Trouble:
    cell = cell_address(problem["row"], problem["column"], job.preview.get("header", []))
    return Trouble(cell, problem["value"], problem["what"], problem["remedy"])
