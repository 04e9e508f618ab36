"""The audit trail: who changed what, from what to what."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.actions.events import record_export
from dxportal.accounts.event_words import (
    Change,
    action_words,
    changes,
    channel_words,
    object_words,
)
from dxportal.accounts.forms import EventFilterForm
from dxportal.accounts.models import Event
from dxportal.shared.tabular import csv_lines

PER_PAGE = 50
#: Rows of one export, newest first; more is asked for day by day.
EXPORT_ROWS = 50_000


@dataclass(frozen=True)
class EventRow:
    """One event in words."""

    event: Event
    action: str
    kind: str
    channel: str
    changes: list[Change]


@require_safe
@requires(Permission.SEE_EVENTS)
def event_list(request: HttpRequest) -> HttpResponse:
    """Newest first; older ones by the number of the last."""
    form = EventFilterForm(request.GET)
    found = list(form.apply(Event.objects.visible_to(signed_in(request)))[: PER_PAGE + 1])
    rows = [
        EventRow(
            event,
            action_words(event),
            object_words(event),
            channel_words(event),
            list(changes(event)),
        )
        for event in found[:PER_PAGE]
    ]
    older = rows[-1].event.pk if len(found) > PER_PAGE else None
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
    content = b"".join(csv_lines(header, _lines(events.iterator())))
    if user.municipality is not None:
        record_export(user.municipality, by=user, filters=form.cleaned_data)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="events.csv"'
    return response


def _lines(events: Iterator[Event]) -> Iterator[list[str]]:
    """One line a changed field; one for an event without any."""
    for event in events:
        at = timezone.localtime(event.at).isoformat(sep=" ", timespec="seconds")
        start = [at, event.actor_name, channel_words(event), action_words(event)]
        start += [object_words(event), event.object_id, event.object_label]
        found = list(changes(event)) or [Change("", "", "")]
        for change in found:
            yield [*start, change.label, change.before, change.after]
