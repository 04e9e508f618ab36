"""The rules of the staircases, by example and for any input."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.staircase import (
    Answer,
    Missing,
    Position,
    StageResult,
    Standing,
    distribution,
    enough_answers,
    headline,
    missing_for_next,
    movement,
    position,
    seeds,
    stage_result,
    survey_level,
)
from roadmap.thresholds import Threshold

REACHED = StageResult(reached=True, level_sum=9, answered=3, total=5)
SOME = StageResult(reached=False, level_sum=1, answered=1, total=5)
ZERO = StageResult(reached=False, level_sum=0, answered=1, total=5)
BLANK = StageResult(reached=False, level_sum=0, answered=0, total=5)


def answer(code="T1-1", level=3, *, mandatory=True, expired=False):
    return Answer(code, mandatory, level, expired)


answers = st.builds(
    Answer,
    criterion_code=st.text("T123-", min_size=1, max_size=4),
    mandatory=st.booleans(),
    level=st.none() | st.integers(0, 3),
    expired=st.booleans(),
)
stages = st.lists(st.lists(answers, max_size=6), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], StageResult(False, 0, 0, 0)),
        ([answer()], StageResult(True, 3, 1, 1)),
        ([answer(level=2)], StageResult(False, 2, 1, 1)),
        ([answer(level=None)], StageResult(False, 0, 0, 1)),
        ([answer(expired=True)], StageResult(False, 0, 0, 1)),
        ([answer(), answer(level=0, mandatory=False)], StageResult(True, 3, 2, 2)),
        ([answer(), answer(level=None, mandatory=False)], StageResult(True, 3, 1, 2)),
        ([answer(), answer(level=None)], StageResult(False, 3, 1, 2)),
        ([answer(mandatory=False)], StageResult(False, 3, 1, 1)),
    ],
)
def test_stage_result_when(rows, expected):
    assert stage_result(rows) == expected


def test_firmness_is_levels_over_three_times_the_criteria():
    assert StageResult(False, 8, 4, 6).firmness == pytest.approx(8 / 18)
    assert StageResult(False, 0, 0, 0).firmness == 0


@given(st.lists(answers, max_size=8))
def test_firmness_stays_between_0_and_1(rows):
    result = stage_result(rows)
    assert 0 <= result.firmness <= 1
    assert 0 <= result.answered <= result.total == len(rows)


@given(st.lists(answers, min_size=1, max_size=8), st.data())
def test_stage_result_never_falls_when_a_level_rises(rows, data):
    at = data.draw(st.integers(0, len(rows) - 1))
    higher = data.draw(st.integers(rows[at].level or 0, 3))
    raised = [*rows[:at], replace(rows[at], level=higher), *rows[at + 1 :]]
    before, after = stage_result(rows), stage_result(raised)
    assert after.reached >= before.reached
    assert after.firmness >= before.firmness


@given(st.lists(answers, min_size=1, max_size=8), st.data())
def test_stage_result_never_rises_when_an_answer_expires(rows, data):
    at = data.draw(st.integers(0, len(rows) - 1))
    aged = [*rows[:at], replace(rows[at], expired=True), *rows[at + 1 :]]
    before, after = stage_result(rows), stage_result(aged)
    assert after.reached <= before.reached
    assert after.level_sum <= before.level_sum
    assert after.answered <= before.answered


@given(st.lists(answers, max_size=8))
def test_stage_is_not_reached_with_an_unanswered_mandatory_criterion(rows):
    assert not stage_result([*rows, answer(level=None)]).reached
    assert not stage_result([replace(row, level=None) for row in rows]).reached


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], None),
        ([BLANK, BLANK], None),
        ([ZERO, BLANK], Position(0, 1, False)),
        ([SOME, REACHED], Position(0, 1, False)),
        ([REACHED, BLANK, REACHED], Position(1, 2, False)),
        ([REACHED, REACHED, SOME], Position(2, 3, False)),
        ([REACHED, REACHED], Position(2, 2, True)),
    ],
)
def test_position_when(results, expected):
    assert position(results) == expected


@given(stages)
def test_position_is_none_exactly_without_a_valid_answer(axis):
    standing = position([stage_result(rows) for rows in axis])
    valid = any(row.level is not None and not row.expired for rows in axis for row in rows)
    assert (standing is not None) == valid
    if standing:
        assert 1 <= standing.current <= len(axis)
        assert standing.current == min(standing.reached + 1, len(axis))


@pytest.mark.parametrize(
    ("results", "steps", "expected"),
    [
        ([BLANK, BLANK], {2}, set()),
        ([SOME, BLANK, SOME], set(), {3}),
        ([SOME, ZERO, BLANK, BLANK], {1, 3, 9}, {3}),
        ([REACHED, SOME, SOME], {2}, {3}),
        ([REACHED, REACHED], {1, 2}, set()),
    ],
)
def test_seeds_when(results, steps, expected):
    assert seeds(results, steps) == expected


@given(stages, st.sets(st.integers(0, 6)))
def test_seeds_are_never_at_or_below_the_current_step(axis, steps):
    results = [stage_result(rows) for rows in axis]
    standing = position(results)
    found = seeds(results, steps)
    assert not found or standing is not None
    assert all(standing.current < step <= len(axis) for step in found)


@pytest.mark.parametrize(
    ("n", "asked", "enough"),
    [
        (0, 0, False),
        (4, 5, False),
        (5, 5, True),
        (5, 7, True),
        (5, 8, False),
        (13, 19, False),
        (14, 19, True),
        (9, 20, False),
        (10, 20, True),
        (10, 21, False),
        (50, 100, True),
        (49, 100, False),
    ],
)
def test_enough_answers_when(n, asked, enough):
    assert enough_answers(n, asked) is enough


@pytest.mark.parametrize(
    ("positive", "level"),
    [(100, 3), (60, 3), (59, 2), (50, 2), (49, 1), (40, 1), (39, 0), (0, 0)],
)
def test_survey_level_when_enough_answered(positive, level):
    assert survey_level(positive, 100, 100) == level


def test_survey_level_is_exact_where_a_share_has_no_end():
    assert survey_level(2, 3 * 5, 15, Threshold(Decimal(60), Decimal(20), Decimal(13))) == 1
    assert survey_level(20, 30, 30, Threshold(Decimal("66.67"), Decimal(50), Decimal(40))) == 2


def test_survey_level_of_own_numbers():
    own = Threshold(Decimal(80), Decimal(70), Decimal(10))
    assert [survey_level(n, 20, 20, own) for n in (16, 15, 14, 13, 2, 1)] == [3, 2, 2, 1, 1, 0]


def test_survey_level_is_none_when_too_few_answered():
    assert survey_level(9, 9, 20) is None
    assert survey_level(4, 4, 4) is None


def test_missing_for_next_lists_the_current_step_with_mandatory_first():
    first = [answer("T1-1")]
    second = [
        answer("T2-4", level=None, mandatory=False),
        answer("T2-1", level=2),
        answer("T2-2"),
        answer("T2-3", expired=True),
    ]
    third = [answer("T3-1", level=None)]
    assert missing_for_next([first, second, third]) == (
        Missing("T2-1", True, 2, "below"),
        Missing("T2-3", True, 3, "expired"),
        Missing("T2-4", False, None, "unanswered"),
    )


def test_missing_for_next_is_the_first_step_when_nothing_is_answered():
    assert missing_for_next([]) == ()
    assert missing_for_next([[answer("T1-1", level=None)], [answer("T2-1", level=None)]]) == (
        Missing("T1-1", True, None, "unanswered"),
    )


@given(stages)
def test_missing_for_next_names_a_mandatory_criterion_unless_all_is_reached(axis):
    standing = position([stage_result(rows) for rows in axis])
    current = axis[standing.current - 1 if standing else 0]
    missing = missing_for_next(axis)
    marks = [row.mandatory for row in missing]
    assert marks == sorted(marks, reverse=True)
    if any(row.mandatory for row in current):
        assert any(marks) == (standing is None or not standing.all_reached)


def at(step, reached=None):
    return Position(step - 1 if reached is None else reached, step, False)


def test_distribution_counts_departments_and_leaves_out_those_without_data():
    result = distribution(
        [
            Standing(at(1), at(1)),
            Standing(at(1), at(1)),
            Standing(at(2), at(1)),
            Standing(at(2), None),
            Standing(None, at(3)),
            Standing(None, None),
        ]
    )
    assert result.cells == {(1, 1): 2, (2, 1): 1}
    assert result.technology == {1: 2, 2: 2}
    assert result.culture == {1: 3, 3: 1}
    assert (result.placed, result.total) == (3, 6)


positions = st.none() | st.integers(1, 4).map(at)


@given(st.lists(st.builds(Standing, positions, positions)))
def test_distribution_adds_up_to_the_departments_placed(rows):
    result = distribution(rows)
    assert sum(result.cells.values()) == result.placed <= result.total == len(rows)
    assert sum(result.technology.values()) == sum(row.technology is not None for row in rows)


def test_movement_goes_by_steps_reached_and_not_by_missing_data():
    before = {"a": at(1), "b": at(3), "c": at(2), "d": None, "e": at(2), "f": at(4)}
    after = {"a": at(2), "b": at(2), "c": at(2), "d": at(1), "e": None, "g": None}
    result = movement(before, after)
    assert (result.up, result.down, result.unchanged) == (("a",), ("b",), ("c",))
    assert (result.appeared, result.disappeared) == (("d",), ("e", "f"))


def test_movement_counts_reaching_the_last_step_as_up():
    done = Position(4, 4, True)
    assert movement({"a": at(4)}, {"a": done}).up == ("a",)


def test_headline_tells_up_down_and_mixed_apart():
    before = {
        "up": Standing(at(1), at(1)),
        "down": Standing(at(2), at(2)),
        "mixed": Standing(at(1), at(2)),
        "same": Standing(at(1), None),
        "new": Standing(None, None),
    }
    after = {
        "up": Standing(at(2), at(1)),
        "down": Standing(at(2), at(1)),
        "mixed": Standing(at(2), at(1)),
        "same": Standing(at(1), None),
        "new": Standing(at(1), None),
    }
    result = headline(before, after)
    assert (result.up, result.down, result.mixed) == (("up",), ("down",), ("mixed",))
    assert result.compared == 4
    assert result.technology.appeared == ("new",)
    assert (result.densest_technology, result.densest_culture) == (2, 1)


def test_headline_has_no_densest_step_without_data():
    result = headline({}, {"a": Standing(None, None)})
    assert (result.compared, result.densest_technology, result.densest_culture) == (0, None, None)


def test_headline_takes_the_lower_of_equally_dense_steps():
    result = headline({}, {"a": Standing(at(3), None), "b": Standing(at(2), None)})
    assert result.densest_technology == 2
