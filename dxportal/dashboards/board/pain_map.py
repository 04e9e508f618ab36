"""Units against themes, each cell a published share that opens to its unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dxportal.dashboards.board.figures import CELL, Figure, Links
from dxportal.dashboards.painpoints import PainSummary
from surveys.partition import ALL
from surveys.results import Shown, heat_columns


@dataclass(frozen=True, slots=True)
class PainCell:
    """One share; without a figure nothing is shown, for the reason of the cell."""

    shown: Shown
    figure: Figure | None


@dataclass(frozen=True, slots=True)
class PainRow:
    """One unit; `n` None: it is shown nowhere."""

    label: str
    n: int | None
    cells: Sequence[PainCell]


@dataclass(frozen=True, slots=True)
class PainMap:
    """The newest pain wave as a heat map; `rows` may be empty where too few answered."""

    columns: Sequence[str]
    rows: Sequence[PainRow]
    masked: bool


def pain_map(pain: PainSummary, links: Links) -> PainMap:
    """The cells of the heat map, in its order, each with what it opens to."""
    keys = [group.key for group in pain.results.groups if group.parent_key == ALL]
    codes = [code for code, _label in heat_columns(pain.lines)]
    rows = []
    for place, row in enumerate(pain.heat.rows):
        key = keys[place] if place < len(keys) else ""
        cells = [
            PainCell(cell, _figure(cell, links, key, code) if key else None)
            for cell, code in zip(row.cells, codes, strict=True)
        ]
        rows.append(PainRow(row.label, row.n, cells))
    return PainMap(pain.heat.columns, rows, pain.heat.masked)


def _figure(cell: Shown, links: Links, unit: str, theme: str) -> Figure | None:
    if cell.masked:
        return None
    return Figure("pain", cell.text, links.figure("pain", unit=unit, theme=theme), cell.text, CELL)
