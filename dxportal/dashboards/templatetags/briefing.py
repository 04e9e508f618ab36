"""Tags of the sheets for meetings."""

from __future__ import annotations

import datetime as dt
from typing import cast

from django import template
from django.utils.translation import gettext as _

from dxportal.shared.fiscal import CalendarStyle, format_date

register = template.Library()


@register.filter
def iso_day(value: str, style: str = "both") -> str:
    """An ISO date as the municipality writes dates; – for none."""
    if not value:
        return "–"
    return format_date(dt.date.fromisoformat(value[:10]), cast(CalendarStyle, style))


@register.filter
def iso_month(value: str) -> str:
    """2026年11月, in English 2026-11, of an ISO date; – for none."""
    if not value:
        return "–"
    day = dt.date.fromisoformat(value[:10])
    return _("%(year)d-%(month)02d") % {"year": day.year, "month": day.month}


@register.filter
def to_left(percent: int | None) -> str:
    """Width of the bar that says harder: 0.8 units a per cent."""
    return f"{(percent or 0) * 0.8:g}"


@register.filter
def left_edge(percent: int | None) -> str:
    """Where that bar begins: its middle line is at 80."""
    return f"{80 - (percent or 0) * 0.8:g}"


@register.filter
def to_right(percent: int | None) -> str:
    """Width of the bar that says easier: 1.2 units a per cent."""
    return f"{(percent or 0) * 1.2:g}"
