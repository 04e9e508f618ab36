"""The files of a sheet as its page lists them: there, being made, or to be made."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dxportal.dashboards.briefing.making import STEPS, is_heavy
from dxportal.shared.progress import ProgressView
from roadmap.actions.briefings import stuck
from roadmap.choices import FileState
from roadmap.models import Briefing, BriefingFile

_OFFICE: Final = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class FileKind:
    """One format: what it is called and what browsers call it."""

    label: object
    content_type: str


FILES: Final = {
    "pdf": FileKind("PDF", "application/pdf"),
    "pptx": FileKind("PowerPoint", f"{_OFFICE}.presentationml.presentation"),
    "xlsx": FileKind("Excel", f"{_OFFICE}.spreadsheetml.sheet"),
    "csv": FileKind(gettext_lazy("CSV"), "text/csv; charset=utf-8"),
}


@dataclass(frozen=True, slots=True)
class FileRow:
    """One format of one sheet. `progress` while a job works, `problem` where it could not."""

    kind: str
    label: str
    url: str
    make_url: str
    ready: bool
    progress: ProgressView | None
    problem: str


def file_rows(briefing: Briefing, now: dt.datetime) -> list[FileRow]:
    """One row a format; one statement."""
    kept = {file.kind: file for file in briefing.files.select_related("asked_by").defer("content")}
    return [_row(briefing, kind, kept.get(kind), now) for kind in FILES]


def _row(briefing: Briefing, kind: str, file: BriefingFile | None, now: dt.datetime) -> FileRow:
    state = file.state if file else ""
    working = state in (FileState.WAITING, FileState.RUNNING)
    problem = file.problem if file and state == FileState.FAILED else ""
    if file and working and stuck(file, now):
        working, problem = False, _("Nothing was heard of it for five minutes.")
    return FileRow(
        kind=kind,
        label=str(FILES[kind].label),
        url=reverse("dashboards:briefing_file", args=[briefing.pk, kind]),
        make_url=reverse("dashboards:briefing_make", args=[briefing.pk, kind]),
        ready=state == FileState.READY or (not state and not is_heavy(briefing, kind)),
        progress=progress_of(file) if file and working else None,
        problem=problem,
    )


def progress_of(file: BriefingFile) -> ProgressView:
    """How far it is, in words."""
    done = file.state in (FileState.READY, FileState.FAILED)
    asked = timezone.localtime(file.asked_at).strftime("%H:%M")
    who = file.asked_by.name if file.asked_by else "–"
    return ProgressView(
        pk=f"file-{file.pk}",
        words=_words(file),
        percent=100 if done else round(100 * file.step / (max(file.steps, 1) + 1)),
        progress_url=reverse("dashboards:briefing_progress", args=[file.briefing_id, file.kind]),
        finished=done,
        result_url=reverse("dashboards:briefing_file", args=[file.briefing_id, file.kind])
        if file.state == FileState.READY
        else "",
        failed=file.problem,
        started=_("Started by %(name)s at %(time)s.") % {"name": who, "time": asked},
    )


def _words(file: BriefingFile) -> str:
    if file.state == FileState.READY:
        return _("%(file)s is ready.") % {"file": FILES[file.kind].label}
    if file.state == FileState.FAILED:
        return _("%(file)s could not be made.") % {"file": FILES[file.kind].label}
    step = str(STEPS[min(file.step, len(STEPS) - 1)])
    if not file.step:
        return step
    values = {"step": step, "n": file.step, "of": len(STEPS) - 1}
    return _("%(step)s (%(n)d of %(of)d)") % values
