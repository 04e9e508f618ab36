"""Departments as a file lists them: a list with parents, or wide columns 部/課/係. No database."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from dxportal.shared.importing import Parsed, Reading, Record
from dxportal.shared.tables import Table

from .choices import DepartmentKind
from .department_cells import day, people

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

#: Columns of a wide table from the top of the tree downwards.
LEVELS = ("level0", "level1", "level2", "level3")
LEVEL_FIELDS: dict[str, Sequence[str]] = {
    "level0": ("局", "局名", "kyoku"),
    "level1": ("部", "部名", "部局", "部局名", "bu", "bureau", "division"),
    "level2": ("課", "課名", "室", "室名", "課室", "課室名", "ka", "section"),
    "level3": ("係", "係名", "班", "班名", "グループ", "チーム", "kakari", "team"),
}
ORIGIN = ("municipality", "市町村", "市区町村", "自治体", "自治体名", "団体名", "市町村名")
DEPARTMENT_FIELDS: dict[str, Sequence[str]] = {
    "code": ("所属コード", "部署コード", "組織コード", "コード", "department_code", "code"),
    "name": ("所属名", "部署名", "組織名", "名称", "部署", "所属", "組織", "department", "name"),
    "parent": (
        *("親コード", "上位コード", "上位所属コード", "上位組織コード", "上位部署コード"),
        *("上位所属", "上位組織", "上位部署", "親部署", "親", "parent_code", "parent"),
    ),
    "kind": ("階層", "レベル", "組織区分", "種別", "区分", "level", "kind"),
    "valid_from": ("有効開始日", "適用開始日", "開始日", "設置日", "valid_from", "start_date"),
    "valid_to": ("有効終了日", "適用終了日", "終了日", "廃止日", "valid_to", "end_date"),
    "predecessors": (
        *("旧所属コード", "旧部署コード", "旧組織コード", "旧コード", "前身コード", "前身"),
        *("predecessors", "predecessor_codes", "predecessor"),
    ),
    "without_account": (
        *("アカウントのない職員数", "アカウントなし職員数", "アカウントのない職員"),
        *("アカウントなし", "アカウント未発行数", "without_account"),
    ),
    "origin": ORIGIN,
    **LEVEL_FIELDS,
}
_LEVEL_KINDS = (
    DepartmentKind.BUREAU,
    DepartmentKind.BUREAU,
    DepartmentKind.SECTION,
    DepartmentKind.TEAM,
)
_KIND_WORDS = {
    DepartmentKind.BUREAU: ("部", "局", "本部", "bureau", "1", "部局", "第1階層"),
    DepartmentKind.SECTION: ("課", "室", "所", "section", "2", "課室", "第2階層"),
    DepartmentKind.TEAM: ("係", "班", "担当", "グループ", "team", "3", "第3階層"),
}
#: Longest first: 部会 is no 部, 事務局 no 局.
_TITLES = (
    *(("準備室", DepartmentKind.SECTION), ("センター", DepartmentKind.SECTION)),
    *(("事務局", DepartmentKind.SECTION), ("グループ", DepartmentKind.TEAM)),
    *(("委員会", DepartmentKind.BUREAU), ("部会", DepartmentKind.BUREAU)),
    *(("本部", DepartmentKind.BUREAU), ("担当", DepartmentKind.TEAM)),
    *(("チーム", DepartmentKind.TEAM), ("部", DepartmentKind.BUREAU)),
    *(("局", DepartmentKind.BUREAU), ("課", DepartmentKind.SECTION)),
    *(("室", DepartmentKind.SECTION), ("所", DepartmentKind.SECTION)),
    *(("館", DepartmentKind.SECTION), ("署", DepartmentKind.SECTION)),
    *(("園", DepartmentKind.SECTION), ("係", DepartmentKind.TEAM), ("班", DepartmentKind.TEAM)),
)
_BY_DEPTH = (DepartmentKind.BUREAU, DepartmentKind.SECTION, DepartmentKind.TEAM)

Path = tuple[str, ...]


@dataclass(frozen=True)
class DepartmentRow:
    """One department; parents come before their children. ``title`` is the unit's word (課, 室)."""

    row: int
    code: str | None
    name: str
    title: str
    kind: DepartmentKind
    parent_path: Path
    path: Path
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    without_account: int | None = None
    predecessors: tuple[str, ...] = ()
    origin: str = ""


@dataclass
class _Draft:
    """A row whose place in the tree is not yet known."""

    record: Record
    facts: DepartmentRow
    parent: str


def parse_departments(
    table: Table,
    mapping: Mapping[str, str] | None = None,
    *,
    known: Mapping[str, Path] | None = None,
) -> Parsed[DepartmentRow]:
    """Departments in the order parents first, each once, with what was wrong row by row.

    ``known`` gives the paths of departments that exist already, by code, as possible parents.
    """
    reading: Reading[DepartmentRow] = Reading(table, DEPARTMENT_FIELDS, mapping)
    if any(level in reading.columns for level in LEVELS) and "parent" not in reading.columns:
        return _Wide(reading).parse()
    needed = _("Choose the column with the department names, or columns for 部, 課 and 係.")
    if not reading.require("name", needed):
        return reading.parsed
    return _parse_list(reading, known or {})


def title_of(name: str) -> str:
    """The word a name ends in, where it is one of the usual ones."""
    return next((title for title, _kind in _TITLES if name.endswith(title)), "")


@dataclass
class _Wide:
    """Wide columns read as levels. Blank levels are left out: a town without 部 has none."""

    reading: Reading[DepartmentRow]
    seen: dict[tuple[str, Path], DepartmentRow] = field(default_factory=dict)
    last: tuple[str, list[str]] = ("", [])

    def parse(self) -> Parsed[DepartmentRow]:
        parsed = self.reading.parsed
        self.reading.note_unread()
        for record in self.reading.records():
            cells = self._levels(record)
            if not any(cells):
                column = "／".join(self.reading.heading(n) for n in LEVELS if n in parsed.columns)
                parsed.reject(
                    record.number,
                    column,
                    "",
                    _("Row %(row)s, column “%(column)s”: the row names no department."),
                    _("Enter a department or delete the row."),
                )
                continue
            facts = _facts(self.reading, record)
            if facts is not None:
                self._add(record, cells, facts)
        parsed.rows = _unique_codes(parsed, list(self.seen.values()), self.reading.heading("code"))
        return parsed

    def _levels(self, record: Record) -> list[str]:
        """The level cells; a 係 without anything above it belongs to the row above."""
        cells = [record[level] for level in LEVELS]
        if not cells[3] and record["name"] and any(cells[:3]) and record["name"] not in cells:
            cells[3] = record["name"]
        origin, above = self.last
        if cells[3] and not any(cells[:3]) and origin == record["origin"] and any(above[:3]):
            cells[:3] = above[:3]
            self.reading.parsed.note(
                record.number,
                self.reading.heading("level3"),
                cells[3],
                _("Row %(row)s: “%(value)s” was placed below “%(parent)s” as in the row above."),
                parent="／".join(cell for cell in cells[:3] if cell),
            )
        self.last = (record["origin"], cells)
        return cells

    def _add(self, record: Record, cells: list[str], facts: DepartmentRow) -> None:
        filled = [(name, kind) for name, kind in zip(cells, _LEVEL_KINDS, strict=True) if name]
        path: Path = ()
        for depth, (name, kind) in enumerate(filled, start=1):
            parent, path = path, (*path, name)
            is_leaf = depth == len(filled)
            base = facts if is_leaf else DepartmentRow(record.number, None, name, "", kind, (), ())
            found = replace(
                base, name=name, title=title_of(name), kind=kind, parent_path=parent, path=path
            )
            found = replace(found, origin=record["origin"])
            earlier = self.seen.get((record["origin"], path))
            if earlier is None:
                self.seen[record["origin"], path] = found
            elif is_leaf:
                self._again(earlier, found)

    def _again(self, earlier: DepartmentRow, found: DepartmentRow) -> None:
        """A department that was known as a parent gets its facts; a second listing is noted."""
        facts = ("code", "valid_from", "valid_to", "without_account")
        bare = all(getattr(earlier, name) is None for name in facts)
        if bare and any(getattr(found, name) is not None for name in facts):
            self.seen[found.origin, found.path] = replace(found, row=earlier.row)
            return
        self.reading.parsed.note(
            found.row,
            "",
            found.name,
            _("Row %(row)s: “%(value)s” is already in row %(first)s and was read once."),
            first=earlier.row,
        )


def _facts(reading: Reading[DepartmentRow], record: Record) -> DepartmentRow | None:
    """Everything but the place in the tree; None where a date or a number is wrong."""
    before = len(reading.parsed.problems)
    start, end = (day(reading, record, name) for name in ("valid_from", "valid_to"))
    without_account = people(reading, record, "without_account")
    if len(reading.parsed.problems) > before:
        return None
    if start and end and end < start:
        reading.parsed.reject(
            record.number,
            reading.heading("valid_to"),
            record["valid_to"],
            _("Row %(row)s, column “%(column)s”: “%(value)s” is before the first day."),
            _("Correct the first or the last day."),
        )
        return None
    name = record["name"]
    return DepartmentRow(
        row=record.number,
        code=record["code"] or None,
        name=name,
        title=title_of(name),
        kind=DepartmentKind.SECTION,
        parent_path=(),
        path=(name,),
        valid_from=start,
        valid_to=end,
        without_account=without_account,
        predecessors=tuple(c for c in re.split(r"[\s,、，;；・/／]+", record["predecessors"]) if c),
        origin=record["origin"],
    )


def _parse_list(
    reading: Reading[DepartmentRow], known: Mapping[str, Path]
) -> Parsed[DepartmentRow]:
    parsed = reading.parsed
    reading.note_unread()
    drafts: list[_Draft] = []
    for record in reading.records():
        if not record["name"]:
            parsed.reject(
                record.number,
                reading.heading("name"),
                "",
                _("Row %(row)s, column “%(column)s”: the name is missing."),
                _("Enter the name of the department."),
            )
            continue
        facts = _facts(reading, record)
        if facts is not None:
            drafts.append(_Draft(record, facts, record["parent"]))
    parsed.rows = _unique_codes(parsed, list(_Tree(reading, drafts, known).place()), "")
    return parsed


def _unique_codes(
    parsed: Parsed[DepartmentRow], rows: Sequence[DepartmentRow], column: str
) -> list[DepartmentRow]:
    """Rows without those whose code stands on an earlier row too; what is below them goes too."""
    first: dict[tuple[str, str], int] = {}
    dropped: set[tuple[str, Path]] = set()
    kept: list[DepartmentRow] = []
    for row in rows:
        earlier = first.setdefault((row.origin, row.code), row.row) if row.code else row.row
        if earlier != row.row:
            parsed.reject(
                row.row,
                column or parsed.columns.get("code", "code"),
                row.code or "",
                _("Row %(row)s, column “%(column)s”: code “%(value)s” is used in row %(first)s."),
                _("Give each department its own code, or delete one of the rows."),
                first=earlier,
            )
            dropped.add((row.origin, row.path))
        elif (row.origin, row.parent_path) in dropped:
            dropped.add((row.origin, row.path))
            _reject_below(parsed, row, row.parent_path[-1])
        else:
            kept.append(row)
    return kept


def _reject_below(parsed: Parsed[DepartmentRow], row: DepartmentRow, parent: str) -> None:
    parsed.reject(
        row.row,
        parsed.columns.get("parent", ""),
        parent,
        _("Row %(row)s: the department above it, “%(value)s”, could not be read."),
        _("Correct the row of that department first."),
    )


class _Tree:
    """Finds each draft's place: its parent by code, by name where that is unique, or known."""

    def __init__(
        self, reading: Reading[DepartmentRow], drafts: list[_Draft], known: Mapping[str, Path]
    ) -> None:
        self.reading, self.drafts, self.known = reading, drafts, known
        self.by_code: dict[tuple[str, str], _Draft] = {}
        self.by_name: dict[tuple[str, str], list[_Draft]] = {}
        for draft in drafts:
            facts = draft.facts
            if facts.code:
                self.by_code.setdefault((facts.origin, facts.code), draft)
            self.by_name.setdefault((facts.origin, facts.name), []).append(draft)
        self.placed: dict[int, Path | None] = {}

    def place(self) -> Iterator[DepartmentRow]:
        found = [
            (path, draft)
            for draft in self.drafts
            if (path := self._path(draft, frozenset())) is not None
        ]
        for path, draft in sorted(found, key=lambda pair: len(pair[0])):
            kind = _kind(draft.record["kind"], draft.facts.name, len(path))
            yield replace(draft.facts, kind=kind, parent_path=path[:-1], path=path)

    def _path(self, draft: _Draft, below: frozenset[int]) -> Path | None:
        """Names from the top; None where something above is wrong. Reported once a row."""
        number = draft.record.number
        if number not in self.placed:
            self.placed[number] = self._find(draft, below | {number})
        return self.placed[number]

    def _find(self, draft: _Draft, below: frozenset[int]) -> Path | None:
        name, wanted, origin = draft.facts.name, draft.parent, draft.facts.origin
        if not wanted:
            return (name,)
        parent = self.by_code.get((origin, wanted))
        candidates = [parent] if parent else self.by_name.get((origin, wanted), [])
        if len(candidates) == 1:
            if candidates[0].record.number in below:
                self._reject(draft, _("Row %(row)s, column “%(column)s”: “%(value)s” is below it."))
                return None
            above = self._path(candidates[0], below)
            if above is None:
                _reject_below(self.reading.parsed, draft.facts, candidates[0].facts.name)
                return None
            return (*above, name)
        if wanted in self.known:
            return (*self.known[wanted], name)
        if candidates:
            text = _(
                "Row %(row)s, column “%(column)s”: several departments are called “%(value)s”."
            )
        else:
            text = _("Row %(row)s, column “%(column)s”: there is no department “%(value)s”.")
        self._reject(draft, text)
        return None

    def _reject(self, draft: _Draft, text: "str | _StrPromise") -> None:
        self.reading.parsed.reject(
            draft.record.number,
            self.reading.heading("parent"),
            draft.parent,
            text,
            _("Enter the code of the department directly above this one."),
        )


def kind_by_title(name: str, otherwise: DepartmentKind) -> DepartmentKind:
    """The kind that the end of a name tells."""
    return next((kind for title, kind in _TITLES if name.endswith(title)), otherwise)


def _kind(written: str, name: str, depth: int) -> DepartmentKind:
    """By the file's own word, else by the end of the name, else by depth."""
    word = written.strip().casefold()
    for kind, words in _KIND_WORDS.items():
        if word in words:
            return kind
    by_title = next((kind for title, kind in _TITLES if name.endswith(title)), None)
    return by_title or _BY_DEPTH[min(depth, len(_BY_DEPTH)) - 1]
