"""The limit of the roll-up: per snapshot table the leanest statement that gives its figures.

No scopes, no hash, no lock, no marks; everything is recounted into tables of the same shape.
"""

TABLES = {
    "best_initiative": "roadmap_initiativesnapshot",
    "best_stage": "roadmap_stagesnapshot",
    "best_position": "roadmap_positionsnapshot",
    "best_sum": "roadmap_stagesum",
}

INITIATIVES = """
INSERT INTO best_initiative (municipality_id, period, as_of, method, input_hash, initiative_id,
  phase, progress, freshness, derived, rule, complete, last_report, ended)
SELECT %(m)s, %(p)s, %(d)s, '', '', id, phase, progress,
       CASE WHEN last_report IS NULL THEN 'unknown' WHEN %(d)s - last_report <= 30 THEN 'fresh'
            WHEN %(d)s - last_report <= 60 THEN 'due' WHEN %(d)s - last_report <= 180 THEN 'stale'
            ELSE 'unknown' END,
       CASE WHEN late OR going_on AND (overdue OR behind) THEN 'late'
            WHEN unconfirmed THEN 'unconfirmed' ELSE 'none' END,
       CASE WHEN late THEN 'target_passed' WHEN going_on AND overdue THEN 'milestone_passed'
            WHEN going_on AND behind THEN 'indicator_behind'
            WHEN unconfirmed THEN 'no_follow_up' ELSE 'none' END,
       complete, last_report, ended
  FROM (
    SELECT i.id, coalesce(u.phase, 'idea') AS phase, coalesce(u.progress, '') AS progress,
           coalesce(u.ended, '') <> '' AS ended, u.last_report,
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
        SELECT DISTINCT ON (initiative_id) initiative_id, phase, progress, ended,
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
  last_report = excluded.last_report, ended = excluded.ended
"""

STAGES = """
WITH version AS (
  SELECT id FROM roadmap_staircaseversion WHERE municipality_id = %(m)s AND valid_from <= %(d)s
     AND (valid_to IS NULL OR valid_to > %(d)s)
), criteria AS (
  SELECT k.criterion_id AS id, k.stage_id, k.mandatory, k.source, k.measure,
         coalesce((k.threshold->>'firm')::numeric, CASE k.measure WHEN 'asked_again' THEN 100
           WHEN 'stopped' THEN 3 ELSE 60 END) AS firm,
         coalesce((k.threshold->>'partly')::numeric, CASE k.measure WHEN 'asked_again' THEN 50
           WHEN 'stopped' THEN 2 ELSE 30 END) AS partly,
         coalesce((k.threshold->>'started')::numeric, 1) AS started,
         k.threshold->>'direction' = 'down' AS down
    FROM roadmap_criterionversion k JOIN version ON version.id = k.staircase_id
), level AS (
  SELECT a.department_id, c.stage_id, c.mandatory, a.level FROM (
    SELECT DISTINCT ON (department_id, criterion_id) id, department_id, criterion_id, level,
           expires_on
      FROM roadmap_assessment WHERE confirmed_on <= %(d)s
     ORDER BY department_id, criterion_id, confirmed_on DESC, id DESC) a
    JOIN criteria c ON c.id = a.criterion_id AND c.source = 'declared'
    LEFT JOIN (SELECT assessment_id FROM roadmap_evidencerequest WHERE asked_on <= %(d)s
                  AND (answered_on IS NULL OR answered_on > %(d)s)
                  AND (withdrawn_on IS NULL OR withdrawn_on > %(d)s)) q ON q.assessment_id = a.id
   WHERE a.expires_on > %(d)s AND q.assessment_id IS NULL
  UNION ALL
  SELECT v.department_id, c.stage_id, c.mandatory, v.level FROM (
    SELECT DISTINCT ON (department_id, criterion_id) department_id, criterion_id, level, expires_on
      FROM roadmap_measuredvalue WHERE measured_on <= %(d)s
     ORDER BY department_id, criterion_id, measured_on DESC, id DESC) v
    JOIN criteria c ON c.id = v.criterion_id AND c.source = 'survey' WHERE v.expires_on > %(d)s
  UNION ALL
  SELECT r.department_id, c.stage_id, c.mandatory,
         CASE WHEN c.down THEN (r.value <= c.firm)::int + (r.value <= c.partly)::int
                + (r.value <= c.started)::int
              ELSE (r.value >= c.firm)::int + (r.value >= c.partly)::int
                + (r.value >= c.started)::int END
    FROM (SELECT DISTINCT ON (department_id, criterion_id) department_id, criterion_id, value,
                 expires_on
            FROM roadmap_criterionreading WHERE measured_on <= %(d)s
           ORDER BY department_id, criterion_id, measured_on DESC) r
    JOIN criteria c ON c.id = r.criterion_id AND c.source = 'indicator' WHERE r.expires_on > %(d)s
  UNION ALL
  SELECT t.department_id, c.stage_id, c.mandatory,
         (100 * given >= c.firm * of_all)::int + (100 * given >= c.partly * of_all)::int
           + (100 * given >= c.started * of_all)::int
    FROM (SELECT x.department_id, count(*) FILTER (WHERE old) AS launched, count(v.last)
                   FILTER (WHERE old) AS confirmed,
                 count(*) FILTER (WHERE old AND n.phase = 'established') AS rooted,
                 count(*) FILTER (WHERE i.launched_on <= %(d)s OR n.phase = 'stopped') AS begun,
                 count(*) FILTER (WHERE n.phase = 'stopped' AND n.ended) AS ended
            FROM roadmap_initiativedepartment x
            JOIN roadmap_initiative i ON i.id = x.initiative_id
            JOIN best_initiative n ON n.initiative_id = i.id AND n.municipality_id = %(m)s
             AND n.period = %(p)s
           CROSS JOIN LATERAL (SELECT coalesce(i.launched_on + 90 <= %(d)s, false) AS old) o
            LEFT JOIN (SELECT initiative_id, max("on") AS last FROM roadmap_adoptionverdict
                        told WHERE "on" <= %(d)s AND verdict <> 'too_few'
                          AND (verdict = 'established' OR NOT EXISTS (
                            SELECT 1 FROM roadmap_adoptiontask t WHERE t.verdict_id = told.id
                               AND (t.chosen_on IS NULL OR t.chosen_on > %(d)s)))
                        GROUP BY initiative_id) v
              ON v.initiative_id = i.id AND v.last >= i.launched_on
           WHERE x.role = 'lead' GROUP BY x.department_id) t
    JOIN criteria c ON c.source = 'initiative'
   CROSS JOIN LATERAL (
     SELECT CASE c.measure WHEN 'asked_again' THEN t.confirmed WHEN 'established' THEN t.rooted
              ELSE t.ended END AS given,
            CASE c.measure WHEN 'stopped' THEN 100 ELSE t.launched END AS of_all) g
   WHERE CASE c.measure WHEN 'stopped' THEN t.begun ELSE t.launched END > 0
), counted AS (
  SELECT department_id, stage_id, sum(level) AS level_sum, count(*) AS answered,
         count(*) FILTER (WHERE mandatory AND level = 3) AS firm
    FROM level GROUP BY department_id, stage_id
), contributing AS (
  SELECT x.department_id, c.stage_id, count(DISTINCT x.initiative_id) AS initiatives
    FROM best_initiative n
    JOIN roadmap_initiativedepartment x ON x.initiative_id = n.initiative_id
    JOIN roadmap_initiativecriterion k ON k.initiative_id = n.initiative_id
    JOIN criteria c ON c.id = k.criterion_id
   WHERE n.municipality_id = %(m)s AND n.period = %(p)s AND n.complete
     AND n.phase IN ('trial', 'live', 'checking', 'established') AND x.role IN ('lead', 'partner')
   GROUP BY x.department_id, c.stage_id
)
INSERT INTO best_stage (municipality_id, period, as_of, method, input_hash, department_id,
  stage_id, reached, level_sum, answered, total, contributing, staircase_id)
SELECT %(m)s, %(p)s, %(d)s, '', '', d.id, s.id, s.mandatory > 0
         AND coalesce(t.firm, 0) = s.mandatory,
       coalesce(t.level_sum, 0), coalesce(t.answered, 0), s.total, coalesce(k.initiatives, 0),
       s.version
  FROM accounts_department d
 CROSS JOIN (SELECT t.stage_id AS id, version.id AS version, count(c.id) AS total,
                    count(*) FILTER (WHERE c.mandatory) AS mandatory
               FROM roadmap_stageversion t JOIN version ON version.id = t.staircase_id
               LEFT JOIN criteria c ON c.stage_id = t.stage_id GROUP BY 1, 2) s
  LEFT JOIN counted t ON t.department_id = d.id AND t.stage_id = s.id
  LEFT JOIN contributing k ON k.department_id = d.id AND k.stage_id = s.id
 WHERE d.municipality_id = %(m)s AND d.stands AND d.valid_from <= %(d)s
   AND (d.valid_to IS NULL OR d.valid_to > %(d)s)
ON CONFLICT (municipality_id, period, department_id, stage_id) DO UPDATE SET
  as_of = excluded.as_of, reached = excluded.reached, level_sum = excluded.level_sum,
  answered = excluded.answered, total = excluded.total, contributing = excluded.contributing,
  staircase_id = excluded.staircase_id
"""

POSITIONS = """
WITH stood AS (
  SELECT n.department_id, s.axis, max(s.step) AS last, sum(n.answered) > 0 AS known,
         coalesce(min(s.step) FILTER (WHERE NOT n.reached) - 1, max(s.step)) AS reached,
         array_agg(s.step ORDER BY s.step) FILTER (WHERE n.level_sum > 0 OR n.contributing > 0)
           AS begun, max(n.staircase_id) AS staircase_id
    FROM best_stage n JOIN roadmap_stage s ON s.id = n.stage_id
   WHERE n.municipality_id = %(m)s AND n.period = %(p)s GROUP BY n.department_id, s.axis
)
INSERT INTO best_position (municipality_id, period, as_of, method, input_hash, department_id,
  axis, reached, current, all_reached, seeds, staircase_id)
SELECT %(m)s, %(p)s, %(d)s, '', '', department_id, axis, reached,
       CASE WHEN known THEN least(reached + 1, last) END, known AND reached = last,
       CASE WHEN known AND begun IS NOT NULL
         THEN ARRAY(SELECT b FROM unnest(begun) b WHERE b > least(reached + 1, last))::smallint[]
         ELSE '{}' END, staircase_id
  FROM stood
ON CONFLICT (municipality_id, period, department_id, axis) DO UPDATE SET
  as_of = excluded.as_of, reached = excluded.reached, current = excluded.current,
  all_reached = excluded.all_reached, seeds = excluded.seeds, staircase_id = excluded.staircase_id
"""

SUMS = """
WITH unit AS (
  SELECT coalesce(d.bureau_id, d.id) AS unit, n.stage_id, count(*) AS departments,
         count(*) FILTER (WHERE p.current = s.step) AS here,
         count(*) FILTER (WHERE n.reached) AS reached,
         count(*) FILTER (WHERE s.step = ANY(p.seeds)) AS seeds,
         sum(n.level_sum) AS level_sum, sum(n.answered) AS answered, sum(n.total) AS total,
         sum(n.contributing) AS contributing, max(n.staircase_id) AS staircase_id
    FROM best_stage n
    JOIN accounts_department d ON d.id = n.department_id
    JOIN roadmap_stage s ON s.id = n.stage_id
    JOIN best_position p ON p.department_id = n.department_id AND p.axis = s.axis
     AND p.municipality_id = n.municipality_id AND p.period = n.period
   WHERE n.municipality_id = %(m)s AND n.period = %(p)s GROUP BY 1, 2
)
INSERT INTO best_sum (municipality_id, period, as_of, method, input_hash, unit, stage_id,
  departments, here, reached, seeds, level_sum, answered, total, contributing, staircase_id)
SELECT %(m)s, %(p)s, %(d)s, '', '', * FROM unit
UNION ALL
SELECT %(m)s, %(p)s, %(d)s, '', '', 0, stage_id, sum(departments), sum(here), sum(reached),
       sum(seeds), sum(level_sum), sum(answered), sum(total), sum(contributing), max(staircase_id)
  FROM unit GROUP BY stage_id
ON CONFLICT (municipality_id, period, unit, stage_id) DO UPDATE SET as_of = excluded.as_of,
  departments = excluded.departments, here = excluded.here, reached = excluded.reached,
  seeds = excluded.seeds, level_sum = excluded.level_sum, answered = excluded.answered,
  total = excluded.total, contributing = excluded.contributing,
  staircase_id = excluded.staircase_id
"""

#: In the order in which they need each other.
STATEMENTS = (INITIATIVES, STAGES, POSITIONS, SUMS)

#: Rows in which the product's snapshots and the limit's differ; 0, or nothing was measured.
DIFFERENCES = {
    "initiatives": ("best_initiative", "roadmap_initiativesnapshot",
                    "initiative_id, phase, progress, freshness, derived, rule, complete,"
                    " last_report, ended"),
    "stages": ("best_stage", "roadmap_stagesnapshot",
               "department_id, stage_id, reached, level_sum, answered, total, contributing,"
               " staircase_id"),
    "positions": ("best_position", "roadmap_positionsnapshot",
                  "department_id, axis, reached, current, all_reached, seeds, staircase_id"),
    "sums": ("best_sum", "roadmap_stagesum",
             "unit, stage_id, departments, here, reached, seeds, level_sum, answered, total,"
             " contributing, staircase_id"),
}  # fmt: skip
