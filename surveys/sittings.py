"""One ballot for several initiatives: who is asked which block, and where each block counts them.

A segment of a sitting is a place in the organisation together with the blocks that are put there,
so that what is counted with which block follows from the segment alone. Each block keeps a tree of
its own, as if it were asked by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from surveys.counting import Counted
from surveys.partition import Ballot, Group, audit_groups
from surveys.segments import (
    ROOT,
    Drawn,
    Leaf,
    OrgNode,
    Person,
    Placed,
    Unit,
    draw_leaves,
    place_of,
    section_of,
    without_account,
)

#: Somebody can be asked about so many initiatives at once: at most 12 taps each.
MAX_BLOCKS = 3
#: Between a question's own code and the number of its block.
SEPARATOR = "_"
#: A department's staff, or its head: what is asked together and counted against the limit.
AskGroup = tuple[int, bool]


@dataclass(frozen=True)
class Asked:
    """Whom one block asks: the units with all below them, without some groups."""

    units: frozenset[int]
    left_out: frozenset[AskGroup] = frozenset()

    def asks(self, units: Mapping[int, Unit], unit: int, *, is_head: bool) -> bool:
        """Whether staff (or heads) of that unit are asked."""
        if unit not in self.units:
            return False
        return (section_of(units, unit).id, is_head) not in self.left_out


@dataclass(frozen=True)
class BlockDraw:
    """One block's own organisation. `leaf_of`: segment of the sitting → segment of the block."""

    nodes: list[OrgNode]
    tickets: dict[str, int]
    leaf_of: dict[str, int]
    asked: int


@dataclass(frozen=True)
class SittingDraw:
    """Who is asked, and per segment which blocks (numbered from 1)."""

    nodes: list[OrgNode]
    placed: list[Placed]
    tickets: dict[str, int]
    blocks: list[BlockDraw]
    asks: dict[str, list[int]]


Part = tuple[Leaf, tuple[int, ...]]


def draw_sitting(
    units: Mapping[int, Unit], people: Iterable[Person], blocks: Sequence[Asked]
) -> SittingDraw:
    """The tree of the sitting and of each of its blocks; nobody is placed whom no block asks."""
    people = list(people)

    def blocks_of(unit: int, *, is_head: bool) -> tuple[int, ...]:
        return tuple(
            number
            for number, block in enumerate(blocks, start=1)
            if block.asks(units, unit, is_head=is_head)
        )

    together = [p for p in people if blocks_of(p.unit, is_head=p.is_head)]
    all_units = _with_tickets(units, lambda unit: bool(blocks_of(unit, is_head=False)))
    whole = draw_leaves(all_units, together)
    parts: dict[Part, list[Person]] = {}
    for person in together:
        leaf = place_of(units, section_of(units, person.unit), is_head=person.is_head)
        part = (leaf, blocks_of(person.unit, is_head=person.is_head))
        parts.setdefault(part, []).append(person)
    tickets: Counter[Part] = Counter()
    for unit in all_units.values():
        if unit.without_account:
            leaf = place_of(units, section_of(units, unit.id))
            tickets[leaf, blocks_of(unit.id, is_head=False)] += unit.without_account
    nodes, segments = _split(whole, [*parts, *(part for part in tickets if part not in parts)])
    own = [_own(units, people, block) for block in blocks]
    return SittingDraw(
        nodes=nodes,
        placed=[
            Placed(p.id, segments[part], section_of(units, p.unit).id, p.is_head)
            for part, members in parts.items()
            for p in members
        ],
        tickets={str(segments[part]): n for part, n in tickets.items()},
        blocks=[
            BlockDraw(
                nodes=drawn.nodes,
                tickets=drawn_tickets,
                leaf_of={
                    str(segment): drawn.keys[leaf]
                    for (leaf, numbers), segment in segments.items()
                    if number in numbers
                },
                asked=len(drawn.placed),
            )
            for number, (drawn, drawn_tickets) in enumerate(own, start=1)
        ],
        asks={str(segment): list(numbers) for (_leaf, numbers), segment in segments.items()},
    )


def _with_tickets(units: Mapping[int, Unit], asked: Any) -> dict[int, Unit]:
    """The units, with staff without an account only where they are asked."""
    return {
        pk: unit if not unit.without_account or asked(pk) else replace(unit, without_account=0)
        for pk, unit in units.items()
    }


def _own(
    units: Mapping[int, Unit], people: Iterable[Person], block: Asked
) -> tuple[Drawn, dict[str, int]]:
    """One block as if it were asked by itself."""
    mine = _with_tickets(units, lambda unit: block.asks(units, unit, is_head=False))
    drawn = draw_leaves(mine, [p for p in people if block.asks(units, p.unit, is_head=p.is_head)])
    return drawn, without_account(mine, drawn.nodes)


def _split(whole: Drawn, parts: Sequence[Part]) -> tuple[list[OrgNode], dict[Part, int]]:
    """A place where not everybody is asked the same becomes several segments of its name."""
    nodes = list(whole.nodes)
    by_key = {node["key"]: node for node in nodes}
    at: dict[Leaf, list[Part]] = {}
    for part in sorted(parts, key=lambda part: part[1]):
        at.setdefault(part[0], []).append(part)
    segments: dict[Part, int] = {}
    for leaf, found in at.items():
        key = whole.keys[leaf]
        if len(found) == 1:
            segments[found[0]] = key
            continue
        for part in found:
            segments[part] = len(nodes)
            nodes.append({**by_key[key], "key": len(nodes), "parent": key})
    return nodes, segments


def groups_of(
    nodes: Iterable[OrgNode], placed: Iterable[Placed], tickets: Iterable[str]
) -> set[AskGroup]:
    """Whose staff or head is asked, those with tickets among them."""
    by_key = {node["key"]: node for node in nodes}
    found = {(place.department, place.is_head) for place in placed}
    for segment in tickets:
        node: OrgNode | None = by_key[int(segment)]
        while node is not None and node["department"] is None:
            node = None if node["parent"] is None else by_key[node["parent"]]
        if node is not None and node["department"] is not None:
            found.add((node["department"], False))
    return found


# Questions ---------------------------------------------------------------------------------------
def coded(code: str, number: int) -> str:
    """The code of a block's question in the sitting."""
    return f"{code}{SEPARATOR}{number}"


def joined(definition: Mapping[str, Any], blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The questions of all blocks, one block after the other; what a block is about beside them."""
    questions = [
        {
            **question,
            "code": coded(question["code"], number),
            "block": number,
            "ask_if": _conditions(question["ask_if"], number),
        }
        for number, _block in enumerate(blocks, start=1)
        for question in definition["questions"]
    ]
    return {**definition, "questions": questions, "crosses": [], "blocks": list(blocks)}


def _conditions(conditions: Sequence[Mapping[str, Any]] | None, number: int) -> Any:
    if conditions is None:
        return None
    return [{**c, "question": coded(c["question"], number)} for c in conditions]


def part_of(
    definition: Mapping[str, Any], org: Mapping[str, Any], segment: int | None
) -> Mapping[str, Any]:
    """The questions that are put to a segment; the whole definition where all get the same."""
    numbers = org.get("asks", {}).get(str(segment))
    if numbers is None:
        return definition
    return {
        **definition,
        "minutes": definition["minutes"] * len(numbers),
        "questions": [q for q in definition["questions"] if q["block"] in numbers],
    }


def about(definition: Mapping[str, Any], question: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a question of a follow-up is about: the title, and why it was brought in."""
    blocks = definition.get("blocks") or []
    number = question.get("block", 1)
    return blocks[number - 1] if 0 < number <= len(blocks) else None


def subjects(definition: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What the questions are about, each once, in order."""
    found: list[Mapping[str, Any]] = []
    for question in definition.get("questions", ()):
        subject = about(definition, question)
        if subject is not None and subject not in found:
            found.append(subject)
    return found


# Counting ----------------------------------------------------------------------------------------
def ballots_of(ballots: Iterable[Ballot], number: int, leaf_of: Mapping[str, int]) -> list[Ballot]:
    """The ballots as one block sees them: its own segments, its own answers, its own codes."""
    ending = coded("", number)
    return [
        Ballot(
            leaf_of[str(ballot.leaf)],
            {
                code.removesuffix(ending): given
                for code, given in ballot.answers.items()
                if code.endswith(ending)
            },
        )
        for ballot in ballots
        if str(ballot.leaf) in leaf_of
    ]


@dataclass(frozen=True)
class Told:
    """What may be told of a sitting: how far each block is shown, and whether all is counted."""

    blocks: list[Counted]
    total: bool


def safe_together(
    blocks: Sequence[Counted],
    leaves: Sequence[Mapping[str, int]],
    per_segment: Mapping[int, int],
    k: int,
) -> Told:
    """Blocks of one sitting have answers of the same people: their groups are audited together.

    The number of all who answered, then the parts of the smallest blocks, then whole blocks are
    left out until no set of 1 to k-1 people can be worked out of all that is left.
    """
    left = list(blocks)
    total = True
    by_size = sorted(range(len(left)), key=lambda i: (_n(left[i]), i))
    steps: list[tuple[int, bool]] = [(i, False) for i in by_size] + [(i, True) for i in by_size]
    while audit_groups(_known(left, leaves, per_segment, total), per_segment, k):
        if total:
            total = False
            continue
        place, whole = steps.pop(0)
        left[place] = Counted() if whole else _top_only(left[place])
    return Told(left, total)


def _n(counted: Counted) -> int:
    return counted.groups[0].n if counted.groups else 0


def _top_only(counted: Counted) -> Counted:
    """All who answered the block, without its parts."""
    top = {group.key for group in counted.groups[:1]}
    return Counted(
        groups=counted.groups[:1],
        rows=[row for row in counted.rows if row.group in top],
        crosses=counted.crosses,
        voices=[voice._replace(bureau="") for voice in counted.voices],
    )


def _known(
    blocks: Sequence[Counted],
    leaves: Sequence[Mapping[str, int]],
    per_segment: Mapping[int, int],
    total: bool,
) -> list[Group]:
    """Every published group of every block, over the segments of the sitting."""
    known = []
    for counted, leaf_of in zip(blocks, leaves, strict=True):
        for group in counted.groups:
            inside: Set[int] = set(group.members)
            members = tuple(sorted(int(s) for s, leaf in leaf_of.items() if leaf in inside))
            known.append(replace(group, members=members))
    if total and known:
        everybody = tuple(sorted(per_segment))
        known.append(Group("sitting", None, "all", ROOT, everybody, sum(per_segment.values())))
    return known
