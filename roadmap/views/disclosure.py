"""What is published: the file, and what was withheld until a day that has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.tabular import csv_lines
from roadmap.actions.publication import record_publication
from roadmap.choices import Disclosure
from roadmap.models import Initiative, Withholding
from roadmap.public_rows import due_reviews, public_lines
from roadmap.wording import LABELS


@dataclass(frozen=True)
class Review:
    """Something withheld whose day of review has come."""

    row: Withholding
    label: str


@require_safe
@requires(Permission.EDIT_INITIATIVES)
def disclosure_list(request: HttpRequest) -> HttpResponse:
    """How many records may be published, and what must be looked at again."""
    user = signed_in(request)
    reviews = [Review(row, field_label(row.field)) for row in _due(user)]
    context = {"counts": _counts(user), "reviews": reviews}
    return render(request, "roadmap/disclosure_list.html", context)


def field_label(name: str) -> str:
    """The name of a withheld field; an empty one is the whole record."""
    return str(LABELS[name]) if name in LABELS else _("the whole record")


def _due(user: User) -> Any:
    return due_reviews(user, timezone.localdate())


def _counts(user: User) -> list[tuple[str, int]]:
    """(words, how many) of each decision; one query."""
    found = dict(
        Initiative.objects.visible_to(user)
        .real()
        .values_list("disclosure")
        .order_by("disclosure")
        .annotate(n=Count("pk"))
    )
    kinds = [*((value, str(label)) for value, label in Disclosure.choices), ("", _("Not decided"))]
    return [(label, int(found.get(value, 0))) for value, label in kinds]


@require_safe
@requires(Permission.EDIT_INITIATIVES)
def disclosure_export(request: HttpRequest) -> HttpResponse:
    """The file for publication, as CSV in UTF-8 with BOM."""
    user, day = signed_in(request), timezone.localdate()
    if user.municipality is None:
        raise PermissionDenied
    heading, *lines = public_lines(user.municipality, user, day)
    content = b"".join(csv_lines(heading, lines))
    record_publication(user.municipality, by=user, rows=len(lines))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    name = f"{user.municipality}_{_('Initiatives for publication')}_{day:%Y-%m-%d}.csv"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response
