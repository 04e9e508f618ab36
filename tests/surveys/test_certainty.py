"""The exact check: it agrees with trying every outcome, and sees what intervals do not."""

import random
from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.certainty import certain_ends
from surveys.partition import ALL, Group, QuestionSpec, cell_span, partition, tally
from surveys.shares import SMALL, Span, Spans
from surveys.tallies import _Sheet
from tests.surveys.test_partition import flat
from tests.surveys.test_tallies import ballots_of, splits

Counts = dict[str, list[int]]
#: Two undivided bureaus, one with two sections: small enough to try everything.
GROUPS = (
    Group(ALL, None, "all", 0, (1, 2, 3), 6),
    Group("n1", ALL, "node", 1, (1, 2), 4),
    Group("n11", "n1", "node", 11, (1,), 2),
    Group("n12", "n1", "node", 12, (2,), 2),
    Group("n3", ALL, "node", 3, (3,), 2),
)
LEAVES = ("n11", "n12", "n3")


def _outcomes() -> Iterator[Counts]:
    """Every way in which the six could answer three options."""
    for one, two, three in product(list(splits(2, 3)), repeat=3):
        first = [a + b for a, b in zip(one, two, strict=True)]
        top = [a + b for a, b in zip(first, three, strict=True)]
        yield {ALL: top, "n1": first, "n11": [*one], "n12": [*two], "n3": [*three]}


OUTCOMES = list(_outcomes())


def _fits(counts: Counts, spans: dict[str, Sequence[Span]]) -> bool:
    return all(
        low <= count <= high
        for key, row in counts.items()
        for count, (low, high) in zip(row, spans[key], strict=True)
    )


@given(st.sampled_from(OUTCOMES), st.randoms(use_true_random=False))
def test_it_agrees_with_trying_every_outcome(truth: Counts, rng: random.Random) -> None:
    n = {group.key: group.n for group in GROUPS}
    spans = {
        key: [(max(0, c - rng.randint(0, 2)), min(n[key], c + rng.randint(0, 2))) for c in row]
        for key, row in truth.items()
    }
    fitting = [counts for counts in OUTCOMES if _fits(counts, spans)]
    tried = {
        (key, at)
        for key in truth
        for at in range(3)
        if {counts[key][at] for counts in fitting} in ({0}, {n[key]})
    }
    assert set(certain_ends(GROUPS, spans, truth)) == tried
    assert set(certain_ends(GROUPS, spans, rng.choice(fitting))) == tried, "any that fits will do"


def test_people_of_large_groups_may_all_agree() -> None:
    top = Group(ALL, None, "all", 0, (1,), SMALL)
    spans = {ALL: [(SMALL, SMALL), (0, 0)]}
    assert certain_ends([top], spans, {ALL: [SMALL, 0]}) == []
    small = Group(ALL, None, "all", 0, (1,), 9)
    assert certain_ends([small], {ALL: [(9, 9), (0, 0)]}, {ALL: [9, 0]}) == [(ALL, 0), (ALL, 1)]


def _towns(number: int) -> Iterator[tuple[list[Group], list[object], QuestionSpec]]:
    rng = random.Random(20260401)
    question = QuestionSpec("q", ("a", "b", "c", "d", "e"))
    for _ in range(number):
        sizes = [rng.randint(5, 18) for _ in range(rng.randint(2, 4))]
        groups = partition(*flat(*sizes), 5)
        liked = [rng.choice((0.1, 1, 5)) for _ in range(6)]
        table = {}
        for leaf, n in enumerate(sizes, start=1):
            weights = [weight + rng.choice((0, 0, 1)) for weight in liked]
            drawn = rng.choices(range(6), weights, k=n)
            table[leaf] = tuple(drawn.count(at) for at in range(6))
        yield list(groups), list(ballots_of(table, question)), question


@pytest.mark.parametrize("exact", [True, False], ids=["as it is", "control: intervals alone"])
def test_what_is_stored_leaves_no_end_certain(exact: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not exact:
        monkeypatch.setattr(_Sheet, "_certain", lambda sheet, spans: [])
    found = 0
    for groups, ballots, question in _towns(1500):
        rows = tally(groups, ballots, [question], 5)  # type: ignore[arg-type]
        spans = {
            row.group: [cell_span(cell, group, 5) for cell in row.cells.values()]
            for row, group in zip(rows, groups, strict=True)
        }
        counts = {
            group.key: [
                sum(
                    option in question.chosen(ballot.answers)  # type: ignore[attr-defined]
                    for ballot in ballots
                    if ballot.leaf in group.members  # type: ignore[attr-defined]
                )
                for option in question.listed
            ]
            for group in groups
        }
        found += bool(certain_ends(groups, spans, counts))
    assert (found == 0) == exact


def test_rows_that_contradict_each_other_are_refused() -> None:
    """Their intervals would turn over and be narrowed for ever."""
    groups = partition(*flat(8, 9), 5)
    question = QuestionSpec("q", ("a", "b"))
    rows = tally(groups, ballots_of({1: (8, 0, 0), 2: (9, 0, 0)}, question), [question], 5)
    other = tally(groups, ballots_of({1: (0, 8, 0), 2: (0, 9, 0)}, question), [question], 5)
    cells = {row.group: row.cells for row in rows} | {ALL: other[0].cells}
    with pytest.raises(ValueError, match="contradict"):
        Spans(groups, cells, question.listed, multiple=False, k=5)
