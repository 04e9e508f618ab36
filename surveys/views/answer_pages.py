"""What an answering page shows: questions, choices and answers in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from surveys.actions.ballots import Refusal
from surveys.answers import Answers, Definition, Problem, after, before, missing, progress
from surveys.content import path
from surveys.kinds import kind_of, number_range, read_number
from surveys.sittings import about

#: Why nobody can answer at the moment. CANCELLED is no refusal of a ballot but a wave's end.
CANCELLED = "cancelled"
#: Why a page of a paper answer saves nothing.
SHEET_GONE = "sheet_gone"
STATE_WORDS: dict[str, tuple[str | Promise, str | Promise]] = {
    Refusal.NOT_OPEN: (
        gettext_lazy("This survey has not begun yet."),
        gettext_lazy("You can answer from the day below."),
    ),
    Refusal.CLOSED: (
        gettext_lazy("This survey is closed."),
        gettext_lazy("Answers are no longer taken. Thank you to everybody who answered."),
    ),
    Refusal.NOT_ELIGIBLE: (
        gettext_lazy("You are not asked in this survey."),
        gettext_lazy("It asks those who belonged to its departments on the day it began."),
    ),
    Refusal.ALREADY_SENT: (
        gettext_lazy("Your answers were sent from another window."),
        gettext_lazy("What was sent stands. To change it, send everything again from the start."),
    ),
    Refusal.KEY_LOST: (
        gettext_lazy("This survey has to be repeated."),
        gettext_lazy(
            "Its key can no longer be read, so answers can be neither saved nor opened."
            " We will ask you again."
        ),
    ),
    SHEET_GONE: (
        gettext_lazy("This sheet is not being typed in any more."),
        gettext_lazy("It was dropped or sent from another window. Nothing of this page was saved."),
    ),
    CANCELLED: (
        gettext_lazy("This survey was cancelled."),
        gettext_lazy("All answers given so far and their key were deleted."),
    ),
}


@dataclass(frozen=True)
class Choice:
    """One tile."""

    code: str
    label: str
    checked: bool
    number: int


@dataclass(frozen=True)
class QuestionPage:
    """One question, one page."""

    code: str
    kind: str
    text: str
    hint: str
    common: list[Choice]
    more: list[Choice]
    ending: list[Choice]
    typed: str
    max_length: int
    number: int
    total: int
    percent: int
    minutes_left: int
    previous: str | None
    sends: bool
    problem: str = ""
    names_somebody: bool = False
    range: str = ""
    about: str = ""
    why: str = ""

    @property
    def more_open(self) -> bool:
        """Whether a choice below 「その他を見る」 is chosen."""
        return any(choice.checked for choice in self.more)


@dataclass(frozen=True)
class AnswerRow:
    """One question with its answer, as the page before sending shows it."""

    code: str
    text: str
    answer: str
    is_text: bool
    missing: bool = False
    about: str = ""


def in_language(data: Mapping[str, Any], name: str) -> str:
    """The text in the reader's language; Japanese where no English was given."""
    english = data.get(f"{name}_en", "")
    return str(english if translation.get_language() == "en" and english else data[f"{name}_ja"])


def question_page(
    definition: Definition,
    question: Mapping[str, Any],
    answers: Answers,
    *,
    posted: Sequence[str] | None = None,
    problem: Problem | None = None,
    names_somebody: bool = False,
) -> QuestionPage:
    """The page of one question, with what was posted or else what was answered before."""
    code = question["code"]
    given = answers.get(code, "")
    values = posted if posted is not None else ([given] if isinstance(given, str) else given)
    choices = [
        (option, Choice(option["code"], in_language(option, "label"), option["code"] in values, n))
        for n, option in enumerate(question["options"])
    ]
    number, total, left = progress(definition, answers, code)
    kind, subject = kind_of(question), about(definition, question)
    return QuestionPage(
        code=code,
        kind=question["kind"],
        text=in_language(question, "text"),
        hint=in_language(question, "hint"),
        common=[c for option, c in choices if not option["more"] and not option["finish"]],
        more=[c for option, c in choices if option["more"]],
        ending=[c for option, c in choices if option["finish"]],
        typed=values[0] if (kind.text or kind.number) and values else "",
        max_length=question["max_length"],
        number=number,
        total=total,
        percent=round(100 * number / total),
        minutes_left=left,
        previous=before(definition, answers, code),
        sends=not definition["check"] and _is_last(definition, question, answers),
        problem=_sentence(question, problem) if problem else "",
        names_somebody=names_somebody,
        range=_range(question) if kind.number else "",
        about=subject["title"] if subject else "",
        why=subject["why"] if subject and _begins(definition, question) else "",
    )


def _begins(definition: Definition, question: Mapping[str, Any]) -> bool:
    """Whether this is the first question about its initiative: there it says what it was for."""
    mine = [q for q in definition["questions"] if q.get("block") == question.get("block")]
    return bool(mine[0]["code"] == question["code"])


def _is_last(definition: Definition, question: Mapping[str, Any], answers: Answers) -> bool:
    """Whether nothing can follow this question, whatever is answered to it."""
    code = question["code"]
    possible = ["", *(option["code"] for option in question["options"])]
    return all(after(definition, {**answers, code: given}, code) is None for given in possible)


def _range(question: Mapping[str, Any]) -> str:
    return _("A whole number from %(low)s to %(high)s") % _ends(question)


def _ends(question: Mapping[str, Any]) -> dict[str, str]:
    low, high = number_range(question["options"])
    return {"low": f"{low:,}", "high": f"{high:,}"}


def _sentence(question: Mapping[str, Any], problem: Problem) -> str:
    if kind_of(question).number:
        return _("Please enter a whole number from %(low)s to %(high)s.") % _ends(question)
    if problem == Problem.TOO_LONG:
        limit = question["max_length"]
        return _("Please shorten the text to %(limit)s characters.") % {"limit": limit}
    if problem == Problem.TOO_MANY:
        most = question["max"]
        text = ngettext("Please choose only %(most)s.", "Please choose up to %(most)s.", most)
        return text % {"most": most}
    return _("Please choose the one that comes closest.")


def answer_rows(definition: Definition, answers: Answers) -> list[AnswerRow]:
    """Every question on the way with its answer, in order."""
    lacking = missing(definition, answers)
    asked = path(definition, answers)  # type: ignore[arg-type]
    return [
        AnswerRow(
            code=question["code"],
            text=in_language(question, "text"),
            answer=_words(question, answers.get(question["code"], "")),
            is_text=kind_of(question).text,
            missing=question["code"] in lacking,
            about=_which(definition, question),
        )
        for question in definition["questions"]
        if question["code"] in asked
    ]


def _which(definition: Definition, question: Mapping[str, Any]) -> str:
    """The initiative that a question is about, where several are asked about."""
    subject = about(definition, question) if "block" in question else None
    return str(subject["title"]) if subject else ""


def typed_rows(definition: Definition, typed: Answers) -> list[AnswerRow]:
    """What was posted and not saved, whatever question it belongs to."""
    rows = [
        AnswerRow(
            code=question["code"],
            text=in_language(question, "text"),
            answer=_words(question, typed.get(question["code"], "")),
            is_text=kind_of(question).text,
        )
        for question in definition.get("questions", ())
    ]
    return [row for row in rows if row.answer]


def _words(question: Mapping[str, Any], given: str | list[str]) -> str:
    kind = kind_of(question)
    if kind.number:
        typed = given if isinstance(given, str) else "".join(given)
        number = read_number(typed)
        return typed if number is None else f"{number:,}"
    if kind.text:
        return given if isinstance(given, str) else ""
    codes = [given] if isinstance(given, str) else given
    labels = [in_language(o, "label") for o in question["options"] if o["code"] in codes]
    return "、".join(labels)
