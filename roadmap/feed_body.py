"""What another system sends: JSON in UTF-8 with figures of criteria. No database."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from django.utils.translation import gettext_lazy as _

from dxportal.shared.messages import Message
from roadmap.reading_rows import Line, Wrong

MOST_ROWS: Final = 1_000
MOST_BYTES: Final = 1_000_000
#: Field → whether it has to be there.
FIELDS: Final = {
    "department": True,
    "criterion": True,
    "measured_on": True,
    "value": True,
    "note": False,
}
#: What no field may hold: control characters but tab and line ends, and halves of a letter.
_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Unreadable(ValueError):
    """The body as a whole cannot be used: with the status to answer and what to do."""

    def __init__(self, status: int, message: Message) -> None:
        """Keep both."""
        super().__init__(str(message))
        self.status = status


@dataclass(frozen=True)
class Body:
    """Rows that could be read, and what is wrong with the others."""

    lines: list[Line]
    wrong: list[Wrong]


def read_body(raw: bytes) -> Body:
    """Rows as they were sent, numbered from 1; raises Unreadable."""
    if len(raw) > MOST_BYTES:
        _refuse(413, _("The body is larger than %(most)s bytes. Send it in parts."), MOST_BYTES)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse(415, _("The body is not UTF-8. Send JSON in UTF-8."))
    try:
        data = json.loads(text, parse_float=str, parse_int=str, parse_constant=_no_number)
    except (ValueError, RecursionError):
        _refuse(400, _("The body is no JSON. Send an object with the list “readings”."))
    rows = data.get("readings") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        _refuse(400, _("The list “readings” is missing. Send an object with it."))
    if len(rows) > MOST_ROWS:
        _refuse(413, _("There are more than %(most)s rows. Send them in parts."), MOST_ROWS)
    return _rows(rows)


def _refuse(status: int, text: Any, most: int = 0) -> NoReturn:
    raise Unreadable(status, Message(text, {"most": f"{most:,}"}))


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _rows(rows: list[Any]) -> Body:
    lines: list[Line] = []
    wrong: list[Wrong] = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            text = _("Row %(row)s is no object.")
            remedy = _("Send each row as an object with the fields %(fields)s.")
            wrong.append(Wrong(number, "", "", text, remedy, {"fields": ", ".join(FIELDS)}))
            continue
        found = list(_wrong_fields(number, row))
        wrong += found
        if not found:
            lines.append(_line(number, row))
    return Body(lines, wrong)


def _wrong_fields(number: int, row: Mapping[str, Any]) -> list[Wrong]:
    """Fields that are missing, unknown, no text, or that hold what no text may hold."""
    found = []
    for name, needed in FIELDS.items():
        if name not in row:
            if needed:
                text = _("Row %(row)s: the field “%(column)s” is missing.")
                found.append(Wrong(number, name, "", text, _("Add the field.")))
        elif not isinstance(row[name], str):
            text = _("Row %(row)s: the field “%(column)s” is neither text nor a number.")
            found.append(Wrong(number, name, "", text, _("Send text or a number.")))
        elif _UNWRITABLE.search(row[name]):
            text = _("Row %(row)s: the field “%(column)s” holds a character that cannot be kept.")
            remedy = _("Leave out control characters and halves of a surrogate pair.")
            found.append(Wrong(number, name, "", text, remedy))
    for name in sorted(row.keys() - FIELDS.keys()):
        text = _("Row %(row)s: there is no field “%(column)s”.")
        remedy = _("Leave it out, or name one of these: %(fields)s.")
        shown = _UNWRITABLE.sub("\ufffd", name[:40])
        found.append(Wrong(number, shown, "", text, remedy, {"fields": ", ".join(FIELDS)}))
    return found


def _line(number: int, row: Mapping[str, str]) -> Line:
    return Line(
        number=number,
        department=row["department"].strip(),
        criterion=row["criterion"],
        on=row["measured_on"],
        value=row["value"],
        note=" ".join(row.get("note", "").split()),
    )
