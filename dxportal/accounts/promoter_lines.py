"""Promoters pasted line by line: how one line is read. No database."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from dxportal.accounts.choices import ChosenBy
from dxportal.accounts.promoting import MINUTES, MOST_HOURS, year_end
from dxportal.shared.fiscal import parse_date

#: Characters of a whole paste: some 500 lines.
LONGEST: Final = 50_000
#: Words of a heading line, which is passed over.
_HEADINGS: Final = {"部署", "所属", "課", "section", "department"}
#: What towns write for each way of choosing; anything else is kept as a remark.
CHOSEN_WORDS: Final = {
    ChosenBy.VOLUNTEERED: ("立候補", "公募", "手挙げ", "volunteered"),
    ChosenBy.RECOMMENDED: ("推薦", "所属長の推薦", "所属長推薦", "recommended"),
    ChosenBy.APPOINTED: ("指名", "任命", "appointed"),
    ChosenBy.ROTATION: ("輪番", "持ち回り", "交代", "by turns"),
    ChosenBy.OTHER: ("その他", "another way"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line as read; with `problem` nothing but number and text holds."""

    number: int
    text: str
    section: str = ""
    email: str = ""
    valid_from: dt.date | None = None
    last: dt.date | None = None
    chosen: str = ""
    how: str = ""
    minutes: int | None = None
    problem: str = ""


def read_lines(text: str, today: dt.date) -> list[Line]:
    """Every line with something in it; a heading is passed over."""
    return list(_lines(text, today))


def _lines(text: str, today: dt.date) -> Iterator[Line]:
    for number, raw in enumerate(text.splitlines(), start=1):
        separator = "\t" if "\t" in raw else ","
        cells = [cell.strip().strip('"') for cell in raw.replace("，", ",").split(separator)]
        if not any(cells) or (number == 1 and cells[0].lower() in _HEADINGS):
            continue
        try:
            yield _line(number, raw.strip(), cells, today)
        except ValueError as error:
            yield Line(number, raw.strip(), problem=str(error))


def _line(number: int, raw: str, cells: list[str], today: dt.date) -> Line:
    """Raises ValueError whose text says what to write instead."""
    section, email, start, last, way, hours, *_more = [*cells, "", "", "", "", ""]
    if not section or "@" not in email:
        raise ValueError(_("Write the section first and the e-mail second."))
    first_day = parse_date(start) if start else today
    last_day = parse_date(last) if last else year_end(first_day)
    if last_day < first_day:
        raise ValueError(_("The last day must not be before the first day."))
    chosen = chosen_of(way)
    return Line(
        number=number,
        text=raw,
        section=section,
        email=unicodedata.normalize("NFKC", email).lower(),
        valid_from=first_day,
        last=last_day,
        chosen=chosen,
        how="" if chosen else way[:120],
        minutes=_minutes(hours),
    )


def chosen_of(word: str) -> str:
    """The way of choosing that a word means; empty where none does."""
    key = "".join(word.split()).lower()
    for chosen, words in CHOSEN_WORDS.items():
        if key in {"".join(known.split()) for known in words}:
            return chosen.value
    return ""


def _minutes(text: str) -> int | None:
    """Minutes of 「2」「1.5時間」「３０分」; None for nothing."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).removeprefix("週")
    if not plain:
        return None
    unit = 1 if plain.endswith("分") else MINUTES
    for word in ("時間", "分", "hours", "h"):
        plain = plain.removesuffix(word)
    try:
        minutes = round(float(plain) * unit)
    except (ValueError, OverflowError):
        minutes = 0
    if not 0 < minutes <= MOST_HOURS * MINUTES:
        raise ValueError(_("Write the hours a week as a number, for example 2 or 0.5."))
    return minutes
