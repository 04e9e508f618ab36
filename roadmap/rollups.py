"""Roll-ups: recompute marked scopes into snapshots. Twice changes nothing; late fills the gap.

One transaction: the municipality's lock first, then the ids of the marks, then the facts, then
exactly those marks are deleted (READ COMMITTED: a mark that commits later is left for the next).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from dxportal.shared.fiscal import fiscal_year, month_start
from roadmap import rollup_sql
from roadmap.marks import ALL, DEPARTMENT, INITIATIVE
from roadmap.methods import METHOD
from roadmap.models import RollupRun

#: First key of the two-key advisory lock; the second is the municipality.
LOCK = 4101


#: Each mark, and without an id the departments that a marked initiative counts in: with the plain
#: list of departments in their hands the statements touch nothing else.
_MARKS = """
SELECT id, scope, scope_id FROM roadmap_dirtymark WHERE municipality_id = %(m)s
UNION ALL
SELECT NULL, 'department', x.department_id
  FROM roadmap_dirtymark k JOIN roadmap_initiativedepartment x ON x.initiative_id = k.scope_id
 WHERE k.municipality_id = %(m)s AND k.scope = 'initiative'
"""
#: Whole once in this month, and by the rules of today: a full count leaves one method only. A
#: municipality may have departments alone, or initiatives alone.
_COUNTED_BEFORE = """
SELECT EXISTS (SELECT 1 FROM roadmap_rolluprun
                WHERE municipality_id = %(m)s AND period = %(p)s AND "full")
   AND %(method)s = ALL (ARRAY(
       (SELECT method FROM roadmap_positionsnapshot
         WHERE municipality_id = %(m)s AND period = %(p)s LIMIT 1)
       UNION ALL
       (SELECT method FROM roadmap_initiativesnapshot
         WHERE municipality_id = %(m)s AND period = %(p)s LIMIT 1)))
"""


@dataclass(frozen=True, slots=True)
class RollupResult:
    """What one roll-up did; rows 0 and statements 3 mean that nothing was marked."""

    period: date
    full: bool
    marks: int
    rows: int
    statements: int
    seconds: float


@dataclass(slots=True)
class _Statements:
    """Runs statements and counts them."""

    parameters: dict[str, Any]
    count: int = 0
    rows: int = 0

    def fetch(self, sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, self.parameters)
            self.count += 1
            return list(cursor.fetchall())

    def run(self, sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, self.parameters)
            self.count += 1
            self.rows += cursor.rowcount


def roll_up(
    municipality_id: int, *, as_of: date, full: bool = False, history: bool = False
) -> RollupResult:
    """Bring the snapshots of `as_of`'s month up to date.

    `full` recomputes every scope. The first roll-up of a month, and the first one by a new method,
    is always full. `history` counts a past day: always full, without initiatives that began
    later, and it leaves the marks of the present alone.
    At most 10 statements, whatever the size.
    """
    started = time.monotonic()
    period = month_start(as_of)
    work = _Statements(
        {
            "m": municipality_id,
            "d": as_of,
            "y": fiscal_year(as_of),
            "p": period,
            "method": METHOD,
            "lock": LOCK,
            "history": history,
            "zone": timezone.get_default_timezone_name(),
        }
    )
    with transaction.atomic():
        work.fetch("SELECT pg_advisory_xact_lock(%(lock)s, %(m)s)")
        marks = [] if history else work.fetch(_MARKS)
        complete = work.fetch(_COUNTED_BEFORE)[0][0]
        everything = full or history or not complete or any(m[1] == ALL for m in marks)
        if not marks and not everything:
            return RollupResult(period, False, 0, 0, work.count, time.monotonic() - started)
        work.parameters |= {
            "everything": everything,
            "departments": list({m[2] for m in marks if m[1] == DEPARTMENT}),
            "initiatives": list({m[2] for m in marks if m[1] == INITIATIVE}),
            "marks": [m[0] for m in marks if m[0] is not None],
        }
        for sql in (
            rollup_sql.INITIATIVES,
            rollup_sql.GONE,
            rollup_sql.STAGES,
            rollup_sql.POSITIONS,
            rollup_sql.SUMS,
        ):
            work.run(sql)
        rows, read = work.rows, len(work.parameters["marks"])
        if marks:
            work.run("DELETE FROM roadmap_dirtymark WHERE id = ANY(%(marks)s)")
        result = RollupResult(
            period, everything, read, rows, work.count + 1, time.monotonic() - started
        )
        RollupRun.objects.create(
            municipality_id=municipality_id,
            period=period,
            as_of=as_of,
            full=everything,
            marks=read,
            rows=rows,
            statements=result.statements,
            seconds=result.seconds,
        )
    return result


#: Everything that is stored but the day on which a row was counted last.
_STORED = {
    "stage": """SELECT department_id, stage_id, reached, level_sum, answered, total, contributing,
                       staircase_id, method, input_hash
                  FROM roadmap_stagesnapshot WHERE municipality_id = %s AND period = %s""",
    "position": """SELECT department_id, axis, reached, current, all_reached, seeds::text,
                          staircase_id, method, input_hash
                     FROM roadmap_positionsnapshot WHERE municipality_id = %s AND period = %s""",
    "sum": """SELECT unit, stage_id, departments, here, reached, seeds, level_sum, answered, total,
                     contributing, staircase_id, method, input_hash
                FROM roadmap_stagesum WHERE municipality_id = %s AND period = %s""",
    "initiative": """SELECT initiative_id, phase, progress, freshness, derived, rule, complete,
                            last_report, ended, method, input_hash
                       FROM roadmap_initiativesnapshot
                      WHERE municipality_id = %s AND period = %s""",
}


def stored(municipality_id: int, period: date) -> set[tuple[Any, ...]]:
    """Every row of a month as a tuple that begins with its table's word."""
    found: set[tuple[Any, ...]] = set()
    with connection.cursor() as cursor:
        for name, sql in _STORED.items():
            cursor.execute(sql, [municipality_id, period])
            found.update((name, *row) for row in cursor.fetchall())
    return found


def drift(municipality_id: int, *, as_of: date) -> int:
    """Rows in which the stored snapshots differ from a full recount; 0 is the promise.

    Counts a changed row once on each side. Leaves everything as it was.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, municipality_id])
        before = stored(municipality_id, month_start(as_of))
        point = transaction.savepoint()
        roll_up(municipality_id, as_of=as_of, full=True)
        after = stored(municipality_id, month_start(as_of))
        transaction.savepoint_rollback(point)
    return len(before ^ after)


def seen_on(municipality_id: int, day: date) -> set[tuple[Any, ...]]:
    """What a past day gives, as `stored` tells it; nothing is kept and nothing is changed."""
    with transaction.atomic():
        point = transaction.savepoint()
        roll_up(municipality_id, as_of=day, history=True)
        found = stored(municipality_id, month_start(day))
        transaction.savepoint_rollback(point)
    return found


def counted_later(municipality_id: int, day: date) -> date | None:
    """The later day that the month of `day` holds; a history of `day` would take its place."""
    runs = RollupRun.objects.filter(municipality_id=municipality_id, period=month_start(day))
    later = runs.filter(as_of__gt=day).order_by("-as_of").values_list("as_of", flat=True)
    return later.first()


def keep_round(municipality_id: int, round_id: int, *, as_of: date) -> int:
    """Count, and write what a closing round keeps of every department and step; returns the rows.

    Belongs into the transaction that closes the round.
    """
    roll_up(municipality_id, as_of=as_of)
    with connection.cursor() as cursor:
        cursor.execute(
            rollup_sql.ROUND_STAGES,
            {"m": municipality_id, "p": month_start(as_of), "round": round_id},
        )
        return int(cursor.rowcount)


def mark_date_edges(municipality_id: int, *, since: date, today: date) -> int:
    """Mark every scope whose numbers change by date alone in (since, today]; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            rollup_sql.DATE_EDGES, {"m": municipality_id, "since": since, "today": today}
        )
        return int(cursor.rowcount)


def nightly(municipality_id: int, *, today: date) -> int:
    """Date edges since the last night (nights that were missed are caught up), roll-up, recount.

    Returns the drift, which is recorded with the month's newest run.
    """
    with transaction.atomic():
        since = _edges_counted(municipality_id, before=today)
        if since:
            mark_date_edges(municipality_id, since=since, today=today)
        roll_up(municipality_id, as_of=today)
        found = drift(municipality_id, as_of=today)
        runs = RollupRun.objects.filter(municipality_id=municipality_id, as_of__lte=today)
        run = runs.filter(period=month_start(today)).order_by("-id").first()
        if run:
            run.drift = found
            run.save(update_fields=["drift"])
    return found


def _edges_counted(municipality_id: int, *, before: date) -> date | None:
    """The last day whose date edges are in the snapshots: of a nightly run or a full count.

    A sweep of marks counts what was marked, and no edge of its day.
    """
    runs = RollupRun.objects.filter(municipality_id=municipality_id, as_of__lt=before)
    whole = runs.filter(Q(full=True) | Q(drift__isnull=False))
    return whole.order_by("-as_of").values_list("as_of", flat=True).first()
