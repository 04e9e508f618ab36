"""The statements of the roll-up: set-based, one per snapshot table, over the marked scopes.

They say in SQL what staircase.py, timeliness.py and measuring.py say in Python; property tests
hold both together. Parameters: m municipality, d as_of, y its fiscal year, p period, everything
(bool), departments and initiatives (arrays of marked ids), method.
"""

from roadmap.choices import LAUNCHED_PHASES, STARTED_PHASES
from roadmap.completeness import complete_sql
from roadmap.measuring import behind_sql
from roadmap.timeliness import DUE_DAYS, FOLLOW_UP_DAYS, FRESH_DAYS, STALE_DAYS, overdue_sql


def _words(phases: tuple[str, ...]) -> str:
    return ", ".join(f"'{phase!s}'" for phase in phases)


_DEPARTMENTS = """
  SELECT id FROM accounts_department
   WHERE municipality_id = %(m)s AND stands
     AND valid_from <= %(d)s AND (valid_to IS NULL OR valid_to > %(d)s)
     AND (%(everything)s OR id = ANY(%(departments)s))
"""

#: An initiative that was removed counts until that day.
_STANDS = "(i.removed_on IS NULL OR i.removed_on > %(d)s)"

#: An initiative that is not complete waits in the queue of missing fields and firms nothing.
COMPLETE = complete_sql("i")

INITIATIVES = f"""
WITH facts AS (
  SELECT i.id, coalesce(u.phase, 'idea') AS phase, coalesce(u.progress, '') AS progress,
         r.reported_on AS last_report, CASE WHEN i.launched_on <= %(d)s THEN i.launched_on END
           AS launched_on,
         (make_date(i.target_fy, 4, 1) + 3 * coalesce(i.target_quarter, 4) * interval '1 month'
           - interval '1 day')::date AS target_end,
         EXISTS (SELECT 1 FROM roadmap_adoptionverdict v
                  WHERE v.initiative_id = i.id AND v.on <= %(d)s AND v.on >= i.launched_on)
           AS followed_up,
         {overdue_sql("i.id", "%(d)s")} AS overdue_milestone,
         {behind_sql("i.id", "%(y)s", "%(d)s")} AS behind_target,
         {COMPLETE} AS complete
    FROM roadmap_initiative i
    LEFT JOIN LATERAL (
      SELECT phase, progress FROM roadmap_update
       WHERE initiative_id = i.id AND reported_on <= %(d)s ORDER BY id DESC LIMIT 1) u ON true
    LEFT JOIN LATERAL (
      SELECT reported_on FROM roadmap_update
       WHERE initiative_id = i.id AND reported_on <= %(d)s AND is_report
       ORDER BY id DESC LIMIT 1) r ON true
   WHERE i.municipality_id = %(m)s AND {_STANDS}
     AND (%(everything)s OR i.id = ANY(%(initiatives)s))
), judged AS (
  SELECT *, CASE
         WHEN phase NOT IN ({_words(LAUNCHED_PHASES)}, 'stopped') AND target_end < %(d)s
           THEN 'target_passed'
         WHEN phase IN ('established', 'stopped') THEN 'none'
         WHEN overdue_milestone THEN 'milestone_passed'
         WHEN behind_target THEN 'indicator_behind'
         WHEN phase IN ({_words(LAUNCHED_PHASES)}) AND NOT followed_up
           AND launched_on + {FOLLOW_UP_DAYS} <= %(d)s THEN 'no_follow_up'
         ELSE 'none' END AS rule
    FROM facts
)
INSERT INTO roadmap_initiativesnapshot (municipality_id, period, as_of, method, input_hash,
  initiative_id, phase, progress, freshness, derived, rule, complete, last_report)
SELECT %(m)s, %(p)s, %(d)s, %(method)s,
       md5(row(id, phase, progress, last_report, launched_on, target_end, followed_up,
         overdue_milestone, behind_target)::text),
       id, phase, progress,
       CASE WHEN last_report IS NULL THEN 'unknown'
            WHEN %(d)s - last_report <= {FRESH_DAYS} THEN 'fresh'
            WHEN %(d)s - last_report <= {DUE_DAYS} THEN 'due'
            WHEN %(d)s - last_report <= {STALE_DAYS} THEN 'stale' ELSE 'unknown' END,
       CASE rule WHEN 'none' THEN 'none' WHEN 'no_follow_up' THEN 'unconfirmed' ELSE 'late' END,
       rule, complete, last_report
  FROM judged
ON CONFLICT (municipality_id, period, initiative_id) DO UPDATE SET
  as_of = excluded.as_of, method = excluded.method, input_hash = excluded.input_hash,
  phase = excluded.phase, progress = excluded.progress, freshness = excluded.freshness,
  derived = excluded.derived, rule = excluded.rule, complete = excluded.complete,
  last_report = excluded.last_report
"""

#: Departments that ended (or no longer stand on the staircases) and initiatives that were removed
#: leave the period; it runs before the stages, so that they contribute to nothing.
GONE = f"""
WITH scope AS ({_DEPARTMENTS}), removed AS (
  DELETE FROM roadmap_initiativesnapshot n USING roadmap_initiative i
   WHERE n.municipality_id = %(m)s AND n.period = %(p)s AND i.id = n.initiative_id
     AND (%(everything)s OR i.id = ANY(%(initiatives)s)) AND i.removed_on <= %(d)s
), positions AS (
  DELETE FROM roadmap_positionsnapshot
   WHERE municipality_id = %(m)s AND period = %(p)s
     AND (%(everything)s OR department_id = ANY(%(departments)s))
     AND department_id NOT IN (SELECT id FROM scope)
)
DELETE FROM roadmap_stagesnapshot
 WHERE municipality_id = %(m)s AND period = %(p)s
   AND (%(everything)s OR department_id = ANY(%(departments)s))
   AND department_id NOT IN (SELECT id FROM scope)
"""

#: How many answers stand at which level, mandatory ones apart: what the figures come from.
_LEVELS = ", ".join(
    f"count(*) FILTER (WHERE {mandatory} AND level = {level})"
    for mandatory in ("mandatory", "NOT mandatory")
    for level in range(4)
)

#: Took root, or somebody has chosen by that day what follows; verdicts from before tasks were
#: opened count.
ANSWERED = """(v.verdict = 'established' OR NOT EXISTS (
                    SELECT 1 FROM roadmap_adoptiontask task WHERE task.verdict_id = v.id
                       AND (task.chosen_on IS NULL OR task.chosen_on > %(d)s)))"""

#: Only what is answered is gone through; what is unanswered counts 0 and is known by its absence.
#: Level of an initiative-sourced criterion: the share of launched initiatives (90 days and more)
#: of the lead department that staff were asked about again, and about which it was decided since
#: what follows: all 3, half 2, some 1, none 0
#: (domain 3.3, C3-3; own proposal); no such initiative: unanswered.
STAGES = f"""
WITH scope AS ({_DEPARTMENTS}), declared AS (
  SELECT DISTINCT ON (a.department_id, a.criterion_id)
         a.department_id, a.criterion_id, a.level, a.expires_on
    FROM roadmap_assessment a JOIN scope ON scope.id = a.department_id
   WHERE a.confirmed_on <= %(d)s
   ORDER BY a.department_id, a.criterion_id, a.confirmed_on DESC, a.id DESC
), measured AS (
  SELECT DISTINCT ON (v.department_id, v.criterion_id)
         v.department_id, v.criterion_id, v.level, v.expires_on
    FROM roadmap_measuredvalue v JOIN scope ON scope.id = v.department_id
   WHERE v.measured_on <= %(d)s
   ORDER BY v.department_id, v.criterion_id, v.measured_on DESC, v.id DESC
), asked_again AS (
  SELECT t.department_id, CASE WHEN t.confirmed = t.launched THEN 3
           WHEN 2 * t.confirmed >= t.launched THEN 2 WHEN t.confirmed > 0 THEN 1 ELSE 0 END
           AS level
    FROM (
      SELECT x.department_id, count(*) AS launched,
             count(*) FILTER (WHERE EXISTS (
               SELECT 1 FROM roadmap_adoptionverdict v
                WHERE v.initiative_id = i.id AND v.on <= %(d)s AND v.on >= i.launched_on
                  AND v.verdict <> 'too_few' AND {ANSWERED})) AS confirmed
        FROM roadmap_initiativedepartment x
        JOIN scope ON scope.id = x.department_id
        JOIN roadmap_initiative i ON i.id = x.initiative_id
       WHERE x.role = 'lead' AND {_STANDS}
         AND i.launched_on + {FOLLOW_UP_DAYS} <= %(d)s
       GROUP BY x.department_id) t
), criteria AS (
  SELECT c.id, c.stage_id, c.mandatory, c.source FROM roadmap_criterion c
    JOIN roadmap_stage s ON s.id = c.stage_id WHERE s.municipality_id = %(m)s
), answers AS (
  SELECT a.department_id, c.stage_id, c.mandatory, a.level
    FROM declared a JOIN criteria c ON c.id = a.criterion_id
   WHERE c.source NOT IN ('survey', 'initiative') AND a.expires_on > %(d)s
  UNION ALL
  SELECT v.department_id, c.stage_id, c.mandatory, v.level
    FROM measured v JOIN criteria c ON c.id = v.criterion_id
   WHERE c.source = 'survey' AND v.expires_on > %(d)s
  UNION ALL
  SELECT g.department_id, c.stage_id, c.mandatory, g.level
    FROM asked_again g CROSS JOIN criteria c WHERE c.source = 'initiative'
), contributing AS (
  SELECT x.department_id, c.stage_id, count(DISTINCT x.initiative_id) AS initiatives
    FROM roadmap_initiativedepartment x
    JOIN scope ON scope.id = x.department_id
    JOIN roadmap_initiativesnapshot n ON n.initiative_id = x.initiative_id
     AND n.municipality_id = %(m)s AND n.period = %(p)s
     AND n.complete AND n.phase IN ({_words(STARTED_PHASES)})
    JOIN roadmap_initiativecriterion k ON k.initiative_id = x.initiative_id
    JOIN roadmap_criterion c ON c.id = k.criterion_id
   WHERE x.role IN ('lead', 'partner')
   GROUP BY x.department_id, c.stage_id
), given AS (
  SELECT department_id, stage_id, sum(level) AS level_sum, count(*) AS answered,
         count(*) FILTER (WHERE mandatory AND level = 3) AS firm,
         concat_ws(' ', {_LEVELS}) AS levels
    FROM answers GROUP BY department_id, stage_id
), counted AS (
  SELECT scope.id AS department_id, s.stage_id,
         s.mandatory > 0 AND coalesce(g.firm, 0) = s.mandatory AS reached,
         coalesce(g.level_sum, 0) AS level_sum, coalesce(g.answered, 0) AS answered, s.total,
         md5(concat_ws(' ', s.mandatory, s.total, g.levels)) AS input_hash
    FROM scope
    CROSS JOIN (SELECT stage_id, count(*) AS total, count(*) FILTER (WHERE mandatory) AS mandatory
                  FROM criteria GROUP BY stage_id) s
    LEFT JOIN given g ON g.department_id = scope.id AND g.stage_id = s.stage_id
)
INSERT INTO roadmap_stagesnapshot (municipality_id, period, as_of, method, input_hash,
  department_id, stage_id, reached, level_sum, answered, total, contributing)
SELECT %(m)s, %(p)s, %(d)s, %(method)s, t.input_hash, t.department_id, t.stage_id, t.reached,
       t.level_sum, t.answered, t.total, coalesce(k.initiatives, 0)
  FROM counted t LEFT JOIN contributing k
    ON k.department_id = t.department_id AND k.stage_id = t.stage_id
ON CONFLICT (municipality_id, period, department_id, stage_id) DO UPDATE SET
  as_of = excluded.as_of, method = excluded.method, input_hash = excluded.input_hash,
  reached = excluded.reached, level_sum = excluded.level_sum, answered = excluded.answered,
  total = excluded.total, contributing = excluded.contributing
"""

POSITIONS = f"""
WITH scope AS ({_DEPARTMENTS}), rows AS (
  SELECT n.department_id, s.axis, s.step, n.reached, n.level_sum, n.answered, n.contributing,
         n.input_hash
    FROM roadmap_stagesnapshot n JOIN scope ON scope.id = n.department_id
    JOIN roadmap_stage s ON s.id = n.stage_id
   WHERE n.municipality_id = %(m)s AND n.period = %(p)s
), stood AS (
  SELECT department_id, axis, max(step) AS last, sum(answered) > 0 AS known,
         coalesce(min(step) FILTER (WHERE NOT reached) - 1, max(step)) AS reached,
         array_agg(step ORDER BY step) FILTER (WHERE level_sum > 0 OR contributing > 0) AS begun,
         md5(string_agg(input_hash || contributing, ',' ORDER BY step)) AS input_hash
    FROM rows GROUP BY department_id, axis
), placed AS (
  SELECT *, CASE WHEN known THEN least(reached + 1, last) END AS current FROM stood
)
INSERT INTO roadmap_positionsnapshot (municipality_id, period, as_of, method, input_hash,
  department_id, axis, reached, current, all_reached, seeds)
SELECT %(m)s, %(p)s, %(d)s, %(method)s, p.input_hash, p.department_id, p.axis, p.reached,
       p.current, p.known AND p.reached = p.last,
       ARRAY(SELECT b FROM unnest(p.begun) b WHERE b > p.current ORDER BY b)::smallint[]
  FROM placed p
ON CONFLICT (municipality_id, period, department_id, axis) DO UPDATE SET
  as_of = excluded.as_of, method = excluded.method, input_hash = excluded.input_hash,
  reached = excluded.reached, current = excluded.current, all_reached = excluded.all_reached,
  seeds = excluded.seeds
"""

#: What changes by date alone in (since, today]: one mark per scope.
DATE_EDGES = f"""
INSERT INTO roadmap_dirtymark (municipality_id, scope, scope_id, created_at)
SELECT %(m)s, scope, scope_id, now() FROM (
  SELECT 'department' AS scope, a.department_id AS scope_id FROM roadmap_assessment a
    JOIN accounts_department d ON d.id = a.department_id AND d.municipality_id = %(m)s
   WHERE a.expires_on > %(since)s AND a.expires_on <= %(today)s
  UNION SELECT 'department', v.department_id FROM roadmap_measuredvalue v
    JOIN accounts_department d ON d.id = v.department_id AND d.municipality_id = %(m)s
   WHERE v.expires_on > %(since)s AND v.expires_on <= %(today)s
      OR v.measured_on > %(since)s AND v.measured_on <= %(today)s
  UNION SELECT 'department', d.id FROM accounts_department d WHERE d.municipality_id = %(m)s
     AND ((d.valid_from > %(since)s AND d.valid_from <= %(today)s)
       OR (d.valid_to > %(since)s AND d.valid_to <= %(today)s))
  UNION SELECT 'initiative', u.initiative_id FROM roadmap_update u
    JOIN roadmap_initiative i ON i.id = u.initiative_id AND i.municipality_id = %(m)s
    CROSS JOIN (VALUES ({FRESH_DAYS + 1}), ({DUE_DAYS + 1}), ({STALE_DAYS + 1})) AS e(days)
   WHERE u.reported_on + e.days > %(since)s AND u.reported_on + e.days <= %(today)s
  UNION SELECT 'initiative', i.id FROM roadmap_initiative i WHERE i.municipality_id = %(m)s
     AND i.launched_on + {FOLLOW_UP_DAYS} > %(since)s
     AND i.launched_on + {FOLLOW_UP_DAYS} <= %(today)s
  UNION SELECT 'initiative', i.id FROM roadmap_initiative i WHERE i.municipality_id = %(m)s
     AND (make_date(i.target_fy, 4, 1) + 3 * coalesce(i.target_quarter, 4) * interval '1 month')
       ::date BETWEEN %(since)s::date + 1 AND %(today)s
  UNION SELECT 'initiative', k.initiative_id FROM roadmap_milestone k
    JOIN roadmap_initiative i ON i.id = k.initiative_id AND i.municipality_id = %(m)s
   WHERE k.removed_on IS NULL AND ((k.due_on >= %(since)s AND k.due_on < %(today)s)
      OR (k.done_on > %(since)s AND k.done_on <= %(today)s))
  UNION SELECT 'initiative', n.initiative_id FROM roadmap_indicator n
    JOIN roadmap_initiative i ON i.id = n.initiative_id AND i.municipality_id = %(m)s
   WHERE EXISTS (SELECT 1 FROM roadmap_target t WHERE t.indicator_id = n.id
           AND make_date(t.fiscal_year + 1, 4, 1) BETWEEN %(since)s::date + 1 AND %(today)s)
      OR EXISTS (SELECT 1 FROM roadmap_measurement v WHERE v.indicator_id = n.id
           AND v.measured_on > %(since)s AND v.measured_on <= %(today)s)
) edges
"""
