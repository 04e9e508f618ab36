"""Tags and filters of every template: dates in the municipality's calendar, bars, small stairs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, cast

from django import template
from django.contrib.messages.storage.base import Message
from django.core.paginator import Page
from django.template import Context
from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from dxportal.shared import fiscal
from dxportal.shared.htmx import UNDO_TAG

register = template.Library()

#: Units of the mini staircase's drawing: width and pitch of a step, its foot, height and growth.
STEP_WIDTH, STEP_PITCH, FOOT, FIRST_HEIGHT, GROWTH = 18, 21, 34, 10, 7

#: What a line of a plain list begins with, in Japanese and English texts.
LIST_MARKS = ("・", "- ")
_RING = '<circle cx="9" cy="9" r="7" fill="none" stroke="#666" stroke-width="2"/>'
_HALF = (
    '<circle cx="9" cy="9" r="7" fill="#fff" stroke="#0017c1" stroke-width="2"/>'
    '<path d="M9 2a7 7 0 0 1 0 14z" fill="#0017c1"/>'
)
_TICK = (
    '<circle cx="9" cy="9" r="8" fill="#0017c1"/>'
    '<path d="m5 9 3 3 5-6" fill="none" stroke="#fff" stroke-width="2"/>'
)
_ARROW = (
    '<circle cx="9" cy="9" r="8" fill="#0017c1"/>'
    '<path d="M9 14V5M5 8.5l4-4 4 4" fill="none" stroke="#fff" stroke-width="2"/>'
)
_CLOCK = (
    '<circle cx="9" cy="9" r="8" fill="none" stroke="#0017c1" stroke-width="2"/>'
    '<path d="M9 4v5l4 2" fill="none" stroke="#0017c1" stroke-width="2"/>'
)
_TRIANGLE = '<path d="M9 2 17 16H1z" fill="#ac3e00"/>'
_SQUARE = '<rect x="2" y="2" width="14" height="14" fill="#8b3200"/>'
_BAR = (
    '<rect x="2" y="2" width="14" height="14" rx="2" fill="none" stroke="#666" stroke-width="2"/>'
    '<path d="M5.5 9h7" stroke="#666" stroke-width="2"/>'
)
_AMBER = '<path d="M9 2 17 16H1z" fill="none" stroke="#806300" stroke-width="2"/>'
#: Shape by code: shapes differ as well as colours, so that nothing hangs on colour alone.
ICONS = {
    **dict.fromkeys(("ahead",), _ARROW),
    **dict.fromkeys(("on_track", "trial", "building", "looking", "running"), _HALF),
    **dict.fromkeys(("late", "cannot", "unconfirmed", "stale"), _TRIANGLE),
    **dict.fromkeys(("live", "established", "do", "fresh", "done", "ok"), _TICK),
    **dict.fromkeys(("checking", "due", "waiting"), _CLOCK),
    **dict.fromkeys(("support", "warn"), _AMBER),
    **dict.fromkeys(("rethink", "unused", "failed", "contradicted"), _SQUARE),
    **dict.fromkeys(("on_hold", "stopped", "not_applicable", "too_few", "unknown"), _BAR),
}


def _style(context: Context) -> fiscal.CalendarStyle:
    """The calendar style of the viewer's municipality; both where nobody is signed in."""
    municipality = getattr(context.get("user"), "municipality", None)
    style = getattr(municipality, "calendar_style", None) or "both"
    return cast(fiscal.CalendarStyle, style)


def _day(value: dt.date | dt.datetime) -> dt.date:
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


@register.simple_tag(takes_context=True)
def date(context: Context, value: dt.date | dt.datetime | None) -> str:
    """令和8年4月1日 or 2026年4月1日, as the municipality writes it; – for none."""
    return "–" if value is None else fiscal.format_date(_day(value), _style(context))


@register.simple_tag(takes_context=True)
def told(context: Context, value: str | dt.date | None) -> str:
    """A cell of a table: text as it is, a date as the municipality writes it; – for none."""
    return value if isinstance(value, str) else date(context, value)


@register.simple_tag(takes_context=True)
def moment(context: Context, value: dt.datetime | None) -> str:
    """Date and time of day in the zone of the installation; – for none."""
    if value is None:
        return "–"
    local = timezone.localtime(value)
    return f"{fiscal.format_date(local.date(), _style(context))} {local:%H:%M}"


@register.simple_tag(takes_context=True)
def fiscal_year(context: Context, value: int | dt.date | None) -> str:
    """令和8年度 or 2026年度 of a starting year or of a day in it; – for none."""
    if value is None:
        return "–"
    year = value if isinstance(value, int) else fiscal.fiscal_year(_day(value))
    return fiscal.format_fiscal_year(year, _style(context))


@register.filter
def short_date(value: dt.date | dt.datetime | None) -> str:
    """4月1日: for rows whose year is plain."""
    if value is None:
        return "–"
    day = _day(value)
    return f"{day.month}月{day.day}日"


@register.filter
def user_text(value: str | None) -> SafeString:
    """Text that a person typed: escaped, lines kept, out of reach of htmx."""
    return format_html('<span class="usertext" hx-disable>{}</span>', linebreaksbr(value or ""))


@register.filter
def outlined(value: str | None) -> SafeString:
    """Plain text, escaped: paragraphs, whose lines after ・ or - are a list under the first."""
    parts = []
    for paragraph in (value or "").strip().split("\n\n"):
        lines = paragraph.splitlines()
        told = [line for line in lines if not line.startswith(LIST_MARKS)]
        listed = [line.lstrip("・- ") for line in lines if line.startswith(LIST_MARKS)]
        if told:
            wrap = '<p class="strong">{}</p>' if listed else "<p>{}</p>"
            parts.append(format_html(wrap, " ".join(told)))
        if listed:
            items = format_html_join("", "<li>{}</li>", ((line,) for line in listed))
            parts.append(format_html("<ul>{}</ul>", items))
    inner = format_html_join("", "{}", ((part,) for part in parts))
    return format_html('<div class="outlined">{}</div>', inner)


@register.filter
def undo_url(message: Message) -> str:
    """The address that undoes what a message reports, or ''."""
    words = (message.extra_tags or "").split()
    return next((word.removeprefix(UNDO_TAG) for word in words if word.startswith(UNDO_TAG)), "")


@register.filter
def page_numbers(page: Page[Any]) -> Iterable[int | str]:
    """Page numbers around the current one, with … for what is left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)


@register.simple_tag
def bar(percent: float | None) -> SafeString:
    """A bar whose width is an SVG attribute. Decoration: the number stands beside it as text."""
    width = max(0.0, min(100.0, float(percent or 0)))
    return format_html(
        '<svg class="track" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="6"/></svg>',
        f"{width:g}",
    )


@register.simple_tag
def status_icon(code: str) -> SafeString:
    """The shape of a status code; the word stands beside it."""
    shape = ICONS.get(str(code), _RING)
    return mark_safe(  # noqa: S308 - constants of this module only
        f'<svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">{shape}</svg>'
    )


@register.simple_tag
def stair_step(step: int, steps: int = 4) -> SafeString:
    """Which step of how many, as a small icon. Decoration: the words stand beside it."""
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="8" height="{}"{}/>',
        (
            (i * 10, 18 - (6 + 4 * i), 6 + 4 * i, mark_safe(' class="on"') if i < step else "")
            for i in range(steps)
        ),
    )
    return format_html(
        '<svg class="step" width="{0}" height="18" viewBox="0 0 {0} 18" aria-hidden="true">'
        "{1}</svg>",
        steps * 10 - 2,
        bars,
    )


@register.inclusion_tag("_stair_mini.html")
def stair_mini(
    levels: Iterable[float | None], current: int | None = None, title: str = ""
) -> dict[str, Any]:
    """Small stairs: firmness 0–100 of each step, and the step (from 1) on which one stands."""
    bars = []
    for index, level in enumerate(levels):
        x, height = index * STEP_PITCH, FIRST_HEIGHT + index * GROWTH
        fill = round(height * max(0.0, min(100.0, float(level or 0))) / 100, 1)
        bars.append(
            {
                "x": x,
                "y": FOOT - height,
                "height": height,
                "fill": f"{fill:g}" if fill else "",
                "fill_y": f"{round(FOOT - fill, 1):g}",
                "current": index + 1 == current,
                "dot_x": x + STEP_WIDTH // 2,
                "dot_y": FOOT - height - 5 if FOOT - height > 8 else 5,
            }
        )
    return {"bars": bars, "width": max(1, len(bars) * STEP_PITCH - 3), "title": title}
