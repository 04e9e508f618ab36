"""The audit trail: who changed what, from what to what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.actions.events import record_export
from dxportal.accounts.event_veils import with_veil
from dxportal.accounts.event_words import (
    Change,
    action_words,
    changes,
    channel_words,
    object_words,
)
from dxportal.accounts.forms import EventFilterForm
from dxportal.accounts.models import Event, User
from dxportal.shared.tabular import csv_lines

PER_PAGE = 50
#: Rows of one export, newest first; more is asked for day by day.
EXPORT_ROWS = 50_000


@dataclass(frozen=True)
class EventRow:
    """One event in words; `label` without `number` stands in the place of a veiled object."""

    event: Event
    action: str
    kind: str
    channel: str
    label: str
    number: str
    changes: list[Change]


@require_safe
@requires(Permission.SEE_EVENTS)
def event_list(request: HttpRequest) -> HttpResponse:
    """Newest first; older ones by the number of the last."""
    user = signed_in(request)
    form = EventFilterForm(request.GET)
    found = list(form.apply(Event.objects.visible_to(user))[: PER_PAGE + 1])
    rows = list(_rows(user, form, found[:PER_PAGE]))
    older = found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None
    context = {"form": form, "rows": rows, "older": older}
    return render(request, "accounts/event_list.html", context)


@require_safe
@requires(Permission.SEE_EVENTS)
def event_export(request: HttpRequest) -> HttpResponse:
    """The same events as a table."""
    user = signed_in(request)
    form = EventFilterForm(request.GET)
    events = form.apply(Event.objects.visible_to(user))[:EXPORT_ROWS]
    header = [_("when"), _("who"), _("through"), _("what"), _("kind"), _("number"), _("name")]
    header += [_("field"), _("before"), _("after")]
    rows = _rows(user, form, events.iterator())
    content = b"".join(csv_lines(header, _lines(rows)))
    if user.municipality is not None:
        record_export(user.municipality, by=user, filters=form.cleaned_data)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="events.csv"'
    return response


def _rows(user: User, form: EventFilterForm, events: Iterable[Event]) -> Iterator[EventRow]:
    """In words. Asked for by its number, a veiled object is not found: that would tell which."""
    for event, veiled in with_veil(user, events):
        if not (veiled and form.by_number):
            yield _row(event, veiled=veiled)


def _row(event: Event, *, veiled: bool) -> EventRow:
    """What was done, when and by whom; to what and how only where the reader may see it."""
    words = (action_words(event), object_words(event), channel_words(event))
    if veiled:
        label = _("culture of one department: not shown to this role")
        return EventRow(event, *words, label, "", [])
    return EventRow(event, *words, event.object_label, event.object_id, list(changes(event)))


def _lines(rows: Iterable[EventRow]) -> Iterator[list[str]]:
    """One line a changed field; one for an event without any."""
    for row in rows:
        at = timezone.localtime(row.event.at).isoformat(sep=" ", timespec="seconds")
        start = [at, row.event.actor_name, row.channel, row.action]
        start += [row.kind, row.number, row.label]
        for change in row.changes or [Change("", "", "")]:
            yield [*start, change.label, change.before, change.after]
