"""The files of a closed round: written once as it closes, and served as these bytes ever after."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from django.db.models import TextChoices
from django.utils import timezone

from dxportal.shared.tabular import Sheet, csv_lines, write_xlsx
from roadmap.choices import (
    Beneficiary,
    Cause,
    DerivedRule,
    DerivedStatus,
    Freshness,
    InitiativeKind,
    ReturnState,
    Verdict,
)
from roadmap.models import ReportingRound, RoundFile, RoundReturn, RoundSnapshot
from roadmap.pictures import JOINT

Cell: TypeAlias = str | int | float | bool | dt.date | None

CONTENT_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: Headings stay Japanese in every language, as those of the export do.
HEADER: Final[Sequence[str]] = (
    *("整理番号", "取組名", "目的", "種別", "対象者", "部", "主管所属", "責任者", "責任者氏名"),
    *("担当者", "フェーズ", "進み具合", "報告日", "報告の新しさ", "事実から見た状態", "その理由"),
    *("備考", "遅れの要因", "次の一手", "次の一手の期日", "開始年度", "開始四半期", "目標年度"),
    *("目標四半期", "目標", "予算", "運用開始日", "節目の数", "済んだ節目", "次の節目"),
    *("次の節目の期日", "残っている妨げ", "職員の実感", "貢献する基準", "困りごと"),
    *("やめること", "増える価値"),
)
RETURN_HEADER: Final[Sequence[str]] = ("部", "部署", "状態", "提出日", "提出者")
NOT_SUBMITTED: Final = "未提出"


def files(
    found: ReportingRound, rows: Sequence[RoundSnapshot], returns: Sequence[RoundReturn]
) -> list[RoundFile]:
    """The table as CSV and as a workbook with the returns on a second sheet, unsaved."""
    name = f"{found.municipality}_進捗報告_{found.label}".replace(" ", "_")
    text = ([_plain(cell) for cell in cells(row)] for row in rows)
    content = {"csv": b"".join(csv_lines(HEADER, text))}
    book = io.BytesIO()
    sheets = (
        Sheet("取組", HEADER, (cells(row) for row in rows)),
        Sheet("提出", RETURN_HEADER, _return_cells(returns)),
    )
    write_xlsx(sheets, book)
    content["xlsx"] = book.getvalue()
    return [
        RoundFile(
            round=found,
            kind=kind,
            name=f"{name}.{kind}",
            content=made,
            sha256=hashlib.sha256(made).hexdigest(),
        )
        for kind, made in content.items()
    ]


def cells(row: RoundSnapshot) -> list[Cell]:
    """One row in the order of HEADER."""
    return [
        *(row.initiative_key, row.title, row.purpose, _word(InitiativeKind, row.kind)),
        JOINT.join(_word(Beneficiary, code) for code in row.beneficiaries),
        *(row.bureau, row.lead, row.post, row.holder, row.contact),
        *(row.phase_word, row.progress_word, row.last_report),
        _word(Freshness, row.freshness),
        _word(DerivedStatus, row.derived) if row.derived != DerivedStatus.NONE else "",
        _word(DerivedRule, row.rule) if row.rule != DerivedRule.NONE else "",
        *(row.note, _word(Cause, row.cause), row.next_step, row.next_due),
        *(_year(row.start_fy), row.start_quarter, _year(row.target_fy), row.target_quarter),
        *(row.target_text, row.budget, row.launched_on),
        *(row.milestones, row.milestones_done, row.next_milestone, row.next_milestone_on),
        *(row.blockers, _word(Verdict, row.verdict), row.criteria, row.themes),
        *(row.stops, row.adds),
    ]


def _return_cells(returns: Sequence[RoundReturn]) -> Iterator[list[Cell]]:
    for one in returns:
        missing = one.state in (ReturnState.FILLING, ReturnState.RETURNED)
        yield [
            str(one.department.bureau or ""),
            one.department.name,
            NOT_SUBMITTED if missing else str(ReturnState(one.state).label),
            timezone.localdate(one.submitted_at) if one.submitted_at else None,
            one.submitted_by.name if one.submitted_by else "",
        ]


def _word(choices: type[TextChoices], code: str) -> str:
    """The label of a code; empty for none."""
    return str(choices(code).label) if code else ""


def _year(fy: int | None) -> str:
    """2026年度: read back in every calendar."""
    return f"{fy}年度" if fy else ""


def _plain(cell: Cell) -> str | int | float | bool | None:
    return cell.isoformat() if isinstance(cell, dt.date) else cell
