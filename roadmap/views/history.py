"""The whole history of an initiative, narrowed down; and setting fields back to before an edit."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.accounts.models import Event, User
from dxportal.shared.fiscal import CalendarStyle
from dxportal.shared.htmx import notify, render_page
from roadmap.actions.initiatives import EDITED, EditConflict
from roadmap.actions.setting_back import FieldBack, can_set_back, set_back, what_comes_back
from roadmap.forms.history import HistoryFilter
from roadmap.history import Item, happened, last_taken_back, person_words, told
from roadmap.models import Initiative
from roadmap.permissions import may_edit
from roadmap.shown_words import ShownWords, shown_words
from roadmap.views.parts import version_of
from roadmap.views.status import next_url
from roadmap.wording import LABELS, Wording

PAGE_SIZE = 20
#: Entries on the page of the initiative itself.
NEWEST = 6


def newest(initiative: Initiative, user: User, words: ShownWords) -> dict[str, Any]:
    """The context of the history on the page of the initiative."""
    items = happened(initiative, user)
    context = _context(items, items[:NEWEST], user, words)
    return {**context, "history": context["entries"], "history_total": len(items)}


def _context(items: list[Item], shown: Any, user: User, words: ShownWords) -> dict[str, Any]:
    may_undo = can(user, Permission.UPDATE_ALL_INITIATIVES)
    return {
        "entries": told(shown, user, words),
        "undoable": last_taken_back(items) if may_undo else None,
        "may_set_back": may_edit(user),
    }


@require_safe
@requires(Permission.SEE_INITIATIVES)
def initiative_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that happened, by kind, person, field and period."""
    user = signed_in(request)
    initiative = get_object_or_404(Initiative.objects.visible_to(user), pk=pk)
    items = happened(initiative, user)
    form = HistoryFilter(request.GET, items=items)
    page = Paginator(form.apply(items), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        **_context(items, list(page), user, shown_words(user.municipality_id or 0)),
        "initiative": initiative,
        "form": form,
        "page": page,
        "back": request.get_full_path(),
    }
    partial = "roadmap/_history_list.html"
    return render_page(request, "roadmap/initiative_history.html", context, partial=partial)


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def initiative_set_back(request: HttpRequest, pk: int, event_pk: int) -> HttpResponse:
    """Show what would be set back, and set exactly these fields back; a conflict is named."""
    user = signed_in(request)
    initiative = get_object_or_404(Initiative.objects.visible_to(user), pk=pk)
    if not may_edit(user):
        raise PermissionDenied
    event = get_object_or_404(Event.objects.visible_to(user).about("initiative", pk), pk=event_pk)
    if not can_set_back(event):
        raise Http404
    if request.method == "GET":
        return _confirm(request, initiative, event)
    seen = version_of(request, int(event.after["version"]))
    try:
        done = set_back(initiative, event, by=user, version=seen)
    except EditConflict as conflict:
        initiative.refresh_from_db()
        return _confirm(request, initiative, event, conflict)
    response = redirect(next_url(request, initiative.get_absolute_url()))
    sentence = _("“%(title)s” is as it was before that change.") % {"title": done.title}
    return notify(request, response, sentence, undo_of_edit(done, user, seen))


def undo_of_edit(done: Initiative, user: User, seen: int) -> str | None:
    """The address that takes back the edit that this person has just made, if it was one."""
    if done.version == seen:
        return None
    event = (
        Event.objects.visible_to(user)
        .about("initiative", done.pk)
        .filter(action=EDITED, actor_id=user.pk, after__version=done.version)
        .first()
    )
    return reverse("roadmap:initiative_set_back", args=[done.pk, event.pk]) if event else None


def _confirm(
    request: HttpRequest, initiative: Initiative, event: Event, conflict: EditConflict | None = None
) -> HttpResponse:
    """What is now and what would be again; fields that were changed since are marked."""
    rows = what_comes_back(initiative, event)
    user = signed_in(request)
    style = cast(CalendarStyle, getattr(user.municipality, "calendar_style", "both"))
    words = Wording(style, [(row.name, side) for row in rows for side in (row.now, row.then)])
    context = {
        "initiative": initiative,
        "event": event,
        "who": person_words(event.actor_name),
        "rows": [_row(row, words) for row in rows],
        "changed_since": any(row.changed_since for row in rows),
        "conflict": [LABELS[name] for name in conflict.names] if conflict else [],
        "back": next_url(request, initiative.get_absolute_url()),
    }
    status = 409 if conflict else 200
    return render(request, "roadmap/initiative_set_back.html", context, status=status)


def _row(row: FieldBack, words: Wording) -> dict[str, Any]:
    return {
        "label": LABELS[row.name],
        "now": words.text(row.name, row.now),
        "then": words.text(row.name, row.then),
        "changed_since": row.changed_since,
    }
