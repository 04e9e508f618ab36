"""Finding by words whatever their width, case and kana: both sides are folded the same way."""

import unicodedata
from collections.abc import Iterable

#: Katakana letters and the hiragana that stand 0x60 before them (ァ → ぁ … ヶ → ゖ, ヽヾ → ゝゞ).
_KATAKANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}


def fold(text: str) -> str:
    """NFKC, lower case, katakana as hiragana, single spaces."""
    plain = unicodedata.normalize("NFKC", text).lower().translate(_KATAKANA)
    return " ".join(plain.split())


def fold_all(texts: Iterable[str]) -> str:
    """One line to search in; empty texts are left out."""
    return " ".join(folded for folded in map(fold, texts) if folded)


def terms(query: str) -> list[str]:
    """The words of a query; each must be found."""
    return fold(query).split()
