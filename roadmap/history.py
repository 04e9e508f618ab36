"""The history of one initiative as sentences: reports and changes of fields, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from django.utils.translation import gettext, pgettext

from dxportal.accounts.models import Event, User
from dxportal.shared.fiscal import CalendarStyle
from roadmap.actions.initiatives import CREATED
from roadmap.actions.updates import REPORTED, UNDONE
from roadmap.choices import Channel
from roadmap.models import Initiative, Update
from roadmap.shown_words import ShownWords
from roadmap.wording import LABELS, Wording

_STATUS: Final = ("phase", "progress", "cause", "next_step", "next_due")


@dataclass(frozen=True)
class Change:
    """One field, before and after, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Entry:
    """What one person did at one time. kind: created, edited, reported, unchanged or undone."""

    at: datetime
    who: str
    channel: str
    kind: str
    changes: list[Change]
    note: str
    update: Update | None


def history(initiative: Initiative, user: User, shown: ShownWords | None = None) -> list[Entry]:
    """All entries, newest first: two queries and one per kind of object named in them."""
    updates = list(initiative.updates.select_related("by").order_by("id"))
    events = list(
        Event.objects.visible_to(user)
        .about("initiative", initiative.pk)
        .exclude(action__in=[REPORTED, UNDONE])
    )
    words = Wording(_style(user), _values(events), shown)
    entries = [*_of_updates(updates, words), *(_of_event(event, words) for event in events)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _person(name: str) -> str:
    """A person as a sentence names them; without one it was the portal itself."""
    return pgettext("person", "%(name)s") % {"name": name} if name else gettext("The portal")


def _style(user: User) -> CalendarStyle:
    municipality = user.municipality
    return cast(CalendarStyle, municipality.calendar_style if municipality else "both")


def _values(events: list[Event]) -> Iterator[tuple[str, Any]]:
    for event in events:
        if event.action != CREATED:
            yield from event.before.items()
            yield from event.after.items()


def _of_updates(updates: list[Update], words: Wording) -> Iterator[Entry]:
    previous: Update | None = None
    for update in updates:
        kind = "undone" if update.undoes_id else "unchanged" if update.unchanged else "reported"
        repeats = previous is not None and update.note == previous.note
        yield Entry(
            at=update.at,
            who=_person(update.by.name if update.by else ""),
            channel=str(Channel(update.channel).label),
            kind=kind,
            changes=_status_changes(previous, update, words),
            note="" if repeats or kind == "undone" else update.note,
            update=update,
        )
        previous = update


def _status_changes(previous: Update | None, update: Update, words: Wording) -> list[Change]:
    changes = []
    for name in _STATUS:
        old = getattr(previous, name) if previous else ""
        new = getattr(update, name)
        if (old or "") != (new or ""):
            changes.append(Change(str(LABELS[name]), words.text(name, old), words.text(name, new)))
    return changes


def _of_event(event: Event, words: Wording) -> Entry:
    created = event.action == CREATED
    names = [] if created else [name for name in LABELS if name in event.after]
    return Entry(
        at=event.at,
        who=_person(event.actor_name),
        channel=str(dict(Channel.choices).get(event.channel, event.channel)),
        kind="created" if created else "edited",
        changes=[
            Change(
                str(LABELS[name]),
                words.text(name, event.before.get(name)),
                words.text(name, event.after.get(name)),
            )
            for name in names
        ],
        note="",
        update=None,
    )
