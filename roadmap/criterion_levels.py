"""How many departments stood at which level of a criterion at the end of each month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from dxportal.shared.fiscal import month_start
from roadmap.rollup_sql import ANSWERS

LEVELS = 4

#: One day: every criterion of the step in the version of that day, with departments at each level.
_DAY = f"""SELECT * FROM (WITH {ANSWERS}
  SELECT %(d)s::date AS day, c.id AS criterion,
         (SELECT count(*) FROM scope)::int AS departments,
         {", ".join(f"count(*) FILTER (WHERE a.level = {n})::int" for n in range(LEVELS))}
    FROM criteria c LEFT JOIN answers a ON a.criterion_id = c.id
   WHERE c.stage_id = %(stage)s GROUP BY c.id) of_a_day"""


@dataclass(frozen=True, slots=True)
class Levels:
    """One criterion on one day: departments there were, and how many at level 0, 1, 2 and 3."""

    day: date
    criterion: int
    departments: int
    at: tuple[int, ...]

    @property
    def unknown(self) -> int:
        """Departments without an answer that counts: no data is never 0."""
        return self.departments - sum(self.at)


def criterion_levels(
    municipality_id: int,
    *,
    stage_id: int,
    days: Sequence[date],
    departments: Sequence[int] | None = None,
) -> list[Levels]:
    """Counted by the statements of the roll-up, in one; `departments` None: all of them.

    Initiative criteria need the snapshots of the months of the days. Grows with days × departments.
    """
    if not days:
        return []
    parameters: dict[str, Any] = {
        "m": municipality_id,
        "stage": stage_id,
        "everything": departments is None,
        "departments": list(departments or ()),
    }
    parts = []
    for number, day in enumerate(days):
        parameters |= {f"d{number}": day, f"p{number}": month_start(day)}
        part = _DAY.replace("%(d)s", f"%(d{number})s").replace("%(p)s", f"%(p{number})s")
        parts.append(part)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts) + " ORDER BY 1, 2", parameters)
        return [
            Levels(day, pk, asked, tuple(counts)) for day, pk, asked, *counts in cursor.fetchall()
        ]
