"""What a table of departments would change in the organisation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import DepartmentKind
from dxportal.accounts.department_rows import DepartmentRow, Path, parse_departments
from dxportal.accounts.department_tree import (
    CODE_LENGTH,
    Node,
    Tree,
    bureau_of,
    derived_code,
    stands,
)
from dxportal.accounts.import_plan import Choices, Outcome, Plan, chosen_rows
from dxportal.accounts.models import Department, DepartmentSuccession, Municipality
from dxportal.shared.fiscal import fiscal_year, fiscal_year_start
from dxportal.shared.importing import Parsed
from dxportal.shared.tables import Table

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

NAME_LENGTH = 120
HEADINGS = (_("Department"), _("Above it"), _("Kind"), _("code"), _("from"), _("Last day"))
FACT_NAMES: Mapping[str, str | _StrPromise] = {
    "code": _("code"),
    "name": _("name"),
    "parent": _("Above it"),
    "kind": _("kind"),
    "stands": _("stands on the staircases"),
    "without_account": _("Staff without an account"),
    "valid_from": _("from"),
    "valid_to": _("Last day"),
    "predecessors": _("Came from"),
}


def plan_departments(table: Table, municipality: Municipality, choices: Choices) -> Plan[Node]:
    """Compare a table with the organisation; ``Plan.changes`` holds parents before children.

    Departments that the table does not name stay as they are.
    """
    tree = load_tree(municipality)
    known = {node.code: node.path for node in tree.nodes}
    parsed = parse_departments(table, choices.columns, known=known)
    plan: Plan[Node] = Plan.of(parsed, table, HEADINGS)
    rows = chosen_rows(plan, parsed, choices)
    if choices.all_origins and len(plan.origins) > 1:
        rows = _below_their_origin(rows)
    _Planner(tree, plan, parsed, choices.as_of).take(rows)
    return plan


def load_tree(municipality: Municipality) -> Tree:
    """All departments of a municipality, ended ones too: two queries."""
    found = {row.pk: row for row in Department.objects.filter(municipality=municipality).in_order()}
    tree, placed = Tree(), {}

    def place(row: Department) -> Node:
        if row.pk not in placed:
            above = place(found[row.parent_id]) if row.parent_id else None
            placed[row.pk] = node = Node(
                code=row.code,
                name=row.name,
                kind=row.kind,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                parent=above,
                pk=row.pk,
                stands=row.stands,
                without_account=row.without_account,
                order=row.order,
            )
            tree.add(node)
        return placed[row.pk]

    for row in found.values():
        place(row)
    for node in tree.nodes:
        node.before, node.bureau = node.facts(), bureau_of(node)
    known = DepartmentSuccession.objects.filter(successor__municipality=municipality)
    tree.successions.update(known.values_list("predecessor_id", "successor_id"))
    return tree


def _below_their_origin(rows: list[DepartmentRow]) -> list[DepartmentRow]:
    """Each municipality of the file becomes a bureau of its own at the top."""
    lifted: list[DepartmentRow] = []
    tops: set[str] = set()
    for row in rows:
        if not row.origin:
            lifted.append(row)
            continue
        if row.origin not in tops:
            tops.add(row.origin)
            top: Path = (row.origin,)
            kind = DepartmentKind.BUREAU
            lifted.append(DepartmentRow(row.row, None, row.origin, "", kind, (), top))
        above, path = (row.origin, *row.parent_path), (row.origin, *row.path)
        lifted.append(replace(row, parent_path=above, path=path))
    return lifted


class _Planner:
    """Takes rows one by one into the tree and compares at the end."""

    def __init__(
        self, tree: Tree, plan: Plan[Node], parsed: Parsed[DepartmentRow], as_of: dt.date
    ) -> None:
        self.tree, self.plan, self.parsed, self.as_of = tree, plan, parsed, as_of
        is_first = not tree.nodes
        self.start = fiscal_year_start(fiscal_year(as_of)) if is_first else as_of
        self.order = max((node.order for node in tree.nodes), default=0)
        self.here: dict[Path, Node] = {}
        self.refused: set[Path] = set()
        self.taken: dict[int, Node] = {}

    def take(self, rows: list[DepartmentRow]) -> None:
        """All rows; then who stands, and what differs."""
        pairs = [(row, node) for row in rows if (node := self._take(row)) is not None]
        for row, node in pairs:
            self._succeed(row, node)
        touched = self._settle()
        for node in self.tree.nodes:
            if id(node) in self.taken or id(node) in touched:
                self._count(node)
        self.plan.changes.sort(key=lambda node: node.depth)
        self._note_absent()

    def _take(self, row: DepartmentRow) -> Node | None:
        """The node of a row, new or found; None after saying why not."""
        parent = None
        if row.parent_path:
            parent = self.here.get(row.parent_path) or self.tree.at(row.parent_path, self.as_of)
            if row.parent_path in self.refused or parent is None:
                self._refuse_below(row)
                return None
        found = self._find(row)
        if self._is_wrong(row, found, parent):
            self.refused.add(row.path)
            return None
        node = found or self._new(row, parent)
        if found is not None:
            self._change(found, row, parent)
        node.row = node.row or row.row
        self.taken[id(node)] = self.here[row.path] = node
        return node

    def _find(self, row: DepartmentRow) -> Node | None:
        """By its code; else by its path, unless that one has another code of its own."""
        if row.code and (found := self.tree.by_code.get(row.code)):
            return found
        found = self.tree.at(row.path, self.as_of)
        if found is not None and row.code and found.code != derived_code(found.path):
            return None
        return found

    def _is_wrong(self, row: DepartmentRow, found: Node | None, parent: Node | None) -> bool:
        """Whether something in the row cannot be; it is said."""
        before = len(self.parsed.problems)
        last = _until(row.valid_to)
        start = row.valid_from or (found.valid_from if found else self._start_of(row))
        if len(row.name) > NAME_LENGTH or len(row.code or "") > CODE_LENGTH:
            self._too_long(row)
        elif found is not None and id(found) in self.taken:
            self._twice(row, found)
        elif found is not None and not found.is_open_on(self.as_of) and last is None:
            self._ended(row, "name", row.name, found)
        elif parent is not None and parent.valid_to and parent.valid_to <= max(start, self.as_of):
            if last is None or last > parent.valid_to:
                self._ended(row, "parent", parent.name, parent)
        elif last is not None and last <= start:
            self._ends_too_early(row, start)
        return len(self.parsed.problems) > before

    def _new(self, row: DepartmentRow, parent: Node | None) -> Node:
        self.order += 1
        code = row.code or derived_code(row.path)
        return self.tree.add(
            Node(
                code=code,
                name=row.name,
                kind=row.kind,
                valid_from=row.valid_from or self._start_of(row),
                valid_to=_until(row.valid_to),
                parent=parent,
                without_account=row.without_account or 0,
                order=self.order,
            )
        )

    def _start_of(self, row: DepartmentRow) -> dt.date:
        """The usual first day; the day before the end where that came earlier."""
        return min(self.start, row.valid_to) if row.valid_to else self.start

    def _change(self, node: Node, row: DepartmentRow, parent: Node | None) -> None:
        """What the file says wins; what it leaves open stays."""
        node.name, node.kind = row.name, row.kind
        node.code = row.code or node.code
        if row.parent_path or "parent" in self.plan.columns or len(row.path) == 1:
            self.tree.move(node, parent)
        node.valid_from = row.valid_from or node.valid_from
        node.valid_to = _until(row.valid_to) or node.valid_to
        if row.without_account is not None:
            node.without_account = row.without_account

    def _succeed(self, row: DepartmentRow, node: Node) -> None:
        """Find the departments whose work it continues."""
        for text in row.predecessors:
            named = self.tree.by_name.get(text, [])
            found = self.tree.by_code.get(text) or (named[0] if len(named) == 1 else None)
            if found is None or found is node:
                self.parsed.note(
                    row.row,
                    self._heading("predecessors"),
                    text,
                    _("Row %(row)s, column “%(column)s”: there is no department “%(value)s”."),
                )
                continue
            node.predecessors.append(found)

    def _settle(self) -> set[int]:
        """Bureaus of all; who stands where something is new or moved. Ids of what that touched."""
        touched: set[int] = set()
        for node in self.taken.values():
            before = node.before
            if before is None or {"kind", "parent", "valid_to"} & set(node.changed()):
                touched.update(id(above) for above in (node, *node.above()))
        for node in self.tree.nodes:
            if id(node) in touched:
                node.stands = stands(node, self.as_of)
            node.bureau = bureau_of(node)
        return touched

    def _count(self, node: Node) -> None:
        """New, changed or as before."""
        changed = [FACT_NAMES[name] for name in node.changed()] if node.before else []
        if node.predecessors and node.before:
            changed += self._new_predecessors(node)
        outcome = Outcome.UNCHANGED
        if node.before is None or changed:
            outcome = Outcome.CREATED if node.before is None else Outcome.CHANGED
            self.plan.changes.append(node)
        self.plan.add(node.row, outcome, lambda: _cells(node), changed)

    def _new_predecessors(self, node: Node) -> list[str | _StrPromise]:
        """Whether a succession is not recorded yet."""
        pairs = {(found.pk, node.pk) for found in node.predecessors}
        return [] if pairs <= self.tree.successions else [FACT_NAMES["predecessors"]]

    def _note_absent(self) -> None:
        """Departments that exist and are not in the file stay; that is said."""
        absent = [
            node
            for node in self.tree.nodes
            if node.before and id(node) not in self.taken and node.is_open_on(self.as_of)
        ]
        if absent and self.taken:
            names = "、".join(node.name for node in absent[:10])
            self.parsed.note(
                None,
                "",
                names,
                _("%(count)s departments are not in the file and stay as they are: %(value)s."),
                count=len(absent),
            )

    def _heading(self, name: str) -> str:
        """The heading of a field's column; for names also the deepest of the wide columns."""
        columns = self.plan.columns
        if name == "name" and name not in columns:
            return next((columns[n] for n in ("level3", "level2", "level1") if n in columns), name)
        return columns.get(name, name)

    def _refuse_below(self, row: DepartmentRow) -> None:
        self.refused.add(row.path)
        self.parsed.reject(
            row.row,
            self._heading("parent"),
            row.parent_path[-1],
            _("Row %(row)s: the department above it, “%(value)s”, could not be read."),
            _("Correct the row of that department first."),
        )

    def _too_long(self, row: DepartmentRow) -> None:
        is_name = len(row.name) > NAME_LENGTH
        self.parsed.reject(
            row.row,
            self._heading("name" if is_name else "code"),
            row.name if is_name else row.code or "",
            _("Row %(row)s, column “%(column)s”: more than %(limit)s characters."),
            _("Shorten it."),
            limit=NAME_LENGTH if is_name else CODE_LENGTH,
        )

    def _twice(self, row: DepartmentRow, found: Node) -> None:
        self.parsed.reject(
            row.row,
            self._heading("code" if row.code else "name"),
            row.code or row.name,
            _("Row %(row)s, column “%(column)s”: “%(value)s” is the department of row %(first)s."),
            _("Delete one of the rows, or give each department its own code."),
            first=found.row,
        )

    def _ended(self, row: DepartmentRow, name: str, value: str, ended: Node) -> None:
        last = (ended.valid_to or self.as_of) - dt.timedelta(days=1)
        is_parent = name == "parent"
        self.parsed.reject(
            row.row,
            self._heading(name),
            value,
            _("Row %(row)s, column “%(column)s”: “%(value)s” ended on %(day)s."),
            _("Enter the department that took its place.")
            if is_parent
            else _("Give the department that took its place a code of its own, or enter its end."),
            day=last.isoformat(),
        )

    def _ends_too_early(self, row: DepartmentRow, start: dt.date) -> None:
        self.parsed.reject(
            row.row,
            self._heading("valid_to"),
            str(row.valid_to),
            _("Row %(row)s, column “%(column)s”: it began on %(day)s, later than this."),
            _("Correct the first or the last day."),
            day=start.isoformat(),
        )


def _until(last: dt.date | None) -> dt.date | None:
    """Files name the last day; we keep the first day on which it is gone."""
    return last + dt.timedelta(days=1) if last else None


def _cells(node: Node) -> tuple[str, ...]:
    """A department as the preview shows it."""
    last = node.valid_to - dt.timedelta(days=1) if node.valid_to else None
    return (
        node.name,
        "／".join(node.parent.path) if node.parent else "",
        str(DepartmentKind(node.kind).label),
        node.code,
        node.valid_from.isoformat(),
        last.isoformat() if last else "",
    )
