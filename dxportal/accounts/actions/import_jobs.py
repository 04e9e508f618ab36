"""The life of an uploaded table: kept, read, looked at, confirmed, written once, forgotten."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import logging
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from dxportal.accounts.actions.messages import notify
from dxportal.accounts.audit import record
from dxportal.accounts.choices import ImportState
from dxportal.accounts.import_plan import Choices, Plan
from dxportal.accounts.import_preview import (
    conflict_keys,
    group_of,
    preview_of,
    shown_fingerprint,
    summary_of,
)
from dxportal.accounts.import_progress import WRITING, Teller
from dxportal.accounts.import_registry import Importer, importer_of
from dxportal.accounts.models import ImportJob, ImportMapping, Municipality, User
from dxportal.shared.tables import Row, Table, TableError
from dxportal.shared.tabular import read_table
from dxportal.shared.tenancy import municipality_scope

log = logging.getLogger("dxportal.accounts.imports")

#: Read and written within the request; larger ones are a job.
SMALL_BYTES = 1_000_000
SMALL_ROWS = 2_000
#: A file that a worker could not finish this often is given up.
ATTEMPTS = 3
KEPT_DAYS = 7
#: The state is the mark that something is to be done; the queue only makes it sooner.
WAITING = (ImportState.READING, ImportState.APPLYING)
APPLIED = "import.applied"
UNDONE = "import.undone"


@transaction.atomic
def start_import(
    kind: str,
    *,
    name: str,
    content: bytes,
    by: User,
    municipality: Municipality,
    as_of: dt.date,
    notes: Mapping[str, Any] | None = None,
) -> ImportJob:
    """Keep a file and read it: at once where it is small. The same file being read comes back.

    `notes`: kept with the options; `added_rows` says how many rows in front nobody wrote.
    """
    forget_old_imports(timezone.now(), municipality)
    digest = hashlib.sha256(content).hexdigest()
    running = ImportJob.objects.filter(
        municipality=municipality, kind=kind, sha256=digest, state__in=WAITING
    ).first()
    if running is not None:
        return running
    job = ImportJob.objects.create(
        municipality=municipality,
        kind=kind,
        state=ImportState.READING,
        file_name=name[-200:],
        content=content,
        sha256=digest,
        options={
            **(notes or {}),
            "as_of": as_of.isoformat(),
            "language": get_language() or "ja",
        },
        created_by=by,
    )
    _go_on(job)
    return job


@transaction.atomic
def read_again(
    job: ImportJob,
    *,
    columns: Mapping[str, str],
    origin: str | None,
    all_origins: bool,
    rows: str = "",
) -> bool:
    """Read the same file with other choices; False where it is not being looked at any more."""
    locked = _locked(job, ImportState.PREVIEW)
    if locked is None:
        return False
    locked.options |= {"columns": dict(columns), "origin": origin, "all_origins": all_origins}
    locked.options["rows"] = rows
    locked.options["attempts"] = 0
    locked.state = ImportState.READING
    locked.save(update_fields=["options", "state"])
    _go_on(locked)
    return True


@transaction.atomic
def choose_sides(job: ImportJob, sides: Mapping[str, bool]) -> bool:
    """Keep in which conflicts the file's value is wanted; False where it is not looked at."""
    locked = _locked(job, ImportState.PREVIEW)
    if locked is None:
        return False
    _keep_sides(locked, sides)
    locked.save(update_fields=["options"])
    return True


def _keep_sides(job: ImportJob, sides: Mapping[str, bool]) -> None:
    """What was chosen now goes over what was chosen before; unknown keys are left out."""
    known = conflict_keys(job.preview)
    mine = {key for key in job.options.get("mine", []) if sides.get(key, True)}
    mine |= {key for key, wanted in sides.items() if wanted}
    job.options["mine"] = sorted(mine & known)


@transaction.atomic
def confirm_import(
    job: ImportJob,
    *,
    sha256: str,
    fingerprint: str,
    by: User,
    sides: Mapping[str, bool] | None = None,
) -> bool:
    """Write what was shown. A second time changes nothing; False where another file was shown.

    `sides`: for conflicts on the page, whether the file's value is wanted.
    """
    locked = _locked(job, ImportState.PREVIEW)
    if locked is None:
        return True
    shown = shown_fingerprint(locked.preview, locked.options.get("mine", []))
    if (locked.sha256, shown) != (sha256, fingerprint):
        return False
    _keep_sides(locked, sides or {})
    locked.options |= {"confirmed_by": by.pk, "attempts": 0}
    locked.state = ImportState.APPLYING
    locked.save(update_fields=["options", "state"])
    _go_on(locked)
    return True


@transaction.atomic
def undo_import(job: ImportJob, *, by: User) -> bool:
    """Take a whole import back where nobody changed anything since; a second time does nothing.

    What holds something newer stays and is listed on the page of the job.
    """
    importer = importer_of(job.kind)
    locked = _locked(job, ImportState.DONE)
    if locked is None or importer.undo is None or not may_undo(locked):
        return False
    Municipality.objects.select_for_update(no_key=True).get(pk=job.municipality_id)
    undone, left = importer.undo(
        locked.preview["applied"],
        municipality=locked.municipality,
        as_of=timezone.localdate(),
        by=by,
    )
    locked.preview |= {"left": [group_of(group) for group in left]}
    locked.summary |= {"undone": undone, "left": sum(len(group.cells) for group in left)}
    locked.save(update_fields=["preview", "summary"])
    after = {"undone": undone, "left": locked.summary["left"], "kind": locked.kind}
    record(UNDONE, locked, by=by, channel="import", after=after)
    return True


def may_undo(job: ImportJob) -> bool:
    """Whether there is anything to take back, and nobody has done so."""
    return bool(job.preview.get("applied")) and "undone" not in job.summary


def run_import(municipality_id: int, job_id: UUID | str) -> str:
    """Do what the job's state asks for; quiet where another worker is at it. The new state."""
    if not _begin(municipality_id, job_id):
        return "left alone"
    try:
        with municipality_scope(municipality_id):
            found = ImportJob.objects.select_for_update(skip_locked=True)
            job = found.filter(pk=job_id, state__in=WAITING).first()
            if job is None:
                return "left alone"
            _work(job)
            _tell_finished(job)
    except SoftTimeLimitExceeded:
        sentence = _("Reading took too long. Divide the file and import the parts one by one.")
        _give_up(municipality_id, job_id, sentence)
    return ImportJob.objects.only("state").get(pk=job_id).state


def waiting_imports() -> list[tuple[int, str]]:
    """(municipality, job) of everything that is to be done: a lost message loses nothing."""
    rows = ImportJob.objects.filter(state__in=WAITING).order_by("created_at")
    return [(municipality, str(pk)) for municipality, pk in rows.values_list("municipality", "pk")]


def forget_old_imports(now: dt.datetime, municipality: Municipality | None = None) -> int:
    """Take away content and previews a week old; what was done stays in the audit trail."""
    old = ImportJob.objects.filter(created_at__lt=now - dt.timedelta(days=KEPT_DAYS))
    if municipality is not None:
        old = old.filter(municipality=municipality)
    open_ones = old.exclude(state__in=[ImportState.DONE, ImportState.FAILED])
    open_ones.update(
        state=ImportState.FAILED,
        finished_at=now,
        error=_("The file was kept for a week and has been removed. Upload it again."),
    )
    return old.exclude(content=b"", preview={}).update(content=b"", preview={})


def choices_of(job: ImportJob) -> Choices:
    """What was remembered for the municipality, then what was chosen for this file."""
    options = job.options
    remembered = remembered_columns(job.municipality, job.kind)
    return Choices(
        as_of=dt.date.fromisoformat(options["as_of"]),
        columns={**remembered, **options.get("columns", {})},
        origin=options.get("origin"),
        all_origins=bool(options.get("all_origins")),
        mine=frozenset(options.get("mine", [])),
        rows=options.get("rows", ""),
        writes=job.state == ImportState.APPLYING,
    )


def remembered_columns(municipality: Municipality, kind: str) -> dict[str, str]:
    """Heading → field, as the municipality confirmed it before."""
    found = ImportMapping.objects.filter(municipality=municipality, kind=kind).first()
    return dict(found.columns) if found else {}


def remember_columns(municipality: Municipality, kind: str, plan: Plan[Any]) -> None:
    """Keep which heading meant which field, and which meant none; our own table teaches nothing."""
    if plan.cellwise:
        return
    known = remembered_columns(municipality, kind)
    fields = {heading: name for name, heading in plan.columns.items()}
    seen = {heading: fields.get(heading, "") for heading in plan.header if heading}
    ImportMapping.objects.update_or_create(
        municipality=municipality, kind=kind, defaults={"columns": {**known, **seen}}
    )


def _locked(job: ImportJob, state: ImportState) -> ImportJob | None:
    """The job for changing it; None where it has moved on."""
    if not ImportJob.objects.filter(pk=job.pk, state=state).exists():
        return None
    return ImportJob.objects.select_for_update().filter(pk=job.pk, state=state).first()


def _go_on(job: ImportJob) -> None:
    """Small files now, larger ones as soon as this transaction is committed."""
    if is_small(bytes(job.content)):
        _work(job)
        return
    municipality_id, key = job.municipality_id, str(job.pk)
    transaction.on_commit(lambda: _hint(municipality_id, key), robust=True)


def _hint(municipality_id: int, key: str) -> None:
    from dxportal.accounts.tasks import run_import_job
    from dxportal.celery import hint

    hint(run_import_job, municipality_id, key)


def is_small(content: bytes) -> bool:
    """Whether nobody has to wait for it."""
    if content.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return sum(entry.file_size for entry in archive.infolist()) <= 2 * SMALL_BYTES
        except zipfile.BadZipFile:
            return True
    return len(content) <= SMALL_BYTES and content.count(b"\n") <= SMALL_ROWS


def _begin(municipality_id: int, job_id: UUID | str) -> bool:
    """Count the attempt before it is made: a file that kills its worker is given up."""
    with municipality_scope(municipality_id):
        found = ImportJob.objects.select_for_update(skip_locked=True).defer("content")
        job = found.filter(pk=job_id, state__in=WAITING).first()
        if job is None:
            return False
        job.options["attempts"] = job.options.get("attempts", 0) + 1
        job.save(update_fields=["options"])
        if job.options["attempts"] <= ATTEMPTS:
            return True
        _fail(job, _("The file could not be imported. Nothing was changed. Divide it, please."))
        return False


def _give_up(municipality_id: int, job_id: UUID | str, sentence: str) -> None:
    with municipality_scope(municipality_id):
        job = ImportJob.objects.select_for_update().filter(pk=job_id, state__in=WAITING).first()
        if job is not None:
            _fail(job, sentence)


def _fail(job: ImportJob, sentence: str) -> None:
    """Nothing was changed, and why."""
    job.state, job.error = ImportState.FAILED, sentence
    job.content, job.finished_at = b"", timezone.now()
    job.save(update_fields=["state", "error", "content", "finished_at"])


def _work(job: ImportJob) -> None:
    """Read the file; write it where that was confirmed and nothing else came in between."""
    importer = importer_of(job.kind)
    with override(job.options.get("language", "ja")):
        try:
            with transaction.atomic():
                _read_or_apply(job, importer)
        except TableError as error:
            _fail(job, str(error))
        except IntegrityError:
            log.exception("import %s met a change in between", job.pk)
            _fail(job, _("Somebody changed the same data meanwhile. Upload the file again."))


def _read_or_apply(job: ImportJob, importer: Importer) -> None:
    teller = Teller(job.pk)
    if job.state == ImportState.APPLYING:
        Municipality.objects.select_for_update(no_key=True).get(pk=job.municipality_id)
    choices = choices_of(job)
    plan = importer.plan(_table(job, teller), job.municipality, choices)
    confirmed = job.preview.get("fingerprint") == plan.fingerprint
    if job.state == ImportState.APPLYING and confirmed:
        _apply(job, importer, plan, choices, teller)
        return
    preview = preview_of(plan)
    preview["meanwhile"] = job.state == ImportState.APPLYING
    known = remembered_columns(job.municipality, job.kind)
    preview["remembered"] = [] if plan.cellwise else [h for h in plan.header if h in known]
    job.state, job.preview, job.summary = ImportState.PREVIEW, preview, summary_of(plan)
    _keep_sides(job, {})
    job.done = job.total = sum(plan.origins.values())
    job.save(update_fields=["state", "preview", "summary", "options", "done", "total"])


def _table(job: ImportJob, teller: Teller) -> Table:
    """The table in the file, telling how far it is read."""
    content = bytes(job.content)
    table = read_table(io.BytesIO(content), job.file_name)
    total = job.total or (0 if content.startswith(b"PK") else content.count(b"\n"))
    table.rows = teller.counted(_as_written(table.rows, job.options.get("added_rows", 0)), total)
    return table


def _as_written(rows: Iterable[Row], added: int) -> Iterator[Row]:
    """Rows numbered as in what was pasted, without headings that were put in front of it."""
    return (Row(row.number - added, row.cells) for row in rows)


def _apply(
    job: ImportJob, importer: Importer, plan: Plan[Any], choices: Choices, teller: Teller
) -> None:
    """Write the plan, remember its columns, forget the file."""
    by = User.objects.get(pk=job.options["confirmed_by"])
    importer.apply(
        plan,
        municipality=job.municipality,
        as_of=choices.as_of,
        by=by,
        channel="import",
        tell=lambda done, total: teller.tell(WRITING, done, total),
    )
    remember_columns(job.municipality, job.kind, plan)
    job.state, job.summary = ImportState.DONE, summary_of(plan)
    job.content, job.finished_at = b"", timezone.now()
    job.preview |= {"applied": plan.applied}
    job.save(update_fields=["state", "summary", "preview", "content", "finished_at"])
    after = {**job.summary, "kind": job.kind, "sha256": job.sha256}
    record(APPLIED, job, by=by, channel="import", after=after)


def _tell_finished(job: ImportJob) -> None:
    """A notice for the person who did not stay to watch."""
    with override(job.options.get("language", "ja")):
        notify(
            [job.created_by],
            subject=_("The import of “%(name)s”: %(state)s")
            % {"name": job.file_name, "state": job.get_state_display()},
            body=job.error,
            path=reverse("accounts:import_detail", args=[job.pk]),
            key=f"import:{job.pk}:{job.state}:{len(job.options.get('columns', {}))}",
            municipality=job.municipality_id,
            now=timezone.now(),
        )
