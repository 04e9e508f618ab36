"""Importing many initiatives: read, planned, written, and planned again; beside COPY."""

from __future__ import annotations

import datetime as dt
import io
import resource
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import connection, transaction

from bench import harness

T = TypeVar("T")

HEADER = "取組名,担当課,目標年度,進捗,目的,備考\n"
LINE = (
    "取組{number}の電子化,第{section}課,令和{year}年度,{word},"
    "住民を待たせない{number},独自の記入{number}\n"
)
WORDS = ("予定どおり", "遅れている", "おおむね順調", "A", "")


def table(rows: int) -> bytes:
    """A file such as a large municipality keeps: departments, status words, free text."""
    lines = (
        LINE.format(number=n, section=n % 60, year=6 + n % 5, word=WORDS[n % len(WORDS)])
        for n in range(rows)
    )
    return (HEADER + "".join(lines)).encode()


def run(*, quick: bool) -> None:
    """Seconds of each step for 100,000 rows (quick: 5,000) and peak memory, beside COPY."""
    rows = 5_000 if quick else 100_000
    content = table(rows)
    idle = harness.idle_share()
    with harness.database():
        harness.as_owner(
            "CREATE TABLE bench_staged (a text, b text, c text, d text, e text, f text)",
            "GRANT INSERT ON bench_staged TO PUBLIC",
        )
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with transaction.atomic():
            found = _measure(content)
            transaction.set_rollback(True)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        facts = [f"{rows} initiatives, {len(content) / 1e6:.1f} MB of CSV, one run"]
        print(harness.heading("Import", facts, idle), flush=True)
    for name, seconds in found.items():
        print(f"{name:<28}{seconds:10.2f} s")
    total = found["planned for the preview"] + found["written"]
    times = total / found["COPY of the same file"]
    print(f"{'plan and write / COPY':<28}{times:10.1f}   target <= 20")
    print(f"{'memory added at most':<28}{(after - before) / 1024:10.0f} MB target <= 150")


def _measure(content: bytes) -> dict[str, float]:
    from dxportal.accounts.import_plan import Choices
    from dxportal.accounts.models import Municipality
    from dxportal.shared.tabular import read_table
    from roadmap.actions.imports import apply_initiatives
    from roadmap.import_rows import parse_initiatives
    from roadmap.importers import InitiativePlan, plan_initiatives

    town = Municipality.objects.create(code="011002", name="計測市")
    day = dt.date(2026, 4, 1)

    def plan() -> InitiativePlan:
        return plan_initiatives(read_table(io.BytesIO(content), "表.csv"), town, Choices(day))

    def read() -> int:
        return len(parse_initiatives(read_table(io.BytesIO(content), "表.csv")).rows)

    def write(made: InitiativePlan) -> None:
        apply_initiatives(made, municipality=town, as_of=day, by=None)

    parse, _rows = _timed(read)
    copy, _none = _timed(lambda: _copy(content))
    first, made = _timed(plan)
    written, _none = _timed(lambda: write(made))
    made.changes.clear()
    again, repeated = _timed(plan)
    assert not repeated.changes
    return {
        "read": parse,
        "COPY of the same file": copy,
        "planned for the preview": first,
        "written": written,
        "planned again, all unchanged": again,
    }


def _copy(content: bytes) -> None:
    """The same file by COPY into a table of text: what the machine can do at best."""
    order = "COPY bench_staged FROM STDIN (FORMAT csv, HEADER)"
    with connection.cursor() as cursor, cursor.copy(order) as copy:
        copy.write(content)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result
