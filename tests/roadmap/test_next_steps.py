"""The order of effort, the step that is meant, and whom to ask first: plain values alone."""

import datetime as dt

import pytest

from roadmap.choices import CriterionSource, Level
from roadmap.next_steps import Ahead, Effort, Fact, effort, way_ahead, whom_to_ask
from roadmap.staircase import Answer

DAY = dt.date(2026, 11, 30)


def _fact(
    code: str = "T1-1",
    level: int | None = None,
    *,
    star: bool = True,
    expired: bool = False,
    source: str = CriterionSource.DECLARED,
    asked_back: bool = False,
) -> Fact:
    return Fact(Answer(code, star, level, expired), source, asked_back)


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (_fact(level=3, expired=True), Effort.RENEW),
        (_fact(level=3, asked_back=True), Effort.ANSWER),
        (_fact(level=3, expired=True, asked_back=True), Effort.ANSWER),
        (_fact(level=2), Effort.SPREAD),
        (_fact(level=2, expired=True), Effort.SPREAD),
        (_fact(level=2, asked_back=True), Effort.SPREAD),
        (_fact(level=1), Effort.GO_ON),
        (_fact(level=0), Effort.BEGIN),
        (_fact(), Effort.BEGIN),
        (_fact(source=CriterionSource.INDICATOR), Effort.FEED),
        (_fact(level=3, expired=True, source=CriterionSource.INDICATOR), Effort.FEED),
        (_fact(level=2, source=CriterionSource.INDICATOR), Effort.MEASURED),
        (_fact(level=3, expired=True, source=CriterionSource.SURVEY), Effort.MEASURED),
        (_fact(source=CriterionSource.INITIATIVE), Effort.MEASURED),
    ],
)
def test_effort_of_one_criterion(fact: Fact, expected: Effort) -> None:
    assert effort(fact) == expected


def test_what_costs_least_comes_first_and_mandatory_before_the_rest() -> None:
    facts = [
        _fact("survey", 1, source=CriterionSource.SURVEY),
        _fact("none"),
        _fact("one", 1),
        _fact("two", 2),
        _fact("asked", 3, asked_back=True),
        _fact("old", 3, expired=True),
        _fact("firm", 3),
        _fact("free", 3, star=False, expired=True),
    ]

    way = way_ahead([facts])

    assert [step.criterion_code for step in way.missing] == [
        *("old", "asked", "two", "one", "none", "survey")
    ]
    assert [step.criterion_code for step in way.firmer] == ["free"]
    assert (way.step, way.reachable, way.all_reached) == (1, True, False)


def test_equal_effort_keeps_the_order_of_the_staircase() -> None:
    way = way_ahead([[_fact("T1-2", 2), _fact("T1-1", 2)]])

    assert [step.criterion_code for step in way.missing] == ["T1-2", "T1-1"]


def test_the_step_above_the_reached_one_is_meant() -> None:
    way = way_ahead([[_fact("T1-1", 3)], [_fact("T2-1", 1)], [_fact("T3-1", 0)]])

    assert (way.step, [step.criterion_code for step in way.missing]) == (2, ["T2-1"])


def test_an_asked_back_confirmation_takes_the_step_away() -> None:
    way = way_ahead([[_fact("T1-1", 3, asked_back=True)], [_fact("T2-1", 1)]])

    assert (way.step, [step.effort for step in way.missing]) == (1, [Effort.ANSWER])


def test_nothing_answered_means_the_first_step() -> None:
    way = way_ahead([[_fact("T1-1")], [_fact("T2-1")]])

    assert (way.step, len(way.missing)) == (1, 1)


def test_all_reached_leaves_what_is_not_mandatory() -> None:
    way = way_ahead([[_fact("T1-1", 3)], [_fact("T2-1", 3), _fact("T2-9", 0, star=False)]])

    assert way.all_reached
    assert (way.missing, [step.criterion_code for step in way.firmer]) == ((), ["T2-9"])


def test_a_step_without_mandatory_criteria_says_so() -> None:
    way = way_ahead([[_fact("T1-9", 1, star=False)]])

    assert (way.reachable, way.missing, len(way.firmer)) == (False, (), 1)


@pytest.mark.parametrize(("stages", "step"), [([], None), ([[]], 1), ([[_fact("T1-1", 3)], []], 2)])
def test_steps_and_criteria_may_be_missing(stages: list[list[Fact]], step: int | None) -> None:
    way = way_ahead(stages)

    assert (way.step, way.missing, way.firmer, way.reachable) == (step, (), (), False)


def _ahead(key: str, months: int | None, size: int = 20, *, alike: bool = False) -> Ahead[str]:
    since = None if months is None else dt.date(2026 - months // 12, 11 - months % 12 or 12, 1)
    return Ahead(key, since, size, alike)


def test_recent_ones_come_first_then_the_same_bureau_then_our_size() -> None:
    found = whom_to_ask(
        [
            _ahead("old", 20, alike=True),
            _ahead("always", None, alike=True),
            _ahead("big", 2, 80),
            _ahead("half", 2, 10),
            _ahead("like us", 9, 21),
            _ahead("neighbour", 10, 90, alike=True),
        ],
        size=20,
        as_of=DAY,
        most=6,
    )

    assert [one.key for one in found] == [*("neighbour", "like us", "half", "big", "old", "always")]


def test_at_most_three_are_named_and_sizes_of_zero_do_no_harm() -> None:
    found = whom_to_ask([_ahead(str(n), n, 0) for n in range(5)], size=0, as_of=DAY)

    assert [one.key for one in found] == ["0", "1", "2"]


def test_level_three_is_firm() -> None:
    assert not _fact(level=Level.FIRM).is_open
