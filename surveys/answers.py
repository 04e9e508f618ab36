"""What a posted answer means, and which page comes next: plain values, no request, no database."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import ceil
from typing import Any

from surveys.content import is_asked, path
from surveys.kinds import class_of, kind_of, read_number

Definition = Mapping[str, Any]
Answer = str | list[str]
Answers = dict[str, Answer]
Read = tuple[Answer | None, "Problem | None"]

#: Everything below space except the line feed: no text of ours may hold it.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class Problem(StrEnum):
    """Why an answer cannot stand as it is."""

    MISSING = "missing"
    TOO_MANY = "too_many"
    TOO_LONG = "too_long"
    UNKNOWN = "unknown"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"


def question_of(definition: Definition, code: str) -> Mapping[str, Any] | None:
    """The question with that code."""
    return next((q for q in definition["questions"] if q["code"] == code), None)


def read(
    question: Mapping[str, Any], values: Sequence[str]
) -> tuple[Answer | None, Problem | None]:
    """The answer that was posted (None: left empty), and what is wrong with it.

    A number is kept as its digits; its class is found when the ballots are counted.
    """
    kind = kind_of(question)
    if kind.text:
        return _text(question, values)
    if kind.number:
        return _number(question, values)
    known = [option["code"] for option in question["options"]]
    chosen = [code for code in known if code in values]
    if any(value not in known for value in values if value):
        return None, Problem.UNKNOWN
    if not chosen:
        return None, (Problem.MISSING if question["required"] else None)
    if not kind.single:
        return chosen, (Problem.TOO_MANY if len(chosen) > question["max"] else None)
    return chosen[0], (Problem.TOO_MANY if len(chosen) > 1 else None)


def _text(question: Mapping[str, Any], values: Sequence[str]) -> Read:
    text = _CONTROL.sub("", "\n".join(values).replace("\r\n", "\n").replace("\t", " ")).strip()
    return (text or None), (Problem.TOO_LONG if len(text) > question["max_length"] else None)


def _number(question: Mapping[str, Any], values: Sequence[str]) -> Read:
    typed = [value for value in values if value.strip()]
    if not typed:
        return None, (Problem.MISSING if question["required"] else None)
    number = read_number(typed[0])
    if number is None or len(typed) > 1:
        return None, Problem.NOT_A_NUMBER
    in_a_class = class_of(question["options"], str(number)) is not None
    return str(number), (None if in_a_class else Problem.OUT_OF_RANGE)


def with_answer(answers: Answers, code: str, answer: Answer | None) -> Answers:
    """The same answers with this one put in, or taken out when it is empty."""
    rest = {key: value for key, value in answers.items() if key != code}
    return rest if answer is None else {**rest, code: answer}


def settled(definition: Definition, answers: Mapping[str, Any]) -> Answers:
    """Only answers that stand: of questions on the way, with codes that exist."""
    kept: Answers = {}
    for question in definition["questions"]:
        given = answers.get(question["code"])
        if not given or not is_asked(question, kept):
            continue
        answer, problem = read(question, [given] if isinstance(given, str) else list(given))
        if answer is not None and problem is None:
            kept[question["code"]] = answer
    return kept


def missing(definition: Definition, answers: Answers) -> list[str]:
    """Codes of required questions on the way that are still empty."""
    asked = set(_path(definition, answers))
    return [
        question["code"]
        for question in definition["questions"]
        if question["required"] and question["code"] in asked and question["code"] not in answers
    ]


def after(definition: Definition, answers: Answers, code: str) -> str | None:
    """The next question; None when the last page comes, also by a short cut."""
    if _finishes(definition, answers, code):
        return None
    codes = _path(definition, answers)
    following = codes[codes.index(code) + 1 :] if code in codes else codes
    return following[0] if following else None


def before(definition: Definition, answers: Answers, code: str | None) -> str | None:
    """The question before this one; of None, the last page: the last one that was shown."""
    codes = _path(definition, answers)
    if code is None:
        short = [c for c in codes if _finishes(definition, answers, c)]
        return short[0] if short else codes[-1]
    place = codes.index(code) if code in codes else 0
    return codes[place - 1] if place else None


def resume(definition: Definition, answers: Answers) -> str | None:
    """Where to go on: the question after the last one that has an answer."""
    answered = [code for code in _path(definition, answers) if code in answers]
    if not answered:
        return str(definition["questions"][0]["code"])
    return after(definition, answers, answered[-1])


def progress(definition: Definition, answers: Answers, code: str) -> tuple[int, int, int]:
    """Number of the page, pages in all, minutes left (rounded up)."""
    codes = _path(definition, answers)
    number = codes.index(code) + 1 if code in codes else 1
    left = ceil(definition["minutes"] * (len(codes) - number + 1) / len(codes))
    return number, len(codes), left


def _path(definition: Definition, answers: Answers) -> list[str]:
    return path(definition, answers)  # type: ignore[arg-type]


def _finishes(definition: Definition, answers: Answers, code: str) -> bool:
    question = question_of(definition, code)
    given = answers.get(code)
    options = question["options"] if question else []
    return any(option["finish"] and option["code"] == given for option in options)
