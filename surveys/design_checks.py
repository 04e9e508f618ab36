"""What is wrong with a survey before it opens, and which of its numbers will stay hidden.

Pure: definitions as dicts and plain numbers. An error keeps a survey from opening, a warning does
not. Each sentence says what to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys.content import MAX_TEXT, most_pages, most_taps
from surveys.kinds import KINDS, bounds, kind_of
from surveys.shares import NOT_ASKED, UNANSWERED
from surveys.tallies import OTHER

Level = Literal["error", "warning"]
Definition = Mapping[str, Any]
Question = Mapping[str, Any]
Pairs = Iterable[tuple[str, str]]

MOST_PAGES: Final = 12
MOST_TAPS: Final = 20
#: Six full texts fit the larger ballot in any script (tests/surveys/test_design_checks.py).
MOST_TEXTS: Final = 6
FEWEST_OPTIONS: Final = 2
#: How many of those asked are taken to answer (survey-anonymity, table of Suppression), in %.
RESPONSE: Final = 60
#: Codes that tallies use for themselves.
RESERVED: Final = frozenset({UNANSWERED, NOT_ASKED, OTHER})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to repair, at a question or ("") at the whole survey."""

    level: Level
    question: str
    sentence: str


def check_definition(definition: Definition) -> list[Finding]:
    """Everything that is wrong with the questions, in their order, then with the whole."""
    questions: Sequence[Question] = definition["questions"]
    if not questions:
        return [_error("", _("This survey has no questions. Add one."))]
    found: list[Finding] = []
    reached: dict[str, Question] = {}
    seen: dict[str, Question] = {}
    for question in questions:
        if question["code"] in seen:
            found.append(_error(question["code"], _("Two questions have the same code.")))
        found += _check_question(question)
        wrong = list(_check_conditions(question, seen))
        found += wrong
        if _can_be_asked(question, reached):
            reached[question["code"]] = question
        elif not wrong:
            sentence = _("Nobody can come to this question. Change when it is asked.")
            found.append(_error(question["code"], sentence))
        seen[question["code"]] = question
    return [*found, *_check_whole(definition)]


def is_open_to_waves(findings: Iterable[Finding]) -> bool:
    """Whether nothing keeps the survey from opening."""
    return all(finding.level != "error" for finding in findings)


def check_pairs(definition: Definition, pairs: Pairs) -> list[Finding]:
    """What is wrong with the declared cross tables."""
    by_code = {question["code"]: question for question in definition["questions"]}
    found: list[Finding] = []
    known: set[frozenset[str]] = set()
    for rows, columns in pairs:
        for code in dict.fromkeys((rows, columns)):
            if code not in by_code:
                sentence = _("A cross table names a question that is not asked. Remove the table.")
                found.append(_error(code, sentence))
            elif not _rules(by_code[code]).crossed:
                sentence = _(
                    "Only questions with one answer can stand in a cross table,"
                    " not free text and not several answers. Choose another question."
                )
                found.append(_error(code, sentence))
        if rows == columns:
            sentence = _("A cross table needs two different questions. Choose another one.")
            found.append(_error(rows, sentence))
        elif frozenset((rows, columns)) in known:
            found.append(_error(rows, _("This cross table is there twice. Remove one.")))
        known.add(frozenset((rows, columns)))
    return found


# One question ------------------------------------------------------------------------------------
def _check_question(question: Question) -> Iterator[Finding]:
    code = question["code"]
    if question["kind"] not in KINDS:
        yield _error(code, _("This kind of question does not exist. Choose another kind."))
        return
    kind = kind_of(question)
    yield from _check_words(question)
    if kind.text:
        yield from _check_text(question)
    else:
        yield from _check_options(question)
    if kind.number:
        yield from _check_classes(question)


def _check_words(question: Question) -> Iterator[Finding]:
    options = question["options"]
    if not question["text_ja"].strip() or not all(o["label_ja"].strip() for o in options):
        sentence = _("The question or one of its answers has no Japanese words. Write them.")
        yield _error(question["code"], sentence)
    lacks = not question["text_en"].strip() or not all(o["label_en"].strip() for o in options)
    if lacks or (question["hint_ja"].strip() and not question["hint_en"].strip()):
        sentence = _(
            "English words are missing. Those who read English see Japanese here;"
            " add English if you can."
        )
        yield _warning(question["code"], sentence)


def _check_text(question: Question) -> Iterator[Finding]:
    if question["required"]:
        sentence = _("Nobody may be made to write. Let this question be left empty.")
        yield _error(question["code"], sentence)
    if not 0 < question["max_length"] <= MAX_TEXT:
        sentence = _("A free text has %(most)s characters at most. Set a limit up to that.")
        yield _error(question["code"], sentence % {"most": MAX_TEXT})


def _check_options(question: Question) -> Iterator[Finding]:
    code, kind, options = question["code"], kind_of(question), question["options"]
    codes = [option["code"] for option in options]
    if len(options) < FEWEST_OPTIONS:
        sentence = _("A choice needs two answers at least. Add answers, or use another kind.")
        yield _error(code, sentence)
    if max(Counter(codes).values(), default=1) > 1:
        yield _error(code, _("Two answers have the same code. Remove one and add it again."))
    if RESERVED.intersection(codes):
        sentence = _("An answer has a code that counting needs for itself. Use another code.")
        yield _error(code, sentence)
    if kind.fixed is not None and codes != [option["code"] for option in kind.fixed]:
        sentence = _(
            "The answers of this kind are fixed, as something is computed from them."
            " Put them back, or use the kind “One answer”."
        )
        yield _error(code, sentence)
    if not kind.single and not 1 <= question["max"] <= len(options):
        sentence = _("More answers may be chosen than there are. Lower the number.")
        yield _error(code, sentence)


def _check_classes(question: Question) -> Iterator[Finding]:
    code = question["code"]
    ends = [bounds(option) for option in question["options"]]
    if any(low > high for low, high in ends) or any(a[0] > b[0] for a, b in pairwise(ends)):
        sentence = _("The classes run backwards. Order them from the lowest to the highest.")
        yield _error(code, sentence)
        return
    if any(following[0] <= before[1] for before, following in pairwise(ends)):
        sentence = _("Two classes hold the same number. Let each begin after the one before.")
        yield _error(code, sentence)
    if any(following[0] > before[1] + 1 for before, following in pairwise(ends)):
        sentence = _("Numbers between two classes are in none. Let each class follow the last.")
        yield _error(code, sentence)


# Conditions --------------------------------------------------------------------------------------
def _check_conditions(question: Question, earlier: Mapping[str, Question]) -> Iterator[Finding]:
    for condition in question["ask_if"] or ():
        named = earlier.get(condition["question"])
        if named is None:
            sentence = _(
                "It is asked after a question that does not come before it."
                " Name an earlier question, or move this one down."
            )
        elif not _rules(named).branched_on:
            sentence = _(
                "Free text and numbers cannot decide what is asked next. Name a choice instead."
            )
        elif not set(condition["any_of"]) <= _codes(named):
            sentence = _(
                "It is asked after an answer that does not exist. Choose the answers anew."
            )
        else:
            continue
        yield _error(question["code"], sentence)


def _can_be_asked(question: Question, reached: Mapping[str, Question]) -> bool:
    """Whether some answers lead here; one that leads straight to the end does not."""
    conditions = question["ask_if"]
    return conditions is None or any(
        not _codes(reached[c["question"]], going_on=True).isdisjoint(c["any_of"])
        for c in conditions
        if c["question"] in reached
    )


def _codes(question: Question, *, going_on: bool = False) -> set[str]:
    return {o["code"] for o in question["options"] if not (going_on and o["finish"])}


def _rules(question: Question) -> Any:
    return KINDS.get(question["kind"], KINDS["text"])


# The whole ---------------------------------------------------------------------------------------
def _check_whole(definition: Definition) -> Iterator[Finding]:
    if not definition["title_ja"].strip():
        yield _error("", _("The survey has no Japanese title. Write one."))
    if not definition["title_en"].strip():
        yield _warning("", _("The survey has no English title. Add one if you can."))
    texts = sum(_rules(question).text for question in definition["questions"])
    if texts > MOST_TEXTS:
        sentence = _("There are %(n)s free texts; an answer holds %(most)s. Remove some.")
        yield _error("", sentence % {"n": texts, "most": MOST_TEXTS})
    pages = most_pages(definition)  # type: ignore[arg-type]
    if pages > MOST_PAGES:
        sentence = _(
            "The longest way has %(n)s questions. Surveys of more than %(most)s are often given up;"
            " remove some."
        )
        yield _warning("", sentence % {"n": pages, "most": MOST_PAGES})
    taps = most_taps(definition)  # type: ignore[arg-type]
    if taps > MOST_TAPS:
        sentence = _("The longest way takes %(n)s taps. Keep it to %(most)s: remove questions.")
        yield _warning("", sentence % {"n": taps, "most": MOST_TAPS})


# What will stay hidden ---------------------------------------------------------------------------
def check_attributes(
    definition: Definition,
    cross_pairs: Pairs,
    *,
    asked: int,
    segment_sizes: Sequence[int],
    k: int,
) -> list[Finding]:
    """Which tables and questions will probably hold cells below k, if `RESPONSE` % answer.

    Cells are expected to be filled evenly and to need 2k answers: real answers are not even. Of
    small sections only their number is told.
    """
    guess = _Guess(asked, k)
    by_code = {question["code"]: question for question in definition["questions"]}
    found = list(guess.of_everybody())
    for rows, columns in cross_pairs:
        if rows in by_code and columns in by_code:
            found += guess.of_pair(by_code[rows], by_code[columns])
    shares: dict[str, float] = {}
    for question in definition["questions"]:
        shares[question["code"]] = _share_asked(question, by_code, shares)
        found += guess.of_attribute(question)
        found += guess.of_branch(question, shares[question["code"]])
    return [*found, *guess.of_segments(segment_sizes)]


def _share_asked(
    question: Question, by_code: Mapping[str, Question], shares: Mapping[str, float]
) -> float:
    """The part of all people who are asked, if answers spread evenly."""
    if question["ask_if"] is None:
        return 1.0
    return min(1.0, sum(_part(c, by_code, shares) for c in question["ask_if"]))


def _part(
    condition: Mapping[str, Any], by_code: Mapping[str, Question], shares: Mapping[str, float]
) -> float:
    named = by_code.get(condition["question"])
    if named is None or not named["options"]:
        return 0.0
    leading = len(_codes(named).intersection(condition["any_of"]))
    most = named["max"] if not _rules(named).single else 1
    return shares.get(named["code"], 0.0) * min(1.0, leading * most / len(named["options"]))


@dataclass(frozen=True)
class _Guess:
    """How many answers are to be expected where."""

    asked: int
    k: int

    @property
    def answers(self) -> float:
        return self.asked * RESPONSE / 100

    def _words(self, **more: object) -> dict[str, object]:
        return {"rate": f"{RESPONSE}%", "asked": self.asked, "k": self.k, **more}

    def of_everybody(self) -> Iterator[Finding]:
        """Whether there will be results at all."""
        if self.answers < self.k:
            sentence = _(
                "%(asked)s people are asked. If %(rate)s of them answer, that is fewer than %(k)s,"
                " and nothing but this is published. Ask more departments."
            )
            yield _warning("", sentence % self._words())

    def of_pair(self, rows: Question, columns: Question) -> Iterator[Finding]:
        """Whether the cells of a cross table will be filled."""
        cells = len(rows["options"]) * len(columns["options"])
        if cells and self.answers / cells < 2 * self.k:
            sentence = _(
                "The cross table with “%(columns)s” has %(cells)s cells. If %(rate)s of %(asked)s"
                " people answer, a cell holds about %(n)s; cells under %(k)s are not shown."
                " Use questions with fewer answers, or remove the table."
            )
            words = self._words(
                columns=columns["text_ja"], cells=cells, n=int(self.answers / cells)
            )
            yield _warning(rows["code"], sentence % words)

    def of_attribute(self, question: Question) -> Iterator[Finding]:
        """Whether each answer of an attribute will be given often enough."""
        if not _rules(question).attribute:
            return
        each = self.answers / max(1, len(question["options"]))
        if each < 2 * self.k:
            sentence = _(
                "If %(rate)s of %(asked)s people answer, about %(n)s choose each kind of work;"
                " counts under %(k)s are not shown. Leave the question out if nothing needs it."
            )
            yield _warning(question["code"], sentence % self._words(n=int(each)))

    def of_branch(self, question: Question, share: float) -> Iterator[Finding]:
        """Whether enough are asked, and enough are not."""
        if question["ask_if"] is None:
            return
        on, off = self.answers * share, self.answers * (1 - share)
        if on < 2 * self.k:
            sentence = _(
                "If %(rate)s of %(asked)s people answer, about %(n)s come to this question;"
                " under %(k)s nothing of it is shown. Ask it after more answers, or of everybody."
            )
            yield _warning(question["code"], sentence % self._words(n=int(on)))
        elif off < 2 * self.k:
            sentence = _(
                "If %(rate)s of %(asked)s people answer, about %(n)s do not come to this question;"
                " under %(k)s nothing of it is shown. Ask it of everybody."
            )
            yield _warning(question["code"], sentence % self._words(n=int(off)))

    def of_segments(self, sizes: Sequence[int]) -> Iterator[Finding]:
        """How many sections have no numbers of their own."""
        small = sum(size * RESPONSE / 100 < self.k for size in sizes)
        if small:
            sentence = ngettext(
                "If %(rate)s answer, %(n)s section of %(all)s has fewer than %(k)s answers."
                " It is counted together with others; nothing needs to be done.",
                "If %(rate)s answer, %(n)s sections of %(all)s have fewer than %(k)s answers."
                " They are counted together with others; nothing needs to be done.",
                small,
            )
            yield _warning("", sentence % self._words(n=small, all=len(sizes)))


def _error(question: str, sentence: str) -> Finding:
    return Finding("error", question, sentence)


def _warning(question: str, sentence: str) -> Finding:
    return Finding("warning", question, sentence)
