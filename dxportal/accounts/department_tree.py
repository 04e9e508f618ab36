"""The organisation as a tree in memory: what is there, what a file makes of it. No database."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from django.utils.translation import gettext as _

from .choices import DepartmentKind

Path = tuple[str, ...]

CODE_LENGTH = 60
#: What the preview and the audit trail call a department's columns.
FACTS = ("code", "name", "parent", "kind", "stands", "without_account", "valid_from", "valid_to")


@dataclass(eq=False)
class Node:
    """One department as it will be; ``before`` holds its facts as they are, None for a new one.

    ``valid_to`` is the first day on which it is gone.
    """

    code: str
    name: str
    kind: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    parent: Node | None = None
    pk: int | None = None
    stands: bool = False
    without_account: int = 0
    order: int = 0
    row: int = 0
    bureau: Node | None = None
    children: list[Node] = field(default_factory=list)
    predecessors: list[Node] = field(default_factory=list)
    before: dict[str, object] | None = None

    @property
    def path(self) -> Path:
        """Names from the top."""
        return (*self.parent.path, self.name) if self.parent else (self.name,)

    @property
    def depth(self) -> int:
        """How many stand above it."""
        return self.parent.depth + 1 if self.parent else 0

    def facts(self) -> dict[str, object]:
        """What is compared and kept in the audit trail."""
        return {
            "code": self.code,
            "name": self.name,
            "parent": self.parent.name if self.parent else None,
            "kind": str(self.kind),
            "stands": self.stands,
            "without_account": self.without_account,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
        }

    def is_open_on(self, day: dt.date) -> bool:
        """Whether it has not ended by that day; one that has not begun yet is open."""
        return self.valid_to is None or self.valid_to > day

    def changed(self) -> list[str]:
        """Names of the facts that differ from before."""
        before = self.before or {}
        return [name for name, value in self.facts().items() if before.get(name) != value]

    def below(self) -> Iterator[Node]:
        """Everything below it."""
        waiting = list(self.children)
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(node.children)

    def above(self) -> Iterator[Node]:
        """Everything above it, the nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


class Placed(Protocol):
    """A department with what stands above it."""

    pk: int
    name: str
    parent_id: int | None


def told_apart(departments: Iterable[Placed]) -> dict[int, str]:
    """pk → name, with what stands above it where the name exists more than once: 総務課（総務部）.

    Climbs as far as it must: 庶務係 of 総務課 in two bureaus are told apart by the bureaus.
    """
    known = {one.pk: one for one in departments}
    labels = {pk: one.name for pk, one in known.items()}
    above = {pk: known.get(one.parent_id or 0) for pk, one in known.items()}
    for _climb in known:
        counts = Counter(labels.values())
        unclear = {pk: up for pk, up in above.items() if up and counts[labels[pk]] > 1}
        if not unclear:
            break
        for pk, up in unclear.items():
            labels[pk] = _("%(name)s (%(place)s)") % {"name": known[pk].name, "place": up.name}
            above[pk] = known.get(up.parent_id or 0)
    return labels


def derived_code(path: Path) -> str:
    """The code of a department whose file gives none: its path, always the same."""
    text = "/".join(path)
    if len(text) <= CODE_LENGTH:
        return text
    return f"{text[: CODE_LENGTH - 9]}~{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def bureau_of(node: Node) -> Node | None:
    """The nearest bureau above; none for a bureau."""
    if node.kind == DepartmentKind.BUREAU:
        return None
    return next((above for above in node.above() if above.kind == DepartmentKind.BUREAU), None)


def stands(node: Node, day: dt.date) -> bool:
    """Sections stand on the staircases; so do bureaus and teams that have no section to stand."""
    if node.kind == DepartmentKind.SECTION:
        return True
    if node.kind == DepartmentKind.TEAM:
        return node.parent is None
    return not any(
        below.kind != DepartmentKind.TEAM and below.is_open_on(day) for below in node.below()
    )


class Tree:
    """Departments by code and by path."""

    def __init__(self) -> None:
        """Start empty."""
        self.nodes: list[Node] = []
        self.by_code: dict[str, Node] = {}
        self.by_path: dict[Path, list[Node]] = {}
        self.by_name: dict[str, list[Node]] = {}
        self.successions: set[tuple[int | None, int | None]] = set()

    def add(self, node: Node) -> Node:
        """Put a node into its place below its parent."""
        self.nodes.append(node)
        self.by_code.setdefault(node.code, node)
        self.by_path.setdefault(node.path, []).append(node)
        self.by_name.setdefault(node.name, []).append(node)
        if node.parent:
            node.parent.children.append(node)
        return node

    def move(self, node: Node, parent: Node | None) -> None:
        """Hang a node below another one."""
        if node.parent is parent:
            return
        if node.parent:
            node.parent.children.remove(node)
        node.parent = parent
        if parent:
            parent.children.append(node)

    def at(self, path: Path, day: dt.date) -> Node | None:
        """The department of that path: one that is open on the day before one that ended."""
        found = self.by_path.get(path, [])
        return next((node for node in found if node.is_open_on(day)), found[-1] if found else None)
