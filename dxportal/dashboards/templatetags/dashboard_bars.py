"""Rows of the staircase page: small stairs, bars, and the figures of one department."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dxportal.dashboards.adoption import AdoptionRow
from dxportal.dashboards.board.department_rows import DepartmentRow
from dxportal.dashboards.board.figures import CELL, SHARE, Figure, Links
from dxportal.dashboards.board.follow_up_bars import Bar, Bars
from dxportal.dashboards.templatetags.figures import figure
from dxportal.shared.templatetags.dx import stair_mini
from roadmap.choices import Axis

register = template.Library()


@register.simple_tag
def bar_of(bars: Bars | None, row: AdoptionRow) -> Bar | None:
    """The bar of one verdict, where its answers are stored."""
    return bars.by_initiative.get(row.pk) if bars else None


@register.inclusion_tag("_stair_mini.html")
def row_stair(row: DepartmentRow, axis: str) -> dict[str, object]:
    """The small stairs of a row."""
    position = row.technology if axis == Axis.TECHNOLOGY else row.culture
    title = _("%(axis)s, step %(step)s") % {
        "axis": Axis(axis).label,
        "step": position.current if position else "–",
    }
    return stair_mini(row.levels.get(axis, ()), position.current if position else None, title)


@register.simple_tag
def easier_of(row: DepartmentRow, links: Links) -> SafeString:
    """The published share that finds work easier; – where nothing is shown."""
    share, group = row.asked.easier, row.asked.easier_group
    if share is None or share.masked:
        return figure(None)
    page = links.figure("easier", unit=group)
    return figure(Figure("easier", share.text, page, share.text, CELL))


@register.simple_tag
def response_of(row: DepartmentRow, links: Links) -> SafeString:
    """The response rate of the group that holds the department."""
    percent = row.asked.response
    if percent is None:
        return figure(None)
    page = links.figure("response", unit=row.asked.response_group)
    return figure(Figure("response", f"{percent}%", page, percent, SHARE))


@register.simple_tag
def pain_of(row: DepartmentRow, links: Links) -> SafeString:
    """The share that named the heaviest theme; nothing where none is named."""
    cell = row.asked.pain_cell
    if cell is None:
        return SafeString("")
    page = links.figure("pain", unit=row.asked.response_group, theme=row.asked.pain_code)
    return figure(Figure("pain", cell.text, page, cell.text, CELL), "muted")


@register.simple_tag
def initiatives_of(row: DepartmentRow, links: Links) -> SafeString:
    """How many initiatives it leads."""
    page = links.figure("initiatives", department=row.pk)
    return figure(Figure("initiatives", str(row.initiatives), page, row.initiatives))


@register.simple_tag
def late_of(row: DepartmentRow, links: Links) -> SafeString:
    """How many of these are late, by report or by their dates."""
    text = _("▲ late %(n)s") % {"n": row.late}
    return figure(Figure("hurry", text, links.figure("hurry", department=row.pk), row.late))
