"""Files of the list: what is filtered on the screen is what is in the file."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.tabular import CsvEncoding, Note, csv_lines, write_xlsx
from roadmap.exporters import HEADER, Cell, initiative_cells
from roadmap.sheet_words import SheetWords
from roadmap.views.listed import load_listing
from roadmap.workbooks import workbook

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "cp932": "text/csv; charset=Shift_JIS",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: Cells on the page that says which characters Shift_JIS cannot hold.
SHOWN_NOTES = 50


@require_safe
@requires(Permission.SEE_INITIATIVES)
def initiative_export(request: HttpRequest, kind: str) -> HttpResponse:
    """The filtered list as XLSX or CSV: UTF-8 with BOM, or Shift_JIS with `?encoding=cp932`.

    What Shift_JIS cannot hold is shown first; `&replace=1` takes 〓 for it.
    """
    user, day = signed_in(request), timezone.localdate()
    if user.municipality is None:
        return HttpResponse(status=404)
    keys = list(load_listing(user, day, request.GET).chosen.values_list("pk", flat=True))
    words = SheetWords(user.municipality, day)
    if kind == "xlsx":
        file = io.BytesIO()
        write_xlsx(workbook(keys, user.municipality, words, day), file)
        return _file(file.getvalue(), "xlsx", user, day)
    rows = _plain(initiative_cells(keys, user.municipality, words, day))
    if request.GET.get("encoding") != "cp932":
        return _file(b"".join(csv_lines(HEADER, rows)), "csv", user, day)
    notes: list[Note] = []
    encoding: CsvEncoding = "cp932"
    content = b"".join(csv_lines(HEADER, rows, encoding, notes=notes))
    if notes and request.GET.get("replace") != "1":
        return _unwritable(request, notes)
    return _file(content, "cp932", user, day)


def _plain(rows: Iterator[list[Cell]]) -> Iterator[Sequence[str | int | float | bool | None]]:
    """Days as ISO text."""
    for row in rows:
        yield [cell.isoformat() if isinstance(cell, dt.date) else cell for cell in row]


def _unwritable(request: HttpRequest, notes: list[Note]) -> HttpResponse:
    """Which cells would lose a character, and the ways that lose none."""
    query = request.GET.copy()
    for name in ("encoding", "replace"):
        query.pop(name, None)
    context = {
        "notes": notes[:SHOWN_NOTES],
        "count": len(notes),
        "more": max(0, len(notes) - SHOWN_NOTES),
        "query": query.urlencode(),
    }
    return render(request, "roadmap/initiative_export.html", context)


def _file(content: bytes, kind: str, user: User, day: dt.date) -> HttpResponse:
    """A download with the municipality and the day in its name."""
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    ending = "csv" if kind == "cp932" else kind
    name = f"{user.municipality}_{_('Initiatives')}_{day:%Y-%m-%d}.{ending}"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
