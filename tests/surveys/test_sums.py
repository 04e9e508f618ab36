"""Hours: k contributors for every sum, and never a small rest."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.partition import ALL, Contribution, Sum, group_sums, partition, rounded_sum
from tests.surveys.test_partition import Organisation, flat, organisations


def test_hours_need_k_contributors_and_leave_no_rest() -> None:
    groups = partition(*flat(20, 20, 20), 5)
    values = [Contribution(leaf, 1, 2) for leaf, n in ((1, 3), (2, 6), (3, 9)) for _ in range(n)]
    assert group_sums(groups, values, 5) == {
        ALL: Sum(18, 36),
        "n1": None,
        "n2": None,  # otherwise all - n2 - n3 would be the three of n1
        "n3": Sum(9, 18),
    }
    assert group_sums(groups, values[:4], 5) == dict.fromkeys((ALL, "n1", "n2", "n3"))


@given(organisations(), st.integers(5, 8), st.randoms(use_true_random=False))
def test_hours_below_each_group_leave_nobody_or_k(
    organisation: Organisation, k: int, rng: random.Random
) -> None:
    nodes, counts = organisation
    groups = partition(nodes, counts, k)
    given_by = {leaf: rng.randint(0, n) for leaf, n in counts.items()}
    values = [Contribution(leaf, 1, 1) for leaf, n in given_by.items() for _ in range(n)]
    sums = group_sums(groups, values, k)
    people = {group.key: sum(given_by[leaf] for leaf in group.members) for group in groups}
    for group in groups:
        shown = [g.key for g in groups if g.parent == group.key and sums[g.key] is not None]
        if sums[group.key] is None:
            assert not shown
            continue
        assert people[group.key] >= k
        rest = people[group.key] - sum(people[key] for key in shown)
        assert not shown or rest == 0 or rest >= k


@pytest.mark.parametrize(
    ("value", "rounded"), [(0.2, 0), (0.25, 0.5), (9.7, 9.5), (10.4, 10), (52, 50), (204, 200)]
)
def test_hours_are_rounded_by_size(value: float, rounded: float) -> None:
    assert rounded_sum(value) == rounded
