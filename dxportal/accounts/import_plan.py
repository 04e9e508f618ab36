"""What an import would do, before it does it: choices, outcomes, rows to look at. No database."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.utils.translation import gettext_lazy as _

from dxportal.shared.importing import Parsed, RowProblem
from dxportal.shared.messages import Message
from dxportal.shared.tables import Note, Table

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

T = TypeVar("T")
R = TypeVar("R")

_DASHES = str.maketrans(dict.fromkeys("−‐‑‒–—〜~～", "-"))
#: Rows that the preview shows as they will be.
SHOWN_ROWS = 50

#: Told how many rows are done, of how many.
Tell = Callable[[int, int], None]


class Outcome(StrEnum):
    """What becomes of one thing that the file names."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Choices:
    """What a person decided beside the file. ``columns``: heading → field, '' to leave out."""

    as_of: dt.date
    columns: Mapping[str, str] = field(default_factory=dict)
    origin: str | None = None
    all_origins: bool = False
    mine: frozenset[str] = frozenset()  # keys of conflicts in which the file's value is wanted
    rows: str = ""  # which rows of the file are wanted, as typed (2-40, 45); empty: all
    writes: bool = False  # what is compared is locked: it is going to be written


@dataclass(frozen=True)
class ShownRow:
    """One row of the preview. ``changes`` names the fields that change."""

    row: int
    outcome: Outcome
    cells: tuple[str, ...]
    changes: str = ""


class CellState(StrEnum):
    """What becomes of one cell."""

    CHANGE = "change"
    CLEAR = "clear"
    CONFLICT = "conflict"
    FOLLOWS = "follows"  # nobody wrote it; it follows from another cell


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell in words: what stands there, what the file says, and who changed it meanwhile."""

    heading: str
    old: str
    new: str
    state: CellState = CellState.CHANGE
    key: str = ""  # under which the choice in a conflict is kept
    base: str = ""  # what stood there when the file was written
    who: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class CellGroup:
    """The cells of one row that change or wait for a choice."""

    row: int
    title: str
    number: str
    is_new: bool
    cells: Sequence[CellChange]
    url: str = ""


@dataclass
class Plan(Generic[T]):
    """What will be written (``changes``), what stays, what is rejected and why."""

    header: Sequence[str]
    columns: Mapping[str, str]  # field → heading
    origins: Mapping[str, int]
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    headings: Sequence[str | _StrPromise] = ()
    asks_origin: bool = False
    changes: list[T] = field(default_factory=list)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    shown: list[ShownRow] = field(default_factory=list)
    facts: dict[str, int] = field(default_factory=dict)
    cellwise: bool = False  # compared cell by cell: `groups` say everything that changes
    groups: list[CellGroup] = field(default_factory=list)
    applied: list[Any] = field(default_factory=list)  # what taking it back needs, as JSON
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    @classmethod
    def of(cls, parsed: Parsed[R], table: Table, headings: Sequence[str | _StrPromise]) -> Plan[T]:
        """A plan that knows the file and has no outcomes yet."""
        return cls(
            header=table.header,
            columns=parsed.columns,
            origins=parsed.origins,
            problems=parsed.problems,
            notes=parsed.notes,
            headings=headings,
        )

    @property
    def is_broken(self) -> bool:
        """Whether the file as a whole cannot be used: nothing of it is imported."""
        return any(problem.row is None for problem in self.problems)

    @property
    def rejected(self) -> int:
        """Rows that are left out."""
        return len({problem.row for problem in self.problems} - {None})

    @property
    def has_changes(self) -> bool:
        """Whether applying it would write anything."""
        return bool(self.changes) and not self.is_broken and not self.asks_origin

    @property
    def fingerprint(self) -> str:
        """The same plan has the same: what is confirmed is what was shown."""
        whole = self._digest.copy()
        whole.update(
            repr((self.rejected, self.asks_origin, sorted(self.outcomes.items()))).encode()
        )
        return whole.hexdigest()

    def add(
        self,
        row: int,
        outcome: Outcome,
        cells: Callable[[], tuple[str, ...]],
        changes: Sequence[object] = (),
    ) -> None:
        """Count one outcome; the first rows are kept as they will be."""
        self.outcomes[outcome] += 1
        self._digest.update(f"{row} {outcome} {len(changes)}\n".encode())
        if len(self.shown) < SHOWN_ROWS:
            words = "、".join(str(word) for word in changes)
            self.shown.append(ShownRow(row, outcome, cells(), words))


_SPAN = re.compile(r"(\d{1,7})(?:-(\d{1,7}))?")


def rows_of(text: str) -> Callable[[int], bool]:
    """Whether a row of the file is wanted; raises ValueError for what is no list of rows."""
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES)
    parts = [part for part in re.split(r"[,、\s]+", re.sub(r"\s*-\s*", "-", folded)) if part]
    spans = []
    for part in parts:
        found = _SPAN.fullmatch(part)
        if found is None:
            raise ValueError(part)
        first = int(found[1])
        spans.append((first, int(found[2] or first)))
    return lambda row: not spans or any(first <= row <= last for first, last in spans)


def chosen_rows(plan: Plan[T], parsed: Parsed[R], choices: Choices) -> list[R]:
    """The rows of the municipality that was chosen.

    Where the file names several and none was chosen, the plan asks and there are no rows.
    """
    if plan.is_broken:
        return []
    if choices.all_origins or not has_several_origins(parsed.origins):
        return parsed.rows
    if choices.origin is None or choices.origin not in parsed.origins:
        plan.asks_origin = True
        return []
    others = sum(count for name, count in parsed.origins.items() if name != choices.origin)
    text = _("%(count)s rows of other municipalities were left out; “%(value)s” was chosen.")
    values = {"count": others, "value": choices.origin}
    plan.notes.append(Note(Message(text, values), value=choices.origin))
    return [row for row in parsed.rows if getattr(row, "origin", "") == choices.origin]


def has_several_origins(origins: Mapping[str, int]) -> bool:
    """Whether a file names more than one municipality."""
    return sum(1 for name in origins if name) > 1
