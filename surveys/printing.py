"""Results as a tagged PDF, made on this machine: nothing is fetched from anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.utils.translation import gettext_lazy as _

STYLE = "css/paper.css"
#: PDF/UA: a reader's software finds headings, tables and the words for pictures.
VARIANT = "pdf/ua-1"


class CannotPrint(Exception):
    """The libraries that draw a PDF are missing; the sentence says which."""


def write_pdf(html: str) -> bytes:
    """The page as a PDF; it may name no address, not even one of this installation."""
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher, URLFetchingError
    except (ImportError, OSError) as error:
        raise CannotPrint(
            _(
                "This server cannot make a PDF: the library Pango is missing. Whoever runs it "
                "installs libpango-1.0-0 and libpangoft2-1.0-0 (Debian). Printing the results "
                "page from the browser works, and so do Excel and CSV."
            )
        ) from error

    class Nothing(URLFetcher):  # type: ignore[misc]
        """Refuses every address."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            raise URLFetchingError(f"A PDF of ours loads nothing, not {url}")

    fetcher = Nothing()
    style = finders.find(STYLE)
    if not isinstance(style, str):
        raise CannotPrint(_("The style of the PDF is missing from the installation."))
    sheet = CSS(string=Path(style).read_text(encoding="utf-8"), url_fetcher=fetcher)
    pdf: bytes = HTML(string=html, url_fetcher=fetcher).write_pdf(
        stylesheets=[sheet], pdf_variant=VARIANT
    )
    return pdf
