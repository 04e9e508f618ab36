"""Numbers as people type them, targets held against measurements, and the next day to measure."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.choices import Direction
from roadmap.figures import HEIGHT, WIDTH, indicator_line
from roadmap.measuring import (
    Aim,
    Reading,
    exact,
    indicator_behind,
    indicator_edges,
    next_measurement,
    read_number,
    written,
)

#: In fiscal year 2026; the last year that has ended is 2025.
DAY = dt.date(2026, 9, 30)
ONE = dt.timedelta(days=1)

days = st.dates(dt.date(2023, 1, 1), dt.date(2029, 12, 31))
values = st.integers(0, 5).map(Decimal)
facts = st.tuples(
    st.sampled_from(Direction),
    st.lists(
        st.builds(Aim, st.integers(2023, 2028), values),
        max_size=3,
        unique_by=lambda a: a.fiscal_year,
    ),
    st.lists(st.builds(Reading, days, values), max_size=4, unique_by=lambda r: r.on),
)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", "12"),
        ("１２３４．５", "1234.5"),
        ("1,234.5", "1234.5"),
        ("１，２３４", "1234"),
        ("85%", "85"),
        ("８５．２％", "85.2"),
        (" 85 % ", "85"),
        ("−3", "-3"),
        ("▲3.125", "-3.125"),
        (".5", "0.5"),
        ("0", "0"),
    ],
)
def test_number_is_read_as_clerks_type_it(typed: str, number: str) -> None:
    assert read_number(typed) == Decimal(number)


@pytest.mark.parametrize(
    "typed", ["", "約30", "1,23", "1.2.3", "12件", "1e5", "NaN", "1.2345", "9" * 14, "9" * 41]
)
def test_number_that_cannot_be_read_is_refused_with_a_remedy(typed: str) -> None:
    with pytest.raises(ValueError) as refused:
        read_number(typed)
    assert str(refused.value)


@given(st.decimals(-(10**12), 10**12, places=3, allow_nan=False))
def test_number_that_was_written_is_read_again(number: Decimal) -> None:
    assert read_number(written(number)) == number == Decimal(exact(number))


def readings(*pairs: tuple[str, int]) -> list[Reading]:
    """Values by ISO day."""
    return [Reading(dt.date.fromisoformat(day), Decimal(value)) for day, value in pairs]


@pytest.mark.parametrize(
    ("aims", "measured", "behind"),
    [
        ([(2025, 50)], [("2026-03-31", 49)], True),
        ([(2025, 50)], [("2026-03-31", 50)], False),
        ([(2025, 50)], [], False),
        ([(2025, 50)], [("2025-03-31", 10)], False),  # older than the year
        ([(2025, 50)], [("2026-03-31", 40), ("2026-06-01", 55)], False),  # reached late
        ([(2025, 50)], [("2026-03-31", 60), ("2026-10-01", 10)], False),  # not measured yet
        ([(2026, 90)], [("2026-09-01", 1)], False),  # the running year is not judged
        ([(2024, 10), (2025, 50)], [("2026-03-31", 20)], True),
        ([(2024, 30), (2026, 90)], [("2026-03-31", 20)], True),
        ([], [("2026-03-31", 20)], False),
    ],
)
def test_indicator_is_behind_when_the_ended_year_was_missed(
    aims: list[tuple[int, int]], measured: list[tuple[str, int]], behind: bool
) -> None:
    found = [Aim(year, Decimal(value)) for year, value in aims]
    assert indicator_behind(Direction.UP, found, readings(*measured), DAY) is behind


def test_less_is_better_where_the_direction_says_so() -> None:
    aims, measured = [Aim(2025, Decimal(50))], readings(("2026-03-31", 60))
    assert indicator_behind(Direction.DOWN, aims, measured, DAY)
    assert not indicator_behind(Direction.UP, aims, measured, DAY)


@given(facts, days)
def test_indicator_changes_on_its_edges_and_on_no_other_day(known, day) -> None:
    changes = indicator_behind(*known, day) != indicator_behind(*known, day - ONE)
    assert changes == (day in indicator_edges(*known))


@pytest.mark.parametrize(
    ("due", "measured", "months", "following"),
    [
        (None, "2026-04-01", 12, None),
        ("2026-04-01", "2026-04-01", 12, "2027-04-01"),
        ("2026-04-01", "2026-03-20", 12, "2027-04-01"),
        ("2026-04-01", "2025-09-01", 12, "2026-04-01"),  # an old value that is typed in now
        ("2026-04-01", "2026-12-01", 12, "2028-04-01"),
        ("2026-04-01", "2026-08-01", 12, "2027-04-01"),
        ("2026-01-31", "2026-02-01", 1, "2026-02-28"),
        ("2026-04-01", "2026-04-20", 3, "2026-07-01"),
    ],
)
def test_next_measurement_moves_on_by_its_rhythm(
    due: str | None, measured: str, months: int, following: str | None
) -> None:
    found = next_measurement(
        dt.date.fromisoformat(due) if due else None, dt.date.fromisoformat(measured), months
    )
    assert found == (dt.date.fromisoformat(following) if following else None)


@given(facts)
def test_line_stays_inside_its_frame(known) -> None:
    _direction, aims, measured = known
    line = indicator_line(measured, aims)
    if line is not None:
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in (*line.points, *line.targets))
        assert [x for x, _y in line.points] == sorted(x for x, _y in line.points)


def test_line_is_not_drawn_where_nothing_can_be_compared() -> None:
    assert indicator_line(readings(("2026-04-01", 3)), []) is None
    assert indicator_line([], [Aim(2026, Decimal(3))]) is None
    line = indicator_line(readings(("2026-04-01", 3)), [Aim(2026, Decimal(3))])
    assert line is not None
    assert line.path == f"6,{HEIGHT // 2}"
