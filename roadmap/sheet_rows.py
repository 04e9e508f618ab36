"""A table with our own headings, row by row: numbers, bases and the cells of known columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from dxportal.shared.importing import Parsed
from dxportal.shared.tables import Table
from roadmap.sheet_columns import BASIS, BY_NAME, NUMBER, Column, known_column

#: Rows that are looked at to tell our own table from another one with a column of numbers.
PEEKED: Final = 50


@dataclass(slots=True)
class SheetRow:
    """One row as written. ``pk`` None: a new initiative."""

    number: int
    pk: int | None
    basis: str
    cells: dict[str, str]  # name of the column → text


def sheet_columns(header: Sequence[str]) -> dict[str, int]:
    """Name of each known column → its index; the first of two with the same heading."""
    found: dict[str, int] = {}
    for index, heading in enumerate(header):
        column = known_column(heading) if heading else None
        if column is not None:
            found.setdefault(column.name, index)
    return found


def has_basis(header: Sequence[str]) -> bool:
    """Whether the table went out from here."""
    found = sheet_columns(header)
    return "pk" in found and "basis" in found


def is_excerpt(header: Sequence[str]) -> bool:
    """Whether it is a cut-out: numbers without names, and headings of ours only."""
    found = sheet_columns(header)
    known = sum(1 for heading in header if heading and known_column(heading))
    filled = sum(1 for heading in header if heading)
    others = [name for name in found if BY_NAME[name].is_editable]
    return "pk" in found and "title" not in found and bool(others) and known == filled


def read_number(text: str) -> int | None:
    """A 整理番号; None for what is none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 16 else None


def read_sheet(table: Table) -> Parsed[SheetRow]:
    """Rows with their numbers; those that cannot be told apart are rejected."""
    parsed: Parsed[SheetRow] = Parsed()
    found = sheet_columns(table.header)
    parsed.notes.extend(table.notes)
    if _is_broken(table, parsed):
        return parsed
    twice: dict[int, list[int]] = {}
    for row in table.rows:
        cells = {name: row.cells[index] for name, index in found.items()}
        text, basis = cells.pop("pk"), cells.pop("basis", "")
        made = SheetRow(row.number, read_number(text) if text else None, basis, cells)
        if text and made.pk is None:
            what = _("Row %(row)s, column “%(column)s”: “%(value)s” is no number of an initiative.")
            parsed.reject(row.number, NUMBER, text, what, _RESTORE)
        elif any(cells.values()) or made.pk is not None:
            parsed.rows.append(made)
        if made.pk is not None:
            twice.setdefault(made.pk, []).append(row.number)
    _reject_doubles(parsed, {pk: rows for pk, rows in twice.items() if len(rows) > 1})
    parsed.origins = {"": len(parsed.rows)}
    _note_unread(table, parsed)
    return parsed


def _reject_doubles(parsed: Parsed[SheetRow], twice: dict[int, list[int]]) -> None:
    """Nobody knows which of two rows is meant: neither is read."""
    if not twice:
        return
    parsed.rows = [row for row in parsed.rows if row.pk not in twice]
    what = _("Row %(row)s: the number %(value)s stands in several rows: %(rows)s.")
    remedy = _("Keep one of the rows. For a new initiative leave the number empty.")
    for pk, rows in twice.items():
        for number in rows:
            words = "、".join(map(str, rows))
            parsed.reject(number, NUMBER, str(pk), what, remedy, rows=words)


_RESTORE = _("Write the number as it was in the file that you saved from here.")


def _is_broken(table: Table, parsed: Parsed[SheetRow]) -> bool:
    """What makes the whole file useless: a heading that stands twice, formulas without result."""
    seen: dict[str, Column] = {}
    for heading in table.header:
        column = known_column(heading) if heading else None
        if column is not None and column.name in seen:
            what = _("The heading “%(value)s” stands twice.")
            parsed.reject(None, heading, heading, what, _("Delete one of the two columns."))
            return True
        if column is not None:
            seen[column.name] = column
    if table.uncounted:
        what = _("%(count)s formulas have no stored result and would empty their cells.")
        remedy = _("Open the file in Excel, save it, and try again.")
        parsed.reject(None, "", "", what, remedy, count=table.uncounted)
        return True
    return False


def _note_unread(table: Table, parsed: Parsed[SheetRow]) -> None:
    unread = [heading for heading in table.header if heading and known_column(heading) is None]
    if unread:
        names = "、".join(unread)
        parsed.note(None, "", names, _("These columns were not read: %(value)s."))
    if "basis" not in sheet_columns(table.header):
        text = _(
            "The column “%(value)s” is missing: nobody knows what stood in the cells before, "
            "so every difference is for you to choose."
        )
        parsed.note(None, BASIS, BASIS, text)
