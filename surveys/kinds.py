"""What each kind of question allows, and how a number becomes one of its classes."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from surveys.content.fixed import FIXED
from surveys.content.shape import Option, options

Definition = Mapping[str, Any]

#: A number class without a lower or upper bound reaches to here: six digits fill no ballot.
LOWEST: Final = 0
HIGHEST: Final = 999_999

#: A whole number, with commas between thousands or without; widths are folded before.
_WHOLE = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)")
_MINUS = str.maketrans("−‐–", "---")
_MOST_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Kind:
    """What may be done with a question of one kind.

    `single`: one answer at most. `options`: it has a list of answers. `branched_on`: a later
    question may depend on it. `attribute`: it tells who answered rather than what, so it is
    tallied for all staff only (survey-anonymity, Suppression 5).
    """

    code: str
    single: bool = True
    options: bool = True
    crossed: bool = True
    branched_on: bool = True
    attribute: bool = False
    text: bool = False
    number: bool = False

    @property
    def fixed(self) -> list[Option] | None:
        """The answers that every question of the kind has; None where the survey words its own."""
        rows = FIXED.get(self.code)
        return None if rows is None else options(rows)


KINDS: Final[Mapping[str, Kind]] = {
    kind.code: kind
    for kind in (
        Kind("single"),
        Kind("multiple", single=False, crossed=False),
        Kind("scale"),
        Kind("frequency"),
        Kind("minutes"),
        Kind("number", branched_on=False, number=True),
        Kind("job", attribute=True),
        Kind("text", options=False, crossed=False, branched_on=False, text=True),
    )
}


def kind_of(question: Mapping[str, Any]) -> Kind:
    """The rules of a question's kind."""
    return KINDS[question["kind"]]


def attributes_behind(definition: Definition) -> set[str]:
    """Codes of attributes, and of every question that is asked only after some attribute.

    Whether such a question was asked tells the attribute, so it stays where the attribute stays.
    """
    found: set[str] = set()
    for question in definition["questions"]:
        behind = {condition["question"] for condition in question["ask_if"] or ()}
        if kind_of(question).attribute or behind & found:
            found.add(question["code"])
    return found


# Numbers -----------------------------------------------------------------------------------------
def read_number(text: str) -> int | None:
    """The whole number that was typed, in any width, with commas or without; None if it is none."""
    folded = unicodedata.normalize("NFKC", text[:_MOST_CHARACTERS]).strip().translate(_MINUS)
    if len(text) > _MOST_CHARACTERS or not _WHOLE.fullmatch(folded):
        return None
    return int(folded.replace(",", ""))


def bounds(option: Mapping[str, Any]) -> tuple[int, int]:
    """The lowest and highest number of a class, both in it."""
    low, high = option["low"], option["high"]
    return LOWEST if low is None else low, HIGHEST if high is None else high


def number_range(classes: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """The lowest and highest number that the classes take."""
    ends = [bounds(option) for option in classes]
    return min((low for low, _high in ends), default=LOWEST), max(
        (high for _low, high in ends), default=HIGHEST
    )


def class_of(classes: Sequence[Mapping[str, Any]], value: object) -> str | None:
    """The code of the class that a number's string belongs to; None where it is in no class."""
    number = read_number(value) if isinstance(value, str) else None
    if number is None:
        return None
    return next(
        (o["code"] for o in classes if bounds(o)[0] <= number <= bounds(o)[1]),
        None,
    )
