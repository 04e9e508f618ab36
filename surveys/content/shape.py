"""The shape of a survey template: JSON-able dicts, frozen into a wave when it opens."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, TypedDict

Kind = Literal["single", "multiple", "scale", "text", "frequency", "minutes", "number", "job"]
Audience = Literal["staff", "heads"]

#: Free text is never longer (survey-anonymity: it must fit the padded ballot).
MAX_TEXT: Final = 400
#: Ways through a survey that are tried for the longest one.
MAX_WAYS: Final = 1024


class Option(TypedDict):
    """One answer. `more` stands below 「その他を見る」; `finish` leads straight to the last page.

    After `finish` every other question can still be opened and answered, so it is a short cut
    and no branch: what stays open is tallied as unanswered, never as "not asked". `low` and `high`
    bound a class of a number question, both ends included; None is open.
    """

    code: str
    label_ja: str
    label_en: str
    more: bool
    finish: bool
    low: int | None
    high: int | None


class Condition(TypedDict):
    """Holds when an answer to `question`, an earlier one, is in `any_of`."""

    question: str
    any_of: list[str]


class Question(TypedDict):
    """One page. `ask_if` lists conditions of which one is enough; None asks everybody."""

    code: str
    kind: Kind
    text_ja: str
    text_en: str
    hint_ja: str
    hint_en: str
    options: list[Option]
    max: int
    required: bool
    max_length: int
    ask_if: list[Condition] | None


class Template(TypedDict):
    """A whole survey. `check` tells whether a page with all answers comes before sending."""

    template: str
    version: int
    title_ja: str
    title_en: str
    minutes: int
    check: bool
    audience: Audience
    questions: list[Question]


Answers = Mapping[str, str | Sequence[str]]
#: Questions passed so far, and the answers that led there.
_Way = tuple[list[Question], dict[str, str | Sequence[str]]]


def options(
    rows: Iterable[tuple[str, str, str]], *, more: Iterable[str] = (), finish: Iterable[str] = ()
) -> list[Option]:
    """Options from (code, Japanese, English); `more` and `finish` name codes."""
    hidden, ending = frozenset(more), frozenset(finish)
    return [
        Option(
            code=code,
            label_ja=ja,
            label_en=en,
            more=code in hidden,
            finish=code in ending,
            low=None,
            high=None,
        )
        for code, ja, en in rows
    ]


def question(
    code: str,
    kind: Kind,
    text: tuple[str, str],
    *,
    hint: tuple[str, str] = ("", ""),
    choices: list[Option] | None = None,
    at_most: int = 1,
    required: bool = False,
    ask_if: list[Condition] | None = None,
) -> Question:
    """A question with (Japanese, English) text and hint; only `multiple` allows more than one."""
    return Question(
        code=code,
        kind=kind,
        text_ja=text[0],
        text_en=text[1],
        hint_ja=hint[0],
        hint_en=hint[1],
        options=choices or [],
        max=at_most,
        required=required,
        max_length=MAX_TEXT if kind == "text" else 0,
        ask_if=ask_if,
    )


def is_asked(question: Question, answers: Answers) -> bool:
    """Whether this question is asked of somebody who has answered so."""
    conditions = question["ask_if"]
    return conditions is None or any(
        not _given(answers, condition["question"]).isdisjoint(condition["any_of"])
        for condition in conditions
    )


def _given(answers: Answers, code: str) -> set[str]:
    given = answers.get(code, ())
    return {given} if isinstance(given, str) else set(given)


def path(template: Template, answers: Answers) -> list[str]:
    """The codes of the questions that these answers lead through, in order, one a page.

    An answer that stands on a branch which was left since leads nowhere.
    """
    on_the_way: dict[str, str | Sequence[str]] = {}
    for q in template["questions"]:
        if is_asked(q, on_the_way):
            on_the_way[q["code"]] = answers.get(q["code"], "")
    return list(on_the_way)


def most_pages(template: Template) -> int:
    """Questions on the longest way."""
    return max(len(way) for way in _longest_ways(template))


def most_taps(template: Template) -> int:
    """Taps from the first question to the end on the longest way, typing not counted.

    Each page costs its options (a number: the tap into its field), one for 「その他を見る」 where
    there is one, and 「次へ」; then comes 「送る」. Without a check page the last 「次へ」 is it.
    """
    return max(sum(map(_taps, way)) for way in _longest_ways(template)) + template["check"]


def _taps(q: Question) -> int:
    return (q["max"] if q["options"] else 0) + any(o["more"] for o in q["options"]) + 1


def _longest_ways(template: Template) -> list[list[Question]]:
    """Every way that could be the longest; the whole survey where branches are too many to try."""
    questions = template["questions"]
    ways: list[_Way] = [([], {})]
    for q in questions:
        leading = _leading(q, questions)
        ways = [longer for way in ways for longer in _one_further(way, q, leading)]
        if len(ways) > MAX_WAYS:
            return [list(questions)]
    return [passed for passed, _answers in ways]


def _one_further(way: _Way, q: Question, leading: Sequence[str | Sequence[str]]) -> list[_Way]:
    passed, answers = way
    if not is_asked(q, answers):
        return [way]
    return [([*passed, q], {**answers, q["code"]: given}) for given in leading]


def _leading(q: Question, questions: Sequence[Question]) -> list[str | Sequence[str]]:
    """The answers worth trying: those that no other one leads to all questions of, and more."""
    named: dict[str, set[int]] = {}
    for at, later in enumerate(questions):
        for condition in later["ask_if"] or ():
            if condition["question"] == q["code"]:
                for code in condition["any_of"]:
                    named.setdefault(code, set()).add(at)
    if q["kind"] == "multiple" or not named:
        return [list(named)]
    return [
        code
        for code, leads in named.items()
        if not any(leads < other or (leads == other and c < code) for c, other in named.items())
    ]
