"""What each view of the list draws, beside what all of them share."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from dxportal.accounts.models import User
from roadmap.choices import ListView, Queue
from roadmap.models import SavedView
from roadmap.permissions import may_share_views
from roadmap.views.bureaus import bureau_groups
from roadmap.views.listed import Listing, heads_of, load_page, tabs_of, views_of
from roadmap.views.phases import phase_columns
from roadmap.views.timelines import draw_timeline


def draw_view(request: HttpRequest, listing: Listing, user: User, day: date) -> dict[str, Any]:
    """The context of the page and of its partial; a fixed number of queries in each view."""
    form = listing.form
    number = request.GET.get("page")
    return {
        "form": form,
        "queue": form.queue,
        "tabs": tabs_of(listing),
        "views": views_of(form),
        "view": form.view.value,
        "partial": f"roadmap/_initiative_{form.view}.html",
        "saved_views": _saved(user, form.query()),
        "may_share": may_share_views(user),
        "found": listing.count,
        "total": listing.counts[Queue.ALL],
        "back": request.get_full_path(),
        "today": day,
        "words": listing.words,
        **_DRAWN[form.view](listing, user, day, number),
    }


def draw_tools(request: HttpRequest, context: dict[str, Any]) -> str:
    """Markup of what follows from the filter, to be swapped beside: conditions, views, saving."""
    return render_to_string("roadmap/_list_tools.html", {**context, "apart": True}, request)


def _saved(user: User, query: str) -> list[tuple[SavedView, bool]]:
    """Saved views, and which of them is open: one query."""
    views = SavedView.objects.visible_to(user).order_by("name", "pk")
    return [(view, view.query == query) for view in views]


def _table(listing: Listing, user: User, day: date, number: str | None) -> dict[str, Any]:
    page, rows = load_page(listing, user, day, number)
    return {
        "page": page,
        "rows": rows,
        "heads": heads_of(listing.form),
        "may_tick": any(row.may_update for row in rows),
    }


def _board(listing: Listing, user: User, day: date, number: str | None) -> dict[str, Any]:
    return {"columns": phase_columns(listing, user, day, listing.words)}


def _timeline(listing: Listing, user: User, day: date, number: str | None) -> dict[str, Any]:
    drawn = draw_timeline(listing, user, day, number)
    return {"timeline": drawn, "page": drawn.page}


def _departments(listing: Listing, user: User, day: date, number: str | None) -> dict[str, Any]:
    page, groups = bureau_groups(listing, listing.words, number)
    return {"page": page, "bureaus": groups}


_DRAWN = {
    ListView.TABLE: _table,
    ListView.BOARD: _board,
    ListView.TIMELINE: _timeline,
    ListView.DEPARTMENTS: _departments,
}
