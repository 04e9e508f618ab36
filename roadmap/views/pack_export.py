"""Handing initiatives to other municipalities: the preview, which is edited, and the file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import Municipality, User
from roadmap.actions.packs import record_handing_on
from roadmap.forms.packs import PackExportForm
from roadmap.models import Initiative
from roadmap.pack_facts import Draft, drafts, made_by, may_leave, pack_rows, watch_of
from roadmap.pack_format import (
    FORMAT,
    MAX_INITIATIVES,
    VERSION,
    in_one_order,
    problems,
    schema,
    written,
)
from roadmap.pack_text import edited, texts
from roadmap.views.listed import load_listing
from roadmap.views.pack_shown import PackLine, lines_of

#: Texts on one page: a form takes 600 fields.
MAX_TEXTS: Final = 500
#: Letters on one page: a form takes 1 MB, a letter has up to three bytes.
MAX_LETTERS: Final = 250_000
#: Name of the parameter with the number of one initiative.
KEY: Final = "i"


@dataclass
class Preview:
    """What is about to be handed on, and what cannot be."""

    municipality: Municipality
    found: list[Draft]
    refused: list[Initiative]
    undecided: list[Initiative]
    form: PackExportForm
    too_many: int = 0
    changed: bool = False
    faults: list[str] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """Of what stands in the initiatives, before anything is edited here."""
        return hashlib.sha256(
            in_one_order({"i": [each.content for each in self.found]})
        ).hexdigest()

    def pack(self) -> dict[str, Any]:
        """The content of the file as the form stands now."""
        typed = self.form.typed()
        licence = str(self.form["licence"].value() or self.form.fields["licence"].choices[0][0])  # type: ignore[attr-defined]
        return {
            "format": FORMAT,
            "version": VERSION,
            "made": made_by(
                self.municipality,
                on=timezone.localdate(),
                licence=licence,
                product_version=settings.PRODUCT_VERSION,
            ),
            "initiatives": [edited(draft.content, typed) for draft in self.found],
        }

    def cards(self) -> list[tuple[Draft, list[PackLine], list[Any]]]:
        """Per initiative: its facts that are not texts, and the fields of its texts."""
        return [(draft, lines_of(draft.content), list(self.form.of(draft))) for draft in self.found]


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_INITIATIVES)
def pack_export(request: HttpRequest) -> HttpResponse:
    """First exactly what would be in the file, with what looks like a person marked; then it."""
    user = signed_in(request)
    if user.municipality is None:
        raise PermissionDenied
    if "rows" in request.POST:
        return redirect(f"{reverse('roadmap:pack_export')}?{_ticked(request.POST)}")
    sent = "fingerprint" in request.POST
    preview = _preview(request, user, user.municipality, sent=sent)
    if request.method == "GET" or not preview.found:
        return _page(request, preview, status=200 if request.method == "GET" else 422)
    if not sent or request.POST["fingerprint"] != preview.fingerprint:
        preview.changed = True
        return _page(request, preview, status=409)
    pack = preview.pack()
    preview.faults = [f"{place}: {words}" for place, words in problems(pack, schema())]
    if not preview.form.is_valid() or preview.faults:
        return _page(request, preview, status=422)
    return _file(preview, pack, user)


def _ticked(post: QueryDict) -> str:
    """The ticked rows of the list as a query; what is no number is none."""
    values = [row.partition(":")[0] for row in post.getlist("rows")]
    return urlencode([(KEY, value) for value in values if _is_key(value)])


def _is_key(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19


def _preview(
    request: HttpRequest, user: User, municipality: Municipality, *, sent: bool
) -> Preview:
    """Those that were named; without names, those that the list shows with the same conditions."""
    now = timezone.now()
    data = request.POST if request.method == "POST" else request.GET
    if KEY in data or request.method == "POST":
        keys = [int(value) for value in data.getlist(KEY) if _is_key(value)]
    else:
        listing = load_listing(user, timezone.localdate(now), request.GET)
        keys = list(listing.found.values_list("pk", flat=True))
    too_many = len(keys) if len(keys) > MAX_INITIATIVES else 0
    rows = [] if too_many else pack_rows(user, keys)
    allowed = [row for row in rows if may_leave(row)]
    found = drafts(municipality, allowed, now)
    if not _fits(found):
        found, too_many = [], len(keys)
    typed = request.POST if sent else None
    form = PackExportForm(typed, drafts=found, watch=watch_of(municipality))
    return Preview(
        municipality,
        found,
        [row for row in rows if not may_leave(row)],
        [draft.initiative for draft in found if draft.initiative.may_introduce is None],
        form,
        too_many,
    )


def _fits(found: list[Draft]) -> bool:
    """Whether one form takes all texts."""
    lengths = [len(text) for draft in found for text in texts(draft.content)]
    return len(lengths) <= MAX_TEXTS and sum(lengths) <= MAX_LETTERS


def _page(request: HttpRequest, preview: Preview, *, status: int) -> HttpResponse:
    content = written(preview.pack()).decode() if preview.found else ""
    context = {"preview": preview, "form": preview.form, "content": content}
    return render(request, "roadmap/pack_export.html", context, status=status)


def _file(preview: Preview, pack: dict[str, Any], user: User) -> HttpResponse:
    """The download, and that it was saved on record."""
    content = written(pack)
    record_handing_on(
        preview.municipality,
        by=user,
        titles=[draft.initiative.title for draft in preview.found],
        licence=pack["made"]["licence"],
        content=content,
    )
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    name = f"{preview.municipality}_{_('Initiatives')}_{timezone.localdate():%Y-%m-%d}.pack.json"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
