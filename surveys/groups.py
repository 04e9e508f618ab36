"""Which groups of people may be published at all: the partition, and the proof that it holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Row = dict[int, Fraction]

ALL = "all"
SEARCH_BUDGET = 50_000
"""Partial sums the auditor may look at; beyond it the set is reported as not proved."""


@dataclass(frozen=True)
class Node:
    """One place in the organisation. Nodes without children are segments (counted); one root."""

    key: int
    parent: int | None
    label: str


@dataclass(frozen=True)
class Group:
    """A published set of respondents; `members` are leaf keys, sorted, those without answers too.

    `node` is the node that it shows, None for a merged group. A group's children, if it has any,
    divide it completely.
    """

    key: str
    parent: str | None
    level: Literal["all", "node", "merged"]
    node: int | None
    members: tuple[int, ...]
    n: int


class _Tree:
    """Children, leaves and totals of every node."""

    def __init__(self, nodes: Sequence[Node], counts: Mapping[int, int]) -> None:
        self.children: dict[int, list[int]] = defaultdict(list)
        roots = [node.key for node in nodes if node.parent is None]
        if len(roots) != 1 or len({node.key for node in nodes}) != len(nodes):
            raise ValueError("An organisation has one root, and every node its own key.")
        self.root = roots[0]
        for node in nodes:
            if node.parent is not None:
                self.children[node.parent].append(node.key)
        self.leaves: dict[int, tuple[int, ...]] = {}
        self.total: dict[int, int] = {}
        order = [self.root]
        for key in order:
            order.extend(self.children.get(key, ()))
        if len(order) != len(nodes):
            raise ValueError("Every node must hang below the root.")
        for key in reversed(order):
            below = self.children.get(key)
            self.leaves[key] = (
                tuple(sorted(leaf for child in below for leaf in self.leaves[child]))
                if below
                else (key,)
            )
            self.total[key] = sum(self.total[c] for c in below) if below else counts.get(key, 0)


def partition(nodes: Sequence[Node], counts: Mapping[int, int], k: int) -> tuple[Group, ...]:
    """Return the published groups, parents before children; () when all staff are fewer than k.

    Under each published node the children with n < k are hidden. While they are fewer than k
    together, or only one, the smallest visible sibling joins them (ties: the lower key). What is
    hidden becomes one merged group, which is not divided further; if no sibling stays visible,
    only the parent is published. Children with n = 0 are hidden too, beyond the source (0 < n):
    otherwise parent minus siblings = 0 tells that a section of one did not answer.
    Source: survey-anonymity, Suppression 1-3. Cost: about the number of nodes.
    """
    tree = _Tree(nodes, counts)
    if tree.total[tree.root] < k:
        return ()
    everyone = tree.leaves[tree.root]
    groups = [Group(ALL, None, "all", tree.root, everyone, tree.total[tree.root])]
    for group in groups:  # grows while it is walked
        if group.node is not None:
            groups.extend(_divide(tree, group, group.node, k))
    return tuple(groups)


def _divide(tree: _Tree, parent: Group, node: int, k: int) -> Iterable[Group]:
    children = sorted(tree.children.get(node, ()), key=lambda c: (tree.total[c], c))
    hidden = [c for c in children if tree.total[c] < k]
    visible = [c for c in children if tree.total[c] >= k]
    while hidden and visible and (sum(tree.total[c] for c in hidden) < k or len(hidden) < 2):
        hidden.append(visible.pop(0))
    if not visible:
        return
    for child in sorted(visible):
        yield Group(f"n{child}", parent.key, "node", child, tree.leaves[child], tree.total[child])
    if hidden:
        members = tuple(sorted(leaf for c in hidden for leaf in tree.leaves[c]))
        n = sum(tree.total[c] for c in hidden)
        yield Group(f"m{node}", parent.key, "merged", None, members, n)


def children_of(groups: Iterable[Group]) -> dict[str, list[Group]]:
    """The groups below each group, by its key."""
    below: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        if group.parent is not None:
            below[group.parent].append(group)
    return below


def asked_publishable(asked: Mapping[str, int], n: Mapping[str, int], k: int) -> bool:
    """Whether a question not asked of everybody may be tallied below all staff (rule 7).

    In every published group those asked, and those not asked, must each be nobody or at least k.
    """
    return all(
        part == 0 or part >= k
        for key, total in n.items()
        for part in (asked.get(key, 0), total - asked.get(key, 0))
    )


def audit_groups(groups: Iterable[Group], leaf_counts: Mapping[int, int], k: int) -> list[str]:
    """Return a sentence for each set of 1 to k-1 respondents that published groups determine.

    The attacker knows every figure of every group and who belongs where, so knows the figure of
    each linear combination of groups. A combination that is a set is a 0/1 vector over leaves.
    Leaves in the same groups are never told apart and form one atom; atoms without respondents
    drop out (this only helps the attacker). A set of fewer than k touches small atoms only, so
    exact elimination, big atoms first, leaves the part of the row space that can hold such a set.
    In its reduced basis a 0/1 vector is a plain sum of basis rows: those are searched, and a
    search that is cut short is reported too. The groups need not form a tree.
    """
    sets = {group.members for group in groups}
    member_of: dict[int, list[int]] = defaultdict(list)
    for index, members in enumerate(sorted(sets, key=lambda m: (len(m), m))):
        for leaf in members:
            if leaf_counts.get(leaf, 0) > 0:
                member_of[leaf].append(index)
    atoms: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for leaf, where in member_of.items():
        atoms[tuple(where)].append(leaf)
    ordered = sorted(atoms.items(), key=lambda atom: atom[1])
    size = [sum(leaf_counts[leaf] for leaf in leaves) for _where, leaves in ordered]
    rows: dict[int, Row] = defaultdict(dict)
    for column, (signature, _leaves) in enumerate(ordered):
        for index in signature:
            rows[index][column] = Fraction(1)
    small = [column for column, n in enumerate(size) if n < k]
    if not small:
        return []
    basis = _small_part([rows[i] for i in sorted(rows)], size, k)
    names = [min(leaves) for _where, leaves in ordered]
    return _small_sets(basis, size, names, k)


def _small_part(rows: Iterable[Row], size: Sequence[int], k: int) -> list[Row]:
    """Reduced basis of the combinations of rows that touch atoms below k only."""

    def rank(column: int) -> tuple[bool, int]:
        return (size[column] < k, column)

    pivots: dict[int, Row] = {}
    for row in rows:
        rest = dict(row)
        while rest:
            lead = min(rest, key=rank)
            if lead not in pivots:
                factor = rest[lead]
                pivots[lead] = {column: value / factor for column, value in rest.items()}
                break
            _subtract(rest, pivots[lead], rest[lead])
    kept = {lead: row for lead, row in pivots.items() if size[lead] < k}
    for lead in sorted(kept, reverse=True):
        for column in [c for c in kept[lead] if c != lead and c in kept]:
            _subtract(kept[lead], kept[column], kept[lead][column])
    return [kept[lead] for lead in sorted(kept)]


def _subtract(row: Row, other: Row, factor: Fraction) -> None:
    for column, value in other.items():
        left = row.get(column, Fraction(0)) - factor * value
        if left:
            row[column] = left
        else:
            row.pop(column, None)


def _small_sets(basis: list[Row], size: Sequence[int], names: Sequence[int], k: int) -> list[str]:
    """Sums of basis rows that are sets of 1 to k-1 people."""
    touching: dict[int, list[int]] = defaultdict(list)
    for index, row in enumerate(basis):
        for column in row:
            touching[column].append(index)
    weight = [size[min(row)] for row in basis]
    findings: list[str] = []
    budget = SEARCH_BUDGET
    for start, first in enumerate(basis):
        stack: list[tuple[tuple[int, ...], Row]] = [((start,), first)]
        seen: set[tuple[int, ...]] = set()
        while stack:
            budget -= 1
            if budget < 0:
                return [*findings, "The groups overlap too much to prove that no small set leaks."]
            used, total = stack.pop()
            open_rows = _next_rows(total, size, touching, basis, k)
            if open_rows is None:
                n = sum(size[column] for column in total)
                leaves = ", ".join(str(names[column]) for column in sorted(total))
                findings.append(f"A set of {n} people can be derived: segments {leaves}.")
                break
            for index in open_rows:
                chosen = tuple(sorted({*used, index}))
                if index in used or chosen in seen or sum(weight[i] for i in chosen) >= k:
                    continue
                seen.add(chosen)
                more = dict(total)
                _subtract(more, basis[index], Fraction(-1))
                stack.append((chosen, more))
    return findings


def _next_rows(
    total: Row,
    size: Sequence[int],
    touching: Mapping[int, list[int]],
    basis: Sequence[Row],
    k: int,
) -> list[int] | None:
    """The basis rows that could turn this sum into a small set; None if it is one already.

    An entry that is neither 0 nor 1 must be repaired by a row that touches it; a set that is too
    large can only shrink by rows with a negative entry in it.
    """
    wrong = next((column for column in sorted(total) if total[column] != 1), None)
    if wrong is not None:
        return touching[wrong]
    if sum(size[column] for column in total) < k:
        return None
    return [i for column in sorted(total) for i in touching[column] if basis[i][column] < 0]
