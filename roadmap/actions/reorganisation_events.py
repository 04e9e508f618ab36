"""The audit trail of a reorganisation: one event for everything that it changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from dxportal.accounts.actions.imports import write_events
from dxportal.accounts.audit import event_row, plain
from dxportal.accounts.models import Event, Municipality, RoleGrant, User
from roadmap.actions.initiatives import EDITED
from roadmap.actions.reorganisation_writes import names_of
from roadmap.choices import DepartmentRole
from roadmap.models import Initiative, InitiativeDepartment
from roadmap.reorganisation_facts import MODELS
from roadmap.reorganising.state import Operation, Row

_FIELDS = {"partners": DepartmentRole.PARTNER, "users": DepartmentRole.USER}
#: (table, "created", "changed" or "removed") → action.
ACTIONS = {
    ("department", "created"): "department.created",
    ("department", "changed"): "department.edited",
    ("department", "removed"): "department.removed",
    ("post", "created"): "post.created",
    ("post", "changed"): "post.edited",
    ("post", "removed"): "post.removed",
    ("assignment", "created"): "post.assigned",
    ("assignment", "changed"): "post.vacated",
    ("assignment", "removed"): "post.vacated",
    ("grant", "created"): "role.granted",
    ("grant", "changed"): "role.ended",
    ("grant", "removed"): "role.ended",
    ("person", "changed"): "person.edited",
}


class Trail:
    """Collects events of operations that were written; writes them together."""

    def __init__(
        self,
        operations: Sequence[Operation],
        *,
        municipality: Municipality,
        by: User | None,
        channel: str,
        names: dict[str, dict[Any, Any]] | None = None,
    ) -> None:
        """Look every name up once; `names` holds those of what is gone by now."""
        self.operations, self.municipality = operations, municipality
        self.by, self.channel = by, channel
        found = names_of(operations)
        self.names = {table: {**(names or {}).get(table, {}), **found[table]} for table in found}
        keys = [o.key for o in operations if o.table == "grant"]
        self.grants: dict[Any, RoleGrant] = {g.pk: g for g in RoleGrant.objects.filter(pk__in=keys)}
        missing = {g.user_id for g in self.grants.values()} - self.names["person"].keys()
        self.names["person"] |= User.objects.in_bulk(missing)

    def write(self) -> int:
        """Write them all; how many there are."""
        events = [*self._of_rows(), *self._of_initiatives()]
        write_events(events)
        return len(events)

    def _of_rows(self) -> Iterator[Event]:
        for operation in self.operations:
            kind = (
                "created"
                if operation.before is None
                else "removed"
                if operation.after is None
                else "changed"
            )
            action = ACTIONS.get((operation.table, kind))
            target = self._target(operation) if action else None
            if action and target is not None:
                yield event_row(
                    action,
                    target,
                    by=self.by,
                    channel=self.channel,
                    municipality_id=self.municipality.pk,
                    before=self._words(operation, operation.before),
                    after=self._words(operation, operation.after),
                )

    def _target(self, operation: Operation) -> Any:
        """The object under whose name the event is kept; removed ones keep their name."""
        row = {**(operation.before or {}), **(operation.after or {})}
        if operation.table == "assignment":
            seat = self.names["assignment"].get(operation.key)
            return self.names["post"].get(row.get("post") or (seat.post_id if seat else None))
        if operation.table == "grant":
            grant = self.grants.get(operation.key)
            return self.names["person"].get(row.get("user") or (grant.user_id if grant else None))
        found = self.names[operation.table].get(operation.key)
        if found is None and operation.table in ("department", "post") and "name" in row:
            return MODELS[operation.table](pk=operation.key, name=row["name"])
        return found

    def _words(self, operation: Operation, row: Row | None) -> Row:
        """Values as the other actions keep them: names in place of keys."""
        if row is None:
            return {}
        words = dict(row)
        for name in ("department", "parent"):
            if name in words:
                found = self.names["department"].get(words[name])
                words[name] = found.name if found else None
        words.pop("bureau", None)
        words.pop("order", None)
        words.pop("post", None)
        user = words.pop("user", None)
        if operation.table == "assignment":
            seat = self.names["assignment"].get(operation.key)
            found = self.names["person"].get(user or (seat.user_id if seat else None))
            words["user"] = found.name if found else None
        elif operation.table == "grant" and operation.key in self.grants:
            words["role"] = self.grants[operation.key].role
        return words

    def _of_initiatives(self) -> Iterator[Event]:
        """One event for each initiative, with the fields of its form."""
        changes: dict[Any, list[Operation]] = defaultdict(list)
        touched = [o for o in self.operations if o.table == "part"]
        homes: dict[Any, int] = dict(
            InitiativeDepartment.objects.filter(pk__in=[o.key for o in touched]).values_list(
                "pk", "initiative_id"
            )
        )
        for operation in touched:
            row = {**(operation.before or {}), **(operation.after or {})}
            changes[row.get("initiative") or homes.get(operation.key)].append(operation)
        posts = {o.key: o for o in self.operations if o.table == "initiative"}
        found = {**dict.fromkeys(changes), **posts}
        missing = [key for key in found if key not in self.names["initiative"]]
        if missing:
            self.names["initiative"] |= Initiative.objects.in_bulk([k for k in missing if k])
        now = _parts_now(self.names["initiative"])
        for key, moved in found.items():
            initiative = self.names["initiative"].get(key)
            if initiative is None:
                continue
            before, after = _fields(now.get(key, {}), changes.get(key, []))
            if moved is not None:
                before |= moved.before or {}
                after |= moved.after or {}
            event = event_row(
                EDITED, initiative, by=self.by, channel=self.channel, before=before, after=after
            )
            event.after["version"] = plain(initiative.version)
            yield event


def _parts_now(initiatives: Any) -> dict[Any, dict[Any, tuple[int, str]]]:
    """Initiative → part → (department, role), as they are after the writing."""
    found: dict[Any, dict[Any, tuple[int, str]]] = defaultdict(dict)
    rows = InitiativeDepartment.objects.filter(initiative__in=list(initiatives))
    for pk, initiative, department, role in rows.values_list(
        "pk", "initiative_id", "department_id", "role"
    ):
        found[initiative][pk] = (department, role)
    return found


def _fields(now: dict[Any, tuple[int, str]], operations: Sequence[Operation]) -> tuple[Row, Row]:
    """Lead, partners and users before and after."""
    then = dict(now)
    for operation in operations:
        if operation.before is None:
            then.pop(operation.key, None)
        elif operation.after is None:
            then[operation.key] = (operation.before["department"], operation.before["role"])
        else:
            then[operation.key] = (operation.before["department"], now[operation.key][1])
    return _as_fields(then), _as_fields(now)


def _as_fields(parts: dict[Any, tuple[int, str]]) -> Row:
    lead = [department for department, role in parts.values() if role == DepartmentRole.LEAD]
    fields: Row = {"lead": lead[0] if lead else None}
    for name, wanted in _FIELDS.items():
        fields[name] = sorted(d for d, role in parts.values() if role == wanted)
    return fields
