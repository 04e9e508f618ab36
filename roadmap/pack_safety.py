"""What of a text must not, or perhaps should not, leave the municipality. No database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from dxportal.shared.names import likely_names
from roadmap.choices import PackMark
from roadmap.variants import VARIANTS

#: With one of these in it, nothing is handed on.
BLOCKING: Final = frozenset(
    (PackMark.EMAIL, PackMark.PHONE, PackMark.USER, PackMark.FEW, PackMark.PROFILE)
)
#: Groups of fewer people are left out of what other municipalities read.
FEWEST: Final = 10
#: Names of departments and posts shorter than this stand in too many words.
SHORTEST: Final = 2

_EMAIL = re.compile(
    r"[^\s@<>()「」、。:;,]{1,64}\s?(?:@|\[at\]|\(at\))\s?[a-z0-9-]+(?:\.[a-z0-9-]+)*"
)
_SEPARATORS = r"[\s\-‐‑‒–—―−ーｰ－./()]{0,2}"
_PHONE = re.compile(rf"(?<![\d.,])(?:\+\s?81|\(?0)(?:{_SEPARATORS}\d){{8,10}}(?![\d,])")
_LINE = re.compile(
    r"(?:電話|内線|直通|携帯|tel|fax|phone|ext\.?)(?:番号)?[\s:は()./]{0,4}\d[\d\-‐‑–—―−ー() ]{2,}"
)
_WEB = re.compile(r"(?:https?://|www\.)[^\s「」、。]+")
_PROFILE = re.compile(r"~|/users?/|/u/|/people/|/profile|user(?:name|id)?=|@")
#: 1人 that means everybody by oneself: 1人1台, 1人あたり, 1人ずつ.
_EACH = r"(?!\s?(?:あたり|当たり|当り|につき|ひとり|一人|1人|1台|一台|で|ずつ|でも|暮らし|親))"
_FEW = re.compile(
    rf"(?<![\d.,第一二三四五六七八九十百千])(?:1\s?[人名]{_EACH}|[2-9]\s?[人名](?!分|用|乗)|"
    rf"[二三四五六七八九]\s?[人名](?![物気事])|[1-9]\s(?:people|persons?|staff)\b)"
)
_HIRAGANA = re.compile(r"[ぁ-ゖ]+")
_KATAKANA = re.compile(r"[ァ-ヺー]+")
#: What may stand before and after a name in kana without being a part of a word with it.
_PARTICLE = "はがをにのとでへもや"
_ASCII = re.compile(r"[a-z0-9.'-]+")
#: Names of places are no names of persons: 石川県, 高橋市 (but 高橋市長 is one).
_PLACE = re.compile(r"[都府県]|[市町村区](?!長)|駅|大学|港|川")
_CALLED = re.compile(
    r"さん|さま|くん|ちゃん|様|君|氏|課長|部長|局長|次長|係長|室長|所長|主[幹任査事]"
)


@dataclass(frozen=True)
class Mark:
    """A passage that looks like something; `blocks`: nothing is handed on with it."""

    kind: PackMark
    passage: str

    @property
    def blocks(self) -> bool:
        """Whether it has to go."""
        return self.kind in BLOCKING


def _within(mark: Mark, other: Mark) -> bool:
    """Whether a longer passage of the same kind says it already."""
    longer = len(other.passage) > len(mark.passage)
    return longer and mark.kind == other.kind and mark.passage in other.passage


def _folded(text: str) -> str:
    """The same number of letters: half width, lower case, one letter for its variants."""
    letters = []
    for letter in text:
        plain = unicodedata.normalize("NFKC", letter)
        plain = plain if len(plain) == 1 else letter
        low = plain.lower() if len(plain.lower()) == 1 else plain
        letters.append(low.translate(_ONE_LETTER))
    return "".join(letters)


_ONE_LETTER: Final = {ord(old): new for old, new in VARIANTS.items() if len(old) == len(new) == 1}


def _squeezed(text: str) -> tuple[str, list[int]]:
    """Without spaces, and where each letter stood."""
    places = [place for place, letter in enumerate(text) if not letter.isspace()]
    return "".join(text[place] for place in places), places


@dataclass(frozen=True)
class Watch:
    """Who works here and what things are called here: what texts are compared with."""

    names: frozenset[str] = field(default_factory=frozenset)
    departments: frozenset[str] = field(default_factory=frozenset)
    posts: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(
        cls,
        people: Iterable[str],
        departments: Iterable[str] = (),
        posts: Iterable[str] = (),
    ) -> Watch:
        """From the names as they are written; each name counts whole and in its parts."""
        names: set[str] = set()
        for person in people:
            plain = _folded(person)
            parts = re.split(r"[\s・]+", plain)
            names |= {part for part in (*parts, _squeezed(plain)[0]) if _is_name(part)}
        return cls(
            frozenset(names),
            frozenset(_long(departments)),
            frozenset(_long(posts)),
        )

    def marks(self, text: str) -> list[Mark]:
        """Everything in a text that is marked, those that stop it first; each passage once."""
        plain = _folded(text)
        found = {
            Mark(kind, text[start:end].strip())
            for kind, start, end in (*_patterns(plain), *self._known(plain))
        }
        found |= {Mark(PackMark.PERSON, passage) for passage in likely_names(text)}
        found = {mark for mark in found if not any(_within(mark, other) for other in found)}
        order = list(PackMark)
        return sorted(found, key=lambda mark: (order.index(mark.kind), mark.passage))

    def _known(self, plain: str) -> Iterator[tuple[PackMark, int, int]]:
        tight, places = _squeezed(plain)
        sets = (
            (PackMark.USER, self.names),
            (PackMark.DEPARTMENT, self.departments),
            (PackMark.POST, self.posts),
        )
        for kind, wanted in sets:
            for start, end in _occurrences(tight, wanted):
                first, last = places[start], places[end - 1] + 1
                if kind != PackMark.USER or _stands_alone(plain, first, last, tight[start:end]):
                    yield kind, first, last


def _is_name(part: str) -> bool:
    """Numbers and single letters of the alphabet are no names."""
    return bool(part) and not part.isdigit() and not (len(part) == 1 and part.isascii())


def _long(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        tight = _squeezed(_folded(name))[0]
        if len(tight) >= SHORTEST:
            yield tight


def _occurrences(text: str, wanted: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where any of the words stands: as many look-ups a letter as there are lengths."""
    lengths = sorted({len(word) for word in wanted})
    for start in range(len(text)):
        for length in lengths:
            if text[start : start + length] in wanted and start + length <= len(text):
                yield start, start + length


def _stands_alone(plain: str, start: int, end: int, name: str) -> bool:
    """Whether a name is one here, and not a part of another word or the name of a place."""
    before, after = plain[start - 1 : start], plain[end:]
    if _CALLED.match(after.lstrip()):
        return True
    if _ASCII.fullmatch(name):
        return not (_ASCII.fullmatch(before) or _ASCII.match(after))
    if _PLACE.match(after):
        return False
    if _KATAKANA.fullmatch(name):
        return not (_KATAKANA.fullmatch(before) or _KATAKANA.match(after))
    if _HIRAGANA.fullmatch(name):
        return len(name) > SHORTEST or (
            (before in _PARTICLE or not _HIRAGANA.fullmatch(before)) and _ends_word(after)
        )
    return len(name) > 1 or not (_is_kanji(before) or _is_kanji(after[:1]))


def _ends_word(after: str) -> bool:
    """Whether nothing but one particle follows in hiragana."""
    tail = _HIRAGANA.match(after)
    return tail is None or (len(tail[0]) == 1 and tail[0] in _PARTICLE)


def _is_kanji(letter: str) -> bool:
    return bool(letter) and ("\u4e00" <= letter <= "\u9fff" or letter in "々〆ヶ")


def _patterns(plain: str) -> Iterator[tuple[PackMark, int, int]]:
    """What is known by its form."""
    for kind, form in (
        (PackMark.EMAIL, _EMAIL),
        (PackMark.PHONE, _PHONE),
        (PackMark.PHONE, _LINE),
        (PackMark.FEW, _FEW),
    ):
        for found in form.finditer(plain):
            yield kind, found.start(), found.end()
    for found in _WEB.finditer(plain):
        kind = PackMark.PROFILE if _PROFILE.search(found[0]) else PackMark.ADDRESS
        yield kind, found.start(), found.end()


def is_few(value: float, unit: str, name: str = "") -> bool:
    """Whether a figure is a number of people under 10; of nobody it tells nothing about anybody."""
    plain = unicodedata.normalize("NFKC", unit).lower()
    counts = any(word in plain for word in ("人", "名", "people", "person", "staff"))
    if not plain.strip():
        counts = any(word in name for word in ("人数", "職員数", "者数", "人の数"))
    return counts and 0 < abs(value) < FEWEST
