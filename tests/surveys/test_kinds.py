"""Kinds of question: fixed answers, what each allows, and numbers that become classes."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from surveys import painpoints
from surveys.answers import Problem, read
from surveys.choices import QuestionKind
from surveys.content import PAIN, POSITIVE, PULSE, PULSE_HEADS
from surveys.kinds import (
    HIGHEST,
    KINDS,
    LOWEST,
    attributes_behind,
    bounds,
    class_of,
    number_range,
    read_number,
)


def option(code: str, low: int | None = None, high: int | None = None) -> dict[str, Any]:
    return {
        "code": code,
        "label_ja": code,
        "label_en": code,
        "more": False,
        "finish": False,
        "low": low,
        "high": high,
    }


def ask(code: str, kind: str, *options: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "kind": kind,
        "text_ja": code,
        "text_en": code,
        "hint_ja": "",
        "hint_en": "",
        "options": list(options),
        "max": 1,
        "required": False,
        "max_length": 0,
        "ask_if": None,
        **more,
    }


CLASSES = [option("few", None, 5), option("some", 6, 20), option("many", 21, None)]


def test_every_kind_of_the_database_has_its_rules() -> None:
    assert set(KINDS) == set(QuestionKind.values)
    assert all(code == kind.code for code, kind in KINDS.items())


def test_frequency_and_minutes_have_the_codes_that_hours_come_from() -> None:
    often, long = KINDS["frequency"].fixed, KINDS["minutes"].fixed

    assert [o["code"] for o in often or []] == [*painpoints.TIMES_A_WEEK, painpoints.BUSY_SEASON]
    assert [o["code"] for o in long or []] == [*painpoints.MINUTES, painpoints.UNKNOWN]


def test_the_scale_begins_with_what_counts_as_agreement() -> None:
    codes = [o["code"] for o in KINDS["scale"].fixed or []]

    assert codes[:2] == list(POSITIVE)
    assert codes[-1] == "unknown"


@pytest.mark.parametrize("template", [PAIN, PULSE, PULSE_HEADS])
def test_templates_take_fixed_answers_as_they_are(template: Any) -> None:
    found = [q for q in template["questions"] if KINDS[q["kind"]].fixed is not None]

    assert found
    assert all(q["options"] == KINDS[q["kind"]].fixed for q in found)


def test_the_pain_survey_asks_often_and_long_by_their_kinds() -> None:
    assert painpoints.cost_questions(PAIN) == ("Q3", "Q4")
    renamed = {"questions": [ask("A", "minutes"), ask("B", "single"), ask("C", "frequency")]}
    assert painpoints.cost_questions(renamed) == ("C", "A")
    assert painpoints.cost_questions({"questions": [ask("Q3", "single")]}) == ("Q3", "Q4")


def test_only_several_answers_and_text_cannot_be_crossed() -> None:
    assert {kind.code for kind in KINDS.values() if not kind.crossed} == {"multiple", "text"}
    assert {kind.code for kind in KINDS.values() if not kind.branched_on} == {"number", "text"}
    assert {kind.code for kind in KINDS.values() if kind.attribute} == {"job"}
    assert {kind.code for kind in KINDS.values() if not kind.single} == {"multiple"}


def test_what_an_attribute_leads_to_stays_where_the_attribute_stays() -> None:
    after_job = [{"question": "J", "any_of": ["counter"]}]
    after_that = [{"question": "Q1", "any_of": ["a"]}]
    survey = {
        "questions": [
            ask("J", "job"),
            ask("Q1", "single", ask_if=after_job),
            ask("Q2", "text", ask_if=after_that),
            ask("Q3", "single"),
        ]
    }

    assert attributes_behind(survey) == {"J", "Q1", "Q2"}
    assert attributes_behind(PAIN) == set()


# Numbers -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("12", 12),
        (" 12 ", 12),
        ("0", 0),
        ("007", 7),
        ("１２", 12),
        ("１，２００", 1200),
        ("1,200", 1200),
        ("1,234,567", 1234567),
        ("−3", -3),
        ("12,00", None),
        ("1,2", None),
        (",200", None),
        ("12.5", None),
        ("12人", None),
        ("十二", None),
        ("--3", None),
        ("", None),
        ("-", None),
        ("9" * 41, None),
    ],
)
def test_a_number_is_read_as_people_type_it(typed: str, number: int | None) -> None:
    assert read_number(typed) == number


@given(st.integers(0, HIGHEST))
@example(0)
@example(999)
@example(1000)
def test_every_way_of_typing_a_number_means_the_same(number: int) -> None:
    wide = str.maketrans("0123456789,", "０１２３４５６７８９，")

    ways = [str(number), f"{number:,}", str(number).translate(wide), f"{number:,}".translate(wide)]

    assert {read_number(way) for way in ways} == {number}


@st.composite
def classes(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Classes without gap or overlap; both ends open or not."""
    cuts = sorted(draw(st.sets(st.integers(0, 2000), min_size=2, max_size=8)))
    found = [option(f"c{low}", low, high - 1) for low, high in pairwise(cuts)]
    if draw(st.booleans()):
        found[0]["low"] = None
    if draw(st.booleans()):
        found[-1]["high"] = None
    return found


@given(classes(), st.integers(-10, 2100) | st.integers(0, HIGHEST + 10))
def test_a_number_is_in_exactly_the_class_that_holds_it(
    given_classes: list[dict[str, Any]], number: int
) -> None:
    holding = [o["code"] for o in given_classes if bounds(o)[0] <= number <= bounds(o)[1]]
    answer, problem = read(ask("N", "number", *given_classes), [str(number)])

    assert len(holding) <= 1
    assert class_of(given_classes, str(number)) == (holding[0] if holding else None)
    assert (problem is None) == bool(holding)
    assert answer == str(number)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["５"], ("5", None)),
        (["1,000"], ("1000", None)),
        ([""], (None, None)),
        ([], (None, None)),
        (["many"], (None, Problem.NOT_A_NUMBER)),
        (["3", "4"], (None, Problem.NOT_A_NUMBER)),
        (["-1"], ("-1", Problem.OUT_OF_RANGE)),
        (["1000000"], ("1000000", Problem.OUT_OF_RANGE)),
    ],
)
def test_reading_a_posted_number(values: list[str], expected: Any) -> None:
    assert read(ask("N", "number", *CLASSES), values) == expected


def test_a_required_number_is_missed() -> None:
    assert read(ask("N", "number", *CLASSES, required=True), [" "]) == (None, Problem.MISSING)


def test_a_number_between_two_classes_is_refused_rather_than_lost() -> None:
    gap = [option("low", 0, 5), option("high", 8, 10)]

    assert read(ask("N", "number", *gap), ["6"]) == ("6", Problem.OUT_OF_RANGE)


def test_the_range_goes_from_the_lowest_class_to_the_highest() -> None:
    assert number_range([option("a", 3, 5), option("b", 6, 20)]) == (3, 20)
    assert number_range(CLASSES) == (LOWEST, HIGHEST)
    assert number_range([option("cold", -20, -1), option("warm", 0, 30)]) == (-20, 30)
    assert number_range([]) == (LOWEST, HIGHEST)


@pytest.mark.parametrize("value", [None, 7, ["7"], "", "seven"])
def test_what_is_no_number_is_in_no_class(value: object) -> None:
    assert class_of(CLASSES, value) is None
