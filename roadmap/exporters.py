"""The list of initiatives as a table, with the headings that the import understands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from django.db.models import Prefetch

from dxportal.accounts.models import Assignment, Post
from roadmap.board import BoardRow
from roadmap.choices import Cause, InitiativeKind
from roadmap.models import Initiative
from roadmap.timeliness import target_end

Cell: TypeAlias = str | int | float | bool | dt.date | None

#: Headings stay Japanese in every language: they are the import's interface (docs/import.md).
HEADER: Sequence[str] = (
    "整理番号",
    "取組名",
    "目的",
    "種別",
    "対象者",
    "主管所属",
    "関係所属",
    "責任者",
    "責任者氏名",
    "担当者",
    "フェーズ",
    "進み具合",
    "報告日",
    "備考",
    "遅れの要因",
    "次の一手",
    "次の一手の期日",
    "開始年度",
    "目標年度",
    "目標の末日",
    "目標",
    "貢献する基準",
    "困りごと",
    "やめること",
    "増える価値",
    "運用開始日",
    "予算",
    "出典",
)


def _occupants(initiatives: list[Initiative], day: dt.date) -> dict[int, str]:
    """Names of the occupants of each accountable post: one query."""
    posts = {i.accountable_post_id for i in initiatives if i.accountable_post_id}
    holders = Prefetch(
        "assignments", Assignment.objects.on(day).select_related("user"), to_attr="holders"
    )
    found = Post.objects.filter(pk__in=posts).prefetch_related(holders)
    return {
        post.pk: "、".join(assignment.user.name for assignment in getattr(post, "holders", []))
        for post in found
    }


def initiative_cells(rows: Sequence[BoardRow], day: dt.date) -> Iterator[list[Cell]]:
    """One list of cells a row, in the order of HEADER. Links are prefetched by the caller."""
    occupants = _occupants([row.initiative for row in rows], day)
    for row in rows:
        yield [*_who(row, occupants), *_status(row), *_aims(row)]


def _who(row: BoardRow, occupants: dict[int, str]) -> list[Cell]:
    initiative = row.initiative
    post = initiative.accountable_post
    others = [part.department.name for part in initiative.parts.all() if part.role != "lead"]
    return [
        initiative.pk,
        initiative.title,
        initiative.purpose,
        str(InitiativeKind(initiative.kind).label) if initiative.kind else "",
        "、".join(initiative.beneficiary_labels()),
        row.lead.name if row.lead else "",
        "、".join(dict.fromkeys(others)),
        post.name if post else "",
        occupants.get(post.pk, "") if post else "",
        initiative.contact.name if initiative.contact else "",
    ]


def _status(row: BoardRow) -> list[Cell]:
    latest = row.latest
    return [
        str(row.phase.label),
        row.progress_label if row.progress else "",
        row.last_report,
        latest.note if latest else "",
        str(Cause(latest.cause).label) if latest and latest.cause else "",
        latest.next_step if latest else "",
        latest.next_due if latest else None,
    ]


def _aims(row: BoardRow) -> list[Cell]:
    initiative = row.initiative
    return [
        _year(initiative.start_fy),
        _year(initiative.target_fy),
        target_end(initiative.target_fy, initiative.target_quarter),
        initiative.target_text,
        "、".join(link.criterion.code for link in initiative.criterion_links.all()),
        "、".join(link.theme.label for link in initiative.theme_links.all()),
        initiative.stops,
        initiative.adds,
        initiative.launched_on,
        initiative.budget,
        initiative.source,
    ]


def _year(fy: int | None) -> str:
    """2026年度: read back in every calendar."""
    return f"{fy}年度" if fy else ""
