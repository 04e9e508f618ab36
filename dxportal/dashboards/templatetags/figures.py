"""A figure that opens: the number as a link to what it is made of, and what a reader may check."""

from __future__ import annotations

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from dxportal.dashboards.board.figures import Figure

register = template.Library()


@register.simple_tag
def figure(found: Figure | None, css: str = "") -> SafeString:
    """The text of the figure, linked; plain where the viewer may not open it, – for none."""
    if found is None:
        return mark_safe('<span class="muted">–</span>')
    classes = " ".join(filter(None, (css, found.tone)))
    data = format_html(
        ' data-figure="{}" data-how="{}" data-value="{}"{}{}',
        found.name,
        found.how,
        _plain(found.value),
        format_html(' data-of="{}"', _plain(found.of)) if found.of is not None else "",
        format_html(' class="{}"', classes) if classes else "",
    )
    spoken = format_html('<span class="vh">{}</span>', found.spoken) if found.spoken else ""
    text = conditional_escape(found.text)
    if not found.url:
        return format_html("<span{}>{}{}</span>", data, text, spoken)
    return format_html('<a href="{}"{}>{}{}</a>', found.url, data, text, spoken)


def _plain(value: float | str | None) -> str:
    """The same in every language."""
    if value is None:
        return ""
    return value if isinstance(value, str) else f"{value:g}"
