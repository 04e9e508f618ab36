"""The limit of the roll-up: per snapshot table the leanest statement that gives its figures.

No scopes, no hash, no lock, no marks; everything is recounted into tables of the same shape.
"""

TABLES = {
    "best_initiative": "roadmap_initiativesnapshot",
    "best_stage": "roadmap_stagesnapshot",
    "best_position": "roadmap_positionsnapshot",
}

INITIATIVES = """
INSERT INTO best_initiative (municipality_id, period, as_of, method, input_hash, initiative_id,
  phase, progress, freshness, derived, rule, complete, last_report)
SELECT %(m)s, %(p)s, %(d)s, '', '', id, phase, progress,
       CASE WHEN last_report IS NULL THEN 'unknown' WHEN %(d)s - last_report <= 30 THEN 'fresh'
            WHEN %(d)s - last_report <= 60 THEN 'due' WHEN %(d)s - last_report <= 180 THEN 'stale'
            ELSE 'unknown' END,
       CASE WHEN late OR going_on AND (overdue OR behind) THEN 'late'
            WHEN unconfirmed THEN 'unconfirmed' ELSE 'none' END,
       CASE WHEN late THEN 'target_passed' WHEN going_on AND overdue THEN 'milestone_passed'
            WHEN going_on AND behind THEN 'indicator_behind'
            WHEN unconfirmed THEN 'no_follow_up' ELSE 'none' END,
       complete, last_report
  FROM (
    SELECT i.id, coalesce(u.phase, 'idea') AS phase, coalesce(u.progress, '') AS progress,
           u.last_report,
           coalesce(u.phase, 'idea') NOT IN ('live', 'checking', 'established', 'stopped')
             AND (make_date(i.target_fy, 4, 1) + 3 * coalesce(i.target_quarter, 4)
               * interval '1 month' - interval '1 day')::date < %(d)s AS late,
           u.phase IN ('live', 'checking') AND i.launched_on + 90 <= %(d)s
             AND (v.last IS NULL OR v.last < i.launched_on) AS unconfirmed,
           coalesce(u.phase, 'idea') NOT IN ('established', 'stopped') AS going_on,
           o.initiative_id IS NOT NULL AS overdue, b.initiative_id IS NOT NULL AS behind,
           i.title <> '' AND i.purpose <> '' AND i.kind <> '' AND i.beneficiaries <> '[]'::jsonb
             AND i.accountable_post_id IS NOT NULL AND i.target_fy IS NOT NULL
             AND l.initiative_id IS NOT NULL AND k.initiative_id IS NOT NULL AS complete
      FROM roadmap_initiative i
      LEFT JOIN (
        SELECT DISTINCT ON (initiative_id) initiative_id, phase, progress,
               max(id) FILTER (WHERE is_report) OVER w AS report_id,
               CASE WHEN is_report THEN reported_on ELSE first_value(reported_on) OVER (
                 PARTITION BY initiative_id ORDER BY is_report DESC, id DESC) END AS last_report
          FROM roadmap_update WHERE reported_on <= %(d)s
        WINDOW w AS (PARTITION BY initiative_id)
         ORDER BY initiative_id, id DESC) u ON u.initiative_id = i.id
      LEFT JOIN (SELECT initiative_id, max("on") AS last FROM roadmap_adoptionverdict
                  WHERE "on" <= %(d)s GROUP BY initiative_id) v ON v.initiative_id = i.id
      LEFT JOIN (SELECT DISTINCT initiative_id FROM roadmap_initiativedepartment
                  WHERE role = 'lead') l ON l.initiative_id = i.id
      LEFT JOIN (SELECT DISTINCT initiative_id FROM roadmap_initiativecriterion) k
        ON k.initiative_id = i.id
      LEFT JOIN (SELECT DISTINCT initiative_id FROM roadmap_milestone
                  WHERE due_on < %(d)s AND removed_on IS NULL
                    AND (done_on IS NULL OR done_on > %(d)s)) o ON o.initiative_id = i.id
      LEFT JOIN (
        SELECT DISTINCT n.initiative_id
          FROM (SELECT DISTINCT ON (indicator_id) indicator_id, fiscal_year, value
                  FROM roadmap_target WHERE make_date(fiscal_year + 1, 4, 1) <= %(d)s
                 ORDER BY indicator_id, fiscal_year DESC) t
          JOIN (SELECT DISTINCT ON (indicator_id) indicator_id, measured_on, value
                  FROM roadmap_measurement WHERE measured_on <= %(d)s
                 ORDER BY indicator_id, measured_on DESC) m ON m.indicator_id = t.indicator_id
           AND m.measured_on >= make_date(t.fiscal_year, 4, 1)
          JOIN roadmap_indicator n ON n.id = t.indicator_id
           AND CASE n.direction WHEN 'down' THEN m.value > t.value ELSE m.value < t.value END) b
        ON b.initiative_id = i.id
     WHERE i.municipality_id = %(m)s) facts
ON CONFLICT (municipality_id, period, initiative_id) DO UPDATE SET as_of = excluded.as_of,
  phase = excluded.phase, progress = excluded.progress, freshness = excluded.freshness,
  derived = excluded.derived, rule = excluded.rule, complete = excluded.complete,
  last_report = excluded.last_report
"""

STAGES = """
WITH level AS (
  SELECT department_id, criterion_id, level FROM (
    SELECT DISTINCT ON (department_id, criterion_id) department_id, criterion_id, level, expires_on
      FROM roadmap_assessment WHERE confirmed_on <= %(d)s
     ORDER BY department_id, criterion_id, confirmed_on DESC, id DESC) a WHERE expires_on > %(d)s
  UNION ALL
  SELECT department_id, criterion_id, level FROM (
    SELECT DISTINCT ON (department_id, criterion_id) department_id, criterion_id, level, expires_on
      FROM roadmap_measuredvalue WHERE measured_on <= %(d)s
     ORDER BY department_id, criterion_id, measured_on DESC, id DESC) v WHERE expires_on > %(d)s
  UNION ALL
  SELECT t.department_id, c.id, CASE WHEN confirmed = launched THEN 3
         WHEN 2 * confirmed >= launched THEN 2 WHEN confirmed > 0 THEN 1 ELSE 0 END
    FROM (SELECT x.department_id, count(*) AS launched, count(v.last) AS confirmed
            FROM roadmap_initiativedepartment x
            JOIN roadmap_initiative i ON i.id = x.initiative_id
            LEFT JOIN (SELECT initiative_id, max("on") AS last FROM roadmap_adoptionverdict
                        told WHERE "on" <= %(d)s AND verdict <> 'too_few'
                          AND (verdict = 'established' OR NOT EXISTS (
                            SELECT 1 FROM roadmap_adoptiontask t WHERE t.verdict_id = told.id
                               AND (t.chosen_on IS NULL OR t.chosen_on > %(d)s)))
                        GROUP BY initiative_id) v
              ON v.initiative_id = i.id AND v.last >= i.launched_on
           WHERE x.role = 'lead' AND i.launched_on + 90 <= %(d)s GROUP BY x.department_id) t
   CROSS JOIN (SELECT c.id FROM roadmap_criterion c JOIN roadmap_stage s ON s.id = c.stage_id
                WHERE s.municipality_id = %(m)s AND c.source = 'initiative') c
), counted AS (
  SELECT l.department_id, c.stage_id, sum(l.level) AS level_sum, count(*) AS answered,
         count(*) FILTER (WHERE c.mandatory AND l.level = 3) AS firm
    FROM level l JOIN roadmap_criterion c ON c.id = l.criterion_id
   GROUP BY l.department_id, c.stage_id
), contributing AS (
  SELECT x.department_id, c.stage_id, count(DISTINCT x.initiative_id) AS initiatives
    FROM best_initiative n
    JOIN roadmap_initiativedepartment x ON x.initiative_id = n.initiative_id
    JOIN roadmap_initiativecriterion k ON k.initiative_id = n.initiative_id
    JOIN roadmap_criterion c ON c.id = k.criterion_id
   WHERE n.municipality_id = %(m)s AND n.period = %(p)s AND n.complete
     AND n.phase IN ('trial', 'live', 'checking', 'established') AND x.role IN ('lead', 'partner')
   GROUP BY x.department_id, c.stage_id
)
INSERT INTO best_stage (municipality_id, period, as_of, method, input_hash, department_id,
  stage_id, reached, level_sum, answered, total, contributing)
SELECT %(m)s, %(p)s, %(d)s, '', '', d.id, s.id, s.mandatory > 0
         AND coalesce(t.firm, 0) = s.mandatory,
       coalesce(t.level_sum, 0), coalesce(t.answered, 0), s.total, coalesce(k.initiatives, 0)
  FROM accounts_department d
 CROSS JOIN (SELECT s.id, count(*) AS total, count(*) FILTER (WHERE c.mandatory) AS mandatory
               FROM roadmap_stage s JOIN roadmap_criterion c ON c.stage_id = s.id
              WHERE s.municipality_id = %(m)s GROUP BY s.id) s
  LEFT JOIN counted t ON t.department_id = d.id AND t.stage_id = s.id
  LEFT JOIN contributing k ON k.department_id = d.id AND k.stage_id = s.id
 WHERE d.municipality_id = %(m)s AND d.stands AND d.valid_from <= %(d)s
   AND (d.valid_to IS NULL OR d.valid_to > %(d)s)
ON CONFLICT (municipality_id, period, department_id, stage_id) DO UPDATE SET
  as_of = excluded.as_of, reached = excluded.reached, level_sum = excluded.level_sum,
  answered = excluded.answered, total = excluded.total, contributing = excluded.contributing
"""

POSITIONS = """
WITH stood AS (
  SELECT n.department_id, s.axis, max(s.step) AS last, sum(n.answered) > 0 AS known,
         coalesce(min(s.step) FILTER (WHERE NOT n.reached) - 1, max(s.step)) AS reached,
         array_agg(s.step ORDER BY s.step) FILTER (WHERE n.level_sum > 0 OR n.contributing > 0)
           AS begun
    FROM best_stage n JOIN roadmap_stage s ON s.id = n.stage_id
   WHERE n.municipality_id = %(m)s AND n.period = %(p)s GROUP BY n.department_id, s.axis
)
INSERT INTO best_position (municipality_id, period, as_of, method, input_hash, department_id,
  axis, reached, current, all_reached, seeds)
SELECT %(m)s, %(p)s, %(d)s, '', '', department_id, axis, reached,
       CASE WHEN known THEN least(reached + 1, last) END, known AND reached = last,
       CASE WHEN known AND begun IS NOT NULL
         THEN ARRAY(SELECT b FROM unnest(begun) b WHERE b > least(reached + 1, last))::smallint[]
         ELSE '{}' END
  FROM stood
ON CONFLICT (municipality_id, period, department_id, axis) DO UPDATE SET
  as_of = excluded.as_of, reached = excluded.reached, current = excluded.current,
  all_reached = excluded.all_reached, seeds = excluded.seeds
"""

#: Rows in which the product's snapshots and the limit's differ; 0, or nothing was measured.
DIFFERENCES = {
    "initiatives": ("best_initiative", "roadmap_initiativesnapshot",
                    "initiative_id, phase, progress, freshness, derived, rule, complete,"
                    " last_report"),
    "stages": ("best_stage", "roadmap_stagesnapshot",
               "department_id, stage_id, reached, level_sum, answered, total, contributing"),
    "positions": ("best_position", "roadmap_positionsnapshot",
                  "department_id, axis, reached, current, all_reached, seeds"),
}  # fmt: skip
