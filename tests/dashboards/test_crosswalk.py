"""Step × spread → the levels 0–5: the first rule that fits, in whole numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.dashboards.board.crosswalk import (
    BANDS,
    LEVELS,
    NAMES,
    SUSTAINED_MONTHS,
    WHY,
    Rule,
    Spread,
    band,
    band_text,
    read,
    sustained,
)

ALL = 100


def level(reached: int, **more: bool) -> tuple[int | None, Rule]:
    """Of 100 departments, all with a position."""
    facts = {"strategy": True, "sustained": False, "last": False, **more}
    found = read(Spread(ALL, ALL, reached, begun=1), **facts)
    return found.level, found.rule


@pytest.mark.parametrize(
    ("reached", "expected"),
    [
        (0, (1, Rule.BEGUN)),
        (1, (1, Rule.FEW)),
        (24, (1, Rule.FEW)),
        (25, (2, Rule.SOME)),
        (49, (2, Rule.SOME)),
        (50, (3, Rule.MANY)),
        (79, (3, Rule.MANY)),
        (80, (3, Rule.NOT_YET_SUSTAINED)),
        (100, (3, Rule.NOT_YET_SUSTAINED)),
    ],
)
def test_edges_of_the_bands(reached: int, expected: tuple[int, Rule]) -> None:
    assert level(reached) == expected


def test_sustained_and_new_value() -> None:
    assert level(80, sustained=True) == (4, Rule.SUSTAINED)
    assert level(80, sustained=True, last=True) == (5, Rule.NEW_VALUE)
    assert level(79, sustained=True, last=True) == (3, Rule.MANY)


def test_without_an_overall_policy_nothing_is_strategic() -> None:
    assert level(100, strategy=False, sustained=True, last=True) == (1, Rule.NO_STRATEGY)
    assert level(24, strategy=False) == (1, Rule.FEW)


def test_nothing_begun_is_nought_and_no_data_is_no_level() -> None:
    facts = {"strategy": True, "sustained": False, "last": False}
    assert read(Spread(10, 10, 0), **facts).level == 0
    assert read(Spread(0, 0, 0), **facts).level is None
    assert read(Spread(10, 4, 4), **facts).level is None, "fewer than half have a position"
    assert read(Spread(10, 5, 5), **facts).level == 3


def test_shares_are_never_rounded_up_into_a_band() -> None:
    assert band(Spread(1000, 1000, 799)) == (50, 79)
    assert band(Spread(1000, 1000, 1)) == (1, 24), "one department is not nobody"
    assert band(Spread(0, 0, 0)) is None
    assert [band_text(found) for found in (None, BANDS[0], BANDS[2])] == ["–", "0%", "25–49%"]


def test_sustained_needs_half_a_year_without_a_gap() -> None:
    held = [(8, 10)] * (SUSTAINED_MONTHS + 1)
    assert sustained(held)
    assert not sustained(held[1:])
    assert not sustained([None, *held[1:]])
    assert not sustained([(7, 10), *held[1:]])
    assert not sustained([(0, 0), *held[1:]])


def test_every_rule_has_its_level_its_words_and_its_name() -> None:
    assert set(LEVELS) == set(WHY) == set(Rule)
    assert {level for level in LEVELS.values() if level is not None} == set(range(len(NAMES)))


@given(st.lists(st.integers(0, 60), min_size=4, max_size=4), st.booleans(), st.booleans())
def test_more_departments_never_lower_the_level(
    numbers: list[int], strategy: bool, held: bool
) -> None:
    departments, placed, reached, begun = numbers
    placed = min(placed, departments)
    reached = min(reached, placed)
    facts = {"strategy": strategy, "sustained": held, "last": True}
    one = read(Spread(departments, placed, reached, begun), **facts)
    if reached < placed and one.level is not None:
        more = read(Spread(departments, placed, reached + 1, begun), **facts)
        assert more.level is not None
        assert more.level >= one.level
    assert one.why
