"""「前回から何が変わったか」: two rounds or days beside each other, on screen and as a file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import Department, User
from dxportal.shared.fiscal import format_date
from dxportal.shared.tabular import Sheet, csv_lines, write_xlsx
from roadmap.as_of import end_of, removal_days
from roadmap.forms.diff import DiffForm, Side
from roadmap.models import ReportingRound
from roadmap.pictures import ORDER, field_label, picture_at, picture_of_round
from roadmap.round_diff import Difference, FieldChange, State, compare
from roadmap.round_files import CONTENT_TYPES
from roadmap.views.rounds import style_of

CHANGED_PAGE = 100
#: Headings and kinds stay Japanese in every language, as in the other files.
HEADER = ("区分", "整理番号", "取組名", "部", "主管所属", "項目", "前", "後")


@dataclass(frozen=True)
class Told:
    """One change with the name of its field."""

    label: str
    change: FieldChange


def diff_form(request: HttpRequest) -> DiffForm:
    """The two sides as the address names them: two queries."""
    user, day = signed_in(request), timezone.localdate()
    closed = ReportingRound.objects.visible_to(user).closed().select_related("municipality")
    departments = Department.objects.visible_to(user).in_order()
    return DiffForm(request.GET, rounds=list(closed), departments=list(departments), day=day)


def difference(user: User, form: DiffForm) -> Difference:
    """What differs: a fixed number of queries."""
    old, new = form.keep(*(_picture(user, form.side(side)) for side in ("from", "to")))
    gone = removal_days(user.municipality_id or 0, old.keys() - new.keys())
    return compare(old, new, order=ORDER, gone=gone)


def _picture(user: User, side: Side) -> dict[int, State]:
    if side.round is not None:
        return picture_of_round(side.round)
    moment = end_of(side.day) if side.day else timezone.now()
    return picture_at(user.municipality, moment) if user.municipality else {}


def _said(user: User, side: Side) -> str:
    """What a side is called."""
    if side.round is not None:
        return side.round.label
    return format_date(side.day, style_of(user)) if side.day else pgettext("moment", "Now")


@require_safe
@requires(Permission.SEE_INITIATIVES)
def round_diff(request: HttpRequest) -> HttpResponse:
    """Added, removed and changed; moves of progress and phase with their counts first."""
    user, form = signed_in(request), diff_form(request)
    context: dict[str, object] = {"form": form}
    if not form.is_valid():
        return render(request, "roadmap/round_diff.html", context, status=422)
    found = difference(user, form)
    page = Paginator(found.changed, CHANGED_PAGE).get_page(request.GET.get("page"))
    told = [
        (one.state, [Told(field_label(change.name), change) for change in one.fields])
        for one in page.object_list
    ]
    context |= {
        "found": found,
        "page": page,
        "told": told,
        "moves": [(field_label(move.name), move) for move in found.moves],
        "sides": [_said(user, form.side(side)) for side in ("from", "to")],
        "as_of_round": form.side("from").round or form.side("to").round,
    }
    return render(request, "roadmap/round_diff.html", context)


@require_safe
@requires(Permission.SEE_INITIATIVES)
def round_diff_export(request: HttpRequest, kind: str) -> HttpResponse:
    """The same differences, one line a field, as CSV or XLSX."""
    user, form = signed_in(request), diff_form(request)
    if not form.is_valid():
        return render(request, "roadmap/round_diff.html", {"form": form}, status=422)
    rows = _rows(difference(user, form))
    if kind == "csv":
        content = b"".join(csv_lines(HEADER, rows))
    else:
        book = io.BytesIO()
        write_xlsx([Sheet("変わったこと", HEADER, rows)], book)
        content = book.getvalue()
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    sides = "_".join(form.side(side).code.replace(":", "-") for side in ("from", "to"))
    name = f"{user.municipality}_{_('What has changed')}_{sides}.{kind}"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


def _rows(found: Difference) -> Iterator[list[str | int]]:
    for state in found.added:
        yield ["追加", *_place(state), "", "", ""]
    for gone in found.removed:
        day = f"{gone.on:%Y-%m-%d}" if gone.on else ""
        yield ["削除", *_place(gone.state), "削除した日" if day else "", "", day]
    for one in found.changed:
        for change in one.fields:
            label = field_label(change.name)
            yield ["変更", *_place(one.state), label, change.old, change.new]


def _place(state: State) -> tuple[int, str, str, str]:
    return state.key, state.title, state.bureau, state.lead
