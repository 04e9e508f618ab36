"""Sheets for meetings: kept once, never changed; their files are made once and never again."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from dxportal.accounts import audit
from dxportal.accounts.models import Municipality, User
from roadmap.choices import FileState
from roadmap.models import Briefing, BriefingFile, ReportingRound

CREATED, DOWNLOADED = "briefing.created", "briefing.downloaded"
#: A job that has told nothing for so long is taken for dead, and may be started again.
STUCK: Final = dt.timedelta(minutes=5)


@transaction.atomic
def create_briefing(
    municipality: Municipality,
    *,
    by: User,
    kind: str,
    title: str,
    period: dt.date,
    round: ReportingRound | None,
    as_of: dt.date,
    method: str,
    asks: Sequence[Mapping[str, Any]],
    content: Mapping[str, Any],
    sha256: str,
) -> Briefing:
    """Keep what is shown; it can neither be changed nor removed afterwards."""
    made = Briefing.objects.create(
        municipality=municipality,
        kind=kind,
        title=title,
        period=period,
        round=round,
        as_of=as_of,
        method=method,
        asks=list(asks),
        content=dict(content),
        sha256=sha256,
        created_by=by,
    )
    after = {"kind": kind, "period": period, "as_of": as_of, "sha256": sha256}
    audit.record(CREATED, made, by=by, after=after)
    return made


def record_download(briefing: Briefing, *, by: User, kind: str) -> None:
    """Who took a file with names on steps of culture."""
    audit.record(DOWNLOADED, briefing, by=by, after={"kind": briefing.kind, "file": kind})


@transaction.atomic
def ask_for_file(
    briefing: Briefing, kind: str, *, by: User, now: dt.datetime
) -> tuple[BriefingFile, bool]:
    """The file, and whether a job has to be started: a running one is not started twice."""
    values = {"asked_by": by, "state": FileState.WAITING}
    file, made = BriefingFile.objects.get_or_create(briefing=briefing, kind=kind, defaults=values)
    if made:
        return file, True
    file = BriefingFile.objects.select_for_update().get(pk=file.pk)
    if file.state == FileState.READY or (file.state != FileState.FAILED and not stuck(file, now)):
        return file, False
    file.state, file.step, file.problem = FileState.WAITING, 0, ""
    file.asked_by, file.asked_at = by, now
    file.save()
    return file, True


def stuck(file: BriefingFile, now: dt.datetime) -> bool:
    """Whether nothing was heard of it for so long that its worker must be gone."""
    return file.state in (FileState.WAITING, FileState.RUNNING) and now - file.asked_at > STUCK


def left_over(now: dt.datetime) -> list[tuple[int, int]]:
    """(municipality, file) of what waits, and of what a dead worker left."""
    rows = BriefingFile.objects.filter(
        Q(state=FileState.WAITING) | Q(state=FileState.RUNNING, asked_at__lt=now - STUCK)
    )
    return list(rows.order_by("pk").values_list("briefing__municipality_id", "pk"))


@transaction.atomic
def claim_file(pk: int, *, steps: int, now: dt.datetime) -> BriefingFile | None:
    """Begin to make it; None where it is gone, made, or being made by somebody else."""
    rows = BriefingFile.objects.select_for_update(of=("self",)).select_related("briefing")
    file = rows.filter(pk=pk).first()
    if file is None or file.state in (FileState.READY, FileState.FAILED):
        return None
    if file.state == FileState.RUNNING and not stuck(file, now):
        return None
    file.state, file.step, file.steps = FileState.RUNNING, 0, steps
    file.asked_at, file.problem = now, ""
    file.save()
    return file


def tell_step(file: BriefingFile, step: int) -> None:
    """Say how far it is."""
    _mine(file).update(step=step)


def keep_file(file: BriefingFile, *, name: str, content: bytes, now: dt.datetime) -> bool:
    """Keep the bytes; False where another worker has taken it over."""
    return bool(_mine(file).update(step=file.steps, **_kept(name, content, now)))


def fail_file(file: BriefingFile, problem: str, *, now: dt.datetime) -> None:
    """Say why it could not be made."""
    _mine(file).update(state=FileState.FAILED, problem=problem[:400], finished_at=now)


@transaction.atomic
def keep_made(
    briefing: Briefing, kind: str, *, name: str, content: bytes, by: User, now: dt.datetime
) -> BriefingFile:
    """Keep what was made at once; the first one stays, whoever makes it again."""
    values = {"asked_by": by, **_kept(name, content, now)}
    file, made = BriefingFile.objects.get_or_create(briefing=briefing, kind=kind, defaults=values)
    if not made and file.state != FileState.READY:
        BriefingFile.objects.filter(pk=file.pk).exclude(state=FileState.READY).update(**values)
        file.refresh_from_db()
    return file


def _mine(file: BriefingFile) -> Any:
    """The row as long as the job that claimed it is its worker."""
    return BriefingFile.objects.filter(pk=file.pk, state=FileState.RUNNING, asked_at=file.asked_at)


def _kept(name: str, content: bytes, now: dt.datetime) -> dict[str, Any]:
    return {
        "state": FileState.READY,
        "name": name[:200],
        "content": content,
        "sha256": hashlib.sha256(content).hexdigest(),
        "finished_at": now,
        "problem": "",
    }
