"""Operations of a reorganisation written to the database and taken back: set-based."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import F, Model, Q

from dxportal.accounts.models import Assignment, Department, User
from roadmap.models import (
    Handover,
    Initiative,
    InitiativeDepartment,
    PositionSnapshot,
    StageSnapshot,
)
from roadmap.reorganisation_facts import MODELS, field_of
from roadmap.reorganising.state import COLUMNS, REFERENCES, Key, Operation, Row
from roadmap.search import fold_all

BATCH = 1_000
#: Counted again by themselves, so they keep nothing that was founded from being removed.
DERIVED = (PositionSnapshot, StageSnapshot)
#: Rows that others hang on: removed only while nothing hangs there.
HELD = ("department", "post")


class Moved(Exception):
    """A row is no longer as it was when the plan was shown; nothing was written."""


def holding(operations: Sequence[Operation]) -> list[bool]:
    """Of each whether its row is, in the named columns, as `before` says; the rows are locked."""
    keys: dict[str, list[Key]] = defaultdict(list)
    for operation in operations:
        keys[operation.table].append(operation.key)
    rows = {table: _locked(table, keys[table]) for table in COLUMNS if keys[table]}
    return [
        (row := rows[o.table].get(o.key)) is not None and _matches(row, o.before or {})
        for o in operations
    ]


def _locked(table: str, keys: Iterable[Key]) -> dict[Any, Row]:
    """The present rows of these keys, in a fixed order."""
    names = {field_of(table, column): column for column in COLUMNS[table]}
    rows = MODELS[table]._default_manager.filter(pk__in=list(keys)).order_by("pk")
    return {
        row.pk: {column: getattr(row, name) for name, column in names.items()}
        for row in rows.select_for_update(of=("self",))
    }


def _matches(row: Row, wanted: Row) -> bool:
    return all(row[name] == value for name, value in wanted.items())


def write(
    operations: Sequence[Operation], *, municipality_id: int
) -> tuple[list[Operation], dict[str, Any]]:
    """Write operations; returns them with the keys that new rows got, and these keys by name.

    Raises Moved where a row that changes is not as it was.
    """
    present = [operation for operation in operations if operation.before is not None]
    if not all(holding(present)):
        raise Moved
    keys: dict[str, Any] = {}
    _delete([operation for operation in operations if operation.after is None])
    created = [operation for operation in operations if operation.before is None]
    written = _create(created, keys, municipality_id)
    changed = [
        Operation(o.table, o.key, o.before, resolved(o.table, o.after, keys))
        for o in operations
        if o.before is not None and o.after is not None
    ]
    _update(changed)
    gone = [operation for operation in operations if operation.after is None]
    refresh(gone + written + changed)
    return gone + written + changed, keys


def resolved(table: str, row: Mapping[str, Any], keys: Mapping[str, Any]) -> Row:
    """The same values with the keys of the database in place of those of the plan."""
    references = REFERENCES[table]
    return {
        name: keys.get(value, value) if name in references and isinstance(value, str) else value
        for name, value in row.items()
    }


def _create(
    operations: Sequence[Operation], keys: dict[str, Any], municipality_id: int | None = None
) -> list[Operation]:
    """New rows, parents first; those with a key of their own keep it."""
    written: list[Operation] = []
    for table in COLUMNS:
        waiting = [operation for operation in operations if operation.table == table]
        while waiting:
            ready = [o for o in waiting if not _waits_for(o, keys)] or waiting
            rows = [_model(table, o.key, resolved(table, o.after or {}, keys)) for o in ready]
            if table == "department":
                for row in rows:
                    row.municipality_id = municipality_id  # type: ignore[attr-defined]
            MODELS[table]._default_manager.bulk_create(rows, BATCH)
            for operation, row in zip(ready, rows, strict=True):
                if isinstance(operation.key, str):
                    keys[operation.key] = row.pk
                after = resolved(table, operation.after or {}, keys)
                written.append(Operation(table, row.pk, None, after))
            done = {o.key for o in ready}
            waiting = [o for o in waiting if o.key not in done]
    return written


def _waits_for(operation: Operation, keys: Mapping[str, Any]) -> bool:
    references = REFERENCES[operation.table]
    return any(
        isinstance(value, str) and value not in keys
        for name, value in (operation.after or {}).items()
        if name in references
    )


def _model(table: str, key: Key, row: Row) -> Model:
    values = {field_of(table, name): value for name, value in row.items()}
    if not isinstance(key, str):
        values["pk"] = key
    return MODELS[table](**values)


def _update(operations: Iterable[Operation]) -> None:
    """Changed columns: one statement for each table and set of columns."""
    groups: dict[tuple[str, tuple[str, ...]], list[Operation]] = defaultdict(list)
    for operation in operations:
        after = operation.after or {}
        groups[operation.table, tuple(sorted(after))].append(operation)
    for (table, columns), members in groups.items():
        rows = [_model(table, o.key, o.after or {}) for o in members]
        MODELS[table]._default_manager.bulk_update(rows, list(columns), BATCH)


def _delete(operations: Iterable[Operation]) -> None:
    """Rows by key, those that refer to others first. Nothing else is deleted with them.

    The database refuses a row to which something still refers.
    """
    by_table: dict[str, list[Key]] = defaultdict(list)
    for operation in operations:
        by_table[operation.table].append(operation.key)
    for table in reversed(COLUMNS):
        if by_table[table]:
            if table == "assignment":
                taken: list[Any] = list(by_table[table])
                Handover.objects.filter(assignment__in=taken).delete()
            rows = MODELS[table]._default_manager.filter(pk__in=by_table[table])
            rows._raw_delete(rows.db)


def take_back(operations: Sequence[Operation]) -> tuple[list[Operation], list[Operation]]:
    """Set back what still is as it was written; (set back, left as it is)."""
    there = [o.reverse for o in operations if o.after is not None]
    again = [o.reverse for o in operations if o.after is None]
    holds = dict(zip(map(id, there), holding(there), strict=True))
    good = [o for o in there if holds[id(o)]]
    changed = [o for o in good if o.after is not None]
    clashing = _clashing(changed) | _clashing(again)
    changed = [o for o in changed if (o.table, o.key) not in clashing]
    back = [o for o in again if (o.table, o.key) not in clashing]
    _update(changed)
    _create(back, {})
    removed, kept = _remove([o for o in good if o.after is None])
    left = [o for o in there if not holds[id(o)]] + kept
    left += [o for o in [*good, *again] if (o.table, o.key) in clashing]
    done = changed + back + removed
    refresh([*done, *operations])
    return done, left


def _clashing(operations: Sequence[Operation]) -> set[tuple[str, Key]]:
    """Those whose old value somebody else's row has taken meanwhile: a part, or a code."""
    found = set(_taken_parts([o for o in operations if o.table == "part"]))
    codes = {(o.after or {}).get("code"): o.key for o in operations if o.table == "department"}
    codes.pop(None, None)
    if codes:
        municipality = Department.objects.filter(pk__in=codes.values()).values("municipality")
        rows = Department.objects.filter(municipality__in=municipality, code__in=codes)
        taken = rows.exclude(pk__in=codes.values()).values_list("code", flat=True)
        found |= {("department", codes[code]) for code in taken}
    return found


def _taken_parts(operations: Sequence[Operation]) -> Iterator[tuple[str, Key]]:
    """Parts that stand in a second row, or beside another lead."""
    if not operations:
        return
    model = InitiativeDepartment
    own = {o.key for o in operations}
    before: dict[Key, Any] = {row.pk: row for row in model.objects.filter(pk__in=own)}
    places: dict[Key, tuple[int, int, str]] = {}
    for o in operations:
        old, new = before.get(o.key), o.after or {}
        places[o.key] = (
            new["initiative"] if old is None else old.initiative_id,
            new["department"],
            new["role"] if old is None else old.role,
        )
    others = model.objects.filter(initiative__in={place[0] for place in places.values()})
    present = set(others.exclude(pk__in=own).values_list("initiative_id", "department_id", "role"))
    leads = {initiative for initiative, _department, role in present if role == "lead"}
    for key, place in places.items():
        if place in present or (place[2] == "lead" and place[0] in leads):
            yield "part", key


def _remove(operations: Sequence[Operation]) -> tuple[list[Operation], list[Operation]]:
    """New rows go, children first; (removed, kept because something hangs on them)."""
    removed: list[Operation] = []
    kept: list[Operation] = []
    for table in reversed(COLUMNS):
        members = [o for o in operations if o.table == table]
        while members:
            held = in_use(table, [o.key for o in members]) if table in HELD else set()
            free = [o for o in members if o.key not in held]
            if not free:
                kept += members
                break
            if table == "department":
                for model in DERIVED:
                    model._default_manager.filter(department__in=[o.key for o in free]).delete()
            _delete(free)
            removed += free
            members = [o for o in members if o.key in held]
    return removed, kept


def in_use(table: str, keys: Sequence[Key]) -> set[Any]:
    """Keys that some row of any table refers to; one query for each such table."""
    found: set[Any] = set()
    for field in MODELS[table]._meta.get_fields(include_hidden=True):
        model = field.related_model
        if not (field.auto_created and not field.concrete) or not isinstance(model, type):
            continue
        if not (field.one_to_many or field.one_to_one) or model in DERIVED:
            continue
        name = field.field.name  # type: ignore[union-attr]
        rows = model._default_manager.filter(**{f"{name}__in": keys})
        found |= set(rows.values_list(name, flat=True))
    return found


def refresh(operations: Iterable[Operation]) -> None:
    """The text that initiatives are searched by, and the version that guards open forms."""
    operations = list(operations)
    initiatives = {o.key for o in operations if o.table == "initiative"}
    for operation in operations:
        if operation.table == "part":
            part = {**(operation.before or {}), **(operation.after or {})}
            initiatives |= {part["initiative"]} if "initiative" in part else set()
    parts = [o.key for o in operations if o.table == "part"]
    renamed = [o.key for o in operations if o.table == "department" and "name" in (o.after or {})]
    rows = list(
        Initiative.objects.filter(
            Q(pk__in=initiatives) | Q(parts__in=parts) | Q(parts__department__in=renamed)
        )
        .distinct()
        .prefetch_related("departments", "themes")
        .order_by("pk")
    )
    for row in rows:
        names = {department.pk: department.name for department in row.departments.all()}
        row.search_text = fold_all(
            [
                row.title,
                row.purpose,
                *names.values(),
                *(theme.label for theme in row.themes.all()),
            ]
        )
        row.version = F("version") + 1
    Initiative.objects.bulk_update(rows, ["search_text", "version"], BATCH)


def names_of(operations: Iterable[Operation]) -> dict[str, dict[Any, Any]]:
    """Departments, posts, people and initiatives that operations speak of, in four queries."""
    wanted: dict[str, set[Any]] = defaultdict(set)
    for operation in operations:
        if operation.table in ("department", "post", "person", "initiative"):
            wanted[operation.table].add(operation.key)
        for row in (operation.before or {}, operation.after or {}):
            for name, table in REFERENCES[operation.table].items():
                if isinstance(row.get(name), int):
                    wanted[table].add(row[name])
    seats = [o.key for o in operations if o.table == "assignment"]
    held = {a.pk: a for a in Assignment.objects.filter(pk__in=seats).select_related("post")}
    wanted["post"] |= {seat.post_id for seat in held.values()}
    wanted["person"] |= {seat.user_id for seat in held.values()}
    posts = MODELS["post"]._default_manager.select_related("department").in_bulk(wanted["post"])
    return {
        "department": dict(Department.objects.in_bulk(wanted["department"])),
        "post": dict(posts),
        "person": dict(User.objects.in_bulk(wanted["person"])),
        "initiative": dict(Initiative.objects.in_bulk(wanted["initiative"])),
        "assignment": dict(held),
    }
