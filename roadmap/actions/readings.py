"""Figures of indicator criteria: written, corrected, taken away and brought back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.audit import event_row, record
from dxportal.accounts.models import Department, Event, Municipality, User
from dxportal.shared.fiscal import add_months
from roadmap.actions.assessments import VALID_MONTHS
from roadmap.choices import Channel, CriterionSource
from roadmap.marks import DEPARTMENT, mark
from roadmap.measuring import exact
from roadmap.models import Criterion, CriterionReading, FeedToken
from roadmap.reading_rows import EARLIEST, Figure, Key

ENTERED = "reading.entered"
CORRECTED = "reading.corrected"
REMOVED = "reading.removed"
RESTORED = "reading.restored"
_BATCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the figures that were given."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


#: A value and its note as a page had shown them; (None, ""): there was none.
Seen = tuple[Decimal | None, str]


class ReadingConflict(Exception):
    """That day has another figure by now; `departments`: where, in a table of several."""

    def __init__(self, departments: Collection[int] = ()) -> None:
        """Their keys."""
        super().__init__()
        self.departments = frozenset(departments)


@transaction.atomic
def enter_readings(
    municipality: Municipality,
    figures: Sequence[Figure],
    *,
    by: User | None,
    today: date,
    channel: str = Channel.SCREEN,
    seen: Mapping[Key, Seen] | None = None,
    key: FeedToken | None = None,
) -> Written:
    """Write figures; one of the same day takes the place of what stood there, with its history.

    The same figures again change nothing. Raises ValidationError for what is not fed by figures,
    for a department of another municipality or not of that day, and for days to come. With `seen`,
    raises ReadingConflict where something else stands there by now, and writes nothing. `key`: the
    one with which they were sent.
    """
    criteria = _lock({figure.criterion for figure in figures}, municipality)
    departments = _departments(figures, municipality)
    for figure in figures:
        _check(figure, criteria, departments, today)
    known = _known(figures)
    if seen is not None:
        _check_seen(figures, known, seen)
    made: list[CriterionReading] = []
    changed = 0
    for figure in {figure.key: figure for figure in figures}.values():
        found = known.get(figure.key)
        if found is not None and (found.value, found.note) == (figure.value, figure.note):
            continue
        changed += found is not None
        row = _row(figure, by=by, channel=channel)
        row.criterion, row.department = criteria[figure.criterion], departments[figure.department]
        made.append(row)
    _save(made)
    _record(made, known, by=by, channel=channel, key=key)
    mark(municipality.pk, DEPARTMENT, [row.department_id for row in made])
    created = len(made) - changed
    return Written(created, changed, len(figures) - created - changed)


@transaction.atomic
def remove_reading(
    reading: CriterionReading, *, by: User, channel: str = Channel.SCREEN
) -> Event | None:
    """Take one figure away; the event serves `restore_reading`. None: it was gone."""
    rows = CriterionReading.objects.select_related("criterion", "department")
    row = rows.select_for_update(of=("self",)).filter(pk=reading.pk).first()
    if row is None:
        return None
    municipality_id = row.department.municipality_id
    event = record(
        REMOVED, row, by=by, channel=channel, municipality_id=municipality_id, before=_facts(row)
    )
    row.delete()
    mark(municipality_id, DEPARTMENT, [row.department_id])
    return event


@transaction.atomic
def restore_reading(event: Event, *, by: User, channel: str = Channel.SCREEN) -> CriterionReading:
    """Write a removed figure again; ReadingConflict where that day has another one by now."""
    kept = event.before
    figure = Figure(
        int(kept["criterion_id"]),
        int(kept["department_id"]),
        date.fromisoformat(kept["measured_on"]),
        Decimal(kept["value"]),
        kept.get("note") or "",
    )
    department = Department.objects.get(
        pk=figure.department, municipality_id=event.municipality_id or 0
    )
    rows = CriterionReading.objects.select_related("criterion", "department")
    Criterion.objects.select_for_update(no_key=True).get(pk=figure.criterion)
    found = rows.filter(
        criterion=figure.criterion, department=department, measured_on=figure.on
    ).first()
    if found is not None:
        if found.value == figure.value:
            return found
        raise ReadingConflict
    row = _row(figure, by=by, channel=channel)
    row.save()
    record(
        RESTORED,
        row,
        by=by,
        channel=channel,
        municipality_id=event.municipality_id,
        after=_facts(row),
    )
    mark(department.municipality_id, DEPARTMENT, [department.pk])
    return row


def _lock(wanted: Collection[int], municipality: Municipality) -> dict[int, Criterion]:
    """Two who write figures of the same criterion come one after the other."""
    rows = Criterion.objects.filter(stage__municipality=municipality, pk__in=wanted)
    rows = rows.in_force().filter(source=CriterionSource.INDICATOR)
    locked = rows.order_by("pk").select_for_update(no_key=True, of=("self",))
    return {row.pk: row for row in locked}


def _departments(figures: Sequence[Figure], municipality: Municipality) -> dict[int, Department]:
    wanted = {figure.department for figure in figures}
    return Department.objects.filter(municipality=municipality).in_bulk(list(wanted))


def _check(
    figure: Figure,
    criteria: dict[int, Criterion],
    departments: dict[int, Department],
    today: date,
) -> None:
    """What the doorways should have seen before."""
    department = departments.get(figure.department)
    if figure.criterion not in criteria:
        raise ValidationError(_("This criterion takes no figures."))
    if department is None or not stands_on(department, figure.on):
        raise ValidationError(_("The department did not exist on that day."))
    if not EARLIEST <= figure.on <= today:
        raise ValidationError(_("A figure is measured today or earlier."))


def stands_on(department: Department, day: date) -> bool:
    """Whether the department was on the staircases' side of the organisation on that day."""
    ended = department.valid_to is not None and department.valid_to <= day
    return department.stands and department.valid_from <= day and not ended


def _known(figures: Sequence[Figure]) -> dict[Key, CriterionReading]:
    """What stands there for the same days: one query."""
    rows = CriterionReading.objects.filter(
        criterion__in={figure.criterion for figure in figures},
        department__in={figure.department for figure in figures},
        measured_on__in={figure.on for figure in figures},
    ).select_related("criterion", "department")
    return {(row.criterion_id, row.department_id, row.measured_on): row for row in rows}


def _check_seen(
    figures: Sequence[Figure], known: Mapping[Key, CriterionReading], seen: Mapping[Key, Seen]
) -> None:
    """Whoever corrects has seen what is replaced; who writes the same as stands there need not."""
    changed = set()
    for figure in figures:
        found = known.get(figure.key)
        stored: Seen = (found.value, found.note) if found else (None, "")
        if stored not in (seen.get(figure.key, (None, "")), (figure.value, figure.note)):
            changed.add(figure.department)
    if changed:
        raise ReadingConflict(changed)


def _record(
    made: Sequence[CriterionReading],
    known: Mapping[Key, CriterionReading],
    *,
    by: User | None,
    channel: str,
    key: FeedToken | None,
) -> None:
    """One event a figure, with what stood there before; each names its cell, also a correction."""
    events = []
    sent = {"key": key.name, "key_id": key.pk} if key else {}
    for row in made:
        old = known.get((row.criterion_id, row.department_id, row.measured_on))
        before = _facts(old) if old else {}
        for name in ("department_id", "criterion_id"):
            before.pop(name, None)
        events.append(
            event_row(
                CORRECTED if old else ENTERED,
                row,
                by=by,
                channel=channel,
                municipality_id=row.department.municipality_id,
                before=before,
                after={**_facts(row), **sent},
            )
        )
    Event.objects.bulk_create(events, _BATCH)


def _row(figure: Figure, *, by: User | None, channel: str) -> CriterionReading:
    return CriterionReading(
        criterion_id=figure.criterion,
        department_id=figure.department,
        measured_on=figure.on,
        expires_on=add_months(figure.on, VALID_MONTHS),
        value=figure.value,
        note=figure.note,
        by=by,
        channel=channel,
    )


def _save(rows: list[CriterionReading]) -> None:
    """One statement for a thousand; a row of the same day keeps its key."""
    for row in rows:
        row.at = timezone.now()
    CriterionReading.objects.bulk_create(
        rows,
        _BATCH,
        update_conflicts=True,
        unique_fields=["criterion", "department", "measured_on"],
        update_fields=["value", "note", "by", "channel", "expires_on", "at"],
    )


def _facts(row: CriterionReading) -> dict[str, object]:
    return {
        "department_id": row.department_id,
        "criterion_id": row.criterion_id,
        "department": row.department.name,
        "criterion": row.criterion.code,
        "measured_on": row.measured_on,
        "value": exact(row.value),
        "note": row.note,
    }
