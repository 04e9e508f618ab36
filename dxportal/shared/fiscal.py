"""Fiscal years, quarters and Japanese dates: written for people, read from what people write."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

from django.utils.translation import gettext_lazy as _

from .messages import Message

CalendarStyle = Literal["wareki", "seireki", "both"]

FIRST_MONTH = 4
MONTHS_PER_QUARTER = 3

#: Era name, letter, first day, year before year 1. Newest first.
ERAS = (
    ("令和", "R", dt.date(2019, 5, 1), 2018),
    ("平成", "H", dt.date(1989, 1, 8), 1988),
    ("昭和", "S", dt.date(1926, 12, 25), 1925),
)
_ERA_BASE = {word: base for name, letter, _first, base in ERAS for word in (name, letter)}
_PLAUSIBLE = range(1900, 2101)
#: Day 0 of Excel's calendars. 1900 is off by two: it counts from 1 and believes in 29 Feb 1900.
_EXCEL_1900 = dt.date(1899, 12, 30)
_EXCEL_1904 = dt.date(1904, 1, 1)
_EXCEL_LAST = 73_050  # the end of 2099


def fiscal_year(day: dt.date) -> int:
    """Calendar year in which the fiscal year of this day started (1 April)."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def quarter(day: dt.date) -> int:
    """1 for April to June, 4 for January to March."""
    return (day.month - FIRST_MONTH) % 12 // MONTHS_PER_QUARTER + 1


def quarter_start(fy: int, number: int) -> dt.date:
    """First day of a quarter of the fiscal year."""
    if number not in (1, 2, 3, 4):
        raise ValueError(Message(_("A quarter is 1, 2, 3 or 4.")))
    years, month = divmod(FIRST_MONTH - 1 + (number - 1) * MONTHS_PER_QUARTER, 12)
    return dt.date(fy + years, month + 1, 1)


def quarter_end(fy: int, number: int) -> dt.date:
    """Last day of a quarter of the fiscal year."""
    following = quarter_start(fy, number + 1) if number < 4 else quarter_start(fy + 1, 1)
    return following - dt.timedelta(days=1)


def fiscal_year_start(fy: int) -> dt.date:
    """1 April."""
    return quarter_start(fy, 1)


def fiscal_year_end(fy: int) -> dt.date:
    """31 March."""
    return quarter_end(fy, 4)


def month_start(day: dt.date) -> dt.date:
    """First day of the month."""
    return day.replace(day=1)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day that many months later; the last day of a shorter month (29 Feb → 28 Feb)."""
    number = day.year * 12 + day.month - 1 + months
    first = dt.date(number // 12, number % 12 + 1, 1)
    following = dt.date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return min(first + dt.timedelta(days=day.day - 1), following - dt.timedelta(days=1))


def format_fiscal_year(fy: int, style: CalendarStyle) -> str:
    """令和7年度, 2025年度, or both. The year in which an era changed carries the new era's name."""
    western = f"{fy}年度"
    if style == "seireki":
        return western
    era = next(((name, base) for name, _l, first, base in ERAS if fy >= first.year), None)
    if era is None:
        return western
    japanese = f"{era[0]}{_era_year(fy - era[1])}年度"
    return japanese if style == "wareki" else f"{japanese}({western})"


def format_date(day: dt.date, style: CalendarStyle) -> str:
    """令和8年4月1日, 2026年4月1日, or both."""
    western = f"{day.year}年{day.month}月{day.day}日"
    if style == "seireki":
        return western
    era = next(((name, base) for name, _l, first, base in ERAS if day >= first), None)
    if era is None:
        return western
    japanese = f"{era[0]}{_era_year(day.year - era[1])}年{day.month}月{day.day}日"
    return japanese if style == "wareki" else f"{japanese}({day.year}年)"


def _era_year(number: int) -> str:
    return "元" if number == 1 else str(number)


_ERA = r"(?:令和|平成|昭和|(?<![A-Za-z])[RHSrhs]\.?(?=\s*\d))"
_DATE = re.compile(
    rf"(?P<era>{_ERA})?\s*(?P<year>元|\d{{1,4}})\s*(?:年\s*|[./-])"
    r"(?P<month>\d{1,2})\s*(?:月\s*|[./-])(?P<day>\d{1,2})\s*日?"
)
_DATE_TAIL = re.compile(r"\s*(?:\([月火水木金土日]\)|[T ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")


def parse_date(
    value: str | dt.date | float, *, excel_serial: bool = False, epoch_1904: bool = False
) -> dt.date:
    """The day a clerk means: 2026-04-01, 2026/4/1, 令和8年4月1日, R8.4.1, 令和元年5月1日, 20260401.

    Numbers are days only where the reader knows them for Excel's (``excel_serial``).
    Raises ValueError whose text says what to write instead.
    """
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if excel_serial and re.fullmatch(r"\d{1,5}(?:\.\d+)?", text):
        return _from_excel(float(text), _EXCEL_1904 if epoch_1904 else _EXCEL_1900)
    parts = _date_parts(text) if isinstance(value, str) else None
    if parts is None:
        raise ValueError(_not_a_date(value))
    try:
        return dt.date(*parts)
    except ValueError:
        raise ValueError(
            Message(
                _("“%(value)s” is not a day in the calendar. Check year, month and day."),
                {"value": str(value)},
            )
        ) from None


def _not_a_date(value: object) -> Message:
    return Message(
        _(
            "“%(value)s” could not be read as a date. "
            "Write year, month and day, for example 2026/4/1, 令和8年4月1日 or R8.4.1."
        ),
        {"value": str(value)},
    )


def _from_excel(serial: float, epoch: dt.date) -> dt.date:
    if not 1 <= serial <= _EXCEL_LAST:
        raise ValueError(_not_a_date(serial))
    return epoch + dt.timedelta(days=int(serial))


def _date_parts(text: str) -> tuple[int, int, int] | None:
    if compact := _COMPACT.fullmatch(text):
        return int(compact[1]), int(compact[2]), int(compact[3])
    found = _DATE.match(text)
    if found is None or not _DATE_TAIL.fullmatch(text, found.end()):
        return None
    year = _year(found["era"], found["year"])
    return None if year is None else (year, int(found["month"]), int(found["day"]))


def _year(era: str | None, number: str) -> int | None:
    """Calendar year, or None for what is no year (without an era only four digits are one)."""
    count = 1 if number == "元" else int(number)
    if era is not None:
        return _ERA_BASE[era.upper().rstrip(".")] + count if 1 <= count <= 99 else None
    return count if number != "元" and len(number) == 4 and count in _PLAUSIBLE else None


_BRACKETS = re.compile(r"\([^()]*\)")
_DAY_OR_MONTH = re.compile(
    rf"(?P<era>{_ERA})?\s*(?P<year>元|\d{{1,4}})"
    r"(?:\s*年\s*(?P<m1>1[0-2]|0?[1-9])\s*月(?:\s*\d{1,2}\s*日)?"
    r"|[./](?P<m2>1[0-2]|0?[1-9])(?:[./]\d{1,2})?(?!\d)"
    r"|-(?P<m3>1[0-2]|0[1-9])(?:-\d{1,2})?(?!\d))"
)
_MARKED_YEAR = re.compile(
    rf"(?P<era>{_ERA})\s*(?P<year>元|\d{{1,2}})(?!\d)\s*(?:年度|年)?末?"
    r"|(?<![\d,.])(?P<western>\d{4})(?![\d,人件円時千万億%])\s*(?:年度|年)?末?"
)
_JOINT = r"\s*(?:[~〜~・,、/→\-‐–—−]|から|及び|および|と)\s*"
_BARE_YEAR = re.compile(rf"{_JOINT}(?P<year>\d{{1,2}})\s*(?:年度|年|末|(?={_JOINT})|$)")
_OPEN_END = re.compile(r"\s*(?:[~〜]|から|以降)\s*(?!\s*[\d元令平RHrh])")


def parse_fiscal_years(text: str) -> tuple[int, int | None] | None:
    """First and last fiscal year named in a cell; the last is None where the text leaves it open.

    令和4・5年度 → (2022, 2023); 2016年〜 → (2016, None); 令和6年2月 → (2023, 2023): a month counts
    in its fiscal year. None where no year is named. What stands in brackets is not read.
    """
    plain = _BRACKETS.sub("", unicodedata.normalize("NFKC", text)).strip()
    years: list[int] = []
    opened = False
    for found, end in _years_in(plain):
        years.append(found)
        opened = _OPEN_END.match(plain, end) is not None
    if not years:
        return None
    return min(years), None if opened else max(years)


def _years_in(text: str) -> Iterator[tuple[int, int]]:
    """Each fiscal year named and where its words end. 4・5年度 and 2024-25 go on from the first."""
    position, era, last = 0, None, None
    while position < len(text):
        if found := _BARE_YEAR.match(text, position) if last else None:
            year = _year(era, found["year"]) if era else _same_century(last, int(found["year"]))
        elif found := _DAY_OR_MONTH.match(text, position):
            month = int(found["m1"] or found["m2"] or found["m3"])
            year, era = _year(found["era"], found["year"]), found["era"]
            year = year if year is None or month >= FIRST_MONTH else year - 1
        elif found := _MARKED_YEAR.match(text, position):
            year, era = _year(found["era"], found["year"] or found["western"]), found["era"]
        else:
            position, last = position + 1, last if text[position].isspace() else None
            continue
        position = found.end()
        if year is not None:
            last = year
            yield year, position


def _same_century(earlier: int | None, number: int) -> int | None:
    year = (earlier or 0) // 100 * 100 + number
    return year if earlier and year > earlier else None
