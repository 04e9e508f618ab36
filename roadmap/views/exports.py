"""Files of the list: what is filtered on the screen is what is in the file."""

from __future__ import annotations

import io

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.shared.tabular import Sheet, csv_lines, write_xlsx
from roadmap.board import board_rows
from roadmap.exporters import HEADER, initiative_cells
from roadmap.views.listed import load_listing

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_safe
@requires(Permission.SEE_INITIATIVES)
def initiative_export(request: HttpRequest, kind: str) -> HttpResponse:
    """The filtered list as CSV (UTF-8 with BOM) or XLSX."""
    user, day = signed_in(request), timezone.localdate()
    listing = load_listing(user, day, request.GET)
    chosen = listing.chosen.prefetch_related("parts__department", "theme_links__theme")
    rows = board_rows(chosen, user=user, day=day, stages=listing.stages, words=listing.words)
    cells = initiative_cells(rows, day)
    if kind == "csv":
        text = ([str(cell) if hasattr(cell, "year") else cell for cell in row] for row in cells)
        content = b"".join(csv_lines(HEADER, text))
    else:
        file = io.BytesIO()
        write_xlsx([Sheet(_("Initiatives"), HEADER, cells)], file)
        content = file.getvalue()
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    name = f"{user.municipality}_{_('Initiatives')}_{day:%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
