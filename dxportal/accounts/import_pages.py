"""What the import pages show of a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dxportal.accounts.choices import ImportState
from dxportal.accounts.import_plan import Outcome
from dxportal.accounts.import_progress import WRITING, Progress, progress_of
from dxportal.accounts.models import ImportJob
from dxportal.shared.progress import ProgressView

#: Nothing was told yet, or the number of rows is not known: some way along.
_SOME_WAY = 5


def progress_view(job: ImportJob) -> ProgressView:
    """How far a job is, in words."""
    finished = job.state in (ImportState.PREVIEW, ImportState.DONE, ImportState.FAILED)
    told = None if finished else progress_of(job.pk)
    return ProgressView(
        pk=str(job.pk),
        words=_finished_words(job) if finished else _words(job, told),
        percent=100 if finished else _percent(told),
        progress_url=reverse("accounts:import_progress", args=[job.pk]),
        finished=finished,
        result_url=reverse("accounts:import_detail", args=[job.pk]),
        failed=job.error,
        started=_("Started by %(name)s at %(time)s.")
        % {
            "name": job.created_by.name,
            "time": timezone.localtime(job.created_at).strftime("%H:%M"),
        },
    )


def _finished_words(job: ImportJob) -> str:
    if job.state == ImportState.PREVIEW:
        return _("The file is read. Check what will be imported.")
    return _("The import is done.") if job.state == ImportState.DONE else _("Not imported.")


def _words(job: ImportJob, told: Progress | None) -> str:
    """Step and count."""
    writes = told.step == WRITING if told else False
    step = _("Writing") if writes else _("Reading the file")
    if told is None:
        return step
    if not told.total:
        return _("%(step)s: row %(done)s") % {"step": step, "done": f"{told.done:,}"}
    values = {"step": step, "done": f"{told.done:,}", "total": f"{told.total:,}"}
    return _("%(step)s: %(done)s of %(total)s") % values


def _percent(told: Progress | None) -> int:
    """Never 100 before the end: after the last row everything is still compared or saved."""
    if told is None or not told.total:
        return _SOME_WAY
    return min(99, max(_SOME_WAY, round(100 * told.done / told.total)))


@dataclass(frozen=True)
class Cell:
    """A value with its heading, for tables that become cards."""

    heading: str
    text: str


@dataclass(frozen=True)
class Shown:
    """One row of the preview."""

    row: int
    outcome: str
    icon: str
    words: str
    title: str
    cells: list[Cell]
    changes: str


def outcome_words(outcome: str) -> str:
    """New, changed or unchanged."""
    words = {
        Outcome.CREATED: pgettext("import", "New"),
        Outcome.CHANGED: _("Changed"),
        Outcome.UNCHANGED: _("Unchanged"),
    }
    return words[Outcome(outcome)]


def shown_rows(preview: dict[str, Any]) -> list[Shown]:
    """The first rows as they will be."""
    headings = preview.get("headings", [])
    return [
        Shown(
            row=shown["row"],
            outcome=shown["outcome"],
            icon="ok" if shown["outcome"] != Outcome.UNCHANGED else "not_applicable",
            words=outcome_words(shown["outcome"]),
            title=shown["cells"][0],
            cells=[Cell(h, text) for h, text in zip(headings[1:], shown["cells"][1:], strict=True)],
            changes=shown["changes"],
        )
        for shown in preview.get("shown", [])
    ]
