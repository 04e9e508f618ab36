"""Tables as CSV: decoded strictly, read row by row, written so that no cell becomes a formula."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Literal

from django.utils.translation import gettext_lazy as _

from .messages import Message
from .tables import Note, Table, TableError, build_table, guard

CsvEncoding = Literal["utf-8-sig", "cp932"]
Cell = str | int | float | bool | None

_CHUNK = 1 << 16
_LONGEST_LINE = 4_000_000
_DELIMITERS = (",", "\t", ";")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Bytes that Python's cp932 lets through although Windows assigns them no character.
_UNASSIGNED = re.compile("[\x80\xa0\uf8f0-\uf8f3]")
#: Printed in Japan for a character that is missing.
GETA = "〓"


def read_csv(file: BinaryIO, *, max_rows: int) -> Table:
    """The table in a text file; see ``tabular.read_table``."""
    encoding = _encoding(file)
    sample = _sample(file, encoding)
    delimiter = _delimiter(sample)
    return build_table(_records(file, encoding, delimiter), max_rows=max_rows, encoding=encoding)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk


def _encoding(file: BinaryIO) -> str:
    """BOM, then UTF-8, then CP932, each strictly. Never CP932 first: it takes UTF-8 for its own."""
    file.seek(0)
    start = file.read(4)
    for bom, name in _BOMS:
        if start.startswith(bom):
            if (failed := _first_failure(file, name)) is not None:
                raise _unreadable(file, failed)
            return name
    failed_utf8 = _first_failure(file, "utf-8")
    if failed_utf8 is None:
        return "utf-8"
    failed_cp932 = _first_failure(file, "cp932")
    if failed_cp932 is None:
        return "cp932"
    raise _unreadable(file, max(failed_utf8, failed_cp932))


def _first_failure(file: BinaryIO, encoding: str) -> int | None:
    """Offset of the first byte that is not in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    read = 0
    for chunk in _chunks(file):
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return read - pending + error.start
        if encoding == "cp932" and (odd := _UNASSIGNED.search(text)):
            return read - pending + len(text[: odd.start()].encode("cp932"))
        read += len(chunk)
    pending = len(decoder.getstate()[0])
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return read - pending
    return None


def _unreadable(file: BinaryIO, offset: int) -> TableError:
    file.seek(0)
    row, left = 1, offset
    while left > 0 and (chunk := file.read(min(_CHUNK, left))):
        row += chunk.count(b"\n")
        left -= len(chunk)
    return TableError(
        Message(
            _(
                "The characters in line %(row)s could not be read (byte %(byte)s of the file). "
                "In Excel choose “Save as” and “CSV UTF-8”, then try again."
            ),
            {"row": row, "byte": offset + 1},
        )
    )


def _lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Decoded lines, whatever the line ends are, without loading the file."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    rest = ""
    for chunk in _chunks(file):
        rest += decoder.decode(chunk)
        *whole, rest = rest.split("\n")
        for line in whole:
            yield line + "\n"
        if len(rest) > _LONGEST_LINE:
            raise TableError(Message(_("The file has no line breaks and is no table.")))
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest


def _sample(file: BinaryIO, encoding: str) -> list[str]:
    lines: list[str] = []
    size = 0
    for line in _lines(file, encoding):
        lines.append(line)
        size += len(line)
        if size > _CHUNK or len(lines) >= 50:
            break
    return lines


def _delimiter(sample: list[str]) -> str:
    """The one that cuts most rows into the same number of cells."""

    def score(delimiter: str) -> tuple[int, int]:
        try:
            widths = Counter(len(r) for r in csv.reader(sample, delimiter=delimiter) if len(r) > 1)
        except csv.Error:
            return 0, 0
        return max(((rows, width) for width, rows in widths.items()), default=(0, 0))

    return max(_DELIMITERS, key=score)


def _records(file: BinaryIO, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Numbered as a spreadsheet numbers them: a quoted line break starts no new row."""
    reader = csv.reader(_lines(file, encoding), delimiter=delimiter)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, cells
    except csv.Error:
        raise TableError(
            Message(
                _(
                    "The cells of row %(row)s could not be told apart. "
                    'Look for a quotation mark (") that is opened and never closed.'
                ),
                {"row": number + 1},
            )
        ) from None


def csv_lines(
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    encoding: CsvEncoding = "utf-8-sig",
    *,
    notes: list[Note] | None = None,
) -> Iterator[bytes]:
    """Encoded CSV, every cell quoted, text guarded against formulas; numbers stay numbers.

    CP932 cannot write every name (𠮷, 葛󠄀): such a character becomes 〓 and the cell is added to
    ``notes``. Without ``notes`` it raises TableError: a lost character is never silent.
    """
    if encoding == "utf-8-sig":
        yield codecs.BOM_UTF8
    for number, cells in enumerate(_with_header(header, rows), start=1):
        line = ",".join(_quoted(cell) for cell in cells) + "\r\n"
        if encoding == "utf-8-sig":
            yield line.encode("utf-8")
            continue
        shown = with_geta(line, encoding)
        if shown != line:
            found = list(_unwritable(number, cells, header, encoding))
            if notes is None:
                raise TableError(found[0].message)
            notes.extend(found)
        yield shown.encode(encoding)


def _with_header(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    yield header
    yield from rows


def _quoted(cell: Cell) -> str:
    if cell is None:
        return '""'
    text = guard(cell) if isinstance(cell, str) else str(cell)
    return '"' + text.replace('"', '""') + '"'


def _unwritable(
    number: int, cells: Sequence[Cell], header: Sequence[str], encoding: str
) -> Iterator[Note]:
    for index, cell in enumerate(cells):
        text = str(cell)
        if with_geta(text, encoding) == text:
            continue
        column = header[index] if index < len(header) else f"#{index + 1}"
        yield Note(
            Message(
                _(
                    "Row %(row)s, column “%(column)s”: “%(value)s” has a character that "
                    "Shift_JIS cannot hold. Choose CSV UTF-8 or Excel instead."
                ),
                {"row": number, "column": column, "value": text},
            ),
            row=number,
            column=column,
            value=text,
        )


def with_geta(text: str, encoding: str = "cp932") -> str:
    """A text as it comes back from a file in that encoding: 〓 for what it cannot hold.

    The codec quietly writes ￡ for £ and a backslash for ¥; those are not held either.
    """
    try:
        if text.encode(encoding).decode(encoding) == text and not _UNASSIGNED.search(text):
            return text
    except UnicodeEncodeError:
        pass
    return "".join(one if _fits(one, encoding) else GETA for one in text)


def _fits(character: str, encoding: str) -> bool:
    try:
        back = character.encode(encoding).decode(encoding)
    except UnicodeEncodeError:
        return False
    return back == character and not _UNASSIGNED.match(character)
