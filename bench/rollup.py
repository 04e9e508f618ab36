"""The full roll-up against the leanest statements over the same facts, the incremental one, a loop
over one initiative after the other as it is written without thinking of the whole, and growth."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from bench import facts, harness, rollup_limit, rollup_loop, staff
from bench.harness import Series

AS_OF = dt.date(2026, 6, 17)
FULL_TARGET, INCREMENTAL_TARGET, STATEMENTS_TARGET = 1.5, 1 / 50, 10
#: Departments of the towns that are counted one after the other; each has as many initiatives.
GROWTH, QUICK_GROWTH = (60, 600, 3000), (60, 300)
#: A larger town costs no more per department than this many times a small one.
GROWTH_TARGET = 1.2


@dataclass(frozen=True, slots=True)
class Size:
    """How much is counted and how often."""

    departments: int
    initiatives: int
    reps: int
    loops: int


FULL, QUICK = Size(3000, 3000, 9, 1), Size(600, 600, 5, 1)
MILESTONES_EACH = 5


def run(*, quick: bool) -> None:
    """Fill, check that both give the same figures, measure, print."""
    size = QUICK if quick else FULL
    idle = harness.idle_share()
    with harness.database():
        municipality = _fill(size)
        bench = _Rollups(municipality)
        bench.full()
        bench.limit()
        _refuse_differences(bench)
        facts = _describe(size, municipality)
        print(harness.heading("Roll-up", facts, idle), flush=True)
        measured = harness.interleave(
            {
                "full roll-up": bench.full,
                "leanest statement per snapshot table": bench.limit,
                "incremental roll-up of one department": bench.incremental,
            },
            size.reps,
        )
        _refuse_differences(bench)
        _report(measured, bench, idle, size)
        beside = harness.interleave(
            {"full roll-up": bench.full, "one initiative after the other": bench.loop}, size.loops
        )
        _refuse_differences(bench)
        _report_loop(beside, bench)
        _grow(QUICK_GROWTH if quick else GROWTH, size.reps, idle)


class _Rollups:
    """The ways that are measured; each ends with what it wrote committed."""

    def __init__(self, municipality: int) -> None:
        from dxportal.accounts.models import Department

        self.municipality = municipality
        self.parameters: dict[str, Any] = {"m": municipality, "d": AS_OF, "p": AS_OF.replace(day=1)}
        sections = Department.objects.filter(municipality_id=municipality, stands=True)
        self.departments = list(sections.order_by("pk").values_list("pk", flat=True))
        self.statements: dict[str, int] = {}
        self._next = 0

    def full(self) -> None:
        """What the worker does where everything is marked."""
        from roadmap.rollups import roll_up

        result = roll_up(self.municipality, as_of=AS_OF, full=True)
        self.statements["full"] = result.statements

    def limit(self) -> None:
        """The four lean statements in one transaction."""
        from django.db import connection, transaction

        with transaction.atomic(), connection.cursor() as cursor:
            for sql in rollup_limit.STATEMENTS:
                cursor.execute(sql, self.parameters)

    def loop(self) -> None:
        """The snapshots of initiatives alone, one by one; no stages, no positions."""
        self.statements["loop"] = rollup_loop.run(self.municipality, AS_OF)

    def incremental(self) -> None:
        """One department was changed; another one each time."""
        from roadmap.models import DirtyMark
        from roadmap.rollups import roll_up

        self._next = (self._next + 37) % len(self.departments)
        DirtyMark.objects.create(
            municipality_id=self.municipality,
            scope="department",
            scope_id=self.departments[self._next],
        )
        result = roll_up(self.municipality, as_of=AS_OF)
        self.statements["incremental"] = result.statements


def _fill(size: Size) -> int:
    """One town with tables of the limit beside the product's."""
    from django.db import connection

    place = staff.found(size.departments, sections=size.departments)
    facts.fill(place, as_of=AS_OF, initiatives=size.initiatives, milestones=MILESTONES_EACH)
    app = connection.settings_dict["USER"]
    harness.as_owner(
        *(
            f"CREATE TABLE {ours} (LIKE {theirs} INCLUDING ALL)"
            for ours, theirs in rollup_limit.TABLES.items()
        ),
        *(f'GRANT ALL ON {ours} TO "{app}"' for ours in rollup_limit.TABLES),
        "VACUUM ANALYZE",
    )
    return int(place.pk)


def _grow(sizes: tuple[int, ...], reps: int, idle: float) -> None:
    """Towns of growing size in turn: what a department costs must not grow with their number."""
    from dxportal.accounts.codes import check_digit

    towns = {}
    for number, departments in enumerate(sizes):
        code = f"9999{number}"
        place = staff.found(departments, code=code + check_digit(code), sections=departments)
        facts.fill(place, as_of=AS_OF, initiatives=departments, milestones=MILESTONES_EACH)
        towns[departments] = _Rollups(place.pk)
        towns[departments].full()
    harness.as_owner("VACUUM ANALYZE")
    full = harness.interleave({f"full, {n} departments": towns[n].full for n in sizes}, reps)
    one = harness.interleave({f"one department of {n}": towns[n].incremental for n in sizes}, reps)
    print("\nGrowth, every town with as many initiatives as departments")
    for series in (*full.values(), *one.values()):
        print(series.line())
    least, most = (series for series in (*full.values(),)[:: len(sizes) - 1])
    found = harness.ratio(most, least).per(sizes[-1] / sizes[0])
    print(
        f"\na department of {sizes[-1]} / of {sizes[0]}  {found}; target <= {GROWTH_TARGET}:",
        end=" ",
    )
    print(harness.verdict(found, GROWTH_TARGET, idle))
    print(f"statements           {[town.statements for town in towns.values()]}")


def _refuse_differences(bench: _Rollups) -> None:
    """A measurement of two different things is none."""
    from django.db import connection

    with connection.cursor() as cursor:
        for name, (ours, theirs, columns) in rollup_limit.DIFFERENCES.items():
            where = "WHERE municipality_id = %(m)s AND period = %(p)s"
            cursor.execute(
                f"SELECT count(*) FROM ((SELECT {columns} FROM {ours} {where}"
                f" EXCEPT SELECT {columns} FROM {theirs} {where}) UNION ALL"
                f" (SELECT {columns} FROM {theirs} {where}"
                f" EXCEPT SELECT {columns} FROM {ours} {where})) x",
                bench.parameters,
            )
            row = cursor.fetchone()
            if row is None or row[0]:
                raise SystemExit(f"{name}: {row} rows differ; nothing was measured")


def _describe(size: Size, municipality: int) -> list[str]:
    from roadmap.models import (
        Assessment,
        Criterion,
        CriterionReading,
        EvidenceRequest,
        Indicator,
        Measurement,
        Milestone,
        StageSnapshot,
        StageSum,
        Update,
    )

    criteria = Criterion.objects.filter(stage__municipality_id=municipality).count()
    return [
        f"{size.departments} departments x {criteria} criteria in 7 stages,"
        f" {size.initiatives} initiatives; {Assessment.objects.count()} assessments,"
        f" {Update.objects.count()} updates, {StageSnapshot.objects.count()} stage snapshots,"
        f" {StageSum.objects.count()} sums",
        f"{CriterionReading.objects.count()} figures of criteria,"
        f" {EvidenceRequest.objects.count()} requests for evidence, 2 versions of the staircase",
        f"{Milestone.objects.count()} milestones, {Indicator.objects.count()} indicators with"
        f" {Measurement.objects.count()} measurements",
        f"{size.reps} interleaved repetitions; median (smallest to largest)",
        "",
    ]


def _report(measured: dict[str, Series], bench: _Rollups, idle: float, size: Size) -> None:
    full, limit, incremental = measured.values()
    for series in measured.values():
        print(series.line())
    against = harness.ratio(full, limit)
    one = harness.ratio(incremental, full)
    statements = max(bench.statements["full"], bench.statements["incremental"])
    fits = "met" if statements <= STATEMENTS_TARGET else "MISSED"
    print()
    print(f"full / leanest       {against}; target <= {FULL_TARGET}:", end=" ")
    print(harness.verdict(against, FULL_TARGET, idle))
    print(f"one department / full  {one}; target <= {INCREMENTAL_TARGET} at 3,000:", end=" ")
    print(
        harness.verdict(one, INCREMENTAL_TARGET, idle)
        if size is FULL
        else "no verdict: smaller than 3,000"
    )
    print(
        f"statements           {bench.statements['full']} full,"
        f" {bench.statements['incremental']} incremental; target <= {STATEMENTS_TARGET}: {fits}"
    )
    print(f"memory               {harness.peak_megabytes():.0f} MB at most in this process")


def _report_loop(measured: dict[str, Series], bench: _Rollups) -> None:
    full, loop = measured.values()
    print()
    print(loop.line())
    print(f"one by one / full    {harness.ratio(loop, full)}, though it counts initiatives alone")
    counts = bench.statements
    print(f"statements           {counts['loop']} one by one, {counts['full']} full")
