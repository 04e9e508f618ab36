"""What every importer shares: a mapped table, problems with a remedy, and a result."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from django.utils.translation import gettext_lazy as _

from .columns import fill_ditto, guess_columns
from .messages import Message
from .tables import Note, Row, Table

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

T = TypeVar("T")


@dataclass(frozen=True)
class RowProblem:
    """Why a row was rejected, and what to do. ``row`` is None for a problem of the whole file."""

    row: int | None
    column: str
    value: str
    message: Message
    remedy: Message

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}"


@dataclass
class Parsed(Generic[T]):
    """What a file says. ``origins`` counts data rows by municipality, as written, '' for none."""

    rows: list[T] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    origins: dict[str, int] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)  # field → heading it was read from

    def reject(
        self,
        row: int | None,
        column: str,
        value: str,
        message: "str | _StrPromise",
        remedy: "str | _StrPromise",
        **more: object,
    ) -> None:
        """Add a problem; row, column and value are placeholders of both sentences."""
        values = {"row": row, "column": column, "value": value, **more}
        problem = RowProblem(row, column, value, Message(message, values), Message(remedy, values))
        self.problems.append(problem)

    def note(
        self,
        row: int | None,
        column: str,
        value: str,
        text: "str | _StrPromise",
        **more: object,
    ) -> None:
        """Add a note; row, column and value are its placeholders."""
        values = {"row": row, "column": column, "value": value, **more}
        self.notes.append(Note(Message(text, values), row, column, value))


@dataclass(frozen=True)
class Record:
    """One row by field. Fields without a column are empty."""

    number: int
    cells: Sequence[str]
    columns: Mapping[str, int]

    def __getitem__(self, name: str) -> str:
        index = self.columns.get(name)
        return self.cells[index] if index is not None and index < len(self.cells) else ""


class Reading(Generic[T]):
    """A table on its way to ``Parsed``: columns chosen, 同上 filled, origins counted."""

    def __init__(
        self, table: Table, fields: Mapping[str, Sequence[str]], mapping: Mapping[str, str] | None
    ) -> None:
        self.table = table
        self.parsed: Parsed[T] = Parsed()
        self.columns = guess_columns(table.header, fields, mapping)
        self.parsed.columns = {name: self.heading(name) for name in self.columns}

    def heading(self, name: str) -> str:
        """The heading of a field's column as the file writes it."""
        index = self.columns.get(name)
        return name if index is None else self.table.column_name(index)

    def require(self, name: str, remedy: "str | _StrPromise") -> bool:
        """Whether the column was found; if not, that is a problem of the whole file."""
        if name in self.columns:
            return True
        self.parsed.reject(
            None,
            name,
            "、".join(cell for cell in self.table.header if cell),
            _("No column for it was found among the headings: %(value)s."),
            remedy,
        )
        return False

    def records(self) -> Iterator[Record]:
        """Each row once, 同上 resolved. Afterwards notes and origins are complete."""
        origins: Counter[str] = Counter()
        names = {index: self.table.column_name(index) for index in range(len(self.table.header))}
        for row in fill_ditto(self.table.rows, names, self.parsed.notes):
            record = Record(row.number, row.cells, self.columns)
            origins[record["origin"]] += 1
            yield record
        self.parsed.origins = dict(origins)
        self.parsed.notes = [*self.table.notes, *self.parsed.notes]

    def note_unread(self) -> None:
        """Name the columns that serve no field, for importers that keep no leftovers."""
        used = set(self.columns.values())
        unread = [h for i, h in enumerate(self.table.header) if h and i not in used]
        if unread:
            names = "、".join(unread)
            self.parsed.note(None, "", names, _("These columns were not read: %(value)s."))

    def leftovers(self, row: Row | Record) -> dict[str, str]:
        """Non-empty cells of columns that serve no field, by heading."""
        used = set(self.columns.values())
        found: dict[str, str] = {}
        for index, cell in enumerate(row.cells):
            if cell and index not in used:
                name, copy = self.table.column_name(index), 2
                while name in found:
                    name = f"{self.table.column_name(index)} ({copy})"
                    copy += 1
                found[name] = cell
        return found
