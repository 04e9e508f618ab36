"""Writing what our own table changes, and taking a whole import back: set-based."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import models, transaction

from dxportal.accounts.actions.imports import silent, write_events
from dxportal.accounts.audit import event_row
from dxportal.accounts.import_plan import Tell
from dxportal.accounts.models import Event, Municipality, User
from dxportal.accounts.staff_importer import chunks
from dxportal.shared.bulk import copy_in
from roadmap import marks
from roadmap.actions.imports import BATCH, MANY, searched_names
from roadmap.actions.initiatives import CREATED, EDITED
from roadmap.actions.rooted import keep_honest
from roadmap.actions.stopping import settle_freed_time
from roadmap.actions.task_rows import follow_stops
from roadmap.actions.updates import REPORTED, UNDONE, keep_ended
from roadmap.choices import Channel, Phase
from roadmap.models import (
    Initiative,
    InitiativeCriterion,
    InitiativeDepartment,
    InitiativeTag,
    InitiativeTheme,
    Update,
)
from roadmap.search import fold_all
from roadmap.sheet_columns import BY_NAME, KEYS, PLAIN_COLUMNS, STATUS_NAMES, Kind
from roadmap.sheet_facts import ROLES
from roadmap.sheet_plan import SheetChange, SheetPlan
from roadmap.sheet_rules import empty_values

_ROLE_OF: Final = {name: role for role, name in ROLES.items()}
_LINKS: Final[Mapping[str, tuple[type[models.Model], str]]] = {
    "themes": (InitiativeTheme, "theme_id"),
    "criteria": (InitiativeCriterion, "criterion_id"),
    "tags": (InitiativeTag, "tag_id"),
}
_DEPARTMENTS: Final = ("lead", "partners", "users")


@transaction.atomic
def apply_sheet(
    plan: SheetPlan,
    *,
    municipality: Municipality,
    as_of: dt.date,
    by: User | None,
    channel: str = Channel.IMPORT,
    tell: Tell = silent,
) -> None:
    """Write changed and new initiatives with their reports, events and marks.

    What is changed was locked when it was compared; about 25 statements per 1,000 rows.
    """
    if not plan.has_changes:
        return
    plan.applied = write_changes(
        plan.changes, municipality=municipality, as_of=as_of, by=by, channel=channel, tell=tell
    )


def write_changes(
    changes: Sequence[SheetChange],
    *,
    municipality: Municipality,
    as_of: dt.date,
    by: User | None,
    channel: str,
    tell: Tell = silent,
) -> list[dict[str, Any]]:
    """Write in batches; for each initiative what taking it back needs, in plain values."""
    applied: list[dict[str, Any]] = []
    departments: set[int] = set()
    for batch in chunks(changes, BATCH):
        writer = _Writer(municipality, as_of, by, channel)
        applied += writer.write(batch)
        departments |= writer.departments
        tell(len(applied), len(changes))
    touched = {entry["pk"] for entry in applied}
    if len(touched) > MANY:
        marks.mark(municipality.pk, marks.ALL)
    else:
        marks.mark(municipality.pk, marks.INITIATIVE, touched)
        marks.mark(municipality.pk, marks.DEPARTMENT, departments)
    return applied


@dataclass(slots=True)
class _Written:
    """One change with its row. `before` and `after` hold plain values of what differs."""

    change: SheetChange
    row: Initiative
    before: dict[str, Any]
    after: dict[str, Any]
    update: Update | None = None

    @property
    def is_new(self) -> bool:
        return self.change.facts is None

    def fields(self, names: Iterable[str]) -> dict[str, Any]:
        """Those of the changed values, by name."""
        return {name: self.after[name] for name in names if name in self.after}


@dataclass
class _Writer:
    """One batch: a constant number of statements."""

    municipality: Municipality
    as_of: dt.date
    by: User | None
    channel: str
    departments: set[int] = field(default_factory=set)

    def write(self, changes: Sequence[SheetChange]) -> list[dict[str, Any]]:
        """Rows, links, reports, history; then what taking it back needs."""
        written = self._rows(changes)
        self._write_parts(written)
        for name, (model, column) in _LINKS.items():
            _write_links(model, column, name, written)
        self._save_fields(written)
        self._write_updates(written)
        write_events(self._events(written))
        self._collect_departments(written)
        return [_entry(one) for one in written]

    def _rows(self, changes: Sequence[SheetChange]) -> list[_Written]:
        """New rows get their keys, those that exist are read."""
        keys = [change.facts.pk for change in changes if change.facts is not None]
        found = Initiative.objects.in_bulk(keys)
        written = []
        for change in changes:
            facts = change.facts
            if facts is None:
                before: dict[str, Any] = {}
                row = Initiative(municipality=self.municipality, title=change.after["title"])
            else:
                before = {name: facts.values[name] for name in change.after}
                row = found[facts.pk]
            written.append(_Written(change, row, before, change.after))
        copy_in([one.row for one in written if one.is_new])
        return written

    def _write_parts(self, written: Sequence[_Written]) -> None:
        """Departments by their part: those that ended go before the new ones come."""
        wanted: set[tuple[int, str, int]] = set()
        roles: dict[int, set[str]] = {}
        for one in written:
            for name, value in one.fields(_DEPARTMENTS).items():
                role = _ROLE_OF[name].value
                roles.setdefault(one.row.pk, set()).add(role)
                keys = value if isinstance(value, list) else [value] if value else []
                wanted |= {(one.row.pk, role, key) for key in keys}
        if not roles:
            return
        rows = InitiativeDepartment.objects.filter(initiative__in=list(roles))
        present = {
            (pk, role, key): part
            for part, pk, role, key in rows.values_list(
                "pk", "initiative_id", "role", "department_id"
            )
            if role in roles[pk]
        }
        gone = [part for key, part in present.items() if key not in wanted]
        InitiativeDepartment.objects.filter(pk__in=gone).delete()
        InitiativeDepartment.objects.bulk_create(
            InitiativeDepartment(initiative_id=pk, role=role, department_id=key)
            for pk, role, key in sorted(wanted - present.keys())
        )

    def _save_fields(self, written: Sequence[_Written]) -> None:
        """Columns, version and searched text in one statement; a COPY has no columns yet."""
        saved = [one for one in written if one.is_new or _changes_fields(one)]
        names = searched_names([one.row.pk for one in saved])
        for one in saved:
            for name, value in one.fields(PLAIN_COLUMNS).items():
                setattr(one.row, KEYS.get(name, name), _python(name, value))
            if not one.is_new:
                one.row.version += 1
            texts = [one.row.title, one.row.purpose, *names.get(one.row.pk, [])]
            one.row.search_text = fold_all(dict.fromkeys(texts))
        if not saved:
            return
        Initiative.objects.bulk_create(
            [one.row for one in saved],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=[*PLAIN_COLUMNS, "version", "search_text"],
        )

    def _write_updates(self, written: Sequence[_Written]) -> None:
        """One report for each whose status changes; what the file does not say stays."""
        for one in written:
            if one.change.reports:
                one.update = self._update(one)
        back = [one.update for one in written if one.update and "phase" in one.after]
        keep_honest(back, self.as_of)
        copy_in([one.update for one in written if one.update is not None])
        phases = ((one.update, one.before.get("phase"), one.after.get("phase")) for one in written)
        follow_stops([row for row, *both in phases if row is not None and Phase.STOPPED in both])
        settle_freed_time(
            [
                (one.row, one.update, one.change.facts.latest if one.change.facts else None)
                for one in written
                if one.update is not None
            ],
            by=self.by,
        )

    def _update(self, one: _Written) -> Update:
        facts = one.change.facts
        said = {**(facts.values if facts else _IDEA), **one.after}
        status = {name: _python(name, said[name]) for name in STATUS_NAMES}
        update = Update(
            initiative=one.row,
            **status,
            reported_on=self.as_of,
            undoes_id=one.change.undoes or None,
            by=self.by,
            channel=Channel.IMPORT,
            is_report=not one.is_new or any(name in one.after for name in STATUS_NAMES),
        )
        keep_ended(update, facts.latest if facts else None)
        return update

    def _events(self, written: Sequence[_Written]) -> Iterator[Event]:
        """What the history keeps, in the words of the actions for single initiatives."""
        for one in written:
            version = one.row.version
            fields = {name: one.after[name] for name in one.after if name not in STATUS_NAMES}
            if one.is_new:
                yield self._event(CREATED, one, {}, {**empty_values(), **fields, "version": 1})
            elif fields:
                before = {name: one.before[name] for name in fields}
                before["version"] = version - 1
                yield self._event(EDITED, one, before, {**fields, "version": version})
            if one.update is not None:
                names = list(STATUS_NAMES) if one.is_new else [*one.after]
                status = [name for name in names if name in STATUS_NAMES]
                old = {name: one.before.get(name) for name in status}
                new = {name: getattr(one.update, name) for name in status}
                action = UNDONE if one.update.undoes_id else REPORTED
                yield self._event(action, one, old, new)

    def _event(
        self, action: str, one: _Written, before: dict[str, Any], after: dict[str, Any]
    ) -> Event:
        return event_row(
            action,
            one.row,
            by=self.by,
            channel=self.channel,
            municipality_id=self.municipality.pk,
            before=before,
            after=after,
        )

    def _collect_departments(self, written: Sequence[_Written]) -> None:
        """All whose figures may differ: those that take part now, and those that did."""
        rows = InitiativeDepartment.objects.filter(initiative__in=[one.row.pk for one in written])
        self.departments.update(rows.values_list("department_id", flat=True))
        for one in written:
            for name in _DEPARTMENTS:
                old = one.before.get(name)
                self.departments.update(old if isinstance(old, list) else [old] if old else [])


_IDEA: Final = {**dict.fromkeys(STATUS_NAMES, ""), "phase": "idea", "next_due": None}


def _changes_fields(one: _Written) -> bool:
    return any(name not in STATUS_NAMES for name in one.after)


def _python(name: str, value: Any) -> Any:
    """A plain value as its column takes it."""
    if value and BY_NAME[name].kind == Kind.DAY:
        return dt.date.fromisoformat(value)
    return value


def _write_links(
    model: type[models.Model], column: str, name: str, written: Sequence[_Written]
) -> None:
    """Links to themes, criteria or tags, as sets: three statements, none where nothing changes."""
    sets = {one.row.pk: set(one.after[name]) for one in written if name in one.after}
    if not sets:
        return
    manager = model._default_manager
    rows = manager.filter(initiative__in=list(sets)).values_list("pk", "initiative_id", column)
    present = {(pk, key): link for link, pk, key in rows}
    wanted = {(pk, key) for pk, keys in sets.items() for key in keys}
    manager.filter(pk__in=[link for pair, link in present.items() if pair not in wanted]).delete()
    manager.bulk_create(
        [model(initiative_id=pk, **{column: key}) for pk, key in sorted(wanted - present.keys())]
    )


def _entry(one: _Written) -> dict[str, Any]:
    """What taking it back needs."""
    return {
        "pk": one.row.pk,
        "new": one.is_new,
        "version": one.row.version,
        "update": one.update.pk if one.update else 0,
        "before": {name: one.before.get(name) for name in one.after},
        "after": dict(one.after),
    }
