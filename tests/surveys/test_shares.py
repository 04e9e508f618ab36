"""Rounding: no band ever says "all" or "nobody", and the auditor reads what readers can add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.partition import (
    ALL,
    Cell,
    Group,
    Share,
    TallyRow,
    audit_cells,
    cell_span,
    rounded_share,
)
from surveys.shares import Spans, half_share, share_span

EVERYONE = Group(ALL, None, "all", 0, (1, 2), 40)
FIRST = Group("n1", ALL, "node", 1, (1,), 8)
SECOND = Group("n2", ALL, "node", 2, (2,), 32)


@pytest.mark.parametrize(
    ("count", "n", "share"),
    [
        (0, 5, Share(20, "at_most")),
        (1, 5, Share(20, "at_most")),
        (2, 5, Share(40, "exact")),
        (4, 5, Share(80, "at_least")),
        (5, 5, Share(80, "at_least")),
        (7, 9, Share(80, "exact")),
        (8, 9, Share(80, "at_least")),
        (1, 10, Share(10, "at_most")),
        (9, 10, Share(90, "at_least")),
        (2, 19, Share(10, "exact")),
        (19, 19, Share(90, "at_least")),
        (10, 20, Share(50, "exact")),
        (3, 40, Share(10, "exact")),
        (0, 40, Share(5, "at_most")),
        (40, 40, Share(95, "at_least")),
        (333, 1000, Share(35, "exact")),
        (0, 0, Share(None, "none")),
    ],
)
def test_share_is_rounded_by_size(count: int, n: int, share: Share) -> None:
    assert rounded_share(count, n) == share


@pytest.mark.parametrize("n", range(5, 120))
def test_no_band_means_all_or_nobody(n: int) -> None:
    for count in range(n + 1):
        for share in (rounded_share(count, n), half_share(count, n)):
            low, high = share_span(share, n)
            assert high > 0
            assert low < n
        low, high = share_span(rounded_share(count, n), n)
        assert low <= count <= high
        if count in (0, n):
            assert high > low


@given(st.integers(5, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_span_holds_exactly_the_counts_of_one_share(pair: tuple[int, int]) -> None:
    count, n = pair
    share = rounded_share(count, n)
    low, high = share_span(share, n)
    assert low <= count <= high
    if share.bound == "exact":
        assert rounded_share(low, n) == rounded_share(high, n) == share
        assert rounded_share(low - 1, n) != share
        assert rounded_share(high + 1, n) != share


def test_spans_of_all_staff_know_the_fold() -> None:
    none = Share(None, "none")
    assert cell_span(Cell(12, False, Share(30, "exact")), EVERYONE, 5) == (12, 12)
    assert cell_span(Cell(None, True, none), EVERYONE, 5) == (0, 4)
    assert cell_span(Cell(None, False, Share(15, "exact")), EVERYONE, 5) == (5, 6)
    assert cell_span(Cell(None, False, none), EVERYONE, 5) == (0, 40)


def shares(group: Group, **counts: int) -> TallyRow:
    cells = {
        option: Cell(None, False, rounded_share(count, group.n)) for option, count in counts.items()
    }
    return TallyRow(group.key, "q", group.n, cells)


def counted(**counts: int) -> TallyRow:
    cells = {
        option: Cell(count, False, rounded_share(count, EVERYONE.n))
        for option, count in counts.items()
    }
    return TallyRow(ALL, "q", EVERYONE.n, cells)


def test_audit_finds_nobody_by_the_sum_of_options() -> None:
    leaks = audit_cells([FIRST], [shares(FIRST, yes=5, no=3, maybe=0)], 5)
    assert any("'maybe' is between 0 and 0 of 8" in leak for leak in leaks)
    assert audit_cells([FIRST], [shares(FIRST, yes=5, no=2, maybe=1, never=0)], 5) == []


def test_audit_finds_nobody_by_the_parent() -> None:
    groups = [EVERYONE, FIRST, SECOND]
    rows = [counted(yes=40, no=0), shares(FIRST, yes=8, no=0), shares(SECOND, yes=32, no=0)]
    assert any(
        "group n1: option 'no' is between 0 and 0" in x for x in audit_cells(groups, rows, 5)
    )


def test_audit_finds_all_by_subtraction_when_a_row_is_missing() -> None:
    third = Group("n2", ALL, "node", 2, (2,), 10)
    whole = Group(ALL, None, "all", 0, (1, 2), 18)
    rows = [shares(whole, yes=12, no=6), shares(third, yes=4, no=6)]
    assert any("n1" in leak for leak in audit_cells([whole, FIRST, third], rows, 5))


def test_audit_finds_a_fold_that_can_be_subtracted() -> None:
    fold = Cell(None, True, Share(None, "none"))
    row = counted(yes=27, no=10, maybe=3)
    folded = TallyRow(ALL, "q", 40, {**row.cells, "maybe": fold})
    assert audit_cells([EVERYONE], [folded], 5)


def test_audit_does_not_add_options_of_several_choices() -> None:
    row = shares(FIRST, yes=5, no=3, maybe=0)
    assert audit_cells([FIRST], [row], 5, multiple=["q"]) == []


def test_spans_keep_the_truth_when_choices_are_several() -> None:
    """One of eight chose nothing, so the options together reach seven at least."""
    row = shares(FIRST, **{"a": 3, "b": 4, "": 1})
    spans = Spans([FIRST], {"n1": row.cells}, ("a", "b", ""), multiple=True, k=5)
    assert list(zip(spans.low["n1"], spans.high["n1"], strict=True)) == [(3, 3), (4, 4), (1, 1)]
