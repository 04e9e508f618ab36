"""Where each answer is counted: the organisation as of opening, drawn as a tree of segments."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict

Kind = Literal["all", "bureau", "section", "heads"]
ROOT = 0

#: Labels are kept with the wave, as the organisation's own names are.
ALL_STAFF = "全職員"
HEADS = "所属長"
HEADS_OF = "{} 所属長"
DIRECT = "{}（課に属さない職員）"


#: What tells a leaf: its bureau, its kind, and its section unless it is a bureau's heads.
Leaf = tuple[int | None, Kind, int | None]


class OrgNode(TypedDict):
    """One node of a wave's frozen organisation; nodes without children are segments."""

    key: int
    parent: int | None
    label: str
    department: int | None
    kind: Kind


@dataclass(frozen=True)
class Unit:
    """A department: `team` units are counted with the section above them.

    `without_account`: so many of its staff answer with a ticket.
    """

    id: int
    parent: int | None
    bureau: int | None
    name: str
    is_bureau: bool = False
    is_team: bool = False
    without_account: int = 0


@dataclass(frozen=True)
class Person:
    """Somebody who may answer."""

    id: int
    unit: int
    is_head: bool = False


@dataclass(frozen=True)
class Placed:
    """Where one person's answer is counted, and for which department they were asked."""

    person: int
    segment: int
    department: int
    is_head: bool


def section_of(units: Mapping[int, Unit], unit_id: int) -> Unit:
    """The unit itself, or for a team the first unit above it that is none."""
    unit = units[unit_id]
    while unit.is_team and unit.parent is not None and unit.parent in units:
        unit = units[unit.parent]
    return unit


@dataclass(frozen=True)
class Drawn:
    """A tree, each person's place in it, and the segment of each kind of place."""

    nodes: list[OrgNode]
    placed: list[Placed]
    keys: dict[Leaf, int]


def draw(units: Mapping[int, Unit], people: Iterable[Person]) -> tuple[list[OrgNode], list[Placed]]:
    """The tree of those places where somebody may answer, and each person's place in it."""
    drawn = draw_leaves(units, people)
    return drawn.nodes, drawn.placed


def draw_leaves(units: Mapping[int, Unit], people: Iterable[Person]) -> Drawn:
    """As `draw`, with the key of every place.

    A section whose staff have no account at all is such a place too, though nobody is placed in it.

    Heads are counted in one group per bureau, not in their section, so that nobody can take the
    own answer out of a section's (survey-anonymity, Suppression 1). Order of `units` is kept.
    """
    leaves: dict[Leaf, list[tuple[Person, int]]] = defaultdict(list)
    for unit in units.values():
        if unit.without_account:
            leaves[place_of(units, section_of(units, unit.id))] = []
    for person in people:
        section = section_of(units, person.unit)
        leaves[place_of(units, section, is_head=person.is_head)].append((person, section.id))
    nodes: list[OrgNode] = [
        OrgNode(key=ROOT, parent=None, label=ALL_STAFF, department=None, kind="all")
    ]
    placed: list[Placed] = []
    bureaus: dict[int, int] = {}
    keys: dict[Leaf, int] = {}
    for leaf in _in_order(units, leaves):
        bureau = leaf[0]
        if bureau is not None and bureau not in bureaus:
            bureaus[bureau] = len(nodes)
            nodes.append(_bureau(len(nodes), units[bureau]))
        key = len(nodes)
        parent = ROOT if bureau is None else bureaus[bureau]
        nodes.append(_leaf(key, parent, leaf, units))
        keys[leaf] = key
        placed += [Placed(p.id, key, department, p.is_head) for p, department in leaves[leaf]]
    return Drawn(nodes, placed, keys)


def _in_order(units: Mapping[int, Unit], leaves: Iterable[Leaf]) -> list[Leaf]:
    """Bureau by bureau as in the organisation, its heads last."""
    rank = {unit_id: number for number, unit_id in enumerate(units)}
    return sorted(
        leaves,
        key=lambda leaf: (
            rank.get(leaf[0] if leaf[0] is not None else (leaf[2] or -1), len(rank)),
            leaf[1] == "heads",
            rank.get(leaf[2] or -1, -1),
        ),
    )


def without_account(units: Mapping[int, Unit], nodes: Iterable[OrgNode]) -> dict[str, int]:
    """Segment (as text, for JSON) → how many of its staff answer with a ticket."""
    nodes = list(nodes)
    department = {node["key"]: node["department"] for node in nodes}
    sections = {  # those directly below a bureau bear the bureau's department
        department[node["key"]] or department[node["parent"] or ROOT]: node["key"]
        for node in nodes
        if node["kind"] == "section"
    }
    counts: dict[str, int] = defaultdict(int)
    for unit in units.values():
        if unit.without_account:
            _bureau_id, _kind, section = place_of(units, section_of(units, unit.id))
            counts[str(sections[section])] += unit.without_account
    return dict(counts)


def place_of(units: Mapping[int, Unit], section: Unit, *, is_head: bool = False) -> Leaf:
    """Where somebody of this section is counted."""
    bureau = section.id if section.is_bureau else section.bureau
    bureau = bureau if bureau in units else None
    return (bureau, "heads", None) if is_head else (bureau, "section", section.id)


def _bureau(key: int, unit: Unit) -> OrgNode:
    return OrgNode(key=key, parent=ROOT, label=unit.name, department=unit.id, kind="bureau")


def _leaf(
    key: int,
    parent: int,
    leaf: Leaf,
    units: Mapping[int, Unit],
) -> OrgNode:
    bureau, kind, section = leaf
    department = None
    if kind == "heads":
        label = HEADS if bureau is None else HEADS_OF.format(units[bureau].name)
    elif section is not None and section != bureau:
        label, department = units[section].name, section
    else:
        label = DIRECT.format(units[bureau].name if bureau is not None else ALL_STAFF)
    return OrgNode(key=key, parent=parent, label=label, department=department, kind=kind)
