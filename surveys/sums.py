"""Sums of what respondents gave, such as hours a week, per published group."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from surveys.groups import Group, children_of


class Contribution(NamedTuple):
    """One respondent's low and high figure, such as hours a week on one theme."""

    leaf: int
    low: float
    high: float


class Sum(NamedTuple):
    """A published sum, rounded; from at least k respondents."""

    low: float
    high: float


def group_sums(
    groups: Sequence[Group], values: Iterable[Contribution], k: int
) -> dict[str, Sum | None]:
    """Return, per group, the rounded sum of what its respondents gave; None where it is hidden.

    `values` holds contributors only. A sum needs k contributors. Under each parent the hidden
    groups must have nobody or at least k contributors together; until then the smallest shown one
    (with everything below it) is hidden too. The number of contributors is not published.
    """
    low: dict[int, float] = defaultdict(float)
    high: dict[int, float] = defaultdict(float)
    given: dict[int, int] = defaultdict(int)
    for value in values:
        low[value.leaf] += value.low
        high[value.leaf] += value.high
        given[value.leaf] += 1
    people = {group.key: sum(given[leaf] for leaf in group.members) for group in groups}
    below = children_of(groups)
    shown: set[str] = set()
    for group in groups:  # parents come first
        if group.parent is None and people[group.key] >= k:
            shown.add(group.key)
        if group.key in shown:
            shown |= _shown_children(below.get(group.key, []), people, k)
    return {
        group.key: Sum(
            rounded_sum(sum(low[leaf] for leaf in group.members)),
            rounded_sum(sum(high[leaf] for leaf in group.members)),
        )
        if group.key in shown
        else None
        for group in groups
    }


def _shown_children(children: Sequence[Group], people: Mapping[str, int], k: int) -> set[str]:
    ordered = sorted(children, key=lambda group: (people[group.key], group.key))
    rest = sum(people[group.key] for group in ordered if people[group.key] < k)
    visible = [group.key for group in ordered if people[group.key] >= k]
    while visible and 0 < rest < k:
        rest += people[visible.pop(0)]
    return set(visible)


def rounded_sum(value: float) -> float:
    """Round to a step of 0.5 below 10, 1 below 50, 5 below 200, else 10 (units of the value)."""
    step = 0.5 if value < 10 else 1 if value < 50 else 5 if value < 200 else 10
    return int(value / step + 0.5) * step
