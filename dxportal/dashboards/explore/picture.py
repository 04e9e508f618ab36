"""What the exploring page draws: a chart with its table, its finding and where it is from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple


class Cell(NamedTuple):
    """One cell of a table: as it is read, as a file has it, and what it is made of."""

    text: str
    value: str | int | float | None = None
    url: str = ""


NONE: Final = Cell("–")


@dataclass(frozen=True)
class Picture:
    """A chart with its finding, the same numbers and where they come from.

    `curves`: for each column after the first the curve that draws it, None where none does.
    """

    name: str
    title: str
    finding: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    curves: Sequence[int | None] = ()
    figure: dict[str, Any] | None = None
    notes: Sequence[str] = ()
    links: Sequence[tuple[str, str]] = ()
    csv_url: str = ""
    size: str = ""

    @property
    def plain_rows(self) -> list[list[str | int | float | None]]:
        """The table as a file has it."""
        return [[cell.value for cell in row] for row in self.rows]


class Point(NamedTuple):
    """A month in words, as a file has it (2026-09), and where it opens to."""

    label: str
    code: str
    url: str = ""

    @property
    def cell(self) -> Cell:
        """The head of its row."""
        return Cell(self.label, self.code, self.url)


def percent_cell(value: int | None) -> Cell:
    """A percentage, or nothing."""
    return NONE if value is None else Cell(f"{value} %", value)


@dataclass(frozen=True)
class Group:
    """Charts that belong together under one heading, with what there is to say if there is none."""

    name: str
    title: str
    pictures: Sequence[Picture]
    nothing: str = ""
    legend: Sequence[tuple[str, str]] = field(default_factory=tuple)
