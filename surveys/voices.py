"""Which free texts may be read, and which of them may say where they come from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Text(NamedTuple):
    """One text of one ballot; a ballot has at most one for each question."""

    leaf: int
    question: str
    body: str


class Origin(NamedTuple):
    """A unit directly below the top, and its name where a text may carry it ("": it may not)."""

    unit: int
    name: str


class Voice(NamedTuple):
    """A text without its ballot; `bureau` is "" where its origin is not told."""

    question: str
    bureau: str
    body: str


def release(texts: Iterable[Text], origins: Mapping[int, Origin], k: int) -> list[Voice]:
    """Return the texts that may be read, question by question; shuffle them before storing.

    Fewer than k texts: none. A bureau's name stays on its texts where it wrote k of them. The
    others must be k at least and come from two units at least; until they do, the bureau that
    wrote least joins them. Counting each question by itself is stricter than the rule
    (survey-anonymity, Free text) and makes a text and a writer the same: k texts are k people.
    """
    by_question: dict[str, list[Text]] = defaultdict(list)
    for text in texts:
        by_question[text.question].append(text)
    return [
        voice
        for question, rows in sorted(by_question.items())
        if len(rows) >= k
        for voice in _label(question, rows, origins, k)
    ]


def _label(
    question: str, texts: Iterable[Text], origins: Mapping[int, Origin], k: int
) -> Iterable[Voice]:
    by_unit: dict[int, list[Text]] = defaultdict(list)
    names: dict[int, str] = {}
    for text in texts:
        origin = origins[text.leaf]
        by_unit[origin.unit].append(text)
        names[origin.unit] = origin.name
    named = [unit for unit, rows in by_unit.items() if names[unit] and len(rows) >= k]
    named.sort(key=lambda unit: (-len(by_unit[unit]), unit))
    rest = [unit for unit in by_unit if unit not in named]
    while rest and named and (len(rest) < 2 or sum(len(by_unit[u]) for u in rest) < k):
        rest.append(named.pop())
    for unit, rows in by_unit.items():
        label = names[unit] if unit in named else ""
        yield from (Voice(question, label, text.body) for text in rows)
