"""What our own table, edited and sent back, would change: cell by cell, conflicts apart."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.import_plan import CellChange, CellGroup, CellState, Choices, Outcome, Plan
from dxportal.accounts.models import Municipality
from dxportal.accounts.staff_importer import chunks
from dxportal.shared.importing import Parsed
from dxportal.shared.tables import Table
from roadmap.exporters import read_only_texts
from roadmap.models import Initiative
from roadmap.sheet_columns import BASIS, BY_NAME, NUMBER, Column, Side
from roadmap.sheet_facts import (
    Author,
    Facts,
    Past,
    author_of,
    load_facts,
    load_past,
    lock_all,
    standing_titles,
    status_of,
)
from roadmap.sheet_rows import (
    PEEKED,
    SheetRow,
    has_basis,
    is_excerpt,
    read_number,
    read_sheet,
    sheet_columns,
)
from roadmap.sheet_rules import EMPTY, broken_rule, empty_values, follow, same, ways_back
from roadmap.sheet_tokens import Basis, read_basis
from roadmap.sheet_words import CellError, SheetWords

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CHUNK: Final = 1_000
#: Longer texts are cut where the preview shows them.
SHOWN: Final = 2_000


@dataclass(slots=True)
class SheetChange:
    """One initiative to be written. ``facts`` None: a new one. Values as the history keeps them."""

    facts: Facts | None
    after: dict[str, Any] = field(default_factory=dict)
    reports: bool = False  # the status changes
    undoes: int = 0  # the report that this takes back


@dataclass
class SheetPlan(Plan[SheetChange]):
    """Compared cell by cell; what is chosen in conflicts does not change its fingerprint."""

    cellwise: bool = True

    @property
    def fingerprint(self) -> str:
        """Of every cell that changes or waits for a choice, and of every row left out."""
        whole = self._digest.copy()
        whole.update(repr(sorted({problem.row or 0 for problem in self.problems})).encode())
        return whole.hexdigest()

    def keep(self, group: CellGroup, *, changes: bool) -> None:
        """Count one row, and show it where it says anything."""
        changed = Outcome.CHANGED if changes else Outcome.UNCHANGED
        self.outcomes[Outcome.CREATED if group.is_new else changed] += 1
        if not group.cells:
            return
        self.groups.append(group)
        for cell in group.cells:
            self.facts[cell.state] = self.facts.get(cell.state, 0) + 1
            if cell.state != CellState.FOLLOWS:
                self._digest.update(repr((group.row, cell)).encode())


def is_ours(table: Table, municipality: Municipality) -> bool:
    """Whether a table went out from here: by its check marks, or by its headings and numbers.

    A foreign table may have numbers of its own; so without check marks one of the first numbers
    has to stand beside the name of that initiative. One query at most.
    """
    if has_basis(table.header) or is_excerpt(table.header):
        return True
    found = sheet_columns(table.header)
    if not {"pk", "title"} <= found.keys():
        return False
    rows = iter(table.rows)
    first = list(islice(rows, PEEKED))
    table.rows = chain(first, rows)
    said = {
        number: row.cells[found["title"]]
        for row in first
        if (number := read_number(row.cells[found["pk"]])) is not None
    }
    known = Initiative.objects.filter(municipality=municipality, pk__in=said)
    return any(said[pk] == title for pk, title in known.values_list("pk", "title"))


def plan_sheet(table: Table, municipality: Municipality, choices: Choices) -> SheetPlan:
    """Compare a table that went out from here with what stands now; 15 queries per 1,000 rows."""
    header = table.header
    parsed = read_sheet(table)
    plan: SheetPlan = SheetPlan.of(parsed, table, ())  # type: ignore[assignment]
    plan.columns = {}
    if not plan.is_broken:
        _Comparer(plan, parsed, municipality, choices, sheet_columns(header)).compare()
    return plan


class _Comparer:
    """Rows of one file against the database, in chunks."""

    def __init__(
        self,
        plan: SheetPlan,
        parsed: Parsed[SheetRow],
        municipality: Municipality,
        choices: Choices,
        columns: Mapping[str, int],
    ) -> None:
        self.plan, self.parsed, self.municipality = plan, parsed, municipality
        self.choices, self.columns = choices, columns
        self.words = SheetWords(municipality, choices.as_of)
        self.given = [BY_NAME[name] for name in columns if BY_NAME[name].is_editable]
        self.by_hand = "basis" not in columns

    def compare(self) -> None:
        """All rows, in their order."""
        keys = sorted(row.pk for row in self.parsed.rows if row.pk is not None)
        if self.choices.writes:
            lock_all(self.municipality, keys)
        self.titles = standing_titles(self.municipality)
        for chunk in chunks(self.parsed.rows, CHUNK):
            self._chunk(chunk)
        standing = Initiative.objects.standing().filter(municipality=self.municipality)
        self.plan.facts["missing"] = standing.exclude(pk__in=keys).count()

    def _chunk(self, rows: Sequence[SheetRow]) -> None:
        found = load_facts(self.municipality, [row.pk for row in rows if row.pk is not None])
        bases = self._bases(rows, found)
        past = load_past(self.municipality, found, bases)
        self._note_read_only(rows, found, bases)
        for row in rows:
            if row.pk is None:
                self._new(row)
            elif row.pk in found and (row.pk in bases or self.by_hand):
                unknown = Past(None)
                self._row(row, found[row.pk], past.get(row.pk, unknown))

    def _bases(self, rows: Sequence[SheetRow], found: dict[int, Facts]) -> dict[int, Basis]:
        """What each row was based on; rows that name nothing of ours are rejected."""
        bases = {}
        for row in rows:
            if row.pk is None:
                continue
            facts = found.get(row.pk)
            if facts is None:
                self._refuse(row, NUMBER, str(row.pk), _NOT_HERE, _NOT_HERE_REMEDY)
            elif facts.removed:
                self._refuse(row, NUMBER, str(row.pk), _REMOVED, _REMOVED_REMEDY)
                del found[row.pk]
            elif not self.by_hand:
                basis = read_basis(row.basis, self.municipality.pk, row.pk)
                if basis is None or basis.version > facts.version:
                    self._refuse(row, BASIS, row.basis, _DAMAGED, _DAMAGED_REMEDY)
                else:
                    bases[row.pk] = basis
        return bases

    # Rows that exist ----------------------------------------------------------------------------
    def _row(self, row: SheetRow, facts: Facts, past: Past) -> None:
        """Every given cell: nothing, a change, or a conflict."""
        cells: list[CellChange] = []
        wanted: dict[str, Any] = {}
        for column in self.given:
            text = row.cells[column.name]
            base = _base(past, column)
            now = facts.values[column.name]
            if base is not _UNKNOWN and self._stands_for(column, text, base):
                continue
            if now != base and self._stands_for(column, text, now):
                continue
            try:
                mine = self.words.value(column, text)
            except CellError as error:
                self._refuse_cell(row, column, text, error)
                return
            if mine == base or same(mine, now):
                continue
            cell = self._cell(column, mine, past, facts)
            if cell.state != CellState.CONFLICT or cell.key in self.choices.mine:
                wanted[column.name] = mine
            cells.append(cell)
        self._take(row, facts, wanted, cells)

    def _take(
        self, row: SheetRow, facts: Facts, wanted: dict[str, Any], cells: list[CellChange]
    ) -> None:
        """Check the row as it will be, and what follows from it; then keep it."""
        after = {**facts.values, **wanted}
        problem = broken_rule(after, facts.values, wanted)
        if problem is not None:
            self._refuse(
                row, BY_NAME[problem[0]].heading, row.cells.get(problem[0], ""), *problem[1:]
            )
            return
        followed = follow(after, facts.values, wanted, self.choices.as_of.isoformat())
        for name, value in followed.items():
            column = BY_NAME[name]
            old, new = (self._shown(column, one) for one in (facts.values[name], value))
            cells.append(CellChange(column.heading, old, new, CellState.FOLLOWS))
        wanted = {**wanted, **followed}
        changes = {name: value for name, value in wanted.items() if value != facts.values[name]}
        if changes:
            reports = any(BY_NAME[name].side == Side.STATUS for name in changes)
            self.plan.changes.append(SheetChange(facts, changes, reports))
        title = facts.values["title"]
        url = reverse("roadmap:initiative_detail", args=[facts.pk]) if cells else ""
        group = CellGroup(row.number, title, str(facts.pk), False, tuple(cells), url)
        certain = any(cell.state != CellState.CONFLICT for cell in cells)
        self.plan.keep(group, changes=certain)

    def _stands_for(self, column: Column, text: str, value: Any) -> bool:
        """Whether a cell says what stood there, in any way in which it may have come back."""
        shown = self.words.text(column, value)
        if text == shown or not shown:
            return text == shown
        return text in ways_back(column, shown)

    def _cell(self, column: Column, mine: Any, past: Past, facts: Facts) -> CellChange:
        """One cell in words; a conflict where somebody else changed it, or nobody knows."""
        now, base = facts.values[column.name], _base(past, column)
        new, old = self._shown(column, mine), self._shown(column, now)
        if base is not _UNKNOWN and same(now, base):
            state = CellState.CLEAR if mine in EMPTY else CellState.CHANGE
            return CellChange(column.heading, old, new, state)
        author = past.changed_by.get(column.name, Author("", None))
        if base is _UNKNOWN and column.side == Side.STATUS:
            author = author_of(facts.latest)
        return CellChange(
            heading=column.heading,
            old=old,
            new=new,
            state=CellState.CONFLICT,
            key=f"{facts.pk}:{column.name}:{zlib.crc32(repr((now, mine)).encode()):08x}",
            base="" if base is _UNKNOWN else self._shown(column, base),
            who=author.name,
            when=timezone.localtime(author.at).strftime("%Y-%m-%d %H:%M") if author.at else "",
        )

    def _shown(self, column: Column, value: Any) -> str:
        text = self.words.text(column, value)
        return text if len(text) <= SHOWN else text[:SHOWN] + "…"

    # New rows -----------------------------------------------------------------------------------
    def _new(self, row: SheetRow) -> None:
        """A row without a number is a new initiative."""
        after: dict[str, Any] = {}
        cells = []
        for column in self.given:
            text = row.cells[column.name]
            if not text:
                continue
            try:
                after[column.name] = self.words.value(column, text)
            except CellError as error:
                self._refuse_cell(row, column, text, error)
                return
            cells.append(CellChange(column.heading, "", self._shown(column, after[column.name])))
        title = after.get("title", "")
        nothing = {**empty_values(), **status_of(None)}
        problem = broken_rule({**nothing, **after}, nothing, after)
        there = self.titles.get((title, after.get("lead")))
        if problem is not None:
            self._refuse(
                row, BY_NAME[problem[0]].heading, row.cells.get(problem[0], ""), *problem[1:]
            )
        elif there is not None:
            self._refuse(row, NUMBER, title, _THERE, _THERE_REMEDY, number=there)
        else:
            self.titles[title, after.get("lead")] = 0
            day = self.choices.as_of.isoformat()
            after |= follow({**nothing, **after}, nothing, after, day)
            self.plan.changes.append(SheetChange(None, after, reports=True))
            group = CellGroup(row.number, title, "", True, tuple(cells))
            self.plan.keep(group, changes=True)

    # What cannot be read ------------------------------------------------------------------------
    def _refuse(
        self,
        row: SheetRow,
        heading: str,
        value: str,
        what: str | _StrPromise,
        remedy: str | _StrPromise,
        **more: object,
    ) -> None:
        self.parsed.reject(row.number, heading, value, what, remedy, **more)

    def _refuse_cell(self, row: SheetRow, column: Column, text: str, error: CellError) -> None:
        what = _("Row %(row)s, column “%(column)s”: “%(value)s” %(why)s.")
        why = str(error.what) % error.values if error.values else str(error.what)
        self.parsed.reject(
            row.number, column.heading, text[:200], what, error.remedy, why=why, **error.values
        )

    def _note_read_only(
        self, rows: Sequence[SheetRow], found: Mapping[int, Facts], bases: Mapping[int, Basis]
    ) -> None:
        """Say where somebody changed a column that is only read."""
        names = [n for n in ("reported_on", "target_end", "holder") if n in self.columns]
        current = [pk for pk, basis in bases.items() if basis == found[pk].basis]
        if not names or not current:
            return
        texts = read_only_texts({pk: found[pk] for pk in current}, self.choices.as_of)
        for row in rows:
            for name in names if row.pk in texts else ():
                column = BY_NAME[name]
                text = row.cells[name]
                if _plain_day(text) != _plain_day(texts[row.pk or 0][name]):
                    self.parsed.note(row.number, column.heading, text, _ONLY_READ)


class _Unknown:
    """What stood in a cell of a file without a basis."""


_UNKNOWN: Final = _Unknown()


def _base(past: Past, column: Column) -> Any:
    """What stood in a cell when the file was written."""
    return _UNKNOWN if past.values is None else past.values[column.name]


def _plain_day(text: str) -> str:
    return text.replace("-", "/").replace("/0", "/")


_NOT_HERE = _("Row %(row)s: there is no initiative with the number %(value)s here.")
_NOT_HERE_REMEDY = _(
    "Write the number as it was in the saved file. For a new initiative leave it empty."
)
_REMOVED = _("Row %(row)s: the initiative with the number %(value)s has been removed.")
_REMOVED_REMEDY = _("Bring it back first, or delete the row.")
_DAMAGED = _("Row %(row)s: the check mark “%(value)s” does not belong to this row.")
_DAMAGED_REMEDY = _(
    "Copy it from the saved file again (sort whole rows, never a single column), "
    "or save the list anew and move your changes there."
)
_THERE = _("Row %(row)s: “%(value)s” of the same department is in the list already.")
_THERE_REMEDY = _("Write its number %(number)s into the row, or give the new one another name.")
_ONLY_READ = _(
    "Row %(row)s, column “%(column)s”: “%(value)s” was not read; this column only informs."
)
