"""Tables of initiatives on their way back: to be looked at, imported, and taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils import timezone

from dxportal.accounts.actions.import_jobs import (
    confirm_import,
    run_import,
    start_import,
    undo_import,
)
from dxportal.accounts.choices import ImportKind
from dxportal.accounts.models import ImportJob, Municipality, User
from dxportal.shared.tabular import csv_lines
from roadmap.actions.initiatives import edit_initiative, fields_of
from roadmap.exporters import HEADER, initiative_cells
from roadmap.models import Initiative
from roadmap.sheet_columns import NUMBER
from roadmap.sheet_words import SheetWords

Cells = dict[str, Any]


def sheets(town: Municipality, office: User, head: User) -> dict[str, tuple[Any, ...]]:
    """Three jobs: with conflicts, done, and taken back with something left."""
    rows = list(Initiative.objects.filter(municipality=town).order_by("pk")[:4])
    _edit(rows[0], head, source="𠮷野の計画")
    undone = _sheet(town, office, {rows[3].pk: {"予算": "300千円", "リスク": "人手不足"}})
    _confirm(undone, office)
    _edit(rows[3], head, risks="人手不足（補充済み）")
    undo_import(undone, by=office)
    done = _sheet(town, office, {rows[2].pk: {"予算": "120千円", "備考": "説明会を終えた"}})
    _confirm(done, office)
    table = {
        rows[0].pk: {
            "予算": "8,200千円",
            "リスク": "代わりの窓口が要る\n早めに相談する",
            "目的": "",
        },
        rows[1].pk: {"目標": "申請の半分を電子で受ける"},
        rows[2].pk: {"進み具合": "まあまあ"},
    }
    waiting = _sheet(
        town, office, table, new={"取組名": "施設予約の電子化", "対象者": "住民"}, by=head
    )
    return {"sheet": (waiting.pk,), "sheet_done": (done.pk,), "sheet_undone": (undone.pk,)}


def _edit(initiative: Initiative, by: User, **values: Any) -> None:
    initiative.refresh_from_db()
    fields = replace(fields_of(initiative), **values)
    edit_initiative(initiative, by=by, fields=fields, version=initiative.version)


def _sheet(
    town: Municipality,
    office: User,
    changes: dict[int, Cells],
    new: Cells | None = None,
    by: User | None = None,
) -> ImportJob:
    """The saved list with some cells replaced; `by`: somebody else was quicker with one."""
    day = timezone.localdate()
    keys = list(
        Initiative.objects.standing().filter(municipality=town).values_list("pk", flat=True)
    )
    rows = []
    for cells in initiative_cells(keys, town, SheetWords(town, day), day):
        row = dict(zip(HEADER, cells, strict=True))
        row |= changes.get(int(str(row[NUMBER])), {})
        rows.append([str(cell or "") for cell in row.values()])
    if new:
        rows.append([str(new.get(heading, "")) for heading in HEADER])
    if by is not None:
        _edit(Initiative.objects.get(pk=next(iter(changes))), by, budget="7,900千円")
    job = start_import(
        ImportKind.INITIATIVES,
        name="取組.csv",
        content=b"".join(csv_lines(HEADER, rows)),
        by=office,
        municipality=town,
        as_of=day,
    )
    run_import(town.pk, str(job.pk))
    job.refresh_from_db()
    return job


def _confirm(job: ImportJob, office: User) -> None:
    confirm_import(job, sha256=job.sha256, fingerprint=job.preview["fingerprint"], by=office)
    run_import(job.municipality_id, str(job.pk))
    job.refresh_from_db()
