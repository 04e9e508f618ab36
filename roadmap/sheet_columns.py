"""The columns of the table of initiatives, as it goes out and as it comes back. No database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from dxportal.shared.columns import heading_key

#: What can stand in a cell of a file.
Cell: TypeAlias = str | int | float | bool | dt.date | None


class Kind(StrEnum):
    """How the value of a column is written and read."""

    TEXT = "text"
    LINE = "line"
    NUMBER = "number"
    YEAR = "year"
    QUARTER = "quarter"
    DAY = "day"
    YES_NO = "yes_no"
    CHOICE = "choice"  # one word of a list
    CHOICES = "choices"  # words of a list, with 、 between them
    OBJECT = "object"  # one department, post or person
    OBJECTS = "objects"  # several, with 、 between them
    READ_ONLY = "read_only"


class Side(StrEnum):
    """Where a value lives: in the fields, in the latest report, or nowhere of its own."""

    FIELD = "field"
    STATUS = "status"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Headings stay Japanese in every language: they are the file's interface."""

    heading: str
    name: str
    kind: Kind = Kind.TEXT
    side: Side = Side.FIELD
    width: int = 16
    longest: int = 4_000

    @property
    def is_editable(self) -> bool:
        """Whether a changed cell means anything."""
        return self.side != Side.NONE

    @property
    def several(self) -> bool:
        """Whether a cell may hold more than one word."""
        return self.kind in (Kind.CHOICES, Kind.OBJECTS)


NUMBER: Final = "整理番号"
TITLE: Final = "取組名"
#: What a row was based on; heading_key() reads it without the part in brackets.
BASIS: Final = "照合用（変えないでください）"

_STATUS: Final = Side.STATUS
_NONE: Final = Side.NONE

COLUMNS: Final[Sequence[Column]] = (
    Column(NUMBER, "pk", Kind.READ_ONLY, _NONE, 9),
    Column(TITLE, "title", Kind.LINE, width=32, longest=200),
    Column("目的", "purpose", width=36),
    Column("種別", "kind", Kind.CHOICE, width=18),
    Column("対象者", "beneficiaries", Kind.CHOICES, width=14),
    Column("主管所属", "lead", Kind.OBJECT),
    Column("関係所属", "partners", Kind.OBJECTS, width=20),
    Column("責任者", "accountable_post", Kind.OBJECT, width=18),
    Column("責任者氏名", "holder", Kind.READ_ONLY, _NONE, 14),
    Column("担当者", "contact", Kind.OBJECT, width=14),
    Column("フェーズ", "phase", Kind.CHOICE, _STATUS),
    Column("定着の状況", "adoption", Kind.READ_ONLY, _NONE, 24),
    Column("進み具合", "progress", Kind.CHOICE, _STATUS, 18),
    Column("報告日", "reported_on", Kind.READ_ONLY, _NONE, 12),
    Column("備考", "note", Kind.TEXT, _STATUS, 30),
    Column("遅れの要因", "cause", Kind.CHOICE, _STATUS, 18),
    Column("次の一手", "next_step", Kind.LINE, _STATUS, 26, 200),
    Column("次の一手の期日", "next_due", Kind.DAY, _STATUS, 14),
    Column("開始年度", "start_fy", Kind.YEAR, width=11),
    Column("目標年度", "target_fy", Kind.YEAR, width=11),
    Column("目標の末日", "target_end", Kind.READ_ONLY, _NONE, 12),
    Column("目標", "target_text", width=30),
    Column("貢献する基準", "criteria", Kind.OBJECTS),
    Column("困りごと", "themes", Kind.OBJECTS, width=20),
    Column("やめること", "stops", width=26),
    Column("増える価値", "adds", width=26),
    Column("運用開始日", "launched_on", Kind.DAY, width=12),
    Column("予算", "budget", width=20),
    Column("出典", "source", Kind.LINE, width=20, longest=400),
    Column("使う部署", "users", Kind.OBJECTS, width=20),
    Column("開始の四半期", "start_quarter", Kind.QUARTER, width=13),
    Column("目標の四半期", "target_quarter", Kind.QUARTER, width=13),
    Column("共同で行う団体", "partner_bodies", width=20),
    Column("タグ", "tags", Kind.OBJECTS, width=24),
    Column("柱・重点取組事項", "pillars", width=24),
    Column("標準化業務・手続", "procedures", width=24),
    Column("指標", "indicators", width=24),
    Column("報告した会議", "meetings", width=20),
    Column("総合計画コード", "plan_code", width=15),
    Column("契約・調達", "contract", width=20),
    Column("正しいデータの保管先", "data_home", width=20),
    Column("データの書き出し", "data_export", width=20),
    Column("取り残さない手当", "safeguard", width=24),
    Column("窓口・紙・電話を置き換えるか", "replaces_channel", Kind.YES_NO, width=15),
    Column("置き換える手段", "replaced_channel", width=20),
    Column("代わりの手段", "alternative", width=24),
    Column("支える人・場所・期間", "support", width=24),
    Column("リスク", "risks", width=24),
    Column("つまずいたこと・次の人へ", "pitfalls", width=30),
    Column("関連リンク", "links", width=24),
    Column("公開・紹介の考え方", "sharing", width=24),
    Column("誰が何を覚えるか", "learners", width=24),
    Column("覚える時間（1人あたり分）", "learn_minutes", Kind.NUMBER, width=12, longest=6_000),
    Column("誰が助けるか", "helpers", width=20),
    Column("どの古いやり方をやめるか", "old_way", width=24),
    Column("古いやり方をやめる日", "old_way_ends_on", Kind.DAY, width=13),
    Column("もう一度聞く日", "ask_again_on", Kind.DAY, width=13),
    Column("公開可否", "disclosure", Kind.CHOICE),
    Column("他の自治体に紹介してよい", "may_introduce", Kind.YES_NO, width=13),
    Column(BASIS, "basis", Kind.READ_ONLY, _NONE, 22),
)
HEADER: Final = tuple(column.heading for column in COLUMNS)
BY_NAME: Final = {column.name: column for column in COLUMNS}
#: heading_key → column.
BY_KEY: Final = {heading_key(column.heading): column for column in COLUMNS}
FIELD_NAMES: Final = tuple(c.name for c in COLUMNS if c.side == Side.FIELD)
STATUS_NAMES: Final = tuple(c.name for c in COLUMNS if c.side == Side.STATUS)
#: Foreign keys by their name in the history → their column.
KEYS: Final = {"accountable_post": "accountable_post_id", "contact": "contact_id"}
#: Values that are rows of their own.
LINKED: Final = ("lead", "partners", "users", "themes", "criteria", "tags")
PLAIN_COLUMNS: Final = tuple(name for name in FIELD_NAMES if name not in LINKED)


def known_column(heading: str) -> Column | None:
    """The column that a heading names, whatever its width, spaces and brackets."""
    return BY_KEY.get(heading_key(heading))
