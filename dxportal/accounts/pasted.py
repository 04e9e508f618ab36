"""A range pasted from a spreadsheet as the rows that importers read. No database.

Whether there is a row of headings is seen from its cells; where there is none, headings are put
in front, so that departments and people come through the same importers as files do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dxportal.accounts.choices import DepartmentKind, ImportKind
from dxportal.accounts.department_rows import DEPARTMENT_FIELDS, kind_by_title, title_of
from dxportal.accounts.staff_rows import STAFF_FIELDS
from dxportal.shared.columns import heading_key

#: What is pasted at once at most, in characters.
LONGEST = 300_000
_FIELDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    ImportKind.DEPARTMENTS: DEPARTMENT_FIELDS,
    ImportKind.STAFF: STAFF_FIELDS,
}
_LEVEL_OF = {
    DepartmentKind.BUREAU: "部",
    DepartmentKind.SECTION: "課",
    DepartmentKind.TEAM: "係",
}
_LEVELS = ("部", "課", "係")
_WITHOUT_ACCOUNT = "アカウントのない職員数"
_DITTO = ("同上", "〃", "")


@dataclass(frozen=True)
class Pasted:
    """The range with headings, as UTF-8 CSV. `added`: rows in front that nobody pasted (0 or 1)."""

    content: bytes
    added: int


def as_table(text: str, kind: str, *, fill_down: bool = False) -> Pasted:
    """What was pasted as a table with headings; empty lines at both ends go.

    `fill_down`: merged cells come as one filled cell above empty ones; those are filled again
    wherever something stands to their right.
    """
    rows = _trimmed(_cells(text))
    if not rows:
        return Pasted(b"", 0)
    header = [] if has_headings(rows[0], kind) else [_headings(rows, kind)]
    if fill_down:
        rows = _filled_down(rows, first=0 if header else 1)
    return Pasted(_csv([*header, *rows]), len(header))


def has_headings(first: Sequence[str], kind: str) -> bool:
    """Whether the first row names columns: two that are known, or every one of a narrow range."""
    if any("@" in cell for cell in first):
        return False
    known = {heading_key(alias) for aliases in _FIELDS[kind].values() for alias in aliases}
    filled = [heading_key(cell) for cell in first if cell]
    named = sum(key in known for key in filled)
    return named > 0 and named >= min(2, len(filled))


def cell_address(row: int | None, column: str, header: Sequence[str]) -> str:
    """The address of a cell in the pasted range, as the spreadsheet writes it: B12.

    Counted from the upper left cell of what was pasted; "" for a problem of the whole range,
    only the row where the column is not one of the headings.
    """
    if row is None:
        return ""
    letters = _letters(list(header).index(column)) if column in header else ""
    return f"{letters}{row}"


def _letters(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters, number = "", index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _cells(text: str) -> list[list[str]]:
    """Tabs as a spreadsheet copies them; commas where there is no tab at all."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    delimiter = "\t" if "\t" in text else ","
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return [[cell.strip() for cell in row] for row in reader]
    except csv.Error:
        return [[cell.strip() for cell in line.split(delimiter)] for line in text.split("\n")]


def _trimmed(rows: list[list[str]]) -> list[list[str]]:
    """Without empty rows at both ends; every row as wide as the widest."""
    filled = [number for number, row in enumerate(rows) if any(row)]
    if not filled:
        return []
    rows = rows[filled[0] : filled[-1] + 1]
    width = max(len(row) for row in rows)
    return [row + [""] * (width - len(row)) for row in rows]


def _filled_down(rows: list[list[str]], *, first: int) -> list[list[str]]:
    filled = [list(row) for row in rows]
    for above, row in zip(filled[first:], filled[first + 1 :], strict=False):
        last = max((number for number, cell in enumerate(row) if cell), default=0)
        for number in range(last):
            if not row[number]:
                row[number] = above[number]
            else:
                break
    return filled


def _headings(rows: list[list[str]], kind: str) -> list[str]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    if kind == ImportKind.STAFF:
        return _staff_headings(columns)
    return _department_headings(columns)


def _staff_headings(columns: list[list[str]]) -> list[str]:
    """Mail by its @; then name, department, role, in the order in which they are asked for."""
    mail = next((n for n, column in enumerate(columns) if any("@" in c for c in column)), None)
    names = iter(("氏名", "所属", "役割", "職名", "任用形態"))
    headings = []
    for number in range(len(columns)):
        word = "メールアドレス" if number == mail else next(names, f"列{number + 1}")
        headings.append(word)
    return headings


def _department_headings(columns: list[list[str]]) -> list[str]:
    """Name and parent where each parent is a name too; else one column a level."""
    counted = len(columns) > 1 and _is_counts(columns[-1])
    names = columns[:-1] if counted else columns
    tail = [_WITHOUT_ACCOUNT] if counted else []
    if len(names) == 1:
        return ["所属名", *tail]
    if len(names) == 2 and (order := _name_and_parent(*names)):
        return [*order, *tail]
    return [*_level_headings(names), *tail]


def _is_counts(column: Iterable[str]) -> bool:
    filled = [cell for cell in column if cell]
    return bool(filled) and all(cell.isdecimal() for cell in filled)


def _name_and_parent(first: list[str], second: list[str]) -> tuple[str, str] | None:
    """Which of two columns names the one above the other; None where neither does."""
    for names, parents, order in (
        (first, second, ("所属名", "上位所属")),
        (second, first, ("上位所属", "所属名")),
    ):
        above = {cell for cell in parents if cell not in _DITTO}
        if above and above <= set(names):
            return order
    return None


def _level_headings(columns: list[list[str]]) -> list[str]:
    """部, 課, 係 by how the names end; from left to right where that does not tell."""
    found = [_level_of(column) for column in columns]
    levels = [level for level in found if level is not None]
    if len(levels) == len(columns) and levels == [lv for lv in _LEVELS if lv in set(levels)]:
        return levels
    return [*_LEVELS[: len(columns)], *(f"列{n}" for n in range(4, len(columns) + 1))]


def _level_of(column: Iterable[str]) -> str | None:
    """The level that most names of a column are of."""
    kinds = [kind_by_title(cell, DepartmentKind.SECTION) for cell in column if title_of(cell)]
    return _LEVEL_OF[max(set(kinds), key=kinds.count)] if kinds else None


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
