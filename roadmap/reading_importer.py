"""What a table of figures of criteria would change, and whose figures there can be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.actions.imports import silent
from dxportal.accounts.import_plan import Choices, Outcome, Plan, Tell, chosen_rows, rows_of
from dxportal.accounts.models import Department, Municipality, User
from dxportal.shared.tables import Table
from roadmap.actions.readings import enter_readings
from roadmap.choices import Channel, CriterionSource
from roadmap.measuring import written
from roadmap.models import Criterion, CriterionReading
from roadmap.reading_rows import Asked, Figure, Key, LineReader, Place, parse_readings

HEADINGS = (
    _("department"),
    _("criterion"),
    _("measured on"),
    _("value"),
    _("until now"),
    _("where the figure comes from"),
)
CHUNK = 1_000


def reader_for(municipality: Municipality, today: dt.date, *, suggest: bool = True) -> LineReader:
    """Knows the municipality's departments on the staircases and its criteria: two queries."""
    rows = Department.objects.filter(municipality=municipality)
    tree = {row.pk: row for row in rows}
    places = [
        Place(row.pk, row.code, _path(row, tree), row.valid_from, row.valid_to)
        for row in tree.values()
        if row.stands
    ]
    criteria = Criterion.objects.in_force().filter(stage__municipality=municipality)
    asked = [
        Asked(pk, code, source == CriterionSource.INDICATOR)
        for pk, code, source in criteria.order_by("pk").values_list("pk", "code", "source")
    ]
    return LineReader(places, asked, today, suggest=suggest)


def _path(row: Department, tree: dict[int, Department]) -> tuple[str, ...]:
    names: list[str] = []
    at: Department | None = row
    while at is not None:
        names.append(at.name)
        at = tree.get(at.parent_id) if at.parent_id else None
    return tuple(reversed(names))


def plan_readings(table: Table, municipality: Municipality, choices: Choices) -> Plan[Figure]:
    """Compare a table with the figures that are there."""
    reader = reader_for(municipality, timezone.localdate())
    parsed = parse_readings(table, reader, choices.columns)
    plan: Plan[Figure] = Plan.of(parsed, table, HEADINGS)
    wanted = rows_of(choices.rows)
    parsed.problems = [one for one in parsed.problems if one.row is None or wanted(one.row)]
    plan.problems = parsed.problems
    rows = [row for row in chosen_rows(plan, parsed, choices) if wanted(row[0])]
    if (left := len(parsed.rows) - len(rows)) and not plan.asks_origin and choices.rows:
        parsed.note(None, "", choices.rows, _("%(count)s rows were not chosen."), count=left)
    known = _known([figure for _row, figure in rows])
    names = {place.pk: place.path[-1] for place in reader.places.values()}
    codes = {one.pk: one.code for found in reader.criteria.values() for one in found}
    seen: set[Key] = set()
    for number, figure in rows:
        old = known.get(figure.key)
        same = figure.key in seen or (
            old is not None and (old.value, old.note) == (figure.value, figure.note)
        )
        seen.add(figure.key)
        outcome = Outcome.UNCHANGED if same else Outcome.CREATED if old is None else Outcome.CHANGED
        if not same:
            plan.changes.append(figure)
        cells = (
            names[figure.department],
            codes[figure.criterion],
            figure.on.isoformat(),
            written(figure.value),
            written(old.value) if old is not None else "",
            figure.note,
        )
        plan.add(number, outcome, lambda cells=cells: cells, _changes(old, figure))  # type: ignore[misc]
    return plan


def _changes(old: CriterionReading | None, figure: Figure) -> list[Any]:
    if old is None:
        return []
    names = [_("value")] if old.value != figure.value else []
    return names + ([_("where the figure comes from")] if old.note != figure.note else [])


def _known(figures: Sequence[Figure]) -> dict[Key, CriterionReading]:
    rows = CriterionReading.objects.filter(
        criterion__in={figure.criterion for figure in figures},
        measured_on__in={figure.on for figure in figures},
    )
    return {(row.criterion_id, row.department_id, row.measured_on): row for row in rows}


def apply_readings(
    plan: Plan[Figure],
    *,
    municipality: Municipality,
    as_of: dt.date,
    by: User | None,
    channel: str = Channel.IMPORT,
    tell: Tell = silent,
) -> None:
    """Write what the plan found; `as_of` says nothing here, each row has its own day."""
    del as_of
    if not plan.has_changes:
        return
    for start in range(0, len(plan.changes), CHUNK):
        part = plan.changes[start : start + CHUNK]
        today = timezone.localdate()
        enter_readings(municipality, part, by=by, today=today, channel=channel)
        tell(start + len(part), len(plan.changes))
