"""The full roll-up against the leanest statements over the same facts, the incremental one, and a
loop over one initiative after the other, as it is written without thinking of the whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from bench import harness, rollup_limit, rollup_loop
from bench.harness import Series

AS_OF = dt.date(2026, 6, 17)
FULL_TARGET, INCREMENTAL_TARGET, STATEMENTS_TARGET = 1.5, 1 / 50, 10

#: Facts in bulk; random() is seeded first, so that every run counts the same.
_FACTS = (
    "SELECT setseed(0.42)",
    """INSERT INTO accounts_department (municipality_id, code, name, kind, stands, "order",
         valid_from, without_account)
       SELECT %(m)s, 'D' || g, '第' || g || '課', 'section', true, g, '2020-04-01', 0
         FROM generate_series(1, %(departments)s) g""",
    """INSERT INTO accounts_user (municipality_id, department_id, email, name, password,
         employment, is_active)
       SELECT %(m)s, min(id), 'bench@bench.example', '測定 太郎', '!', 'regular', true
         FROM accounts_department WHERE municipality_id = %(m)s""",
    """INSERT INTO accounts_post (department_id, name, is_head)
       SELECT id, name || '長', true FROM accounts_department WHERE municipality_id = %(m)s""",
    """INSERT INTO roadmap_assessment (department_id, criterion_id, level, evidence,
         confirmed_by_id, confirmed_on, expires_on)
       SELECT d.id, c.id, floor(random() * 4)::int, '記録', u.id, %(d)s::date - back,
              (%(d)s::date - back + interval '12 months')::date
         FROM accounts_department d
         JOIN roadmap_criterion c ON c.source = 'declared'
         JOIN roadmap_stage s ON s.id = c.stage_id AND s.municipality_id = d.municipality_id
         JOIN accounts_user u ON u.email = 'bench@bench.example'
         JOIN LATERAL (SELECT x.back + floor(random() * 90)::int AS back
                         FROM (VALUES (5), (190), (330)) x(back)
                        WHERE random() < 0.6 AND d.id + c.id > 0) y ON true
        WHERE d.municipality_id = %(m)s""",
    """INSERT INTO roadmap_measuredvalue (department_id, criterion_id, wave_label, share_band,
         n_band, level, from_parent, measured_on, expires_on)
       SELECT d.id, c.id, '測定', '', '', floor(random() * 4)::int, false, on_day,
              (on_day + interval '12 months')::date
         FROM accounts_department d
         JOIN roadmap_criterion c ON c.source = 'survey'
         JOIN roadmap_stage s ON s.id = c.stage_id AND s.municipality_id = d.municipality_id
        CROSS JOIN (VALUES (%(d)s::date - 40), (%(d)s::date - 220)) w(on_day)
        WHERE d.municipality_id = %(m)s""",
    """INSERT INTO roadmap_initiative (municipality_id, title, purpose, kind, stops, adds,
         beneficiaries, accountable_post_id, target_fy, target_quarter, target_text, budget, source,
         origin, extra, launched_on, version, search_text, created_at)
       SELECT %(m)s, '取組 ' || g, CASE WHEN random() < 0.9 THEN '楽になる' ELSE '' END, 'subtract',
              '', '', '["staff"]', p.id, 2025 + floor(random() * 3)::int,
              1 + floor(random() * 4)::int, '', '', '', '', '{}',
              CASE WHEN random() < 0.5 THEN %(d)s::date - floor(random() * 400)::int END, 1, '',
              now()
         FROM generate_series(1, %(initiatives)s) g
         JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS all_posts
                 FROM accounts_post) p ON p.n = 1 + g %% p.all_posts""",
    """INSERT INTO roadmap_initiativedepartment (initiative_id, department_id, role)
       SELECT i.id, p.department_id, r.role
         FROM roadmap_initiative i JOIN accounts_post p ON p.id = i.accountable_post_id
        CROSS JOIN (VALUES ('lead'), ('user')) r(role) WHERE i.municipality_id = %(m)s""",
    """INSERT INTO roadmap_initiativecriterion (initiative_id, criterion_id)
       SELECT i.id, c.id FROM roadmap_initiative i
         JOIN (SELECT c.id, row_number() OVER (ORDER BY c.id) AS n, count(*) OVER () AS all_c
                 FROM roadmap_criterion c) c ON c.n IN (1 + i.id %% c.all_c,
                   1 + (i.id * 7 + 3) %% c.all_c)
        WHERE i.municipality_id = %(m)s ON CONFLICT DO NOTHING""",
    """INSERT INTO roadmap_update (initiative_id, phase, progress, note, unchanged, cause,
         next_step, reported_on, at, channel, is_report)
       SELECT i.id, CASE WHEN i.launched_on <= day THEN 'live'
                ELSE (ARRAY['idea', 'planned', 'building', 'trial'])[1 + floor(random() * 4)::int]
              END, (ARRAY['ahead', 'on_track', 'late'])[1 + floor(random() * 3)::int], '', false,
              '', '', day, now(), 'screen', random() < 0.9
         FROM roadmap_initiative i
        CROSS JOIN LATERAL (SELECT %(d)s::date - 30 * k + floor(random() * 25)::int + i.id::int * 0
                              AS day FROM generate_series(6, 1, -1) k) days
        WHERE i.municipality_id = %(m)s""",
    """INSERT INTO roadmap_adoptionverdict (initiative_id, "on", verdict, figures, declared, reason)
       SELECT id, launched_on + 100, (ARRAY['support', 'rethink', 'too_few'])[1 + id %% 3], '{}',
              false, '' FROM roadmap_initiative
        WHERE municipality_id = %(m)s AND launched_on + 100 <= %(d)s AND random() < 0.6""",
    """INSERT INTO roadmap_milestone (initiative_id, title, due_on, done_on, version)
       SELECT i.id, '節目 ' || g, day, CASE WHEN random() < 0.9 THEN day + floor(random() * 9)::int
                END, 1
         FROM roadmap_initiative i
        CROSS JOIN generate_series(1, %(milestones)s) g
        CROSS JOIN LATERAL (SELECT %(d)s::date + floor(random() * 700)::int - 400
                              + (i.id + g)::int * 0 AS day) days
        WHERE i.municipality_id = %(m)s""",
    """INSERT INTO roadmap_indicator (initiative_id, name, kind, unit, direction, source, "order",
         version)
       SELECT i.id, '割合', k.kind, '%%', CASE WHEN random() < 0.2 THEN 'down' ELSE 'up' END,
              '', 0, 1
         FROM roadmap_initiative i
        CROSS JOIN (VALUES ('availability'), ('use')) k(kind) WHERE i.municipality_id = %(m)s""",
    """INSERT INTO roadmap_target (indicator_id, fiscal_year, value)
       SELECT n.id, year, floor(random() * 100) FROM roadmap_indicator n
        CROSS JOIN generate_series(2024, 2027) year WHERE random() < 0.8""",
    """INSERT INTO roadmap_measurement (indicator_id, measured_on, value, note)
       SELECT n.id, %(d)s::date - 120 * k, floor(random() * 100), '' FROM roadmap_indicator n
        CROSS JOIN generate_series(0, 5) k WHERE random() < 0.8""",
)


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


class _Rollups:
    """The ways that are measured; each ends with what it wrote committed."""

    def __init__(self, municipality: int) -> None:
        from dxportal.accounts.models import Department

        self.municipality = municipality
        self.parameters: dict[str, Any] = {"m": municipality, "d": AS_OF, "p": AS_OF.replace(day=1)}
        sections = Department.objects.filter(municipality_id=municipality)
        self.departments = list(sections.order_by("pk").values_list("pk", flat=True))
        self.statements: dict[str, int] = {}
        self._next = 0

    def full(self) -> None:
        """What the worker does where everything is marked."""
        from roadmap.rollups import roll_up

        result = roll_up(self.municipality, as_of=AS_OF, full=True)
        self.statements["full"] = result.statements

    def limit(self) -> None:
        """The three lean statements in one transaction."""
        from django.db import connection, transaction

        with transaction.atomic(), connection.cursor() as cursor:
            for sql in (rollup_limit.INITIATIVES, rollup_limit.STAGES, rollup_limit.POSITIONS):
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
    from django.db import connection, transaction

    from dxportal.accounts.actions.founding import found_municipality
    from dxportal.accounts.choices import SizeBand
    from dxportal.celery import without_hints
    from roadmap.actions.content import ensure_staircase
    from roadmap.models import DirtyMark

    with without_hints():
        place = found_municipality("999997", "測定市", size_band=SizeBand.CITY_SMALL, by=None)
        ensure_staircase(place, by=None)
    DirtyMark.objects.all().delete()
    values: dict[str, Any] = {
        "m": place.pk,
        "d": AS_OF,
        "departments": size.departments,
        "initiatives": size.initiatives,
        "milestones": MILESTONES_EACH,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _FACTS:
            cursor.execute(statement, values)
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
        Indicator,
        Measurement,
        Milestone,
        StageSnapshot,
        Update,
    )

    criteria = Criterion.objects.filter(stage__municipality_id=municipality).count()
    return [
        f"{size.departments} departments x {criteria} criteria in 7 stages,"
        f" {size.initiatives} initiatives; {Assessment.objects.count()} assessments,"
        f" {Update.objects.count()} updates, {StageSnapshot.objects.count()} stage snapshots",
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
