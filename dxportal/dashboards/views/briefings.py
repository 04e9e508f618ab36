"""Sheets for meetings: the list, making one, the sheet itself, and its files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.accounts.models import User
from dxportal.dashboards.board import moments
from dxportal.dashboards.briefing import content as c
from dxportal.dashboards.briefing import making
from dxportal.dashboards.briefing.audience import MAKES, may_read, readable_kinds
from dxportal.dashboards.briefing.file_rows import FILES, file_rows, progress_of
from dxportal.dashboards.briefing.gather import NothingCounted, Wish
from dxportal.dashboards.briefing.pdf import first_fit
from dxportal.dashboards.briefing.sheet import FITS, FREE, Sheet
from dxportal.dashboards.briefing.suggesting import (
    first_asks,
    first_purpose,
    suggestions,
)
from dxportal.dashboards.forms_briefing import BriefingForm
from dxportal.shared.htmx import notify, stop_polling
from dxportal.shared.printing import CannotPrint, TooLong
from roadmap.actions.briefings import record_download
from roadmap.choices import BriefingKind, FileState
from roadmap.models import Briefing, ReportingRound

PAGE_SIZE = 50


@require_safe
@requires(Permission.SEE_TECHNOLOGY_NAMES)
def briefing_list(request: HttpRequest) -> HttpResponse:
    """Those that the reader may open, the newest first."""
    user = signed_in(request)
    rows = Briefing.objects.visible_to(user).listed(readable_kinds(user))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "makes": can(user, MAKES),
        "kinds": BriefingKind,
        "formats": list(FILES),
    }
    return render(request, "dashboards/briefing_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(MAKES)
def briefing_create(request: HttpRequest) -> HttpResponse:
    """What it shows and asks; what is made is frozen."""
    user, now = signed_in(request), timezone.now()
    kind = _kind(request.POST.get("kind") or request.GET.get("kind", ""))
    periods, waiting = moments.months(user, timezone.localdate(now)), suggestions(user, now)
    form = BriefingForm(
        request.POST or None,
        kind=kind,
        periods=periods,
        rounds=list(ReportingRound.objects.visible_to(user).closed()),
        asks=first_asks(user, kind, waiting),
        initial={"when": request.GET.get("period", ""), "purpose": first_purpose(user, kind)},
    )
    if request.method == "POST" and form.is_valid():
        made = making.make_briefing(user, form.wish(), now=now)
        response = redirect(made.get_absolute_url())
        return notify(request, response, _("The sheet is made. It does not change any more."))
    context = {"form": form, "kind": kind, "kinds": BriefingKind, "waiting": waiting}
    context["counted"] = bool(periods)
    status = 422 if request.method == "POST" else 200
    return render(request, "dashboards/briefing_form.html", context, status=status)


def _round(user: User, key: str) -> ReportingRound | None:
    """The closed round of the menu's page; None for a month."""
    if not (key.isascii() and key.isdigit() and len(key) < 10):
        return None
    return ReportingRound.objects.visible_to(user).closed().filter(pk=key).first()


@require_POST
@requires(MAKES)
def briefing_export(request: HttpRequest) -> HttpResponse:
    """From the menu straight to a file: with what was asked last time."""
    user, now = signed_in(request), timezone.now()
    wanted, _dot, file = request.POST.get("wish", "").partition(".")
    kind = _kind(wanted)
    wish = Wish(
        kind,
        period=request.POST.get("period", ""),
        round=_round(user, request.POST.get("round", "")),
        compare=request.POST.get("compare", ""),
        purpose=first_purpose(user, kind),
        asks=first_asks(user, kind, suggestions(user, now)),
    )
    try:
        made = making.make_briefing(user, wish, now=now)
    except NothingCounted:
        return redirect(f"{reverse('dashboards:briefing_create')}?kind={kind}")
    if file not in FILES:
        return redirect(made.get_absolute_url())
    if making.is_heavy(made, file):
        making.start_file(made, file, by=user, now=now)
        return redirect(f"{made.get_absolute_url()}#files")
    return redirect("dashboards:briefing_file", made.pk, file)


@require_safe
@requires(Permission.SEE_TECHNOLOGY_NAMES)
def briefing_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The sheet as it is printed, with its files beside it."""
    user = signed_in(request)
    briefing = _briefing(user, pk)
    content = c.thaw(briefing.content)
    fit = FITS[first_fit(content)] if briefing.kind == BriefingKind.MAYOR else FREE
    newest = making.latest_of(user, briefing.kind)
    context = {
        "briefing": briefing,
        "sheet": Sheet(content, briefing.sha256, fit),
        "files": file_rows(briefing, timezone.now()),
        "newest": newest if newest != briefing else None,
        "intact": c.checksum(briefing.content) == briefing.sha256,
        "makes": can(user, MAKES),
        "sheet_language": content.language,
    }
    with translation.override(content.language):
        context["drawing"] = _drawing(request, context)
    return render(request, "dashboards/briefing_detail.html", context)


@require_safe
@requires(Permission.SEE_TECHNOLOGY_NAMES)
def briefing_file(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """The same bytes for everybody and for ever; what a job has to make is on the sheet's page."""
    user, now = signed_in(request), timezone.now()
    briefing = _briefing(user, pk)
    try:
        file = making.ready_file(briefing, kind, by=user, now=now)
    except (CannotPrint, TooLong) as problem:
        why = str(problem) or making.too_long()
        context = {"briefing": briefing, "why": why}
        return render(request, "dashboards/briefing_no_file.html", context, status=503)
    if file is None:
        return redirect(f"{briefing.get_absolute_url()}#files")
    if briefing.kind == BriefingKind.MAYOR:
        record_download(briefing, by=user, kind=kind)
    response = HttpResponse(bytes(file.content), content_type=FILES[kind].content_type)
    response["Content-Disposition"] = content_disposition_header(True, file.name) or ""
    return response


@require_POST
@requires(Permission.SEE_TECHNOLOGY_NAMES)
def briefing_make(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """Let a job make a file, or again where it could not be made."""
    user, now = signed_in(request), timezone.now()
    briefing = _briefing(user, pk)
    making.start_file(briefing, kind, by=user, now=now)
    return redirect(f"{briefing.get_absolute_url()}#files")


@require_safe
@requires(Permission.SEE_TECHNOLOGY_NAMES)
def briefing_progress(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """How far a file is; the last answer stops the asking."""
    briefing = _briefing(signed_in(request), pk)
    file = get_object_or_404(briefing.files, kind=kind)
    view = progress_of(file)
    response = render(request, "_progress.html", {"job": view})
    if not view.finished:
        return response
    tone = "error" if file.state == FileState.FAILED else "success"
    return stop_polling(notify(request, response, view.words, tone=tone))


def _drawing(request: HttpRequest, context: dict[str, Any]) -> str:
    from django.template.loader import render_to_string

    return render_to_string("dashboards/_briefing_sheet.html", context, request)


def _kind(text: str) -> str:
    return text if text in BriefingKind.values else BriefingKind.MAYOR.value


def _briefing(user: User, pk: UUID) -> Briefing:
    """One that the reader may open: another municipality's is not found, another audience's no."""
    found = get_object_or_404(Briefing.objects.visible_to(user).select_related("created_by"), pk=pk)
    if not may_read(user, found.kind):
        raise PermissionDenied
    return found
