"""Cells of a table of departments that are no plain text: days and numbers of people. Pure."""

import datetime as dt
import re
import unicodedata
from typing import Any

from django.utils.translation import gettext_lazy as _

from dxportal.shared.fiscal import parse_date
from dxportal.shared.importing import Reading, Record

#: More people than any department has; a larger number is a slip of the pen.
MOST_WITHOUT_ACCOUNT = 9_999
_PEOPLE = re.compile(r"(\d{1,3}(?:,\d{3})*|\d+)(?:\.0+)?\s*[人名]?")


def day(reading: Reading[Any], record: Record, name: str) -> dt.date | None:
    """The date in a cell, None where it is empty or wrong; what is wrong is reported."""
    text = record[name]
    if not text:
        return None
    try:
        return parse_date(text, excel_serial=reading.table.sheet is not None)
    except ValueError:
        reading.parsed.reject(
            record.number,
            reading.heading(name),
            text,
            _("Row %(row)s, column “%(column)s”: “%(value)s” could not be read as a date."),
            _("Write year, month and day, for example 2026/4/1, 令和8年4月1日 or R8.4.1."),
        )
        return None


def people(reading: Reading[Any], record: Record, name: str) -> int | None:
    """The number of people in a cell, None where it is empty or wrong; what is wrong is said."""
    text = record[name]
    if not text:
        return None
    found = _PEOPLE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    number = int(found[1].replace(",", "")) if found else MOST_WITHOUT_ACCOUNT + 1
    if number <= MOST_WITHOUT_ACCOUNT:
        return number
    reading.parsed.reject(
        record.number,
        reading.heading(name),
        text,
        _("Row %(row)s, column “%(column)s”: “%(value)s” is no number of people."),
        _("Write a whole number up to %(most)s, or leave the cell empty."),
        most=MOST_WITHOUT_ACCOUNT,
    )
    return None
