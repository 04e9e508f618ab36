"""Tables in and out: CSV and XLSX as municipalities send them and as they may open them."""

from typing import TYPE_CHECKING, BinaryIO

from django.utils.translation import gettext_lazy as _

from .messages import Message
from .tables import Note, Row, Table, TableError
from .tabular_csv import CsvEncoding, csv_lines, read_csv
from .tabular_look import Offer, SheetLook
from .tabular_xlsx import Sheet, password_protected, read_sheets, read_xlsx, write_xlsx

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

__all__ = [
    "CsvEncoding",
    "Note",
    "Offer",
    "Row",
    "Sheet",
    "SheetLook",
    "Table",
    "TableError",
    "csv_lines",
    "read_table",
    "read_tables",
    "write_xlsx",
]

MAX_BYTES = 100_000_000

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"RIFF", b"BM")
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table", b"{\\rtf")


def read_table(file: BinaryIO, name: str, *, max_rows: int = 100_000) -> Table:
    """The table in an uploaded file; the content decides what it is, never the ending of its name.

    CSV is BOM, UTF-8 or CP932 and is read while it is iterated. Raises TableError with a sentence
    for the person who chose the file, also during iteration (more than ``max_rows`` rows).
    """
    if _opened(file, name):
        return read_xlsx(file, max_rows=max_rows)
    return read_csv(file, max_rows=max_rows)


def read_tables(file: BinaryIO, name: str, *, max_rows: int = 100_000) -> list[Table]:
    """Every sheet of a workbook, or the one table of a CSV file; else as `read_table`."""
    if _opened(file, name):
        return read_sheets(file, max_rows=max_rows)
    return [read_csv(file, max_rows=max_rows)]


def _opened(file: BinaryIO, name: str) -> bool:
    """Whether the file is a workbook; what is neither that nor CSV is refused."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    start = file.read(512)
    if not start.strip():
        raise TableError(Message(_("The file “%(name)s” is empty."), {"name": name}))
    if size > MAX_BYTES:
        raise TableError(
            Message(
                _("The file “%(name)s” is larger than %(limit)s MB. Divide it and try again."),
                {"name": name, "limit": MAX_BYTES // 1_000_000},
            )
        )
    if start.startswith(b"PK\x03\x04"):
        return True
    _refuse_other_kinds(file, start, name)
    return False


def _refuse_other_kinds(file: BinaryIO, start: bytes, name: str) -> None:
    if start.startswith(_OLD_OFFICE):
        file.seek(0)
        if _ENCRYPTED in file.read(1 << 20):
            raise password_protected()
        raise _refusal(
            _("“%(name)s” is an old Office file (.xls). Save it as .xlsx in Excel and try again."),
            name,
        )
    if start.startswith(b"%PDF"):
        raise _refusal(
            _("“%(name)s” is a PDF. Choose the Excel or CSV file that it was made from."), name
        )
    if start.startswith(_PICTURES[:5]) or (start.startswith(_PICTURES[5:]) and b"\0" in start):
        raise _refusal(
            _("“%(name)s” is a picture. Choose the Excel or CSV file that it was made from."), name
        )
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_MARKUP):
        raise _refusal(
            _("“%(name)s” is a web page or document. Open it in Excel and save it as .xlsx."), name
        )
    if start.count(b"\0") * 10 > len(start) and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refusal(
            _("“%(name)s” is no text file. Save the table as .xlsx or “CSV UTF-8” and try again."),
            name,
        )


def _refusal(template: "str | _StrPromise", name: str) -> TableError:
    return TableError(Message(template, {"name": name}))
