"""Pages as tagged PDF, made on this machine: nothing is fetched from anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.utils.translation import gettext_lazy as _

STYLE = "css/paper.css"
#: PDF/UA: a reader's software finds headings, tables and the words for pictures.
VARIANT = "pdf/ua-1"


class CannotPrint(Exception):
    """The libraries that draw a PDF are missing; the sentence says which."""


class TooLong(Exception):
    """None of the drafts fits on the pages that there are."""


def write_pdf(html: str, *, styles: Iterable[str] = (STYLE,), identifier: str = "") -> bytes:
    """The page as a PDF; it may name no address, not even one of this installation.

    With an `identifier` the same page gives the same bytes.
    """
    return _written(_laid_out(html, styles), identifier)


def write_fitting_pdf(
    drafts: Iterable[str], *, pages: int, styles: Iterable[str] = (STYLE,), identifier: str = ""
) -> bytes:
    """The first of the drafts that needs so many pages at most; TooLong where none does."""
    for html in drafts:
        document = _laid_out(html, styles)
        if len(document.pages) <= pages:
            return _written(document, identifier)
    raise TooLong


def _laid_out(html: str, styles: Iterable[str]) -> Any:
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher, URLFetchingError
    except (ImportError, OSError) as error:
        raise CannotPrint(
            _(
                "This server cannot make a PDF: the library Pango is missing. Whoever runs it "
                "installs libpango-1.0-0 and libpangoft2-1.0-0 (Debian). Printing the page from "
                "the browser works, and so do Excel and CSV."
            )
        ) from error

    class Nothing(URLFetcher):  # type: ignore[misc]
        """Refuses every address."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            raise URLFetchingError(f"A PDF of ours loads nothing, not {url}")

    fetcher = Nothing()
    sheets = [CSS(string=_style(name), url_fetcher=fetcher) for name in styles]
    return HTML(string=html, url_fetcher=fetcher).render(stylesheets=sheets, pdf_variant=VARIANT)


def _style(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        raise CannotPrint(_("The style of the PDF is missing from the installation."))
    return Path(found).read_text(encoding="utf-8")


def _written(document: Any, identifier: str) -> bytes:
    pdf: bytes = document.write_pdf(
        pdf_variant=VARIANT, pdf_identifier=identifier.encode() if identifier else None
    )
    return pdf
