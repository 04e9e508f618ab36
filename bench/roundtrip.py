"""The list of initiatives out as a workbook, edited, compared, written and taken back."""

from __future__ import annotations

import datetime as dt
import io
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, transaction

from bench import harness, staff

T = TypeVar("T")

DAY = dt.date(2026, 10, 1)
#: One row in ten is edited, in three of its cells.
EDITED_SHARE = 10
WORDS = ("on_track", "late", "ahead", "not_applicable")


@dataclass(frozen=True)
class Step:
    """One step with its cost."""

    name: str
    seconds: float
    statements: int


def run(*, quick: bool) -> None:
    """Seconds and statements of each step for 4,000 rows (quick: 500), beside a loop by row."""
    rows = 500 if quick else 4_000
    idle = harness.idle_share()
    with harness.database():
        town = staff.found(500)
        _fill(town, rows)
        _forget_peak()
        before = _memory("VmRSS")
        with transaction.atomic():
            steps, size, changed = _measure(town)
            memory = _memory("VmHWM") - before
            naive = _naive(town, changed)
            transaction.set_rollback(True)
        facts = [f"{rows} initiatives, {size / 1e6:.1f} MB of XLSX, {len(changed)} rows edited"]
        print(harness.heading("Round trip", facts, idle), flush=True)
    for step in [*steps, naive]:
        print(f"{step.name:<44}{step.seconds:8.2f} s {step.statements:8} statements")
    ours = [step for step in steps if step.name in ("compare", "write")]
    seconds, statements = sum(s.seconds for s in ours), sum(s.statements for s in ours)
    print(f"{'loop / set-based, seconds':<44}{naive.seconds / seconds:8.1f}")
    print(f"{'loop / set-based, statements':<44}{naive.statements / statements:8.1f}")
    print(f"{'memory added at most':<44}{memory:8.0f} MB   target <= 150")


def _timed(name: str, work: Callable[[], T]) -> tuple[Step, T]:
    count = 0

    def counted(execute: Callable[..., Any], *details: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*details)

    with connection.execute_wrapper(counted):
        start = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - start
    return Step(name, seconds, count), result


def _memory(name: str) -> float:
    """Megabytes of this process: VmRSS now, VmHWM at most since the last reset."""
    with Path("/proc/self/status").open() as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(name))


def _forget_peak() -> None:
    """From here on the kernel counts the most memory anew."""
    Path("/proc/self/clear_refs").write_text("5")


def _measure(town: Any) -> tuple[list[Step], int, list[int]]:
    """Out, unchanged back in, edited back in, written, taken back."""
    from dxportal.accounts.import_plan import Choices
    from dxportal.shared.tabular import read_table, write_xlsx
    from roadmap.actions.sheet_undo import undo_sheet
    from roadmap.actions.sheets import apply_sheet
    from roadmap.models import Initiative
    from roadmap.sheet_plan import SheetPlan, plan_sheet
    from roadmap.sheet_words import SheetWords
    from roadmap.workbooks import workbook

    keys = list(Initiative.objects.filter(municipality=town).values_list("pk", flat=True))

    def export() -> bytes:
        file = io.BytesIO()
        write_xlsx(workbook(keys, town, SheetWords(town, DAY), DAY), file)
        return file.getvalue()

    def read(content: bytes) -> Any:
        table = read_table(io.BytesIO(content), "a.xlsx")
        table.rows = list(table.rows)
        return table

    def compare(table: Any, *, writes: bool = False) -> SheetPlan:
        return plan_sheet(table, town, Choices(DAY, writes=writes))

    out, content = _timed("save as a workbook", export)
    reading, table = _timed("read the workbook", lambda: read(content))
    same, unchanged = _timed("compare, unchanged", lambda: compare(table))
    assert not unchanged.changes
    assert not unchanged.problems
    changed = _edit(table)
    comparing, plan = _timed("compare", lambda: compare(table, writes=True))
    assert len(plan.changes) == len(changed)
    assert not plan.problems
    details = {"municipality": town, "as_of": DAY, "by": None}
    writing, _none = _timed("write", lambda: apply_sheet(plan, **details))
    undoing, (undone, left) = _timed("take back", lambda: undo_sheet(plan.applied, **details))
    assert undone == len(changed)
    assert not left
    return [out, reading, same, comparing, writing, undoing], len(content), changed


def _edit(table: Any) -> list[int]:
    """Change three cells in one row of ten; keys of the initiatives."""
    dice = random.Random(1)
    place = {heading: index for index, heading in enumerate(table.header)}
    chosen = dice.sample(table.rows, len(table.rows) // EDITED_SHARE)
    for row in chosen:
        row.cells[place["予算"]] = f"{dice.randrange(9_999)}千円"
        row.cells[place["リスク"]] = f"人手が足りない {dice.randrange(999)}"
        row.cells[place["備考"]] = f"説明会を{dice.randrange(9)}回開いた"
    return [int(row.cells[place["整理番号"]]) for row in chosen]


def _naive(town: Any, changed: Sequence[int]) -> Step:
    """The same by row: look at every initiative, then edit and report on those that changed."""
    from roadmap.actions.initiatives import edit_initiative, fields_of
    from roadmap.actions.updates import latest_update, report
    from roadmap.models import Initiative

    wanted = set(changed)

    def loop() -> None:
        for pk in Initiative.objects.filter(municipality=town).values_list("pk", flat=True):
            found = Initiative.objects.get(pk=pk)
            fields = fields_of(found)
            latest_update(found)
            if pk in wanted:
                new = replace(fields, budget="1千円", risks="少ない")
                edit_initiative(found, by=None, fields=new, version=found.version)
                report(found, by=None, note="もう一度", on=DAY)

    return _timed("the same by a loop over rows", loop)[0]


def _fill(town: Any, rows: int) -> None:
    """Initiatives with departments, criteria and two reports each; in bulk."""
    from dxportal.accounts.models import Department
    from dxportal.shared.bulk import copy_in
    from roadmap.models import (
        Criterion,
        Initiative,
        InitiativeCriterion,
        InitiativeDepartment,
        Update,
    )

    sections = list(Department.objects.filter(municipality=town, kind="section"))
    criteria = list(Criterion.objects.filter(stage__municipality=town))
    made = [
        Initiative(
            municipality=town,
            title=f"窓口の申請書を電子化する {n}",
            purpose="窓口で書く時間を減らし、住民を待たせない。\n職員の転記もなくす。",
            kind=("subtract", "add")[n % 2],
            beneficiaries=["residents"],
            start_fy=2025,
            target_fy=2026 + n % 4,
            target_text="申請の半分を電子で受ける",
            budget=f"{n}千円",
        )
        for n in range(rows)
    ]
    copy_in(made)
    parts, links, updates = [], [], []
    for n, row in enumerate(made):
        for step, role in enumerate(("lead", "partner", "user")):
            department = sections[(n + step) % len(sections)]
            parts.append(InitiativeDepartment(initiative=row, department=department, role=role))
        links.append(InitiativeCriterion(initiative=row, criterion=criteria[n % len(criteria)]))
        for day in (90, 20):
            update = Update(
                initiative=row, phase="building", progress=WORDS[n % 4], note=f"報告{n}"
            )
            update.reported_on = DAY - dt.timedelta(days=day)
            updates.append(update)
    for batch in (parts, links, updates):
        copy_in(batch)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE roadmap_initiative, roadmap_update, roadmap_initiativedepartment")
