"""What a roll-up counts, in bulk for one municipality: two versions of its staircase, answers from
every source, initiatives with reports, verdicts, milestones, indicators; the same each time."""

from __future__ import annotations

import datetime as dt
from typing import Any

#: The version before the present one applies until so many days before the day of the facts.
VERSION_AGE = 200
#: Criteria that come declared and are measured here: source, what is counted, unit, threshold.
_MEASURED = (
    ("indicator", "", "percent", '{"firm": "80", "partly": "50", "started": "20"}'),
    ("indicator", "", "days",
     '{"firm": "3", "partly": "7", "started": "14", "direction": "down"}'),
    ("initiative", "established", "", "{}"),
    ("initiative", "stopped", "", "{}"),
)  # fmt: skip
_PLACE = """(SELECT c.id, row_number() OVER (ORDER BY c.id DESC) AS place
               FROM roadmap_criterion c JOIN roadmap_stage s ON s.id = c.stage_id
              WHERE s.municipality_id = %(m)s AND c.source = 'declared' AND NOT c.mandatory)"""

#: random() is seeded first; `+ id * 0` keeps the planner from drawing once for all rows.
_FACTS = (
    "SELECT setseed(0.42)",
    """INSERT INTO accounts_user (municipality_id, department_id, email, name, password,
         employment, is_active)
       SELECT %(m)s, min(id), 'bench-' || %(m)s || '@bench.example', '測定 太郎', '!', 'regular',
              true FROM accounts_department WHERE municipality_id = %(m)s AND stands""",
    """INSERT INTO accounts_post (department_id, name, is_head)
       SELECT id, name || '長', true FROM accounts_department
        WHERE municipality_id = %(m)s AND stands ORDER BY id""",
    """INSERT INTO roadmap_assessment (department_id, criterion_id, level, evidence,
         confirmed_by_id, confirmed_on, expires_on)
       SELECT d.id, c.id, floor(random() * 4)::int, '記録', u.id, %(d)s::date - back,
              (%(d)s::date - back + interval '12 months')::date
         FROM accounts_department d
         JOIN roadmap_criterion c ON c.source = 'declared'
         JOIN roadmap_stage s ON s.id = c.stage_id AND s.municipality_id = d.municipality_id
         JOIN accounts_user u ON u.email = 'bench-' || %(m)s || '@bench.example'
         JOIN LATERAL (SELECT x.back + floor(random() * 90)::int AS back
                         FROM (VALUES (5), (190), (330)) x(back)
                        WHERE random() < 0.6 AND d.id + c.id > 0) y ON true
        WHERE d.municipality_id = %(m)s AND d.stands""",
    """INSERT INTO roadmap_evidencerequest (department_id, criterion_id, assessment_id, text,
         due_on, asked_by_id, asked_on, answered_on)
       SELECT a.department_id, a.criterion_id, a.id, '根拠を示してください', a.confirmed_on + 20,
              a.confirmed_by_id, a.confirmed_on + 3,
              CASE WHEN random() < 0.5 THEN a.confirmed_on + 9 END
         FROM (SELECT DISTINCT ON (a.department_id, a.criterion_id) a.*
                 FROM roadmap_assessment a JOIN accounts_department d ON d.id = a.department_id
                WHERE d.municipality_id = %(m)s
                ORDER BY a.department_id, a.criterion_id, a.confirmed_on DESC, a.id DESC) a
        WHERE random() < 0.05""",
    """INSERT INTO roadmap_measuredvalue (department_id, criterion_id, wave_label, share_band,
         n_band, level, from_parent, measured_on, expires_on)
       SELECT d.id, c.id, '測定', '', '', floor(random() * 4)::int, false, on_day,
              (on_day + interval '12 months')::date
         FROM accounts_department d
         JOIN roadmap_criterion c ON c.source = 'survey'
         JOIN roadmap_stage s ON s.id = c.stage_id AND s.municipality_id = d.municipality_id
        CROSS JOIN (VALUES (%(d)s::date - 40), (%(d)s::date - 220)) w(on_day)
        WHERE d.municipality_id = %(m)s AND d.stands""",
    """INSERT INTO roadmap_criterionreading (department_id, criterion_id, measured_on, expires_on,
         value, note, channel, at)
       SELECT d.id, c.id, %(d)s::date - 45 * k, %(d)s::date - 45 * k + 120,
              floor(random() * CASE c.unit WHEN 'days' THEN 20 ELSE 100 END), '', 'import', now()
         FROM accounts_department d
         JOIN roadmap_criterion c ON c.source = 'indicator'
         JOIN roadmap_stage s ON s.id = c.stage_id AND s.municipality_id = d.municipality_id
        CROSS JOIN generate_series(1, 4) k
        WHERE d.municipality_id = %(m)s AND d.stands AND random() < 0.7""",
    """INSERT INTO roadmap_initiative (municipality_id, title, purpose, kind, stops, adds,
         beneficiaries, accountable_post_id, target_fy, target_quarter, target_text, budget, source,
         origin, extra, launched_on, version, search_text, created_at)
       SELECT %(m)s, '取組 ' || g, CASE WHEN random() < 0.9 THEN '楽になる' ELSE '' END, 'subtract',
              '', '', '["staff"]', p.id, 2025 + floor(random() * 3)::int,
              1 + floor(random() * 4)::int, '', '', '', '', '{}',
              CASE WHEN random() < 0.5 THEN %(d)s::date - floor(random() * 400)::int END, 1, '',
              %(d)s::date - 500
         FROM generate_series(1, %(initiatives)s) g
         JOIN (SELECT p.id, row_number() OVER (ORDER BY p.id) AS n, count(*) OVER () AS all_posts
                 FROM accounts_post p JOIN accounts_department d ON d.id = p.department_id
                WHERE d.municipality_id = %(m)s) p ON p.n = 1 + g %% p.all_posts""",
    """INSERT INTO roadmap_initiativedepartment (initiative_id, department_id, role)
       SELECT i.id, p.department_id, r.role
         FROM roadmap_initiative i JOIN accounts_post p ON p.id = i.accountable_post_id
        CROSS JOIN (VALUES ('lead'), ('user')) r(role) WHERE i.municipality_id = %(m)s""",
    """INSERT INTO roadmap_initiativecriterion (initiative_id, criterion_id)
       SELECT i.id, c.id FROM roadmap_initiative i
         JOIN (SELECT c.id, row_number() OVER (ORDER BY c.id) AS n, count(*) OVER () AS all_c
                 FROM roadmap_criterion c JOIN roadmap_stage s ON s.id = c.stage_id
                WHERE s.municipality_id = %(m)s) c
           ON c.n IN (1 + i.id %% c.all_c, 1 + (i.id * 7 + 3) %% c.all_c)
        WHERE i.municipality_id = %(m)s ON CONFLICT DO NOTHING""",
    """INSERT INTO roadmap_update (initiative_id, phase, progress, note, unchanged, cause,
         next_step, reported_on, at, channel, is_report, ended)
       SELECT i.id, word, (ARRAY['ahead', 'on_track', 'late'])[1 + floor(random() * 3)::int], '',
              false, '', '', day, now(), 'screen', random() < 0.9,
              CASE WHEN word = 'stopped' THEN CASE WHEN random() < 0.8 THEN '紙の台帳' ELSE '' END
                END
         FROM roadmap_initiative i
        CROSS JOIN LATERAL (SELECT %(d)s::date - 30 * k + floor(random() * 25)::int + i.id::int * 0
                              AS day, random() AS luck FROM generate_series(6, 1, -1) k) days
        CROSS JOIN LATERAL (SELECT CASE
                WHEN i.launched_on <= day AND luck < 0.1 THEN 'stopped'
                WHEN i.launched_on + 100 <= day AND luck < 0.3 THEN 'established'
                WHEN i.launched_on <= day THEN 'live'
                ELSE (ARRAY['idea', 'planned', 'building', 'trial'])[1 + floor(luck * 4)::int]
              END AS word) words
        WHERE i.municipality_id = %(m)s""",
    """INSERT INTO roadmap_adoptionverdict (initiative_id, "on", verdict, figures, declared, reason)
       SELECT id, launched_on + 100, (ARRAY['support', 'rethink', 'too_few', 'established'])
                [1 + id %% 4], '{}', false, '' FROM roadmap_initiative
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
         JOIN roadmap_initiative i ON i.id = n.initiative_id AND i.municipality_id = %(m)s
        CROSS JOIN generate_series(2024, 2027) year WHERE random() < 0.8""",
    """INSERT INTO roadmap_measurement (indicator_id, measured_on, value, note)
       SELECT n.id, %(d)s::date - 120 * k, floor(random() * 100), '' FROM roadmap_indicator n
         JOIN roadmap_initiative i ON i.id = n.initiative_id AND i.municipality_id = %(m)s
        CROSS JOIN generate_series(0, 5) k WHERE random() < 0.8""",
)


def fill(place: Any, *, as_of: dt.date, initiatives: int, milestones: int = 5) -> None:
    """Facts of every department that stands; what they mark is taken away again."""
    from django.db import connection, transaction

    from roadmap.models import DirtyMark

    values = {"m": place.pk, "d": as_of, "initiatives": initiatives, "milestones": milestones}
    with transaction.atomic(), connection.cursor() as cursor:
        _measure(cursor, values)
        _earlier_version(place, as_of)
        for statement in _FACTS:
            cursor.execute(statement, values)
    DirtyMark.objects.filter(municipality_id=place.pk).delete()


def _measure(cursor: Any, values: dict[str, Any]) -> None:
    """Let some criteria come from every source that there is, in their version too."""
    cursor.execute(f"SELECT id FROM {_PLACE} c ORDER BY place LIMIT {len(_MEASURED)}", values)
    for (criterion,), told in zip(cursor.fetchall(), _MEASURED, strict=True):
        for table, key in (
            ("roadmap_criterion", "id"),
            ("roadmap_criterionversion", "criterion_id"),
        ):
            cursor.execute(
                f"UPDATE {table} SET source = %s, measure = %s, unit = %s, threshold = %s"
                f" WHERE {key} = %s",
                [*told, criterion],
            )


def _earlier_version(place: Any, as_of: dt.date) -> None:
    """The present version begins `VERSION_AGE` days ago; before it one that asked for less."""
    from roadmap.actions.content import write_version
    from roadmap.models import Criterion, CriterionVersion, Stage, StaircaseVersion

    begins = as_of - dt.timedelta(days=VERSION_AGE)
    present = StaircaseVersion.objects.get(municipality=place)
    earlier = StaircaseVersion.objects.create(
        municipality=place, label="前の版", valid_from=dt.date(1999, 1, 1), valid_to=begins,
        applied=True,
    )  # fmt: skip
    present.valid_from = begins
    present.save(update_fields=["valid_from"])
    stages = Stage.objects.filter(municipality=place)
    write_version(earlier, stages, Criterion.objects.filter(stage__in=stages))
    few = CriterionVersion.objects.filter(staircase=earlier, order__gte=30)
    few.filter(mandatory=False).delete()
