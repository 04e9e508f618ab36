"""What stands in the table now, and what stood in it when a file was written: set-based."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from dxportal.accounts.audit import plain
from dxportal.accounts.models import Event, Municipality
from roadmap.actions.parts import PART
from roadmap.choices import DepartmentRole, Phase
from roadmap.models import (
    Initiative,
    InitiativeCriterion,
    InitiativeDepartment,
    InitiativeTag,
    InitiativeTheme,
    Update,
)
from roadmap.sheet_columns import FIELD_NAMES, KEYS, PLAIN_COLUMNS, STATUS_NAMES
from roadmap.sheet_tokens import Basis

ROLES: Final = {
    DepartmentRole.LEAD: "lead",
    DepartmentRole.PARTNER: "partners",
    DepartmentRole.USER: "users",
}
_LISTS: Final = ("partners", "users", "themes", "criteria", "tags")


@dataclass(slots=True)
class Facts:
    """One initiative in plain values, as the history keeps them: fields and latest report."""

    pk: int
    version: int
    removed: bool
    values: dict[str, Any]
    latest: Update | None = None

    @property
    def basis(self) -> Basis:
        """What a row that is written now is based on."""
        return Basis(self.version, self.latest.pk if self.latest else 0)


def load_facts(municipality: Municipality, keys: Sequence[int]) -> dict[int, Facts]:
    """By key, removed ones too; six queries, whatever the number of keys."""
    names = [KEYS.get(name, name) for name in PLAIN_COLUMNS]
    rows = Initiative.objects.filter(municipality=municipality, pk__in=keys)
    found: dict[int, Facts] = {}
    for pk, version, removed_on, *values in rows.values_list("pk", "version", "removed_on", *names):
        named = dict(zip(PLAIN_COLUMNS, map(plain, values), strict=True))
        named |= {"lead": None, **{name: [] for name in _LISTS}}
        found[pk] = Facts(pk, version, removed_on is not None, named)
    _load_links(found)
    for update in latest_updates(list(found)):
        found[update.initiative_id].latest = update
    for facts in found.values():
        facts.values |= status_of(facts.latest)
    return found


def _load_links(found: Mapping[int, Facts]) -> None:
    """Departments, themes, criteria and tags, each list sorted by key."""
    keys = list(found)
    parts = InitiativeDepartment.objects.filter(initiative__in=keys).order_by("department_id")
    for pk, role, department in parts.values_list("initiative_id", "role", "department_id"):
        name = ROLES[DepartmentRole(role)]
        if name == "lead":
            found[pk].values[name] = department
        else:
            found[pk].values[name].append(department)
    themes = InitiativeTheme.objects.filter(initiative__in=keys).order_by("theme_id")
    criteria = InitiativeCriterion.objects.filter(initiative__in=keys).order_by("criterion_id")
    tags = InitiativeTag.objects.filter(initiative__in=keys).order_by("tag_id")
    for name, links in {
        "themes": themes.values_list("initiative_id", "theme_id"),
        "criteria": criteria.values_list("initiative_id", "criterion_id"),
        "tags": tags.values_list("initiative_id", "tag_id"),
    }.items():
        for pk, key in links:
            found[pk].values[name].append(key)


def latest_updates(keys: Sequence[int]) -> Iterable[Update]:
    """The latest report of each initiative: one query."""
    return (
        Update.objects.filter(initiative__in=keys)
        .select_related("by")
        .order_by("initiative_id", "-id")
        .distinct("initiative_id")
    )


def status_of(update: Update | None) -> dict[str, Any]:
    """The columns of the status; an idea before the first report."""
    if update is None:
        return {**dict.fromkeys(STATUS_NAMES, ""), "phase": Phase.IDEA.value, "next_due": None}
    return {name: plain(getattr(update, name)) for name in STATUS_NAMES}


@dataclass(frozen=True, slots=True)
class Author:
    """Who changed something, and when."""

    name: str
    at: dt.datetime | None


@dataclass(slots=True)
class Past:
    """What stood in a row when the file was written. ``values`` None: nobody knows."""

    values: dict[str, Any] | None
    changed_by: dict[str, Author] = field(default_factory=dict)


def load_past(
    municipality: Municipality, found: Mapping[int, Facts], bases: Mapping[int, Basis]
) -> dict[int, Past]:
    """The past of each row with a basis: at most two queries, none where nothing moved on."""
    past = {pk: Past(dict(facts.values)) for pk, facts in found.items() if pk in bases}
    moved = [pk for pk in past if bases[pk].version < found[pk].version]
    events = Event.objects.filter(
        municipality_id=municipality.pk,
        object_type="initiative",
        object_id__in=[str(pk) for pk in moved],
        after__has_key="version",
    )
    events = events.exclude(after__has_key=PART).order_by("-id")
    if moved:
        for event in events:
            _walk_back(event, past[int(event.object_id)], bases[int(event.object_id)].version)
    _past_status(past, found, bases)
    return past


def _walk_back(event: Event, past: Past, version: int) -> None:
    """Undo one event of the history, newest first, as long as it is later than the file."""
    if event.after.get("version", 0) <= version or past.values is None:
        return
    for name, old in event.before.items():
        if name in FIELD_NAMES:
            past.values[name] = old
            past.changed_by.setdefault(name, Author(event.actor_name, event.at))


def _past_status(
    past: Mapping[int, Past], found: Mapping[int, Facts], bases: Mapping[int, Basis]
) -> None:
    """The report that the file was written from."""
    moved = {pk: bases[pk].update for pk in past if bases[pk] != found[pk].basis}
    wanted = {key for pk, key in moved.items() if key and key != found[pk].basis.update}
    reports = Update.objects.in_bulk(wanted) if wanted else {}
    for pk, key in moved.items():
        latest = found[pk].latest
        if latest is None or latest.pk == key:
            continue
        values = past[pk].values
        if values is not None:
            values |= status_of(reports.get(key))
        past[pk].changed_by |= dict.fromkeys(STATUS_NAMES, author_of(latest))


def author_of(update: Update | None) -> Author:
    """Who wrote a report; nobody where there is none."""
    if update is None:
        return Author("", None)
    return Author(update.by.name if update.by else "", update.at)


def lock_all(municipality: Municipality, keys: Iterable[int]) -> None:
    """Nobody edits or reports on these until the transaction ends; always in the same order."""
    rows = Initiative.objects.filter(municipality=municipality, pk__in=list(keys))
    list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def standing_titles(municipality: Municipality) -> dict[tuple[str, int | None], int]:
    """(title, lead department) → key of those that stand in the list: two queries."""
    parts = InitiativeDepartment.objects.filter(
        role=DepartmentRole.LEAD, initiative__municipality=municipality
    )
    leads = dict(parts.values_list("initiative_id", "department_id"))
    rows = Initiative.objects.standing().filter(municipality=municipality)
    return {(title, leads.get(pk)): pk for pk, title in rows.values_list("pk", "title")}
