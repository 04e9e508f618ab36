"""The facts that a reorganisation may change, as plain values, and the difference of two states."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: A key of the database, or "+…" for a row that is still to be written.
Key = int | str
Row = dict[str, Any]

#: Table → columns that may change. Parents come before what refers to them.
COLUMNS: dict[str, tuple[str, ...]] = {
    "department": (
        *("code", "name", "parent", "bureau", "kind", "stands", "order", "without_account"),
        *("valid_from", "valid_to"),
    ),
    "post": ("department", "name", "is_head"),
    "succession": ("predecessor", "successor", "on"),
    "post_succession": ("predecessor", "successor", "on"),
    "assignment": ("post", "user", "valid_from", "valid_to"),
    "grant": (
        *("user", "role", "department", "valid_from", "valid_to"),
        *("how", "chosen", "minutes"),
    ),
    "person": ("department", "is_active"),
    "initiative": ("accountable_post",),
    "part": ("initiative", "department", "role"),
}
#: Columns that hold the key of a row of another table.
REFERENCES: dict[str, dict[str, str]] = {
    "department": {"parent": "department", "bureau": "department"},
    "post": {"department": "department"},
    "succession": {"predecessor": "department", "successor": "department"},
    "post_succession": {"predecessor": "post", "successor": "post"},
    "assignment": {"post": "post", "user": "person"},
    "grant": {"user": "person", "department": "department"},
    "person": {"department": "department"},
    "initiative": {"accountable_post": "post"},
    "part": {"initiative": "initiative", "department": "department"},
}
#: Tables whose new rows and ends carry their day: written early they change nothing until then.
EARLY = frozenset({"department", "post", "succession", "post_succession", "assignment", "grant"})
DAYS = frozenset({"valid_from", "valid_to", "on"})


@dataclass
class State:
    """Rows by table and key; columns that are only read may stand beside those that may change."""

    tables: dict[str, dict[Key, Row]] = field(
        default_factory=lambda: {name: {} for name in COLUMNS}
    )

    def __getitem__(self, table: str) -> dict[Key, Row]:
        return self.tables[table]

    def copy(self) -> State:
        """A state that can be changed by itself."""
        tables = {
            name: {key: dict(row) for key, row in rows.items()}
            for name, rows in self.tables.items()
        }
        return State(tables)


def in_force(row: Mapping[str, Any], day: dt.date) -> bool:
    """Whether a dated row holds on that day."""
    return row["valid_from"] <= day and outlasts(row, day)


def outlasts(row: Mapping[str, Any], day: dt.date) -> bool:
    """Whether a dated row has not ended by that day."""
    return row["valid_to"] is None or row["valid_to"] > day


@dataclass(frozen=True)
class Operation:
    """One row: created (no `before`), removed (no `after`), or changed in the named columns."""

    table: str
    key: Key
    before: Row | None
    after: Row | None

    def plain(self) -> list[Any]:
        """A JSON value."""
        return [self.table, self.key, _plain(self.before), _plain(self.after)]

    @classmethod
    def from_plain(cls, value: list[Any]) -> Operation:
        """What `plain` wrote."""
        table, key, before, after = value
        return cls(table, key, _read(before), _read(after))

    @property
    def reverse(self) -> Operation:
        """What takes it back."""
        return Operation(self.table, self.key, self.after, self.before)

    @property
    def can_be_early(self) -> bool:
        """Whether it may be written before its day without changing anything until then."""
        if self.before is None:
            return self.table in EARLY
        return self.table in EARLY and self.after is not None and set(self.after) == {"valid_to"}


def _plain(row: Row | None) -> Row | None:
    if row is None:
        return None
    return {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in row.items()}


def _read(row: Row | None) -> Row | None:
    if row is None:
        return None
    return {k: dt.date.fromisoformat(v) if k in DAYS and v else v for k, v in row.items()}


def difference(before: State, after: State) -> list[Operation]:
    """Operations that lead from one state to the other, in the order of the tables."""
    return [
        operation
        for table, columns in COLUMNS.items()
        for operation in _changed(table, columns, before[table], after[table])
    ]


def _changed(
    table: str, columns: Iterable[str], old: Mapping[Key, Row], new: Mapping[Key, Row]
) -> Iterator[Operation]:
    for key, row in old.items():
        if key not in new:
            yield Operation(table, key, {name: row[name] for name in columns}, None)
    for key, row in new.items():
        if key not in old:
            yield Operation(table, key, None, {name: row[name] for name in columns})
            continue
        names = [name for name in columns if row[name] != old[key][name]]
        if names:
            was = {name: old[key][name] for name in names}
            yield Operation(table, key, was, {name: row[name] for name in names})


def put(state: State, operations: Iterable[Operation]) -> None:
    """Carry operations out on a state; keys stay as they are."""
    for operation in operations:
        rows = state[operation.table]
        if operation.after is None:
            rows.pop(operation.key, None)
        elif operation.before is None:
            rows[operation.key] = dict(operation.after)
        else:
            rows[operation.key].update(operation.after)
