"""Initiatives as a file lists them: only the title is required, nothing is lost. No database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from dxportal.shared.fiscal import parse_fiscal_years
from dxportal.shared.importing import Parsed, Reading, Record
from dxportal.shared.tables import Table

#: Fields with their headings, as municipalities write them; the order decides between equals.
INITIATIVE_FIELDS: dict[str, Sequence[str]] = {
    "title": (
        *("取組名", "取組名称", "取組事項", "取組項目", "施策名", "事業名", "事業名称", "件名"),
        *("取組内容", "取組", "施策", "名称", "項目", "initiative", "title", "name"),
    ),
    "department": (
        *("担当課", "主管課", "所管課", "主管所属", "担当部課", "担当部署", "所管部署", "担当所属"),
        *("所管", "主管", "担当課名", "課名", "部署", "所属", "department", "section"),
    ),
    "start": ("開始年度", "開始日", "着手年度", "開始時期", "開始", "start_fy", "start"),
    "end": (
        *("目標年度", "終了年度", "完了年度", "達成年度", "終了日", "期限", "完了予定"),
        *("終了時期", "end_fy", "end", "target_year"),
    ),
    "fiscal_years": (
        *("年度", "実施年度", "対象年度", "計画期間", "実施期間", "取組期間", "期間"),
        *("実施時期", "fiscal_year", "fiscal_years", "year"),
    ),
    "status": (
        *("進捗状況", "進捗", "達成状況", "進捗評価", "達成度", "進み具合", "評価", "実施状況"),
        *("取組状況", "状況", "published_status", "status", "progress"),
    ),
    "target": (
        *("目標", "目標値", "数値目標", "kpi", "重要業績評価指標", "評価指標", "成果指標", "指標"),
        *("年度目標", "target_kpi", "target"),
    ),
    "actual": ("実績", "実績値", "取組実績", "実施内容", "actual", "result"),
    "purpose": ("目的", "事業目的", "取組目的", "ねらい", "概要", "事業概要", "purpose", "summary"),
    "kind": ("種別", "取組種別", "区分", "分類", "kind", "type"),
    "phase": ("フェーズ", "段階", "phase"),
    "post": ("責任者", "責任者職名", "責任職", "accountable_post", "accountable", "owner"),
    "person": ("担当者", "担当者名", "担当職員", "person", "contact"),
    "beneficiaries": ("対象者", "対象", "受益者", "beneficiaries"),
    "budget": ("予算", "予算額", "事業費", "budget"),
    "next_step": (
        "次の一手",
        "今後の予定",
        "今後の取組",
        "今後の方向性",
        "今後の展開",
        "next_step",
    ),
    "cause": ("遅れの要因", "要因", "課題", "現状課題", "cause"),
    "code": ("整理番号", "管理番号", "取組番号", "事業番号", "番号", "no", "code", "id"),
    "source": ("出典", "出所", "参照", "url", "source"),
    "note": ("備考", "摘要", "特記事項", "コメント", "メモ", "note", "remarks"),
    "origin": ("municipality", "市町村", "市区町村", "自治体", "自治体名", "団体名", "市町村名"),
}
#: Fields that have an attribute of their own on InitiativeRow.
_OWN = frozenset(("title", "department", "status", "origin"))


@dataclass(frozen=True)
class InitiativeRow:
    """One initiative as written. ``fields`` holds the other known columns, by field, if filled.

    ``end_fy`` is None also where the text leaves the end open (令和2年度〜). ``leftovers`` holds
    every filled cell of a column that serves no field, by heading.
    """

    row: int
    title: str
    department_text: str = ""
    start_fy: int | None = None
    end_fy: int | None = None
    status_text: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    origin: str = ""
    leftovers: dict[str, str] = field(default_factory=dict)


def parse_initiatives(
    table: Table, mapping: Mapping[str, str] | None = None
) -> Parsed[InitiativeRow]:
    """Initiatives with what was noted; a row without a title is the only one rejected."""
    reading: Reading[InitiativeRow] = Reading(table, INITIATIVE_FIELDS, mapping)
    parsed = reading.parsed
    if not reading.require("title", _("Choose the column with the names of the initiatives.")):
        return parsed
    first: dict[tuple[str, str, str], int] = {}
    for record in reading.records():
        if not record["title"]:
            parsed.reject(
                record.number,
                reading.heading("title"),
                "",
                _("Row %(row)s, column “%(column)s”: the name of the initiative is missing."),
                _("Enter a name or delete the row."),
            )
            continue
        row = _row(reading, record)
        parsed.rows.append(row)
        earlier = first.setdefault((row.origin, row.title, row.department_text), row.row)
        if earlier != row.row:
            parsed.note(
                row.row,
                reading.heading("title"),
                row.title,
                _("Row %(row)s: “%(value)s” also stands in row %(first)s."),
                first=earlier,
            )
    return parsed


def _row(reading: Reading[InitiativeRow], record: Record) -> InitiativeRow:
    start, end = _years(reading, record)
    fields = {name: record[name] for name in reading.columns if name not in _OWN and record[name]}
    return InitiativeRow(
        row=record.number,
        title=" ".join(record["title"].split("\n")),
        department_text=record["department"],
        start_fy=start,
        end_fy=end,
        status_text=record["status"],
        fields=fields,
        origin=record["origin"],
        leftovers=reading.leftovers(record),
    )


def _years(reading: Reading[InitiativeRow], record: Record) -> tuple[int | None, int | None]:
    """First and last fiscal year from one column or two; text that names none is noted."""
    start, end = _span(reading, record, "fiscal_years")
    if (own_start := _span(reading, record, "start")[0]) is not None:
        start = own_start
    own_first, own_last = _span(reading, record, "end")
    if own_first is not None:
        end = own_last or own_first
    if start is not None and end is not None and end < start:
        reading.parsed.note(
            record.number,
            reading.heading("end"),
            record["end"],
            _("Row %(row)s: the last year (%(end)s) is before the first (%(start)s); left out."),
            start=start,
            end=end,
        )
        end = None
    return start, end


def _span(
    reading: Reading[InitiativeRow], record: Record, name: str
) -> tuple[int | None, int | None]:
    text = record[name]
    if not text:
        return None, None
    years = parse_fiscal_years(text)
    if years is None:
        reading.parsed.note(
            record.number,
            reading.heading(name),
            text,
            _("Row %(row)s, column “%(column)s”: “%(value)s” names no fiscal year; kept as text."),
        )
        return None, None
    return years
