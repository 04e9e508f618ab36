"""1 April: drafts from a file or by hand, what they would do, confirming and taking back."""

from __future__ import annotations

import datetime as dt
import secrets
from io import BytesIO
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.forms import posted
from dxportal.shared.fiscal import fiscal_year, fiscal_year_start
from dxportal.shared.htmx import notify
from dxportal.shared.tabular import Sheet, TableError, csv_lines, read_tables, write_xlsx
from roadmap.actions import reorganisations as acts
from roadmap.actions.reorganisation_notices import UNDO_DAYS
from roadmap.choices import ChangeKind, ReorganisationState
from roadmap.forms.reorganisations import FIELDS, ChangeForm, DayForm, StartForm
from roadmap.models import Reorganisation
from roadmap.reorganisation_preview import preview
from roadmap.reorganisation_words import left_words, row_words
from roadmap.reorganising.rows import EXAMPLES, HEADINGS, Read, read_changes

#: Rows of one part of the preview before the rest is folded.
SHOWN = 20


def _next_april(today: dt.date) -> dt.date:
    return fiscal_year_start(fiscal_year(today) + 1)


def _one(request: HttpRequest, pk: UUID) -> Reorganisation:
    """One of the user's municipality (404 otherwise)."""
    rows = Reorganisation.objects.visible_to(signed_in(request)).select_related("created_by")
    return get_object_or_404(rows.select_related("municipality"), pk=pk)


def _gone(request: HttpRequest, reorganisation: Reorganisation) -> HttpResponse:
    """Somebody confirmed or discarded it meanwhile."""
    found = Reorganisation.objects.filter(pk=reorganisation.pk).exists()
    address = reorganisation.get_absolute_url() if found else reverse("roadmap:reorganisation_list")
    text = _("Somebody has confirmed or discarded this draft meanwhile. Nothing was changed.")
    return notify(request, redirect(address), text, tone="error")


@require_safe
@requires(Permission.REORGANISE)
def reorganisation_list(request: HttpRequest) -> HttpResponse:
    """Drafts and what was carried out, newest first."""
    rows = Reorganisation.objects.visible_to(signed_in(request)).select_related("created_by")
    context = {"rows": rows.defer("plan", "inverse")[:100]}
    return render(request, "roadmap/reorganisation_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.REORGANISE)
def reorganisation_create(request: HttpRequest) -> HttpResponse:
    """A file, or an empty draft to fill in by hand; nothing of the organisation is written."""
    user, today = signed_in(request), timezone.localdate()
    sent = request.method == "POST"
    form = StartForm(posted(request), today=today, day=_next_april(today))
    if sent:
        form.files = request.FILES
    if form.is_valid() and user.municipality is not None:
        read = _read(form)
        if form.is_valid():
            draft = acts.draft_reorganisation(
                user.municipality,
                by=user,
                effective_on=form.cleaned_data["effective_on"],
                changes=read.changes,
                file_name=form.cleaned_data["file"].name if form.cleaned_data["file"] else "",
            )
            return redirect(draft)
    status = 422 if form.is_bound else 200
    return render(request, "roadmap/reorganisation_form.html", {"form": form}, status=status)


def _read(form: StartForm) -> Read:
    """The rows of the file; what is wrong with the whole file stands beside the field."""
    file = form.cleaned_data["file"]
    if not file:
        return Read()
    try:
        read = read_changes(read_tables(BytesIO(file.read()), file.name, max_rows=acts.MOST_ROWS))
    except TableError as error:
        form.add_error("file", str(error))
        return Read()
    if read.missing:
        text = _(
            "No row was understood. The column %(column)s is needed; these headings were found:"
            " %(found)s. Start from the template."
        )
        form.add_error("file", text % {"column": HEADINGS["kind"][0], "found": read.missing})
    return read


@require_safe
@requires(Permission.REORGANISE)
def reorganisation_template(request: HttpRequest, kind: str) -> HttpResponse:
    """The table to fill in, with examples that are not read."""
    header = [names[0] for names in HEADINGS.values()]
    name = f"{_('reorganisation')}.{kind}"
    if kind == "csv":
        rows = [row for examples in EXAMPLES.values() for row in examples]
        full = [[*row, *[""] * (len(header) - len(row))] for row in rows]
        content = b"".join(csv_lines(header, full))
        content_type = "text/csv; charset=utf-8"
    else:
        book = BytesIO()
        write_xlsx([Sheet(title, header, rows) for title, rows in EXAMPLES.items()], book)
        content = book.getvalue()
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


@require_safe
@requires(Permission.REORGANISE)
def reorganisation_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A draft with what it would do; or what was done."""
    return _page(request, _one(request, pk))


def _page(
    request: HttpRequest, reorganisation: Reorganisation, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of its state."""
    context: dict[str, Any] = {
        "item": reorganisation,
        "kinds": [(kind.value, kind.label) for kind in ChangeKind],
        "may_undo": acts.may_undo(reorganisation, timezone.now()),
        "undo_days": UNDO_DAYS,
        "shown": SHOWN,
        **more,
    }
    if reorganisation.is_draft:
        plan = acts.plan_of(reorganisation)
        today = timezone.localdate()
        context |= {
            "plan": plan,
            "waits": reorganisation.effective_on > today,
            "preview": preview(plan, reorganisation.municipality_id),
            "rows": row_words(acts.changes_of(reorganisation), plan.problems),
            "day_form": more.get("day_form")
            or DayForm(None, today=today, day=reorganisation.effective_on),
        }
    else:
        context |= {
            "rows": row_words(acts.changes_of(reorganisation), []),
            "left": left_words(reorganisation.inverse.get("left", [])),
            "counts": acts.counts_of(reorganisation),
        }
    return render(request, "roadmap/reorganisation_detail.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.REORGANISE)
def reorganisation_change_create(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """One more row, by hand."""
    reorganisation, user = _one(request, pk), signed_in(request)
    if kind not in FIELDS:
        raise Http404
    if not reorganisation.is_draft:
        return _gone(request, reorganisation)
    form = ChangeForm(
        posted(request),
        kind=kind,
        draft=acts.plan_of(reorganisation).draft,
        token=secrets.token_hex(8),
        initial={"department": request.GET.get("department", "")},
    )
    if form.is_valid():
        try:
            acts.add_change(reorganisation, form.change(), by=user)
        except acts.NotADraft:
            return _gone(request, reorganisation)
        return notify(request, redirect(reorganisation), _("The change is in the plan."))
    context = {
        "item": reorganisation,
        "form": form,
        "label": ChangeKind(kind).label,
        "asks_first": kind == ChangeKind.SPLIT and not form.is_bound,
        "chosen": request.GET.get("department", ""),
    }
    status = 422 if form.is_bound else 200
    return render(request, "roadmap/reorganisation_change_form.html", context, status=status)


@require_POST
@requires(Permission.REORGANISE)
def reorganisation_change_remove(request: HttpRequest, pk: UUID, change: str) -> HttpResponse:
    """Take a row out of the plan."""
    reorganisation = _one(request, pk)
    try:
        acts.remove_change(reorganisation, change, by=signed_in(request))
    except acts.NotADraft:
        return _gone(request, reorganisation)
    return notify(request, redirect(reorganisation), _("The change is out of the plan."))


@require_POST
@requires(Permission.REORGANISE)
def reorganisation_change_raise(request: HttpRequest, pk: UUID, change: str) -> HttpResponse:
    """Move a row up by one."""
    reorganisation = _one(request, pk)
    try:
        acts.raise_change(reorganisation, change, by=signed_in(request))
    except acts.NotADraft:
        return _gone(request, reorganisation)
    return redirect(reorganisation)


@require_POST
@requires(Permission.REORGANISE)
def reorganisation_day(request: HttpRequest, pk: UUID) -> HttpResponse:
    """From which day it holds."""
    reorganisation = _one(request, pk)
    if not reorganisation.is_draft:
        return _gone(request, reorganisation)
    today = timezone.localdate()
    form = DayForm(request.POST, today=today, day=reorganisation.effective_on)
    if not form.is_valid():
        return _page(request, reorganisation, status=422, day_form=form)
    try:
        acts.set_day(reorganisation, form.cleaned_data["effective_on"], by=signed_in(request))
    except acts.NotADraft:
        return _gone(request, reorganisation)
    return notify(request, redirect(reorganisation), _("Saved."))


@require_POST
@requires(Permission.REORGANISE)
def reorganisation_owners(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who answers for the initiatives that would be without an owner."""
    reorganisation = _one(request, pk)
    if not reorganisation.is_draft:
        return _gone(request, reorganisation)
    plan = acts.plan_of(reorganisation)
    shown = preview(plan, reorganisation.municipality_id)
    owners: dict[str, Any] = {}
    for line in shown.owners:
        value = request.POST.get(f"owner-{line.pk}", "")
        if value in dict(line.choices):
            owners[str(line.pk)] = int(value) if value.isdigit() else value
    try:
        acts.choose_owners(reorganisation, owners, by=signed_in(request))
    except acts.NotADraft:
        return _gone(request, reorganisation)
    reorganisation.refresh_from_db()
    left = len(acts.plan_of(reorganisation).undecided)
    if left:
        text = _("%(count)s initiatives still need an owner. Choose a post for each.")
        return _page(request, reorganisation, status=422, error=text % {"count": left})
    return notify(request, redirect(reorganisation), _("Every initiative has an owner."))


@require_POST
@requires(Permission.REORGANISE)
def reorganisation_confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Do what was shown; what was changed meanwhile is shown anew (409)."""
    reorganisation, now = _one(request, pk), timezone.now()
    try:
        done = acts.confirm(
            reorganisation,
            fingerprint=request.POST.get("fingerprint", ""),
            by=signed_in(request),
            now=now,
        )
    except acts.NotADraft:
        return _gone(request, reorganisation)
    except acts.PlanMoved:
        text = _("The facts have changed since this page was drawn. Look again and confirm then.")
        return _page(request, reorganisation, status=409, error=text)
    except acts.NotReady:
        text = _("Not yet: correct the rows that do not fit, and give every initiative an owner.")
        return _page(request, reorganisation, status=422, error=text)
    waits = done.state == ReorganisationState.SCHEDULED
    text = _("It will be carried out on its day.") if waits else _("It was carried out.")
    return notify(request, redirect(done), text)


@require_POST
@requires(Permission.REORGANISE)
def reorganisation_discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Throw a draft away."""
    reorganisation = _one(request, pk)
    try:
        acts.discard(reorganisation, by=signed_in(request))
    except acts.NotADraft:
        return _gone(request, reorganisation)
    response = redirect("roadmap:reorganisation_list")
    return notify(request, response, _("The draft is discarded."))


@require_POST
@requires(Permission.REORGANISE)
def reorganisation_copy(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same rows as a new draft."""
    draft = acts.draft_again(_one(request, pk), by=signed_in(request))
    return notify(request, redirect(draft), _("The rows are a new draft. Nothing is written yet."))


@require_http_methods(["GET", "POST"])
@requires(Permission.REORGANISE)
def reorganisation_undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take it back: first what would stay as it is, then the button."""
    reorganisation, now = _one(request, pk), timezone.now()
    if not acts.may_undo(reorganisation, now):
        text = _("This can no longer be taken back.")
        return notify(request, redirect(reorganisation), text, tone="error")
    if request.method == "POST":
        try:
            acts.undo(reorganisation, by=signed_in(request), now=now)
        except (acts.NotADraft, acts.TooLate):
            return _gone(request, reorganisation)
        return notify(request, redirect(reorganisation), _("It was taken back."))
    left = left_words(acts.what_stays(reorganisation))
    context = {"item": reorganisation, "left": left, "counts": acts.counts_of(reorganisation)}
    return render(request, "roadmap/reorganisation_undo.html", context)
