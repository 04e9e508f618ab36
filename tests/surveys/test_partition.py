"""The published groups: suppression, and the auditor that must find every way around it."""

import math
import random
import time
from collections.abc import Mapping, Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.partition import (
    Group,
    Node,
    asked_publishable,
    audit_groups,
    children_of,
    partition,
)

Organisation = tuple[list[Node], dict[int, int]]


@st.composite
def organisations(draw: st.DrawFn) -> Organisation:
    """Any tree, and any number of respondents in its segments."""
    parents = draw(st.lists(st.integers(0, 40), max_size=40))
    nodes = [Node(0, None, "all")]
    for key, wish in enumerate(parents, start=1):
        nodes.append(Node(key, wish % key, f"n{key}"))
    inner = {node.parent for node in nodes}
    leaves = [node.key for node in nodes if node.key not in inner]
    counts = {leaf: draw(st.integers(0, 14)) for leaf in leaves}
    return nodes, counts


def flat(*counts: int) -> Organisation:
    """One bureau under all staff, with these segments."""
    nodes = [Node(0, None, "all"), *(Node(i, 0, "") for i in range(1, len(counts) + 1))]
    return nodes, dict(enumerate(counts, start=1))


def shape(groups: Sequence[Group]) -> dict[str, tuple[tuple[int, ...], int]]:
    return {group.key: (group.members, group.n) for group in groups}


def primary_only(nodes: Sequence[Node], counts: Mapping[int, int], k: int) -> list[Group]:
    """The broken variant: hide what is below k, and nothing to complement it."""
    groups = partition(nodes, {leaf: max(n, k) for leaf, n in counts.items()}, k)
    exact = [
        Group(g.key, g.parent, g.level, g.node, g.members, sum(counts[m] for m in g.members))
        for g in groups
    ]
    return [group for group in exact if group.n >= k]


@given(organisations(), st.integers(5, 12))
def test_no_combination_gives_a_group_below_k(organisation: Organisation, k: int) -> None:
    nodes, counts = organisation
    groups = partition(nodes, counts, k)
    assert audit_groups(groups, counts, k) == []
    assert all(group.n >= k for group in groups)
    assert bool(groups) == (sum(counts.values()) >= k)


@given(organisations(), st.integers(5, 12))
def test_every_voice_is_in_one_group_per_level(organisation: Organisation, k: int) -> None:
    nodes, counts = organisation
    groups = partition(nodes, counts, k)
    by_key = {group.key: group for group in groups}
    assert len(by_key) == len(groups)
    for group in groups:
        assert group.n == sum(counts[leaf] for leaf in group.members)
        assert list(group.members) == sorted(set(group.members))
    for key, children in children_of(groups).items():
        assert by_key[key].level != "merged"
        spread = [leaf for child in children for leaf in child.members if counts[leaf]]
        assert sorted(spread) == [leaf for leaf in by_key[key].members if counts[leaf]]
        assert len(set(spread)) == len(spread)


@given(organisations(), st.integers(5, 12), st.randoms(use_true_random=False))
def test_partition_ignores_the_order_of_nodes(
    organisation: Organisation, k: int, order: random.Random
) -> None:
    nodes, counts = organisation
    mixed = list(nodes)
    order.shuffle(mixed)
    assert set(partition(mixed, counts, k)) == set(partition(nodes, counts, k))


def test_one_small_section_takes_the_smallest_sibling_with_it() -> None:
    groups = shape(partition(*flat(3, 9, 7, 12), k=5))
    assert groups == {
        "all": ((1, 2, 3, 4), 31),
        "n2": ((2,), 9),
        "n4": ((4,), 12),
        "m0": ((1, 3), 10),
    }


def test_two_small_sections_suffice_when_they_reach_k() -> None:
    assert shape(partition(*flat(3, 2, 7), k=5))["m0"] == ((1, 2), 5)


def test_two_small_sections_take_a_sibling_when_they_do_not() -> None:
    groups = shape(partition(*flat(2, 2, 7, 9), k=5))
    assert groups["m0"] == ((1, 2, 3), 11)


def test_only_the_parent_stays_when_no_sibling_does() -> None:
    assert list(shape(partition(*flat(2, 9), k=5))) == ["all"]


def test_nothing_is_published_when_all_are_fewer_than_k() -> None:
    assert partition(*flat(2, 2), k=5) == ()


def test_sections_without_answers_ride_in_the_merged_group() -> None:
    assert shape(partition(*flat(0, 2, 3, 9), k=5))["m0"] == ((1, 2, 3), 5)
    groups = shape(partition(*flat(0, 6, 9), k=5))
    assert list(groups) == ["all", "n3", "m0"], "all - n2 - n3 would tell that nobody answered"
    assert groups["m0"] == ((1, 2), 6)


def test_bureaus_are_treated_as_sections_are() -> None:
    nodes = [Node(0, None, ""), Node(1, 0, ""), Node(2, 0, ""), Node(3, 0, "")]
    nodes += [Node(11, 1, ""), Node(12, 1, ""), Node(21, 2, ""), Node(22, 2, ""), Node(31, 3, "")]
    groups = partition(nodes, {11: 2, 12: 1, 21: 6, 22: 7, 31: 20}, 5)
    assert shape(groups)["m0"] == ((11, 12, 21, 22), 16)  # not divided further
    assert [group.key for group in groups] == ["all", "n3", "m0", "n31"]


@pytest.mark.parametrize(
    "nodes",
    [
        [Node(0, None, ""), Node(1, None, "")],
        [Node(0, None, ""), Node(1, 0, ""), Node(1, 0, "")],
        [Node(0, None, ""), Node(1, 2, ""), Node(2, 1, "")],
    ],
)
def test_what_is_not_a_tree_is_refused(nodes: list[Node]) -> None:
    with pytest.raises(ValueError):
        partition(nodes, {}, 5)


def test_branch_is_publishable_only_when_both_parts_are_nobody_or_k() -> None:
    n = {"all": 30, "n1": 10, "n2": 20}
    assert asked_publishable({"all": 15, "n1": 5, "n2": 10}, n, 5)
    assert asked_publishable({"all": 20, "n1": 0, "n2": 20}, n, 5)
    assert not asked_publishable({"all": 14, "n1": 4, "n2": 10}, n, 5)
    assert not asked_publishable({"all": 16, "n1": 6, "n2": 10}, n, 5)


def _group(*members: int) -> Group:
    return Group(str(members), None, "node", None, members, 0)


def test_auditor_subtracts() -> None:
    counts = {1: 9, 2: 9, 3: 3}
    assert audit_groups([_group(1, 2, 3), _group(1), _group(2)], counts, 5)
    assert not audit_groups([_group(1, 2, 3), _group(1)], counts, 5)


def test_auditor_combines_overlapping_groups() -> None:
    counts = {1: 3, 2: 9, 3: 8, 4: 9}
    chain = [_group(1, 2), _group(2, 3), _group(3, 4), _group(4)]
    assert audit_groups(chain, counts, 5) == ["A set of 3 people can be derived: segments 1."]
    assert audit_groups(chain[:3], counts, 5) == []


def test_auditor_ignores_segments_without_respondents() -> None:
    assert audit_groups([_group(1, 2), _group(2, 3)], {1: 3, 2: 0, 3: 9}, 5)


@given(
    st.lists(st.sets(st.integers(0, 6), min_size=1), min_size=1, max_size=7),
    st.lists(st.integers(1, 6), min_size=7, max_size=7),
)
def test_auditor_agrees_with_trying_every_set(sets: list[set[int]], sizes: list[int]) -> None:
    groups = [_group(*sorted(members)) for members in sets]
    counts = dict(enumerate(sizes))
    found = any(
        0 < sum(counts[leaf] for leaf in chosen) < 5 and _derivable(sets, set(chosen))
        for size in range(1, 5)
        for chosen in combinations(range(7), size)
    )
    assert bool(audit_groups(groups, counts, 5)) == found


def _derivable(sets: Sequence[set[int]], wanted: set[int]) -> bool:
    """Whether the 0/1 vector lies in the row space; plain integer elimination, dense."""
    rows = [[int(leaf in members) for leaf in range(7)] for members in sets]
    return _rank([*rows, [int(leaf in wanted) for leaf in range(7)]]) == _rank(rows)


def _rank(rows: list[list[int]]) -> int:
    rank, rows = 0, [list(row) for row in rows]
    for column in range(7):
        lead = next((i for i in range(rank, len(rows)) if rows[i][column]), None)
        if lead is None:
            continue
        rows[rank], rows[lead] = rows[lead], rows[rank]
        for i in range(rank + 1, len(rows)):
            a, b = rows[rank][column], rows[i][column]
            rows[i] = [a * y - b * x for x, y in zip(rows[rank], rows[i], strict=True)]
        rank += 1
    return rank


def city(
    rng: random.Random, response: float, bureaus: int = 12, sections: int = 60
) -> Organisation:
    """Two sections or more a bureau, about 765 staff; sizes lognormal with median 12."""
    spread = [2] * bureaus
    for _ in range(sections - 2 * bureaus):
        spread[rng.randrange(bureaus)] += 1
    nodes, counts = [Node(0, None, "all")], {}
    for bureau, own in enumerate(spread, start=1):
        nodes.append(Node(bureau, 0, ""))
        for key in range(1000 * bureau, 1000 * bureau + own):
            size = max(2, round(rng.lognormvariate(math.log(12), 0.55)))
            nodes.append(Node(key, bureau, ""))
            counts[key] = sum(rng.random() < response for _ in range(size))
    return nodes, counts


@pytest.mark.parametrize(
    ("k", "response", "before"),
    [(5, 0.6, 4.75), (5, 0.8, 4.07), (7, 0.6, 3.12), (10, 0.6, 1.28), (10, 0.8, 2.28)],
)
def test_bureaus_leak_before_and_never_after(k: int, response: float, before: float) -> None:
    """Control: without complementary suppression the auditor finds leaks in some bureaus."""
    rng = random.Random(20260401)
    cities = 60
    leaking = 0
    for _ in range(cities):
        nodes, counts = city(rng, response)
        broken = primary_only(nodes, counts, k)
        assert audit_groups(partition(nodes, counts, k), counts, k) == []
        leaking += sum(
            bool(audit_groups([g for g in broken if set(g.members) <= bureau], counts, k))
            for bureau in ({c for c in counts if c // 1000 == b} for b in range(1, 13))
        )
    assert leaking / cities == pytest.approx(before, abs=0.8)
    print(f"k={k} response={response:.0%} leaking bureaus {leaking / cities:.2f} -> 0")  # noqa: T201


def test_seven_hundred_segments_are_audited_within_a_second() -> None:
    nodes, counts = city(random.Random(5), 0.8, bureaus=35, sections=700)
    assert len(counts) == 700
    started = time.perf_counter()
    groups = partition(nodes, counts, 5)
    assert audit_groups(groups, counts, 5) == []
    assert audit_groups(primary_only(nodes, counts, 5), counts, 5)
    assert time.perf_counter() - started < 5
