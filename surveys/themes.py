"""What a text is about by plain words, what may be told of such counts, what a wording copies."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from roadmap.search import fold

#: Chips beside a text (survey-anonymity, Theming the free text).
CHIPS = 3
#: A term of one character would be found everywhere.
SHORTEST_TERM = 2
#: So many characters in a row that a raw text has too are called copied.
COPIED = 8


class Term(NamedTuple):
    """A word of the codebook: whose it is, as it is written, as it is compared."""

    theme: int
    text: str
    key: str


class Suggestion(NamedTuple):
    """A theme, how strongly the words point to it, and which words of the codebook did."""

    theme: int
    score: int
    terms: tuple[str, ...]


def dense(text: str) -> str:
    """A text as terms are looked for in it: folded, without spaces and line breaks."""
    return "".join(fold(text).split())


def codebook(terms: Iterable[tuple[int, str]], merged: Mapping[int, int]) -> list[Term]:
    """Terms ready to be looked for; those of a merged theme point to where it went."""
    return [Term(resolve(merged, theme), text, dense(text)) for theme, text in terms]


def resolve(merged: Mapping[int, int], theme: int) -> int:
    """Follow theme → merged into to the theme that stands; a ring ends where it was entered."""
    seen = {theme}
    while (further := merged.get(theme)) is not None and further not in seen:
        seen.add(further)
        theme = further
    return theme


def suggest(text: str, terms: Iterable[Term], limit: int = CHIPS) -> list[Suggestion]:
    """The themes whose terms stand in a text, the strongest first; ties in the book's order.

    Each term counts with its length: a longer one says more. A term inside a longer one that was
    found as well counts once, with the longer one.
    """
    plain = dense(text)
    hits: dict[int, list[Term]] = defaultdict(list)
    for term in terms:
        if len(term.key) >= SHORTEST_TERM and term.key in plain:
            hits[term.theme].append(term)
    found = [_weighed(theme, rows) for theme, rows in hits.items()]
    return sorted(found, key=lambda one: -one.score)[:limit]


def catches(text: str, terms: Iterable[Term]) -> bool:
    """Whether any term stands in a text: `suggest` without the weighing."""
    plain = dense(text)
    return any(term.key in plain for term in terms if len(term.key) >= SHORTEST_TERM)


def _weighed(theme: int, rows: Sequence[Term]) -> Suggestion:
    keys = {row.key: row.text for row in rows}
    longest = [key for key in keys if not any(key != other and key in other for other in keys)]
    return Suggestion(theme, sum(map(len, longest)), tuple(keys[key] for key in longest))


# Counts of texts ----------------------------------------------------------------------------------
def told(
    texts: Iterable[tuple[int | None, str]], *, k: int, rest: int | None = None
) -> dict[int, int]:
    """How many texts each theme has, as far as that may be told; {} where nothing may.

    `texts`: (theme or None, question). A ballot has one text a question at most, so a theme has k
    people for certain where one question alone has k of its texts; that is what k is asked of.
    Smaller themes, what nobody has sorted and the theme `rest` itself are told together as `rest`.
    While these together are fewer than k people, but somebody, the smallest theme told joins them:
    whoever knows how many texts there were, from the log of readings, can subtract nothing.
    """
    by_theme: dict[int, Counter[str]] = defaultdict(Counter)
    left: Counter[str] = Counter()
    for theme, question in texts:
        (left if theme is None or theme == rest else by_theme[theme])[question] += 1
    shown = {}
    for theme, per_question in by_theme.items():
        if max(per_question.values()) >= k:
            shown[theme] = per_question
        else:
            left += per_question
    while shown and 0 < max(left.values(), default=0) < k:
        left += shown.pop(min(shown, key=lambda theme: (shown[theme].total(), theme)))
    numbers = {theme: per_question.total() for theme, per_question in shown.items()}
    if numbers and left and rest is not None:
        numbers[rest] = left.total()
    return numbers


# Wordings -----------------------------------------------------------------------------------------
def copied(wording: str, texts: Iterable[str], length: int = COPIED) -> list[str]:
    """The parts of a wording, of at least that many characters, that stand in one of the texts.

    Compared like terms are: width, case, kana and spaces make no difference.
    """
    written = "".join(unicodedata.normalize("NFKC", wording).split())
    key = dense(written)
    if len(key) != len(written):
        written = key
    pieces: dict[str, list[int]] = defaultdict(list)
    for start in range(len(key) - length + 1):
        pieces[key[start : start + length]].append(start)
    if not pieces:
        return []
    same: set[int] = set()
    for text in texts:
        plain = dense(text)
        for start in range(len(plain) - length + 1):
            same.update(pieces.get(plain[start : start + length], ()))
    return _runs(written, same, length)


def _runs(written: str, starts: set[int], length: int) -> list[str]:
    runs: list[tuple[int, int]] = []
    for start in sorted(starts):
        if runs and start <= runs[-1][1]:
            runs[-1] = (runs[-1][0], start + length)
        else:
            runs.append((start, start + length))
    return list(dict.fromkeys(written[begin:end] for begin, end in runs))
