"""Tables as XLSX: read within limits on hostile files, written with text that stays text."""

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import xlsxwriter
from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries

from .messages import Message
from .tables import MAX_COLUMNS, Note, Table, TableError, build_table
from .tabular_look import SheetLook, dress

MAX_UNPACKED = 50_000_000
MAX_ENTRIES = 200
MAX_RATIO = 100
_RATIO_FROM = 1_000_000  # small parts may well be very repetitive
_CHUNK = 1 << 16
MAX_TEXT = 32_767
MAX_SHEET_ROWS = 1_048_576

#: A merged range, or a formula whose cell stores no result.
_ASIDE = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"'
    rb"|(?:</(?:\w+:)?f>|<(?:\w+:)?f/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?"
    rb"\s*</(?:\w+:)?c>"
)
_LONGEST_ASIDE = 200
#: How workbooks write characters that XML forbids; openpyxl leaves it as it is.
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def check_package(file: BinaryIO) -> None:
    """Refuse what would unpack to more than a table can be, before anything is unpacked."""
    file.seek(0)
    try:
        entries = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise _damaged() from error
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise TableError(
            Message(
                _(
                    "This is no Excel workbook (.xlsx). "
                    "Open it in the program it was made with and save it as .xlsx or CSV."
                )
            )
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise password_protected()
    unpacked = sum(entry.file_size for entry in entries)
    dense = any(
        e.file_size > _RATIO_FROM and e.file_size > MAX_RATIO * max(e.compress_size, 1)
        for e in entries
    )
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or dense:
        raise TableError(
            Message(
                _(
                    "The workbook is too large to be read safely. "
                    "Copy the table alone into a new workbook, or save it as CSV."
                )
            )
        )


def password_protected() -> TableError:
    """The sentence for files that ask for a password."""
    return TableError(
        Message(
            _(
                "The file is protected with a password. "
                "Remove the password in Excel, save it, and try again."
            )
        )
    )


def _damaged() -> TableError:
    return TableError(
        Message(
            _("The workbook is damaged. Open it in Excel, save it as a new .xlsx, and try again.")
        )
    )


def read_xlsx(file: BinaryIO, *, max_rows: int) -> Table:
    """The first sheet with data; see ``tabular.read_table``."""
    sheets = _sheets(file)
    for table in _tables(file, sheets, max_rows):
        if len(sheets) > 1:
            others = [sheet.title for sheet in sheets if sheet.title != table.sheet]
            table.notes.append(_other_sheets(table.sheet or "", others))
        return table
    raise _no_table()


def read_sheets(file: BinaryIO, *, max_rows: int) -> list[Table]:
    """Every sheet with data, the visible ones first; all rows are read at once."""
    found = []
    for table in _tables(file, _sheets(file), max_rows):
        table.rows = list(table.rows)
        found.append(table)
    if not found:
        raise _no_table()
    return found


def _sheets(file: BinaryIO) -> list[Any]:
    """The workbook's sheets, the visible ones first."""
    check_package(file)
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        return sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible")
    except Exception as error:  # openpyxl fails in any way on a broken or hostile part
        raise _damaged() from error


def _tables(file: BinaryIO, sheets: list[Any], max_rows: int) -> Iterator[Table]:
    """One table for each sheet that holds one, while it is wanted."""
    for sheet in sheets:
        layout = _layout(file, sheet)
        rows = _guarded(_rows(sheet, layout))
        try:
            table = build_table(rows, max_rows=max_rows, encoding="xlsx", sheet=sheet.title)
        except _EmptySheet:
            continue
        table.notes.extend(layout.notes())
        table.uncounted = layout.uncounted
        yield table


def _no_table() -> TableError:
    return TableError(
        Message(_("The workbook holds no table. Check that the right file was chosen."))
    )


class _EmptySheet(Exception):
    pass


def _other_sheets(title: str, others: list[str]) -> Note:
    return Note(
        Message(
            _("The sheet “%(sheet)s” was read. Not read: %(others)s."),
            {"sheet": title, "others": "、".join(f"“{other}”" for other in others)},
        )
    )


@dataclass
class _Layout:
    """What the sheet's own XML says beside its cells."""

    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # columns, rows
    uncounted: int = 0

    def notes(self) -> Iterator[Note]:
        if self.merged:
            yield Note(
                Message(
                    _(
                        "%(count)s groups of cells are merged; "
                        "the value of each was used for all its rows."
                    ),
                    {"count": len(self.merged)},
                )
            )
        if self.uncounted:
            yield Note(
                Message(
                    _(
                        "%(count)s formulas have no stored result and were read as empty. "
                        "Open the file in Excel, save it, and try again."
                    ),
                    {"count": self.uncounted},
                )
            )


def _layout(file: BinaryIO, sheet: Any) -> _Layout:
    """Merged ranges and uncounted formulas, by a scan with constant memory."""
    layout = _Layout()
    rest = b""
    try:
        with zipfile.ZipFile(file) as package, package.open(sheet._worksheet_path) as part:
            while chunk := part.read(_CHUNK):
                text = rest + chunk
                seen = 0
                for found in _ASIDE.finditer(text):
                    seen = found.end()
                    if found[1]:
                        layout.merged.append(_bounds(found[1].decode("ascii")))
                    else:
                        layout.uncounted += 1
                rest = text[max(seen, len(text) - _LONGEST_ASIDE) :]
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, OSError) as error:
        raise _damaged() from error
    return layout


def _bounds(reference: str) -> tuple[int, int, int, int]:
    first_column, first_row, last_column, last_row = range_boundaries(reference)
    return first_column or 1, first_row or 1, last_column or 1, last_row or 1


def _guarded(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Parser errors, whatever they are, become one sentence."""
    empty = True
    try:
        for row in rows:
            empty = False
            yield row
    except TableError:
        raise
    except Exception as error:  # see read_xlsx
        raise _damaged() from error
    if empty:
        raise _EmptySheet


def _rows(sheet: Any, layout: _Layout) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, numbered as in the sheet, whatever size the file claims."""
    sheet.reset_dimensions()
    starts = {(c1, r1): r2 for c1, r1, _c2, r2 in layout.merged if r2 > r1}
    live: dict[int, tuple[int, str]] = {}  # column -> (last row, value)
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if len(row) > MAX_COLUMNS and row[-1].value is None:
            row = _without_blank_end(row)  # noqa: PLW2901
        cells = [_text(cell) for cell in row]
        if starts:
            _fill_merged(number, cells, starts, live)
        if any(cell.strip() for cell in cells):
            yield number, cells


def _without_blank_end(row: Sequence[Any]) -> Sequence[Any]:
    last = max((i for i, cell in enumerate(row) if cell.value is not None), default=-1)
    return row[: last + 1]


def _fill_merged(
    number: int,
    cells: list[str],
    starts: dict[tuple[int, int], int],
    live: dict[int, tuple[int, str]],
) -> None:
    """Write the value of a cell merged downwards into the rows it covers, if they hold anything."""
    filled = any(cells)
    for column, (last, value) in list(live.items()):
        if number > last:
            del live[column]
        elif filled and value:
            cells.extend([""] * (column - len(cells)))
            cells[column - 1] = cells[column - 1] or value
    for index, value in enumerate(cells):
        if value and (last_row := starts.get((index + 1, number))):
            live[index + 1] = (last_row, value)


def _text(cell: Any) -> str:
    """A value the way its owner sees it: dates with their day, codes with their zeros."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number_text(value, cell.number_format or "")
    return _time_text(value)


def _number_text(value: float, number_format: str) -> str:
    if number_format.endswith("%"):
        return f"{_plain(round(value * 100, 10))}%"
    text = _plain(value)
    zeros = number_format.strip('"@')
    return text.zfill(len(zeros)) if text.isdigit() and re.fullmatch("0{2,}", zeros) else text


def _plain(value: float) -> str:
    """15 digits as in a spreadsheet, so 0.1 + 0.2 is 0.3."""
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return str(int(value))
    return f"{value:.15g}"


def _time_text(value: object) -> str:
    if isinstance(value, dt.datetime):
        day = f"{value.year}/{value.month}/{value.day}"
        return day if value.time() == dt.time() else f"{day} {value:%H:%M}"
    if isinstance(value, dt.date):
        return f"{value.year}/{value.month}/{value.day}"
    if isinstance(value, dt.time):
        return f"{value.hour}:{value:%M}"
    return str(value)


@dataclass(frozen=True)
class Sheet:
    """One sheet to write. Rows are read once."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[str | int | float | bool | dt.date | None]]
    look: SheetLook | None = None


_BAD_NAME = re.compile(r"[\[\]:*?/\\']")
_BAD_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def write_xlsx(sheets: Iterable[Sheet], file: BinaryIO) -> list[Note]:
    """Write a workbook row by row. Returns a note for every cell that had to be shortened.

    Text is never a formula or a link. Control characters become spaces.
    """
    notes: list[Note] = []
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    informs = book.add_format({"italic": True, "text_wrap": True, "bg_color": "#D9D9D9"})
    day = book.add_format({"num_format": "yyyy/m/d"})
    used: set[str] = set()
    for sheet in sheets:
        page = book.add_worksheet(_sheet_name(sheet.name, used))
        page.freeze_panes(1, 0)
        for column, title in enumerate(sheet.header):
            muted = sheet.look is not None and column in sheet.look.muted
            page.write_string(0, column, writable(title), informs if muted else heading)
        last = 0
        for last, cells in enumerate(sheet.rows, start=1):
            if last >= MAX_SHEET_ROWS:
                raise TableError(Message(_("The table is too long for a sheet. Choose CSV.")))
            for column, cell in enumerate(cells):
                note = _write_cell(page, (last, column), cell, day)
                if note is not None:
                    notes.append(_shortened(last + 1, column, sheet.header, note))
        if sheet.look is not None:
            dress(book, page, sheet.look, last)
        if sheet.header and (sheet.look is None or sheet.look.filtered):
            page.autofilter(0, 0, last, len(sheet.header) - 1)
    book.close()
    return notes


def _sheet_name(name: str, used: set[str]) -> str:
    """31 characters, none that Excel forbids, unlike the others."""
    base = writable(_BAD_NAME.sub(" ", name)).strip()[:31] or "Sheet"
    candidate, number = base, 1
    while candidate.casefold() in used:
        number += 1
        candidate = f"{base[: 31 - len(str(number)) - 1]} {number}"
    used.add(candidate.casefold())
    return candidate


def writable(text: str) -> str:
    """A text as a workbook can hold it: control characters become spaces."""
    return _BAD_TEXT.sub(" ", text)


def _write_cell(page: Any, place: tuple[int, int], cell: object, day: Any) -> str | None:
    """Write one cell; returns the text that was too long for it."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, dt.date):
        plain = cell.replace(tzinfo=None) if isinstance(cell, dt.datetime) else cell
        page.write_datetime(*place, plain, day)
    elif isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < 1e15:
        page.write_number(*place, cell)
    else:
        text = writable(str(cell))
        page.write_string(*place, text[:MAX_TEXT])
        return text if len(text) > MAX_TEXT else None
    return None


def _shortened(row: int, column: int, header: Sequence[str], text: str) -> Note:
    name = header[column] if column < len(header) else f"#{column + 1}"
    return Note(
        Message(
            _(
                "Row %(row)s, column “%(column)s”: the text has %(length)s characters and was cut "
                "to the %(limit)s that a spreadsheet cell holds. Choose CSV for the whole text."
            ),
            {"row": row, "column": name, "length": len(text), "limit": MAX_TEXT},
        ),
        row=row,
        column=name,
        value=text[:100],
    )
