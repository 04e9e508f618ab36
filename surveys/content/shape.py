"""The shape of a survey template: JSON-able dicts, frozen into a wave when it opens."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, TypedDict

Kind = Literal["single", "multiple", "scale", "text", "frequency", "minutes", "number", "job"]
Audience = Literal["staff", "heads"]

#: Free text is never longer (survey-anonymity: it must fit the padded ballot).
MAX_TEXT: Final = 400


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
    """Holds when the answer to `question` is one of `any_of`."""

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
        answers.get(condition["question"]) in condition["any_of"] for condition in conditions
    )


def path(template: Template, answers: Answers) -> list[str]:
    """The codes of the questions that these answers lead through, in order, one a page."""
    return [q["code"] for q in template["questions"] if is_asked(q, answers)]


def most_taps(template: Template) -> int:
    """Taps from the first question to the end on the longest way, typing not counted.

    Each page costs its options, one for 「その他を見る」 where there is one, and 「次へ」; then
    comes 「送る」. Without a check page the last 「次へ」 is 「送る」.
    """
    taps = sum(
        (q["max"] if q["options"] else 0) + any(option["more"] for option in q["options"]) + 1
        for q in template["questions"]
    )
    return taps + template["check"]
