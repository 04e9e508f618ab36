"""The statements of the roll-up: set-based, one per snapshot table, over the marked scopes.

They say in SQL what staircase.py, timeliness.py and measuring.py say in Python; property tests
hold both together. Parameters: m municipality, d as_of, y its fiscal year, p period, everything
(bool), departments and initiatives (arrays of marked ids), method, history (bool: a past day),
zone (in which a moment has its day).
"""

from roadmap.choices import LAUNCHED_PHASES, STARTED_PHASES, Direction
from roadmap.completeness import complete_sql
from roadmap.measuring import behind_sql
from roadmap.models import WHOLE
from roadmap.thresholds import level_sql, threshold_sql
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

#: On a past day an initiative is counted from the earliest of its first report, its launch and
#: the day on which it was entered here; what is imported brings reports from before that day.
_BEGUN = """(NOT %(history)s OR %(d)s >= least(
     (i.created_at AT TIME ZONE %(zone)s)::date, i.launched_on,
     (SELECT min(reported_on) FROM roadmap_update WHERE initiative_id = i.id)))"""

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
         {COMPLETE} AS complete, coalesce(u.ended, '') <> '' AS ended
    FROM roadmap_initiative i
    LEFT JOIN LATERAL (
      SELECT phase, progress, ended FROM roadmap_update
       WHERE initiative_id = i.id AND reported_on <= %(d)s ORDER BY id DESC LIMIT 1) u ON true
    LEFT JOIN LATERAL (
      SELECT reported_on FROM roadmap_update
       WHERE initiative_id = i.id AND reported_on <= %(d)s AND is_report
       ORDER BY id DESC LIMIT 1) r ON true
   WHERE i.municipality_id = %(m)s AND {_STANDS} AND {_BEGUN}
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
  initiative_id, phase, progress, freshness, derived, rule, complete, last_report, ended)
SELECT %(m)s, %(p)s, %(d)s, %(method)s,
       md5(row(id, phase, progress, last_report, launched_on, target_end, followed_up,
         overdue_milestone, behind_target, ended)::text),
       id, phase, progress,
       CASE WHEN last_report IS NULL THEN 'unknown'
            WHEN %(d)s - last_report <= {FRESH_DAYS} THEN 'fresh'
            WHEN %(d)s - last_report <= {DUE_DAYS} THEN 'due'
            WHEN %(d)s - last_report <= {STALE_DAYS} THEN 'stale' ELSE 'unknown' END,
       CASE rule WHEN 'none' THEN 'none' WHEN 'no_follow_up' THEN 'unconfirmed' ELSE 'late' END,
       rule, complete, last_report, ended
  FROM judged
ON CONFLICT (municipality_id, period, initiative_id) DO UPDATE SET
  as_of = excluded.as_of, method = excluded.method, input_hash = excluded.input_hash,
  phase = excluded.phase, progress = excluded.progress, freshness = excluded.freshness,
  derived = excluded.derived, rule = excluded.rule, complete = excluded.complete,
  last_report = excluded.last_report, ended = excluded.ended
"""

#: Departments that ended (or no longer stand on the staircases) and initiatives that were removed
#: or had not begun leave the period; it runs before the stages: they contribute to nothing.
GONE = f"""
WITH scope AS ({_DEPARTMENTS}), removed AS (
  DELETE FROM roadmap_initiativesnapshot n USING roadmap_initiative i
   WHERE n.municipality_id = %(m)s AND n.period = %(p)s AND i.id = n.initiative_id
     AND (%(everything)s OR i.id = ANY(%(initiatives)s)) AND NOT ({_STANDS} AND {_BEGUN})
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

#: An assessment about which the office asked back, and was not answered, does not count.
_ASKED_BACK = """EXISTS (
             SELECT 1 FROM roadmap_evidencerequest q WHERE q.assessment_id = a.id
                AND q.asked_on <= %(d)s AND coalesce(q.answered_on > %(d)s, true)
                AND coalesce(q.withdrawn_on > %(d)s, true))"""

#: The version of the staircase that applies on the day: its steps, its criteria, its numbers.
_VERSION = f"""version AS (
  SELECT id FROM roadmap_staircaseversion
   WHERE municipality_id = %(m)s AND valid_from <= %(d)s AND coalesce(valid_to > %(d)s, true)
), criteria AS (
  SELECT k.criterion_id AS id, k.stage_id, k.mandatory, k.source, k.measure,
         CASE k.threshold->>'direction' WHEN '{Direction.DOWN}' THEN -1 ELSE 1 END AS sign,
         {threshold_sql("firm")} AS firm, {threshold_sql("partly")} AS partly,
         {threshold_sql("started")} AS started
    FROM roadmap_criterionversion k JOIN version ON version.id = k.staircase_id
), asks AS (
  SELECT t.stage_id, count(c.stage_id) AS total, count(*) FILTER (WHERE c.mandatory) AS mandatory
    FROM roadmap_stageversion t JOIN version ON version.id = t.staircase_id
    LEFT JOIN criteria c ON c.stage_id = t.stage_id GROUP BY t.stage_id
)"""

#: What the initiatives of a lead department give: launched 90 days ago or more, how many of these
#: were asked about again and decided on, how many took root; begun or ended, and how much ended.
_INITIATIVES_OF = f"""led AS (
  SELECT x.department_id,
         count(*) FILTER (WHERE i.launched_on + {FOLLOW_UP_DAYS} <= %(d)s) AS launched,
         count(*) FILTER (WHERE i.launched_on + {FOLLOW_UP_DAYS} <= %(d)s AND EXISTS (
           SELECT 1 FROM roadmap_adoptionverdict v
            WHERE v.initiative_id = i.id AND v.on <= %(d)s AND v.on >= i.launched_on
              AND v.verdict <> 'too_few' AND {ANSWERED})) AS asked_again,
         count(*) FILTER (WHERE i.launched_on + {FOLLOW_UP_DAYS} <= %(d)s
           AND n.phase = 'established') AS established,
         count(*) FILTER (WHERE i.launched_on <= %(d)s OR n.phase = 'stopped') AS begun,
         count(*) FILTER (WHERE n.phase = 'stopped' AND n.ended) AS ended
    FROM roadmap_initiativedepartment x
    JOIN scope ON scope.id = x.department_id
    JOIN roadmap_initiative i ON i.id = x.initiative_id
    JOIN roadmap_initiativesnapshot n ON n.initiative_id = i.id
     AND n.municipality_id = %(m)s AND n.period = %(p)s
   WHERE x.role = 'lead' AND {_STANDS}
   GROUP BY x.department_id
), counted_initiatives AS (
  SELECT led.department_id, c.id AS criterion_id, c.stage_id, c.mandatory,
         CASE c.measure
           WHEN 'asked_again' THEN {level_sql("100 * led.asked_again", "led.launched")}
           WHEN 'established' THEN {level_sql("100 * led.established", "led.launched")}
           ELSE {level_sql("led.ended")} END AS level
    FROM led CROSS JOIN criteria c
   WHERE c.source = 'initiative'
     AND CASE c.measure WHEN 'stopped' THEN led.begun ELSE led.launched END > 0
)"""

#: Only what is answered is gone through; what is unanswered counts 0 and is known by its absence.
#: Ends with `answers`: one row a department and criterion with its level.
ANSWERS = f"""scope AS ({_DEPARTMENTS}), {_VERSION}, declared AS (
  SELECT DISTINCT ON (a.department_id, a.criterion_id)
         a.id, a.department_id, a.criterion_id, a.level, a.expires_on
    FROM roadmap_assessment a JOIN scope ON scope.id = a.department_id
   WHERE a.confirmed_on <= %(d)s
   ORDER BY a.department_id, a.criterion_id, a.confirmed_on DESC, a.id DESC
), measured AS (
  SELECT DISTINCT ON (v.department_id, v.criterion_id)
         v.department_id, v.criterion_id, v.level, v.expires_on
    FROM roadmap_measuredvalue v JOIN scope ON scope.id = v.department_id
   WHERE v.measured_on <= %(d)s
   ORDER BY v.department_id, v.criterion_id, v.measured_on DESC, v.id DESC
), readings AS (
  SELECT DISTINCT ON (r.department_id, r.criterion_id)
         r.department_id, r.criterion_id, r.value, r.expires_on
    FROM roadmap_criterionreading r JOIN scope ON scope.id = r.department_id
   WHERE r.measured_on <= %(d)s
   ORDER BY r.department_id, r.criterion_id, r.measured_on DESC
), {_INITIATIVES_OF}, answers AS (
  SELECT a.department_id, c.id AS criterion_id, c.stage_id, c.mandatory, a.level
    FROM declared a JOIN criteria c ON c.id = a.criterion_id
   WHERE c.source = 'declared' AND a.expires_on > %(d)s AND NOT {_ASKED_BACK}
  UNION ALL
  SELECT v.department_id, c.id, c.stage_id, c.mandatory, v.level
    FROM measured v JOIN criteria c ON c.id = v.criterion_id
   WHERE c.source = 'survey' AND v.expires_on > %(d)s
  UNION ALL
  SELECT r.department_id, c.id, c.stage_id, c.mandatory, {level_sql("r.value")}
    FROM readings r JOIN criteria c ON c.id = r.criterion_id
   WHERE c.source = 'indicator' AND r.expires_on > %(d)s
  UNION ALL
  SELECT department_id, criterion_id, stage_id, mandatory, level FROM counted_initiatives
)"""

STAGES = f"""
WITH {ANSWERS}, contributing AS (
  SELECT x.department_id, c.stage_id, count(DISTINCT x.initiative_id) AS initiatives
    FROM roadmap_initiativedepartment x
    JOIN scope ON scope.id = x.department_id
    JOIN roadmap_initiativesnapshot n ON n.initiative_id = x.initiative_id
     AND n.municipality_id = %(m)s AND n.period = %(p)s
     AND n.complete AND n.phase IN ({_words(STARTED_PHASES)})
    JOIN roadmap_initiativecriterion k ON k.initiative_id = x.initiative_id
    JOIN criteria c ON c.id = k.criterion_id
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
    FROM scope CROSS JOIN asks s
    LEFT JOIN given g ON g.department_id = scope.id AND g.stage_id = s.stage_id
)
INSERT INTO roadmap_stagesnapshot (municipality_id, period, as_of, method, input_hash,
  department_id, stage_id, reached, level_sum, answered, total, contributing, staircase_id)
SELECT %(m)s, %(p)s, %(d)s, %(method)s, t.input_hash, t.department_id, t.stage_id, t.reached,
       t.level_sum, t.answered, t.total, coalesce(k.initiatives, 0), (SELECT id FROM version)
  FROM counted t LEFT JOIN contributing k
    ON k.department_id = t.department_id AND k.stage_id = t.stage_id
ON CONFLICT (municipality_id, period, department_id, stage_id) DO UPDATE SET
  as_of = excluded.as_of, method = excluded.method, input_hash = excluded.input_hash,
  reached = excluded.reached, level_sum = excluded.level_sum, answered = excluded.answered,
  total = excluded.total, contributing = excluded.contributing,
  staircase_id = excluded.staircase_id
"""

POSITIONS = f"""
WITH scope AS ({_DEPARTMENTS}), rows AS (
  SELECT n.department_id, s.axis, s.step, n.reached, n.level_sum, n.answered, n.contributing,
         n.input_hash, n.staircase_id
    FROM roadmap_stagesnapshot n JOIN scope ON scope.id = n.department_id
    JOIN roadmap_stage s ON s.id = n.stage_id
   WHERE n.municipality_id = %(m)s AND n.period = %(p)s
), stood AS (
  SELECT department_id, axis, max(step) AS last, sum(answered) > 0 AS known,
         coalesce(min(step) FILTER (WHERE NOT reached) - 1, max(step)) AS reached,
         array_agg(step ORDER BY step) FILTER (WHERE level_sum > 0 OR contributing > 0) AS begun,
         md5(string_agg(input_hash || contributing, ',' ORDER BY step)) AS input_hash,
         max(staircase_id) AS staircase_id
    FROM rows GROUP BY department_id, axis
), placed AS (
  SELECT *, CASE WHEN known THEN least(reached + 1, last) END AS current FROM stood
)
INSERT INTO roadmap_positionsnapshot (municipality_id, period, as_of, method, input_hash,
  department_id, axis, reached, current, all_reached, seeds, staircase_id)
SELECT %(m)s, %(p)s, %(d)s, %(method)s, p.input_hash, p.department_id, p.axis, p.reached,
       p.current, p.known AND p.reached = p.last,
       ARRAY(SELECT b FROM unnest(p.begun) b WHERE b > p.current ORDER BY b)::smallint[],
       p.staircase_id
  FROM placed p
ON CONFLICT (municipality_id, period, department_id, axis) DO UPDATE SET
  as_of = excluded.as_of, method = excluded.method, input_hash = excluded.input_hash,
  reached = excluded.reached, current = excluded.current, all_reached = excluded.all_reached,
  seeds = excluded.seeds, staircase_id = excluded.staircase_id
"""

#: The numbers of StageSum that are added up.
_ADDED = ("departments", "here", "reached", "seeds", "level_sum", "answered", "total",
          "contributing")  # fmt: skip
_SUMS = ", ".join(f"sum({name})::int AS {name}" for name in _ADDED)
_NAMES = ", ".join(_ADDED)
#: A section without a bureau is a unit of its own, so that the units add up to the whole.
UNIT = "coalesce(d.bureau_id, d.id)"

#: Units of the marked departments from their snapshots; the whole from these and the kept units.
SUMS = f"""
WITH touched AS (
  SELECT DISTINCT {UNIT} AS unit FROM accounts_department d
   WHERE d.municipality_id = %(m)s AND (%(everything)s OR d.id = ANY(%(departments)s))
), fresh AS (
  SELECT {UNIT} AS unit, n.stage_id, count(*)::int AS departments,
         count(*) FILTER (WHERE p.current = s.step)::int AS here,
         count(*) FILTER (WHERE n.reached)::int AS reached,
         count(*) FILTER (WHERE s.step = ANY(p.seeds))::int AS seeds,
         sum(n.level_sum)::int AS level_sum, sum(n.answered)::int AS answered,
         sum(n.total)::int AS total, sum(n.contributing)::int AS contributing
    FROM accounts_department d
    JOIN touched ON touched.unit = {UNIT}
    JOIN roadmap_stagesnapshot n ON n.department_id = d.id
     AND n.municipality_id = %(m)s AND n.period = %(p)s
    JOIN roadmap_stage s ON s.id = n.stage_id
    JOIN roadmap_positionsnapshot p ON p.department_id = d.id AND p.axis = s.axis
     AND p.municipality_id = %(m)s AND p.period = %(p)s
   WHERE d.municipality_id = %(m)s
   GROUP BY 1, 2
), emptied AS (
  DELETE FROM roadmap_stagesum
   WHERE municipality_id = %(m)s AND period = %(p)s AND unit <> {WHOLE}
     AND (%(everything)s OR unit IN (SELECT unit FROM touched))
     AND unit NOT IN (SELECT unit FROM fresh)
), kept AS (
  SELECT stage_id, {_NAMES} FROM roadmap_stagesum
   WHERE municipality_id = %(m)s AND period = %(p)s AND unit <> {WHOLE} AND NOT %(everything)s
     AND unit NOT IN (SELECT unit FROM touched)
), whole AS (
  SELECT {WHOLE}::bigint AS unit, s.id AS stage_id, {_SUMS}
    FROM (SELECT stage_id, {_NAMES} FROM fresh UNION ALL SELECT stage_id, {_NAMES} FROM kept
          UNION ALL SELECT id{", 0" * len(_ADDED)} FROM roadmap_stage
           WHERE municipality_id = %(m)s) parts
    JOIN roadmap_stage s ON s.id = parts.stage_id GROUP BY s.id
)
INSERT INTO roadmap_stagesum (municipality_id, period, as_of, method, input_hash, unit, stage_id,
  {_NAMES}, staircase_id)
SELECT %(m)s, %(p)s, %(d)s, %(method)s, md5(concat_ws(' ', {_NAMES})), unit, stage_id, {_NAMES},
       (SELECT id FROM roadmap_staircaseversion WHERE municipality_id = %(m)s
           AND valid_from <= %(d)s AND coalesce(valid_to > %(d)s, true))
  FROM (SELECT unit, stage_id, {_NAMES} FROM fresh
        UNION ALL SELECT unit, stage_id, {_NAMES} FROM whole) x
ON CONFLICT (municipality_id, period, unit, stage_id) DO UPDATE SET
  as_of = excluded.as_of, method = excluded.method, input_hash = excluded.input_hash,
  {", ".join(f"{name} = excluded.{name}" for name in _ADDED)},
  staircase_id = excluded.staircase_id
"""

#: What a closing round keeps of every department and step: one row each, in words.
ROUND_STAGES = f"""
INSERT INTO roadmap_roundstage (round_id, department_key, department, unit_key, unit, axis, step,
  name, short, reached, level_sum, answered, total, contributing, here, seed, staircase, method)
SELECT %(round)s, d.id, d.name, {UNIT}, coalesce(b.name, ''), s.axis, s.step,
       coalesce(t.name, s.name), coalesce(t.short, s.short), n.reached, n.level_sum, n.answered,
       n.total, n.contributing, coalesce(p.current = s.step, false), s.step = ANY(p.seeds),
       coalesce(v.label, ''), n.method
  FROM roadmap_stagesnapshot n
  JOIN accounts_department d ON d.id = n.department_id
  LEFT JOIN accounts_department b ON b.id = d.bureau_id
  JOIN roadmap_stage s ON s.id = n.stage_id
  JOIN roadmap_positionsnapshot p ON p.department_id = d.id AND p.axis = s.axis
   AND p.municipality_id = n.municipality_id AND p.period = n.period
  LEFT JOIN roadmap_staircaseversion v ON v.id = n.staircase_id
  LEFT JOIN roadmap_stageversion t ON t.staircase_id = v.id AND t.stage_id = s.id
 WHERE n.municipality_id = %(m)s AND n.period = %(p)s
 ORDER BY d."order", d.code, d.id, s.axis DESC, s.step
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
  UNION SELECT 'department', r.department_id FROM roadmap_criterionreading r
    JOIN accounts_department d ON d.id = r.department_id AND d.municipality_id = %(m)s
   WHERE r.expires_on > %(since)s AND r.expires_on <= %(today)s
      OR r.measured_on > %(since)s AND r.measured_on <= %(today)s
  UNION SELECT 'all', 0 FROM roadmap_staircaseversion s WHERE s.municipality_id = %(m)s
     AND s.valid_from > %(since)s AND s.valid_from <= %(today)s
  UNION SELECT 'department', d.id FROM accounts_department d WHERE d.municipality_id = %(m)s
     AND ((d.valid_from > %(since)s AND d.valid_from <= %(today)s)
       OR (d.valid_to > %(since)s AND d.valid_to <= %(today)s))
  UNION SELECT 'initiative', u.initiative_id FROM roadmap_update u
    JOIN roadmap_initiative i ON i.id = u.initiative_id AND i.municipality_id = %(m)s
    CROSS JOIN (VALUES ({FRESH_DAYS + 1}), ({DUE_DAYS + 1}), ({STALE_DAYS + 1})) AS e(days)
   WHERE u.reported_on + e.days > %(since)s AND u.reported_on + e.days <= %(today)s
  UNION SELECT 'initiative', i.id FROM roadmap_initiative i
    CROSS JOIN (VALUES (0), ({FOLLOW_UP_DAYS})) AS e(days) WHERE i.municipality_id = %(m)s
     AND i.launched_on + e.days > %(since)s AND i.launched_on + e.days <= %(today)s
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
