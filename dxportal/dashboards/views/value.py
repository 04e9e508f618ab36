"""Effects and their use: what was promised, reported and verified, and where freed time went."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import User
from dxportal.dashboards import value_page
from dxportal.dashboards.staff_cost import staff_cost
from dxportal.dashboards.value_files import file_name, value_csv, value_xlsx
from dxportal.dashboards.value_page import Ledger
from roadmap import portfolio
from roadmap.views.exports import CONTENT_TYPES

TABS = ("effects", "uses", "balance", "cost", "stopped")


@require_safe
@requires(Permission.SEE_INITIATIVES)
def value(request: HttpRequest) -> HttpResponse:
    """One of five tabs, filtered by lead department and fiscal year, or up to a day."""
    user = signed_in(request)
    ledger = _ledger(request, user)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    context = {
        "ledger": ledger,
        "tab": tab,
        "tabs": _tabs(request, tab),
        "lead": _number(request, "lead"),
        "fy": _number(request, "fy"),
        "kept_query": _kept_query(request),
        "partial": f"dashboards/_value_{tab}.html",
        "sentences": portfolio.sentences(value_page.parts(ledger)),
        **_of_tab(request, tab, ledger, user),
    }
    return render(request, "dashboards/value.html", context)


@require_safe
@requires(Permission.SEE_INITIATIVES)
def value_export(request: HttpRequest, kind: str) -> HttpResponse:
    """The filtered figures as CSV, or as a workbook with uses and codes."""
    user = signed_in(request)
    ledger = _ledger(request, user)
    content = value_csv(ledger) if kind == "csv" else value_xlsx(ledger, user)
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    name = file_name(user, kind, timezone.localdate())
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


def _of_tab(request: HttpRequest, tab: str, ledger: Ledger, user: User) -> dict[str, Any]:
    """What one tab shows."""
    if tab == "uses":
        sources = value_page.source_rows(ledger, user)
        return {"sources": sources, "left": value_page.left_texts(sources)}
    if tab == "balance":
        return {"phases": value_page.phase_rows(ledger)}
    if tab == "stopped":
        return {"stops": value_page.stop_rows(ledger)}
    lines = value_page.line_rows(ledger)
    if tab == "cost":
        return {"cost": staff_cost(user, timezone.now()), "verified": lines[0].cells[-1]}
    kept = value_page.kept_rows(ledger)
    chosen = {name: request.GET.get(name, "") for name in ("measure", "standing")}
    return {
        "lines": lines,
        "opened": value_page.opened(ledger, **chosen, once="once" in request.GET),
        "kept": kept[: value_page.MOST_ROWS],
        "kept_left": max(len(kept) - value_page.MOST_ROWS, 0),
    }


def _ledger(request: HttpRequest, user: User) -> Ledger:
    lead, fy = _number(request, "lead"), _number(request, "fy")
    return value_page.load_ledger(user, lead=lead, fy=fy).known_on(_until(request))


def _until(request: HttpRequest) -> date | None:
    """The day up to which figures count, None where the address has none."""
    try:
        return parse_date(request.GET.get("until", ""))
    except ValueError:
        return None


def _kept_query(request: HttpRequest) -> str:
    """What the files are filtered by."""
    until = _until(request)
    kept = _query(request, "lead", "fy")
    return "&".join(filter(None, (kept, f"until={until}" if until else "")))


def _tabs(request: HttpRequest, current: str) -> list[tuple[str, str, bool]]:
    """(word, query, whether it is open), each keeping what is filtered."""
    words = {
        "effects": _("Effects"),
        "uses": pgettext("effects", "Uses"),
        "balance": _("Subtraction and addition"),
        "cost": _("Time spent"),
        "stopped": _("What was stopped"),
    }
    kept = _query(request, "lead", "fy")
    return [
        (words[tab], f"?tab={tab}" + (f"&{kept}" if kept else ""), tab == current) for tab in TABS
    ]


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _query(request: HttpRequest, *names: str) -> str:
    """What is filtered, as it goes into an address."""
    return "&".join(
        f"{name}={number}" for name in names if (number := _number(request, name)) is not None
    )
