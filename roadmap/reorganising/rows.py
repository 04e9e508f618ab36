"""Rows of a plan: read from the sheets of a file, or typed on the screen. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from dxportal.shared.columns import guess_columns, is_ditto
from dxportal.shared.messages import Message
from dxportal.shared.tables import Note, Row, Table
from roadmap.choices import ChangeKind

#: Field → headings that are understood; the first one stands in the template.
HEADINGS: dict[str, tuple[str, ...]] = {
    "kind": ("種類", "区分", "変更の種類", "異動区分", "kind"),
    "department": (
        "部署",
        "いまの部署",
        "旧部署",
        "旧所属",
        "現所属",
        "廃止する部署",
        "department",
    ),
    "successor": ("あとの部署", "新部署", "新所属", "承継先", "異動先", "successor"),
    "code": ("あとの部署のコード", "新コード", "コード", "所属コード", "code"),
    "parent": ("あとの上位部署", "上位部署", "上位所属", "parent"),
    "email": ("メールアドレス", "メール", "email", "mail"),
    "post": ("いまの職", "旧職", "旧職名", "現職", "移す職", "post"),
    "new_post": ("あとの職", "新職", "新職名", "職名", "new post"),
    "head": ("所属長", "head"),
    "initiatives": ("取組", "移す取組", "initiatives"),
    "note": ("備考", "氏名", "note"),
}
#: What may stand in the column of the kind, or as the name of a sheet.
KIND_WORDS: dict[str, ChangeKind] = {
    **dict.fromkeys(("新設", "発足", "found"), ChangeKind.FOUND),
    **dict.fromkeys(("名称変更", "改称", "所属替え", "rename"), ChangeKind.RENAME),
    **dict.fromkeys(("統合", "合併", "merge"), ChangeKind.MERGE),
    **dict.fromkeys(("分割", "分離", "split"), ChangeKind.SPLIT),
    **dict.fromkeys(("廃止", "終了", "end"), ChangeKind.END),
    **dict.fromkeys(("異動", "昇任", "配置換", "move"), ChangeKind.MOVE),
    **dict.fromkeys(("兼務", "兼任", "also"), ChangeKind.ALSO),
    **dict.fromkeys(("退職", "離職", "leave"), ChangeKind.LEAVE),
}
#: The word of each kind in files.
WORD_OF: dict[str, str] = {
    kind: next(word for word, found in KIND_WORDS.items() if found == kind) for kind in ChangeKind
}
YES = frozenset({"○", "〇", "◯", "はい", "1", "true", "yes", "y", "有", "所属長", "長"})
_LIST = re.compile(r"[、,，;；\n]+")
SHEET_DEPARTMENTS, SHEET_PEOPLE = "組織", "人事"

#: What the template shows; examples that nobody can mistake for the own town's.
EXAMPLES: dict[str, list[tuple[str, ...]]] = {
    SHEET_DEPARTMENTS: [
        ("統合", "例）市民課、国保年金課", "市民保険課", "0210", "市民部"),
        ("分割", "例）商工観光課", "商工課、観光課", "", "産業部"),
        ("名称変更", "例）電算課", "情報政策課", "", ""),
    ],
    SHEET_PEOPLE: [
        ("異動", "", "市民保険課", "", "", "例）taro@city.example.lg.jp", "", "市民保険課長", "○"),
        ("退職", "", "", "", "", "例）jiro@city.example.lg.jp"),
    ],
}


@dataclass(frozen=True)
class Change:
    """One row. `id` tells it from the others of its plan.

    `refs` hold the keys that were found for the texts, once the plan is confirmed.
    """

    kind: str
    department: tuple[str, ...] = ()
    successor: tuple[str, ...] = ()
    code: str = ""
    parent: str = ""
    email: str = ""
    post: tuple[str, ...] = ()
    new_post: str = ""
    head: bool = False
    initiatives: tuple[str, ...] = ()
    note: str = ""
    row: int = 0
    sheet: str = ""
    written: str = ""
    id: str = ""
    refs: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """A JSON value; what is empty is left out."""
        found = {name: value for name, value in asdict(self).items() if value}
        return {"kind": self.kind, **found}

    @classmethod
    def from_plain(cls, value: Mapping[str, Any]) -> Change:
        """What `plain` wrote."""
        known = {item.name for item in fields(cls)}
        given: dict[str, Any] = {
            name: tuple(found) if isinstance(found, list) else found
            for name, found in value.items()
            if name in known
        }
        return cls(**given)


def listed(text: str) -> tuple[str, ...]:
    """Several names in one cell."""
    return tuple(part.strip() for part in _LIST.split(text) if part.strip())


def kind_of(text: str) -> str:
    """The kind that a word names; '' for a word that names none."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    return KIND_WORDS.get(plain, "")


def is_yes(text: str) -> bool:
    """Whether a cell says yes."""
    return unicodedata.normalize("NFKC", text).strip().casefold() in YES | {"○", "〇", "◯"}


@dataclass
class Read:
    """What a file says, and what was left unread."""

    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: str = ""


def read_changes(tables: Iterable[Table]) -> Read:
    """All rows of all sheets; a sheet without the column of kinds is of the kind that names it."""
    read = Read()
    headers: list[str] = []
    for table in tables:
        columns = guess_columns(table.header, {k: list(v) for k, v in HEADINGS.items()}, None)
        of_sheet = kind_of(table.sheet or "")
        if "kind" not in columns and not of_sheet:
            headers += [cell for cell in table.header if cell]
            continue
        rows = list(_filled(table.rows))
        read.changes += (
            change
            for row in rows
            if (change := _change(row, columns, of_sheet, table.sheet or "")) is not None
        )
        read.notes += [str(note) for note in table.notes if not _other_sheet(note)]
    if not read.changes:
        read.missing = "、".join(dict.fromkeys(headers)) or "–"
    return read


def _other_sheet(note: Note) -> bool:
    """Every sheet is read here, whatever the reader of one sheet says."""
    return isinstance(note.message, Message) and "others" in note.message.values


def _filled(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows with 同上 replaced by what stands above."""
    above: list[str] = []
    for row in rows:
        cells = [
            (above[place] if place < len(above) else "") if cell and is_ditto(cell) else cell
            for place, cell in enumerate(row.cells)
        ]
        above = cells
        yield Row(row.number, cells)


def _change(row: Row, columns: Mapping[str, int], of_sheet: str, sheet: str) -> Change | None:
    """One row; examples of the template and rows with a kind alone say nothing."""

    def cell(name: str) -> str:
        index = columns.get(name)
        return row.cells[index].strip() if index is not None and index < len(row.cells) else ""

    if not any(cell(name) for name in HEADINGS if name not in ("kind", "note")):
        return None
    if any(cell(name).startswith("例）") for name in ("department", "email")):
        return None
    written = cell("kind")
    return Change(
        kind=kind_of(written) or ("" if written else of_sheet),
        department=listed(cell("department")),
        successor=listed(cell("successor")),
        code=cell("code"),
        parent=cell("parent"),
        email=unicodedata.normalize("NFKC", cell("email")).lower(),
        post=listed(cell("post")),
        new_post=cell("new_post"),
        head=is_yes(cell("head")),
        initiatives=listed(cell("initiatives")),
        note=cell("note")[:200],
        row=row.number,
        sheet=sheet,
        written=written,
    )
