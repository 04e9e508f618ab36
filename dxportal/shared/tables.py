"""What a table from a file is: header, rows, and what the reader noticed on the way."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from django.utils.translation import gettext_lazy as _

from .messages import Message

MAX_COLUMNS = 500
#: Longer cells are no headings.
_LONGEST_PART = 20
_LOOKAHEAD = 20  # non-empty rows in which the header is looked for


class TableError(Exception):
    """The file cannot be read as a table; ``str()`` is a sentence for the person who chose it."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Note:
    """Something that was decided while reading, which the reader of the preview should see."""

    message: Message
    row: int | None = None
    column: str = ""
    value: str = ""

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True)
class Row:
    """One row: its number as a spreadsheet shows it, and its cells, at least one a column."""

    number: int
    cells: list[str]


@dataclass
class Table:
    """A table whose rows are read once, while they are wanted.

    Iterating ``rows`` may still raise TableError, and may still add to ``notes``.
    """

    header: list[str]
    rows: Iterable[Row]
    encoding: str = "utf-8"
    sheet: str | None = None
    notes: list[Note] = field(default_factory=list)
    uncounted: int = 0  # formulas that were read as empty, because no result is stored

    def column_name(self, index: int) -> str:
        """The heading, or a numbered name where the file has none."""
        heading = self.header[index] if index < len(self.header) else ""
        return heading or f"#{index + 1}"


_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")
_EXCEL_TEXT = re.compile(r'="([^"]*)"')
#: What a spreadsheet program may take for a formula, also full-width (ASVS 1.2.10).
FORMULA_START = re.compile("\\s*[=+\\-@\t\r\0\uff1d\uff0b\uff0d\uff20]")
_GUARDED = re.compile(r"'+" + FORMULA_START.pattern)


def guard(text: str) -> str:
    """Text that no spreadsheet program takes for a formula; ``Cleaner`` takes the guard off."""
    return f"'{text}" if FORMULA_START.match(text) or _GUARDED.match(text) else text


@dataclass
class Cleaner:
    """Turns raw cells into stored text (NFC, never NFKC) and counts what it had to remove."""

    removed: int = 0

    def __call__(self, raw: str) -> str:
        text = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n").replace("\f", "\n")
        if _CONTROL.search(text):
            self.removed += 1
            text = _CONTROL.sub("", text)
        text = unicodedata.normalize("NFC", text).strip()
        if wrapped := _EXCEL_TEXT.fullmatch(text):
            return wrapped[1].strip()
        return text[1:].strip() if _GUARDED.match(text) else text

    def note(self) -> Iterator[Note]:
        """What to tell at the end of the file."""
        if self.removed:
            yield Note(
                Message(
                    _("Control characters were removed from %(count)s cells."),
                    {"count": self.removed},
                )
            )


def build_table(
    raw: Iterator[tuple[int, list[str]]], *, max_rows: int, encoding: str, sheet: str | None = None
) -> Table:
    """Find the header among the first rows; what stands above it is noted and left out."""
    cleaner = Cleaner()
    rows = _filled_rows(raw, cleaner)
    first = list(islice(rows, _LOOKAHEAD))
    if not first:
        raise TableError(
            Message(_("The file holds no table. Check that the right file was chosen."))
        )
    position = _header_position(first)
    header = _trim(first[position].cells)
    table = Table(header=header, rows=[], encoding=encoding, sheet=sheet)
    table.notes.extend(_skipped(row) for row in first[:position])
    if _is_second_heading(header, first[position + 1 : position + 3]):
        position += 1
        table.header = _joined(header, first[position].cells)
        table.notes.append(_second(first[position]))
    following = chain(first[position + 1 :], rows)
    table.rows = _data_rows(following, table, cleaner, max_rows)
    return table


def _filled_rows(raw: Iterator[tuple[int, list[str]]], cleaner: Cleaner) -> Iterator[Row]:
    for number, cells in raw:
        if len(cells) > MAX_COLUMNS:
            raise TableError(
                Message(
                    _(
                        "Row %(row)s has %(count)s columns; at most %(limit)s can be read. "
                        "Delete the columns to the right of the table and save the file again."
                    ),
                    {"row": number, "count": len(cells), "limit": MAX_COLUMNS},
                )
            )
        cleaned = [cleaner(cell) for cell in cells]
        if any(cleaned):
            yield Row(number, cleaned)


def _header_position(rows: list[Row]) -> int:
    """The first row with at least half as many filled cells as the fullest row (two at least)."""
    filled = [sum(1 for cell in row.cells if cell) for row in rows]
    wanted = max(filled)
    if wanted < 2:
        return 0
    return next(i for i, count in enumerate(filled) if count >= max(2, (wanted + 1) // 2))


def _is_second_heading(header: list[str], following: list[Row]) -> bool:
    """Whether the next row only says more about headings that span several columns.

    It fills at least two columns without a heading, and nowhere says something else than a
    heading that stands alone; and the row after it fills such a column.
    """
    if len(following) < 2:
        return False
    width = max(len(header), len(_trim(following[0].cells)))
    header = header + [""] * (width - len(header))
    second, third = (row.cells[:width] + [""] * (width - len(row.cells)) for row in following)
    alone = [
        i for i in range(width) if header[i] and (i + 1 == width or header[i + 1] or not second[i])
    ]
    says_nothing_else = all(second[i] in ("", header[i]) for i in alone)
    parts = [second[i] for i in range(width) if not header[i] and second[i]]
    is_short = all(len(cell) <= _LONGEST_PART for cell in parts)
    data_below = any(third[i] and third[i] != header[i] for i in alone)
    return bool(alone) and says_nothing_else and len(parts) > 1 and is_short and data_below


def _joined(header: list[str], second: list[str]) -> list[str]:
    """スケジュール over 令和6年度, 令和7年度 → スケジュール 令和6年度, スケジュール 令和7年度."""
    width = max(len(header), len(_trim(second)))
    above = header + [""] * (width - len(header))
    below = _trim(second) + [""] * width
    span, names = "", []
    for own, part in zip(above, below, strict=False):
        span = own or span
        names.append(own if part in ("", own) else f"{span} {part}".strip())
    return names


def _second(row: Row) -> Note:
    text = " ".join(cell for cell in row.cells if cell)
    template = _("Row %(row)s was read as a second row of headings: “%(value)s”.")
    return Note(Message(template, {"row": row.number, "value": text}), row=row.number, value=text)


def _skipped(row: Row) -> Note:
    text = " ".join(cell for cell in row.cells if cell)
    return Note(
        Message(
            _("Row %(row)s stands above the headings and was not read: “%(value)s”."),
            {"row": row.number, "value": text},
        ),
        row=row.number,
        value=text,
    )


def _trim(cells: list[str]) -> list[str]:
    last = max((i for i, cell in enumerate(cells) if cell), default=-1)
    return [" ".join(cell.split("\n")) for cell in cells[: last + 1]]


def _data_rows(rows: Iterator[Row], table: Table, cleaner: Cleaner, limit: int) -> Iterator[Row]:
    width = len(table.header)
    for count, row in enumerate(rows, start=1):
        if count > limit:
            raise TableError(
                Message(
                    _(
                        "The file has more than %(limit)s rows. "
                        "Divide it into several files and import them one after another."
                    ),
                    {"limit": f"{limit:,}"},
                )
            )
        cells = row.cells
        if len(cells) < width:
            cells = cells + [""] * (width - len(cells))
        elif len(cells) > width and not any(cells[width:]):
            cells = cells[:width]
        yield Row(row.number, cells)
    table.notes.extend(cleaner.note())
