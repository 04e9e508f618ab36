"""Pictures of the result: the tree of departments, the steps of the staircases."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from dxportal.accounts.actions.import_jobs import choices_of
from dxportal.accounts.choices import DepartmentKind
from dxportal.accounts.department_rows import DepartmentRow, parse_departments
from dxportal.accounts.models import Department, ImportJob, Municipality
from dxportal.shared.tables import TableError
from dxportal.shared.tabular import read_table
from roadmap.choices import Axis
from roadmap.models import Stage


@dataclass(frozen=True)
class Leaf:
    """One department of the picture; depth counts from 0."""

    depth: int
    name: str
    kind: str
    staff: int


@dataclass(frozen=True)
class Tree:
    """The organisation as it is or would be."""

    leaves: list[Leaf]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many of each kind, those that there are."""
        found = Counter(leaf.kind for leaf in self.leaves)
        return [(str(kind.label), found[kind]) for kind in DepartmentKind if found[kind]]

    @property
    def staff(self) -> int:
        """Staff without an account in all of them."""
        return sum(leaf.staff for leaf in self.leaves)


def standing_tree(municipality: Municipality, today: date) -> Tree:
    """The departments of today: one query."""
    units = list(Department.objects.filter(municipality=municipality).on(today).in_order())
    known = {unit.pk for unit in units}
    below: dict[int | None, list[Department]] = {}
    for unit in units:
        below.setdefault(unit.parent_id if unit.parent_id in known else None, []).append(unit)
    leaves: list[Leaf] = []

    def walk(parent: int | None, depth: int) -> None:
        for unit in below.get(parent, ()):
            leaves.append(Leaf(depth, unit.name, unit.kind, unit.without_account))
            walk(unit.pk, depth + 1)

    walk(None, 0)
    return Tree(leaves)


def pasted_tree(job: ImportJob) -> Tree:
    """The departments that a pasted table names; empty where it cannot be read."""
    try:
        table = read_table(io.BytesIO(bytes(job.content)), job.file_name)
        rows = parse_departments(table, choices_of(job).columns).rows
    except TableError:
        return Tree([])
    return Tree(_in_tree_order(rows))


def _in_tree_order(rows: Iterable[DepartmentRow]) -> list[Leaf]:
    """Each below its parent, in the order of the table."""
    below: dict[tuple[str, ...], list[DepartmentRow]] = {}
    for row in rows:
        below.setdefault(row.parent_path, []).append(row)
    known = {row.path for found in below.values() for row in found}
    leaves: list[Leaf] = []

    def walk(row: DepartmentRow, depth: int) -> None:
        leaves.append(Leaf(depth, row.name, row.kind, row.without_account or 0))
        for child in below.get(row.path, ()):
            walk(child, depth + 1)

    for parent, found in below.items():
        if parent not in known:
            for row in found:
                walk(row, 0)
    return leaves


@dataclass(frozen=True)
class Flight:
    """One staircase: its axis and the names of its steps, from the first."""

    axis: str
    names: list[str]


def flights(stages: Iterable[Stage], wished: Mapping[int, str]) -> list[Flight]:
    """Both staircases, with names as they are being typed."""
    names: dict[str, list[str]] = {axis: [] for axis in (Axis.TECHNOLOGY, Axis.CULTURE)}
    for stage in stages:
        names[stage.axis].append(wished.get(stage.pk, "").strip() or str(stage))
    return [Flight(str(Axis(axis).label), found) for axis, found in names.items()]
