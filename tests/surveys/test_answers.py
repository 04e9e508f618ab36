"""What posted answers mean, and which page comes next."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys import answers as meaning
from surveys.answers import Answers, Problem
from surveys.content import FOLLOW_UP, PAIN
from surveys.kinds import KINDS
from tests.surveys.test_kinds import ask, option

CODES = [question["code"] for question in PAIN["questions"]]


def _question(code: str, definition: Any = PAIN) -> Any:
    return meaning.question_of(definition, code)


@pytest.mark.parametrize(
    ("code", "values", "expected"),
    [
        ("Q1", ["paper"], ("paper", None)),
        ("Q1", [], (None, Problem.MISSING)),
        ("Q1", [""], (None, Problem.MISSING)),
        ("Q1", ["paper", "phone"], ("paper", Problem.TOO_MANY)),
        ("Q1", ["nonsense"], (None, Problem.UNKNOWN)),
        ("Q1b", ["phone", "paper"], (["paper", "phone"], None)),
        ("Q3", [], (None, None)),
        ("Q2", ["  "], (None, None)),
        ("Q2", ["一行\r\n二行\x00"], ("一行\n二行", None)),
        ("Q2", ["あ" * 401], ("あ" * 401, Problem.TOO_LONG)),
    ],
)
def test_read(code: str, values: list[str], expected: Any) -> None:
    assert meaning.read(_question(code), values) == expected


def test_after_walks_every_question_in_order() -> None:
    walked = [CODES[0]]
    while code := meaning.after(PAIN, {"Q1": "paper"}, walked[-1]):
        walked.append(code)

    assert walked == CODES


def test_after_a_short_cut_comes_the_last_page() -> None:
    assert meaning.after(PAIN, {"Q1": "none"}, "Q1") is None
    assert meaning.before(PAIN, {"Q1": "none"}, None) == "Q1"


def test_before_the_first_question_there_is_nothing() -> None:
    assert meaning.before(PAIN, {}, "Q1") is None
    assert meaning.before(PAIN, {}, "Q2") == "Q1b"
    assert meaning.before(PAIN, {}, None) == "Q9"


def test_resume_goes_on_after_the_last_answer() -> None:
    assert meaning.resume(PAIN, {}) == "Q1"
    assert meaning.resume(PAIN, {"Q1": "paper", "Q3": "daily"}) == "Q4"
    assert meaning.resume(PAIN, {"Q9": "yes"}) is None


def test_settled_drops_answers_of_a_branch_that_was_left() -> None:
    answers: Answers = {"F1": "daily", "F2": "easier", "F5": ["slow"]}

    assert meaning.settled(FOLLOW_UP, answers) == {"F1": "daily", "F2": "easier"}


def test_missing_names_the_required_question() -> None:
    assert meaning.missing(PAIN, {}) == ["Q1"]
    assert meaning.missing(PAIN, {"Q1": "none"}) == []


def test_progress_counts_pages_and_minutes() -> None:
    assert meaning.progress(PAIN, {}, "Q1") == (1, 9, 3)
    assert meaning.progress(PAIN, {}, "Q9") == (9, 9, 1)


@given(
    st.dictionaries(
        st.sampled_from([*CODES, "Q99"]),
        st.one_of(st.text(max_size=5), st.lists(st.sampled_from(["paper", "phone", "x"]))),
    )
)
def test_settled_answers_stay_as_they_are(posted: dict[str, Any]) -> None:
    kept = meaning.settled(PAIN, posted)

    assert meaning.settled(PAIN, kept) == kept
    assert set(kept) <= set(CODES)


# Kinds -------------------------------------------------------------------------------------------
JOB = [{"question": "J", "any_of": ["counter"]}]
BRANCHED: Any = {
    "minutes": 2,
    "check": True,
    "questions": [
        ask("J", "job", *(KINDS["job"].fixed or [])),
        ask("A", "single", option("x"), option("y"), ask_if=JOB),
        ask("B", "multiple", option("p"), option("q"), max=2),
        ask("C", "text", max_length=400, ask_if=[{"question": "A", "any_of": ["x"]}]),
        ask(
            "D",
            "frequency",
            *(KINDS["frequency"].fixed or []),
            ask_if=[{"question": "B", "any_of": ["q"]}],
        ),
        ask("N", "number", option("low", 0, 9), option("high", 10, 99)),
    ],
}


def test_settled_keeps_a_number_as_its_digits_and_drops_what_cannot_be() -> None:
    def kept(typed: Any) -> Any:
        return meaning.settled(BRANCHED, {"N": typed}).get("N")

    assert [kept(typed) for typed in ("7", "０７", "1,2", "100", "x", ["8"], ["8", "9"], "")] == [
        *("7", "7", None, None, None, "8", None, None)
    ]


def test_settled_drops_what_stands_on_a_branch_of_a_branch_that_was_left() -> None:
    answers: Answers = {"J": "office", "A": "x", "C": "text", "N": "3"}

    assert meaning.settled(BRANCHED, answers) == {"J": "office", "N": "3"}
    assert meaning.settled(BRANCHED, {**answers, "J": "counter"}) == {**answers, "J": "counter"}


@pytest.mark.parametrize(
    ("answers", "way"),
    [
        ({}, "J B N"),
        ({"J": "counter"}, "J A B N"),
        ({"J": "counter", "A": "x"}, "J A B C N"),
        ({"J": "office", "A": "x"}, "J B N"),
        ({"B": ["p"]}, "J B N"),
        ({"B": ["p", "q"]}, "J B D N"),
    ],
)
def test_the_way_follows_branches_there_and_back(answers: Answers, way: str) -> None:
    codes = way.split()
    walked = [codes[0]]
    while code := meaning.after(BRANCHED, answers, walked[-1]):
        walked.append(code)
    back = [meaning.before(BRANCHED, answers, None)]
    while code := meaning.before(BRANCHED, answers, back[-1]):
        back.append(code)

    assert walked == codes
    assert back == codes[::-1]
    assert [meaning.progress(BRANCHED, answers, c)[:2] for c in codes] == [
        (n, len(codes)) for n in range(1, len(codes) + 1)
    ]


def test_a_number_is_a_place_to_go_on_from() -> None:
    assert meaning.resume(BRANCHED, {"J": "office"}) == "B"
    assert meaning.resume(BRANCHED, {"N": "0"}) is None
