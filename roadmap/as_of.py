"""The initiatives as they stood at a moment: today's rows, taken back by the history."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from dxportal.accounts import audit
from dxportal.accounts.models import Event
from roadmap.actions.initiatives import CREATED, InitiativeFields
from roadmap.actions.parts import PART
from roadmap.actions.removal import BROUGHT_BACK, REMOVED
from roadmap.choices import DepartmentRole, Phase
from roadmap.models import (
    Initiative,
    InitiativeCriterion,
    InitiativeDepartment,
    InitiativeTag,
    InitiativeTheme,
    Update,
    Withholding,
)

#: What the latest report says.
STATUS: Final = ("phase", "progress", "note", "cause", "next_step", "next_due")
_ROLES: Final = {
    "lead": DepartmentRole.LEAD,
    "partners": DepartmentRole.PARTNER,
    "users": DepartmentRole.USER,
}
_LINKS: Final[dict[str, tuple[Any, str]]] = {
    "themes": (InitiativeTheme, "theme_id"),
    "criteria": (InitiativeCriterion, "criterion_id"),
    "tags": (InitiativeTag, "tag_id"),
}
#: Every field that a person enters, and where it is kept.
NAMES: Final = tuple(field.name for field in fields(InitiativeFields))
_COLUMNS: Final = {
    name: field.attname
    for name in NAMES
    if name not in _ROLES and name not in _LINKS
    for field in Initiative._meta.concrete_fields
    if field.name == name
}


@dataclass(frozen=True)
class Standing:
    """One initiative at a moment; `fields` and `status` hold plain values as the history does."""

    key: int
    fields: Mapping[str, Any]
    status: Mapping[str, Any]
    last_report: dt.date | None
    removed_on: dt.date | None


def end_of(day: dt.date) -> dt.datetime:
    """The first moment after a day, in the zone of the installation."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
    return timezone.make_aware(midnight)


def initiatives_at(municipality_id: int, moment: dt.datetime) -> dict[int, Standing]:
    """Everything that had been entered before the moment, removed ones too: 9 queries at most.

    What counts is when something was recorded, not the day that a late report names: the answer
    for a past day never changes again.
    """
    rows = _rows(municipality_id, moment)
    _add_links(municipality_id, rows)
    _add_withholdings(municipality_id, rows)
    _take_back(municipality_id, moment, rows)
    latest, reported = _reports(municipality_id, moment)
    found = {}
    for key, row in rows.items():
        removed = row.pop("removed_on")
        found[key] = Standing(
            key=key,
            fields=row,
            status=latest.get(key, _UNREPORTED),
            last_report=reported.get(key),
            removed_on=dt.date.fromisoformat(removed) if isinstance(removed, str) else removed,
        )
    return found


_UNREPORTED: Final[Mapping[str, Any]] = {
    **dict.fromkeys(STATUS, ""),
    "phase": Phase.IDEA.value,
    "next_due": None,
}


def _rows(municipality_id: int, moment: dt.datetime) -> dict[int, dict[str, Any]]:
    """What stands in the columns now, of all that existed."""
    wanted = Initiative.objects.filter(municipality_id=municipality_id, created_at__lt=moment)
    return {
        found["id"]: {
            "removed_on": found["removed_on"],
            **{name: audit.plain(found[column]) for name, column in _COLUMNS.items()},
        }
        for found in wanted.order_by("pk").values("id", "removed_on", *_COLUMNS.values())
    }


def _add_links(municipality_id: int, rows: dict[int, dict[str, Any]]) -> None:
    """Departments, themes, criteria and tags: sorted keys, and one key or none for the lead."""
    of_town = {"initiative__municipality_id": municipality_id}
    parts: dict[tuple[int, str], list[int]] = defaultdict(list)
    found = InitiativeDepartment.objects.filter(**of_town).order_by("department_id")
    for key, role, department in found.values_list("initiative_id", "role", "department_id"):
        parts[key, role].append(department)
    for name, role in _ROLES.items():
        for key, row in rows.items():
            row[name] = parts.get((key, role), [])
    for row in rows.values():
        row["lead"] = next(iter(row["lead"]), None)
    for name in _LINKS.keys() & set(NAMES):
        model, column = _LINKS[name]
        linked: dict[int, list[int]] = defaultdict(list)
        links: QuerySet[Any, Any] = model._default_manager.filter(**of_town).order_by(column)
        for key, other in links.values_list("initiative_id", column):
            linked[key].append(other)
        for key, row in rows.items():
            row[name] = linked.get(key, [])


def _add_withholdings(municipality_id: int, rows: dict[int, dict[str, Any]]) -> None:
    """What is not published, as the history writes it: field, reason, day of review."""
    kept: dict[int, list[list[Any]]] = defaultdict(list)
    found = Withholding.objects.filter(initiative__municipality_id=municipality_id)
    for key, *withheld in found.order_by("field").values_list(
        "initiative_id", "field", "reason", "review_on"
    ):
        kept[key].append(audit.plain(withheld))
    for key, row in rows.items():
        row["withholdings"] = kept.get(key, [])


def _take_back(municipality_id: int, moment: dt.datetime, rows: dict[int, dict[str, Any]]) -> None:
    """Undo what happened from the moment on, newest first; what began then was not there yet."""
    happened = Event.objects.filter(
        municipality_id=municipality_id, object_type="initiative", at__gte=moment
    ).order_by("-id")
    for object_id, action, before, after in happened.values_list(
        "object_id", "action", "before", "after"
    ):
        row = rows.get(int(object_id))
        if row is None or PART in after:
            continue
        if action == CREATED:
            del rows[int(object_id)]
            continue
        row.update({name: old for name, old in before.items() if name in row})
        if action == REMOVED and "removed_on" not in before:
            row["removed_on"] = None
        elif action == BROUGHT_BACK and "removed_on" not in before:
            row["removed_on"] = row["removed_on"] or timezone.localdate(moment)


def _reports(
    municipality_id: int, moment: dt.datetime
) -> tuple[dict[int, Mapping[str, Any]], dict[int, dt.date]]:
    """The latest report of each, and the day of the latest one that a person made."""
    told = Update.objects.filter(initiative__municipality_id=municipality_id, at__lt=moment)
    newest = told.order_by("initiative_id", "-id").distinct("initiative_id")
    latest: dict[int, Mapping[str, Any]] = {
        row["initiative_id"]: {name: audit.plain(row[name]) for name in STATUS}
        for row in newest.values("initiative_id", *STATUS)
    }
    by_people = newest.filter(is_report=True).values_list("initiative_id", "reported_on")
    return latest, dict(by_people)


def removal_days(municipality_id: int, keys: Iterable[int]) -> dict[int, dt.date]:
    """When those of the initiatives that are removed now were removed: one query."""
    rows = Initiative.objects.removed().filter(municipality_id=municipality_id, pk__in=list(keys))
    return {key: day for key, day in rows.values_list("pk", "removed_on") if day is not None}
