"""A check list for plain Japanese: what in a text is hard to read, why, and what to write instead.

It warns and never refuses, and keeps nothing. Pure; only Japanese text is looked at. Thresholds are
our own proposal, near to the guideline "やさしい日本語" of the Agency for Cultural Affairs and the
Immigration Services Agency (2020): short sentences, one thing each, no double negation, no passive.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext as _

from dxportal.shared.plain_words import KNOWN_LETTERS, PLAIN_WORDS

LONGEST_SENTENCE: Final = 60
LONGEST_KANJI: Final = 8
MOST_SENTENCES: Final = 10
MOST_ETC: Final = 2


class Rule(StrEnum):
    """What is looked for, in the order in which it is told."""

    LONG = "long"
    KATAKANA = "katakana"
    NEGATION = "negation"
    PASSIVE = "passive"
    KANJI = "kanji"
    LETTERS = "letters"
    WEEKDAY = "weekday"
    ETC = "etc"
    NAME = "name"
    DEADLINE = "deadline"
    MANY = "many"


#: Rules about a single sentence; the others look at the whole text.
TYPED: Final = frozenset(Rule) - {Rule.DEADLINE}
EVERYTHING: Final = frozenset(Rule)


@dataclass(frozen=True, slots=True)
class Hint:
    """One place: the sentence ("" for the whole text), what was found, why, what to do."""

    rule: Rule
    sentence: str
    found: str
    why: str
    instead: str


_BREAK = re.compile(r"(?<=[。！？!?])|\n+")
_BULLET = re.compile(r"^(?:[\s・※●○■□*\-–]|[0-9]{1,2}[.)）])+")
_KATAKANA = re.compile(r"[ァ-ヴー]{3,}")
_KANJI = re.compile(rf"[一-龯々]{{{LONGEST_KANJI + 1},}}")
_OFFICE = re.compile(r"(?:委員会|事務局|事務所|[課室局部係署館校園])$")
_NEGATION = re.compile(
    r"(?:ない|なく|ず)(?:わけ|こと|もの)?(?:で)?(?:は|も)(?:ない|なかった|ありません)"
    r"|ないわけに(?:は)?(?:いかない|いきません)"
    r"|(?:ない|ず)とは(?:限らない|限りません|言えない|言えません|いえない|いえません)"
    r"|ずには(?:い|お)(?:られ|か)"
)
_PASSIVE = re.compile(r"(?:[さら]れる)?(?:もの|こと)と(?:する|します|いたします|されて)")
_LETTERS = re.compile(r"(?<![A-Za-z0-9.@/_-])[A-Z]{2,6}(?![A-Za-z0-9.@/_-])")
_DATE = re.compile(
    r"(?:1[0-2]|[1-9])月(?:[12][0-9]|3[01]|[1-9])日(?!\s*[(（]?[月火水木金土日][)）曜・])"
)
_ETC = re.compile(r"(?<![平同高均対上優初中])等(?![しく級分身身価])")
_ASKS = re.compile(r"(?:ください|下さい|お願いします|お願いいたします|提出する)")
_WHEN = re.compile(
    r"\d|まで|期限|締切|締め切り|今日|明日|今週|来週|今月|来月|いつでも|随時|すぐ|ときに?は|場合"
)


def sentences(text: str) -> list[str]:
    """Sentences and lines of a text, without bullets; letters and figures half width."""
    plain = unicodedata.normalize("NFC", text)
    parts = (_BULLET.sub("", part.strip()) for part in _BREAK.split(plain))
    return [part for part in parts if part]


def check(
    text: str,
    *,
    rules: Collection[Rule] = TYPED,
    words: Mapping[str, str] = PLAIN_WORDS,
    names: Callable[[str], bool] | None = None,
) -> list[Hint]:
    """Everything that is hard to read, sentence by sentence, then the whole.

    `words`: hard word → plain ones. `names`: whether a text seems to name somebody.
    """
    found = sentences(text)
    hints = [hint for sentence in found for hint in _sentence(sentence, words, names)]
    return [hint for hint in [*hints, *_whole(found)] if hint.rule in rules]


def _sentence(
    sentence: str, words: Mapping[str, str], names: Callable[[str], bool] | None
) -> Iterator[Hint]:
    half = unicodedata.normalize("NFKC", sentence)
    if len(sentence) > LONGEST_SENTENCE:
        yield _hint(Rule.LONG, sentence, str(len(sentence)))
    for run in dict.fromkeys(_KATAKANA.findall(half)):
        word = next((word for word in words if run.startswith(word)), "")
        if word:
            yield _hint(Rule.KATAKANA, sentence, word, words[word])
    for rule, pattern in ((Rule.NEGATION, _NEGATION), (Rule.PASSIVE, _PASSIVE)):
        if match := pattern.search(half):
            yield _hint(rule, sentence, match[0])
    for run in dict.fromkeys(_KANJI.findall(half)):
        if not _OFFICE.search(run):
            yield _hint(Rule.KANJI, sentence, run)
    for letters in dict.fromkeys(_LETTERS.findall(half)):
        if letters not in KNOWN_LETTERS and not _is_explained(letters, half):
            yield _hint(Rule.LETTERS, sentence, letters)
    if match := _DATE.search(half):
        yield _hint(Rule.WEEKDAY, sentence, match[0])
    if names is not None and names(sentence):
        yield _hint(Rule.NAME, sentence, "")


def _is_explained(letters: str, sentence: str) -> bool:
    """「CDO（最高デジタル責任者）」 or 「最高デジタル責任者（CDO）」."""
    return bool(re.search(rf"{letters}\s*\(|\(\s*{letters}\s*\)", sentence))


def _whole(found: list[str]) -> Iterator[Hint]:
    text = "\n".join(found)
    number = len(_ETC.findall(text))
    if number > MOST_ETC:
        yield _hint(Rule.ETC, "", str(number))
    if _ASKS.search(text) and not _WHEN.search(unicodedata.normalize("NFKC", text)):
        yield _hint(Rule.DEADLINE, "", "")
    if len(found) > MOST_SENTENCES:
        yield _hint(Rule.MANY, "", str(len(found)))


def _hint(rule: Rule, sentence: str, found: str, plain: str = "") -> Hint:
    why, instead = explain(rule)
    values = {"found": found, "plain": plain, "most": _most(rule)}
    return Hint(rule, sentence, found, why % values, instead % values)


def _most(rule: Rule) -> int:
    return {
        Rule.LONG: LONGEST_SENTENCE,
        Rule.KANJI: LONGEST_KANJI,
        Rule.ETC: MOST_ETC,
        Rule.MANY: MOST_SENTENCES,
    }.get(rule, 0)


def explain(rule: Rule) -> tuple[str, str]:
    """Why it is hard to read, and what to do; with placeholders found, plain and most."""
    return {
        Rule.LONG: (
            _("The sentence has %(found)s characters."),
            _("Cut it in two: one thing a sentence, %(most)d characters at most."),
        ),
        Rule.KATAKANA: (
            _("Many do not know the word “%(found)s”."),
            _("Write for example: %(plain)s"),
        ),
        Rule.NEGATION: (
            _("Two negations, “%(found)s”, have to be worked out."),
            _("Say what is so, not what is not so."),
        ),
        Rule.PASSIVE: (
            _("“%(found)s” hides who does it."),
            _("Write who does it, and end with 〜します."),
        ),
        Rule.KANJI: (
            _("“%(found)s” has more than %(most)d kanji in a row."),
            _("Put の or を between the words, or say it in a sentence."),
        ),
        Rule.LETTERS: (
            _("“%(found)s” is not explained."),
            _("Write what it means in brackets, or leave it out."),
        ),
        Rule.WEEKDAY: (
            _("The day of the week is missing at “%(found)s”."),
            _("Write it in brackets, for example 12月1日（火）."),
        ),
        Rule.ETC: (
            _("等 stands there %(found)s times."),
            _("Name what is meant, or leave 等 out."),
        ),
        Rule.NAME: (
            _("This looks like a person's name."),
            _("Write the department or the post, unless the person agreed."),
        ),
        Rule.DEADLINE: (
            _("Something is asked for, and no day is named."),
            _("Write until when, with the day of the week."),
        ),
        Rule.MANY: (
            _("There are %(found)s sentences."),
            _("Put what has to be done first, and keep to %(most)d sentences."),
        ),
    }[rule]
