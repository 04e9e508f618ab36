"""A sheet as a tagged PDF; the mayor's is one page, whatever the names are."""

from __future__ import annotations

from collections.abc import Iterator

from django.template.loader import render_to_string

from dxportal.dashboards.briefing.content import Content
from dxportal.dashboards.briefing.sheet import FITS, FREE, Fit, Sheet
from dxportal.shared.printing import write_fitting_pdf, write_pdf
from roadmap.choices import BriefingKind

STYLES = ("css/briefing.css", "css/briefing-paper.css")
#: Above each of them one draft more is passed over.
WEIGHTS = (250, 800, 1100)
TEMPLATE = "dashboards/briefing_paper.html"


def pdf(content: Content, sha256: str) -> bytes:
    """The bytes; CannotPrint where the server cannot draw, TooLong where one page is too small."""
    if content.kind == BriefingKind.MAYOR:
        drafts = _drafts(content, sha256)
        return write_fitting_pdf(drafts, pages=1, styles=STYLES, identifier=sha256)
    return write_pdf(_page(content, sha256, FREE), styles=STYLES, identifier=sha256)


def _drafts(content: Content, sha256: str) -> Iterator[str]:
    """One after the other, each with less room for names; drawn only when it is wanted."""
    for fit in FITS[first_fit(content) :]:
        yield _page(content, sha256, fit)


def first_fit(content: Content) -> int:
    """The first draft that is worth laying out: each costs about a second.

    `weight` is about the number of characters that stand below the picture.
    """
    options = [option for ask in content.asks for option in ask.options]
    typed = sum(len(o.text + o.risk + o.cost + o.effect) for o in options)
    titles = sum(len(ask.title) for ask in content.asks)
    long_titles = sum(max(len(row.title) - 20, 0) for row in content.follow_ups[:5])
    weight = 30 * len(options) + typed + titles + long_titles
    return sum(weight > most for most in WEIGHTS)


def _page(content: Content, sha256: str, fit: Fit) -> str:
    return render_to_string(TEMPLATE, {"sheet": Sheet(content, sha256, fit)})
