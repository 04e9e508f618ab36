"""The bundled list of municipalities: code → name, prefecture and size band, as a proposal."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "content" / "municipalities.csv"


@dataclass(frozen=True, slots=True)
class Known:
    """One municipality of the list (content/SOURCES.md); `size_band` is a value of SizeBand."""

    code: str
    prefecture: str
    name: str
    size_band: str


def known_municipality(code: str) -> Known | None:
    """By its six-digit code and by nothing else: names repeat. None where it is not listed."""
    return _all().get(code)


@cache
def _all() -> dict[str, Known]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: Known(**row) for row in csv.DictReader(file)}
