"""Trainings: kept by the DX office; how many came is entered by it, heads and promoters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from dxportal.accounts import audit
from dxportal.accounts.models import Department, Municipality, User
from roadmap.models import Training, TrainingAttendance


class TrainingExists(Exception):
    """A training of this name stands on this day already."""


@dataclass(frozen=True)
class TrainingFields:
    """What the office enters; `offered_to` and `initiative` are keys."""

    title: str
    held_on: dt.date
    minutes: int | None = None
    place: str = ""
    for_whom: str = ""
    initiative: int | None = None
    offered_to: tuple[int, ...] = ()


def save_training(
    training: Training | None,
    municipality: Municipality,
    *,
    fields: TrainingFields,
    by: User | None,
) -> Training:
    """Create or change one; raises TrainingExists where another has the same name and day."""
    try:
        with transaction.atomic():
            return _save(training, municipality, fields, by)
    except IntegrityError as error:
        raise TrainingExists from error


def _save(
    training: Training | None, municipality: Municipality, values: TrainingFields, by: User | None
) -> Training:
    row = Training(municipality=municipality)
    if training is not None:
        row = Training.objects.select_for_update().get(pk=training.pk)
    before = _facts(row) if training else {}
    for name in ("title", "held_on", "minutes", "place", "for_whom"):
        setattr(row, name, getattr(values, name))
    row.initiative_id = values.initiative
    row.save()
    row.offered_to.set(values.offered_to)
    after = _facts(row)
    if after != before:
        action = "training.edited" if training else "training.created"
        audit.record(action, row, by=by, before=before, after=after)
    return row


@transaction.atomic
def remove_training(training: Training, *, by: User) -> bool:
    """Take it out of lists and numbers; whether it stood there until now."""
    return _set_removed(training, timezone.localdate(), "training.removed", by)


@transaction.atomic
def bring_back_training(training: Training, *, by: User) -> bool:
    """Let it stand again with its numbers; raises TrainingExists where another took its place."""
    try:
        with transaction.atomic():
            return _set_removed(training, None, "training.brought_back", by)
    except IntegrityError as error:
        raise TrainingExists from error


def _set_removed(training: Training, day: dt.date | None, action: str, by: User) -> bool:
    row = Training.objects.select_for_update().get(pk=training.pk)
    if (row.removed_on is None) == (day is None):
        return False
    before, row.removed_on = {"removed_on": row.removed_on}, day
    row.save(update_fields=["removed_on"])
    audit.record(action, row, by=by, before=before, after={"removed_on": day})
    return True


@transaction.atomic
def enter_attendance(
    training: Training, *, people: Mapping[int, int | None], by: User | None
) -> int:
    """How many of each section came (None: not known, the row goes); how many rows changed.

    Numbers only: a list of names would make learning a thing that is watched.
    """
    row = Training.objects.select_for_update().get(pk=training.pk)
    stood = dict(row.attendance.filter(department__in=people).values_list("department", "people"))
    changed = {key: n for key, n in people.items() if stood.get(key) != n}
    if not changed:
        return 0
    row.attendance.filter(department__in=changed).delete()
    TrainingAttendance.objects.bulk_create(
        TrainingAttendance(training=row, department_id=key, people=n)
        for key, n in sorted(changed.items())
        if n is not None
    )
    names = dict(Department.objects.filter(pk__in=changed).values_list("pk", "name"))
    before: dict[str, Any] = {names[key]: stood.get(key) for key in changed}
    after: dict[str, Any] = {names[key]: n for key, n in changed.items()}
    audit.record("training.counted", row, by=by, before=before, after=after)
    return len(changed)


def _facts(row: Training) -> dict[str, Any]:
    """What the audit trail keeps."""
    found = {f.name: getattr(row, f.name) for f in fields(TrainingFields) if f.name != "offered_to"}
    found["initiative"] = str(row.initiative) if row.initiative else None
    offered = Department.objects.filter(pk__in=row.offered_to.values("pk")).in_order()
    found["offered_to"] = list(offered.values_list("name", flat=True))
    return found
