"""The disclosure auditor over random organisations: what can be added up, and what could be."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from surveys.partition import Group, Node

#: Threshold and share of staff who answer, as in the table of the specification.
CASES = ((5, 0.6), (5, 0.8), (7, 0.6), (10, 0.6), (10, 0.8))
#: Bureaus and sections: a town, a city, a large one.
SIZES = ((6, 20), (12, 60), (35, 300))


@dataclass
class _Found:
    """Counts over the organisations of one case."""

    organisations: int = 0
    groups: int = 0
    recovered: int = 0
    ends: int = 0
    bureaus: int = 0
    leaking: int = 0
    seconds: list[float] = field(default_factory=list)


def run(*, quick: bool) -> None:
    """200 organisations of each size and case (quick: 20); no database is needed."""
    number = 20 if quick else 200
    print(f"Disclosure: {number} random organisations a row; sizes lognormal, median 12")
    print(f"{'sections':>8} {'k':>3} {'answer':>7} {'groups':>8} {'below k':>8} {'ends':>5}"
          f" {'without complement: bureaus that leak':>38}")  # fmt: skip
    for bureaus, sections in SIZES:
        for k, response in CASES:
            found = _case(number, bureaus, sections, k, response)
            share = found.leaking / found.bureaus
            print(
                f"{sections:>8} {k:>3} {response:>7.0%} {found.groups:>8} {found.recovered:>8}"
                f" {found.ends:>5} {found.leaking:>20} of {found.bureaus} ({share:.0%})"
                f"  {max(found.seconds):.2f} s at most",
                flush=True,
            )
            assert found.recovered == found.ends == 0


def _case(number: int, bureaus: int, sections: int, k: int, response: float) -> _Found:
    from surveys.partition import audit_groups, partition
    from tests.surveys.test_partition import city, primary_only

    found, rng = _Found(), random.Random(20260401 + k)
    for _ in range(number):
        nodes, counts = city(rng, response, bureaus=bureaus, sections=sections)
        started = time.perf_counter()
        groups = partition(nodes, counts, k)
        found.recovered += len(audit_groups(groups, counts, k))
        found.ends += _ends(rng, nodes, groups, counts, k)
        found.seconds.append(time.perf_counter() - started)
        found.groups += len(groups)
        broken = primary_only(nodes, counts, k)
        for bureau in range(1, bureaus + 1):
            own = {leaf for leaf in counts if leaf // 1000 == bureau}
            inside = [group for group in broken if set(group.members) <= own]
            found.leaking += bool(audit_groups(inside, counts, k))
            found.bureaus += 1
    return found


def _ends(
    rng: random.Random,
    nodes: Sequence[Node],
    groups: Sequence[Group],
    counts: dict[int, int],
    k: int,
) -> int:
    """Certain "nobody" or "everybody" in groups under 20, in one question of six answers."""
    from surveys.certainty import certain_ends
    from surveys.partition import Ballot, QuestionSpec, cell_span, tally

    question = QuestionSpec("q", tuple("abcde"))
    ballots = []
    for leaf, n in counts.items():
        weights = [rng.choice((0.05, 1, 4)) for _ in question.listed]
        ballots += [Ballot(leaf, {"q": o}) for o in rng.choices(question.listed, weights, k=n)]
    rows = tally(groups, ballots, [question], k)
    per_leaf = {leaf: [0] * len(question.listed) for leaf in counts}
    for leaf, answers in ballots:
        per_leaf[leaf][question.listed.index(question.chosen(answers)[0])] += 1
    exact = {
        group.key: [
            sum(column) for column in zip(*(per_leaf[at] for at in group.members), strict=True)
        ]
        for group in groups
    }
    spans = {
        row.group: [cell_span(cell, group, k) for cell in row.cells.values()]
        for row, group in zip(rows, groups, strict=True)
    }
    return len(certain_ends(groups, spans, exact)) if groups else 0
