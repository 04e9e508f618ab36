"""Finding by words however they are written: both sides are folded the same way."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from roadmap.variants import VARIANTS

#: Katakana letters and the hiragana that stand 0x60 before them (ァ → ぁ … ヶ → ゖ, ヽヾ → ゝゞ).
_KATAKANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
#: Everything that is typed for a long vowel or a hyphen → ー; dots between words → nothing.
_STROKES = {
    **dict.fromkeys(map(ord, "-‐‑‒–—―−─━ｰ〜~"), "ー"),
    **dict.fromkeys(map(ord, "・･·"), ""),
}
_LETTERS = {**{ord(old): new for old, new in VARIANTS.items()}, **_STROKES}
#: ヴァ ヴィ ヴ ヴェ ヴォ are ba bi bu be bo; the small ヵ ヶ are what 霞ヶ関 is read with.
_SOUNDS = (("ゔぁ", "ば"), ("ゔぃ", "び"), ("ゔぇ", "べ"), ("ゔぉ", "ぼ"), ("ゔゅ", "びゅ"))
_SINGLE = {ord("ゔ"): "ぶ", ord("ゕ"): "か", ord("ゖ"): "け"}
#: サーバー is also written サーバ: the last stroke of a query's word is not asked for.
_LAST_STROKE = re.compile(r"(?<=[ぁ-ゖー]{2})ー$")


def fold(text: str) -> str:
    """NFKC, lower case, katakana as hiragana, single spaces."""
    plain = unicodedata.normalize("NFKC", text).lower().translate(_KATAKANA)
    return " ".join(plain.split())


@lru_cache(maxsize=8192)
def key(text: str) -> str:
    """A text as it is searched in: folded, one letter for its variants, without any space.

    Long vowels and hyphens are one stroke, ヴァ is バ, 髙 is 高, 國 is 国.
    """
    found = _spelled(text)
    while (again := _spelled(found)) != found:
        found = again
    return found


def _spelled(text: str) -> str:
    """One round: what it leaves out may bring letters together that belong to each other."""
    plain = "".join(fold(text).translate(_LETTERS).split())
    for sound, other in _SOUNDS:
        plain = plain.replace(sound, other)
    return plain.translate(_SINGLE)


def fold_all(texts: Iterable[str]) -> str:
    """One line to search in: the keys of the texts, apart; empty texts are left out."""
    return " ".join(found for found in map(key, texts) if found)


def terms(query: str) -> list[str]:
    """The words of a query, folded; each must be found in a folded text."""
    return fold(query).split()


def keys(query: str) -> list[tuple[str, str]]:
    """The words of a query, as they are and as keys; each must be found in a key."""
    words = unicodedata.normalize("NFKC", query).split()
    found = ((word, key(word)) for word in words)
    return [(word, _LAST_STROKE.sub("", folded)) for word, folded in found if folded]
