"""Quarters, bars and marks: dates alone decide."""

import datetime as dt

import pytest

from roadmap.timeline import (
    Mark,
    MarkState,
    Quarter,
    cells,
    columns,
    mark_state,
    quarter_at,
    quarter_of,
    span,
)

DAY = dt.date(2026, 11, 20)
SHOWN = columns(2026)


def drawn(*ends: int | None) -> str:
    """One letter a column: [ first, ] last, X both, - between, . nothing."""
    row = cells(span(*ends), SHOWN, [], DAY)
    return "".join(
        "X" if c.first and c.last else "[" if c.first else "]" if c.last else "-" if c.bar else "."
        for c in row
    )


def test_columns_are_the_quarters_of_two_fiscal_years() -> None:
    assert [(q.fy, q.number) for q in SHOWN] == [
        (fy, n) for fy in (2026, 2027) for n in range(1, 5)
    ]
    assert SHOWN[3].months == (1, 3)
    assert SHOWN[3].start == dt.date(2027, 1, 1)


def test_quarters_count_on_over_the_year() -> None:
    assert Quarter(2026, 4).shifted(1) == Quarter(2027, 1)
    assert Quarter(2026, 1).shifted(-1) == Quarter(2025, 4)
    assert quarter_at(Quarter(2026, 3).index) == Quarter(2026, 3)
    assert quarter_of(dt.date(2027, 3, 31)) == Quarter(2026, 4)


@pytest.mark.parametrize(
    ("ends", "bar"),
    [
        ((2026, 2, 2027, 1), ".[--]..."),
        ((2026, None, 2026, None), "[--]...."),
        ((None, None, 2026, 3), "..X....."),
        ((2026, 3, None, None), "..[-----"),
        ((2025, 1, 2026, 2), "-]......"),
        ((2027, 4, 2029, 1), ".......["),
        ((2020, 1, 2021, 1), "........"),
        ((None, None, None, None), "........"),
    ],
)
def test_bar_goes_from_start_to_target(ends: tuple[int | None, ...], bar: str) -> None:
    assert drawn(*ends) == bar


def test_bar_that_leaves_the_page_says_so() -> None:
    row = cells(span(2025, 1, 2029, 1), SHOWN, [], DAY)
    assert row[0].before
    assert row[-1].after
    assert row[0].css == "bar before"
    past = cells(span(2020, 1, 2021, 1), SHOWN, [], DAY)
    assert (past[0].before, past[0].bar, past[-1].after) == (True, False, False)


def test_today_stands_in_one_column() -> None:
    row = cells(span(None, None, None, None), SHOWN, [], DAY)
    assert [cell.today for cell in row] == [None, None, 54.3, None, None, None, None, None]


@pytest.mark.parametrize(
    ("due", "done", "state"),
    [
        (DAY, None, MarkState.OPEN),
        (DAY - dt.timedelta(days=1), None, MarkState.OVERDUE),
        (DAY - dt.timedelta(days=9), DAY, MarkState.DONE),
        (DAY + dt.timedelta(days=9), DAY, MarkState.DONE),
    ],
)
def test_milestone_is_overdue_from_the_day_after(
    due: dt.date, done: dt.date | None, state: MarkState
) -> None:
    assert mark_state(due, done, DAY) == state


def test_milestone_stands_in_its_quarter() -> None:
    inside = Mark(1, "契約", dt.date(2027, 4, 1), None, MarkState.OPEN)
    outside = Mark(2, "以前", dt.date(2025, 4, 1), None, MarkState.OVERDUE)
    row = cells(span(None, None, None, None), SHOWN, [inside, outside], DAY)
    assert [len(cell.marks) for cell in row] == [0, 0, 0, 0, 1, 0, 0, 0]
