"""The history of one initiative as sentences: reports, fields and parts, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from django.utils.translation import gettext, pgettext

from dxportal.accounts.event_words import ACTION_WORDS
from dxportal.accounts.models import Event, User
from dxportal.shared.fiscal import CalendarStyle
from roadmap.actions.initiatives import CREATED, EDITED, RESTORES
from roadmap.actions.parts import PART
from roadmap.actions.removal import BROUGHT_BACK, REMOVED
from roadmap.actions.setting_back import can_set_back
from roadmap.actions.updates import REPORTED, UNDONE
from roadmap.choices import Channel, HistoryKind
from roadmap.models import Initiative, Update
from roadmap.part_words import Change, PartWording
from roadmap.shown_words import ShownWords
from roadmap.wording import LABELS, Wording

_STATUS: Final = ("phase", "progress", "cause", "next_step", "next_due", "ended")
_KINDS: Final = {
    CREATED: "created",
    EDITED: "edited",
    REMOVED: "removed",
    BROUGHT_BACK: "brought_back",
}
_COMMENT: Final = "comment"


@dataclass(frozen=True)
class Item:
    """One thing that happened, before it is put into words."""

    at: datetime
    person: str
    kind: HistoryKind
    names: frozenset[str]
    update: Update | None = None
    previous: Update | None = None
    event: Event | None = None

    @property
    def is_comment(self) -> bool:
        """Whether it is about what people say to each other."""
        part = (self.event.after.get(PART) if self.event else None) or [""]
        return str(part[0]) == _COMMENT


@dataclass(frozen=True)
class Entry:
    """What one person did at one time, in words.

    kind: created, edited, set_back, removed, brought_back, part, reported, unchanged or undone.
    """

    at: datetime
    who: str
    channel: str
    kind: str
    changes: list[Change] = field(default_factory=list)
    note: str = ""
    sentence: str = ""
    update: Update | None = None
    event: Event | None = None
    can_set_back: bool = False


def happened(initiative: Initiative, user: User) -> list[Item]:
    """All that happened, newest first: two queries."""
    updates = list(initiative.updates.select_related("by").order_by("id"))
    events = (
        Event.objects.visible_to(user)
        .about("initiative", initiative.pk)
        .exclude(action__in=[REPORTED, UNDONE])
    )
    items = [*_of_updates(updates), *(_of_event(event) for event in events)]
    return sorted(items, key=lambda item: item.at, reverse=True)


def last_taken_back(items: Sequence[Item]) -> Update | None:
    """The report that could be taken back now: the latest one, unless it is the only one."""
    updates = [item.update for item in items if item.update is not None]
    latest = max(updates, key=lambda update: update.pk, default=None)
    if latest is None or len(updates) < 2 or latest.channel == Channel.SYSTEM:
        return None
    return latest


def told(items: Iterable[Item], user: User, shown: ShownWords | None = None) -> list[Entry]:
    """In words: one query per kind of object named in them, whatever their number."""
    items = list(items)
    events = [item.event for item in items if item.event is not None]
    words = Wording(_style(user), _values(events), shown)
    parts = PartWording(_style(user), [event for event in events if PART in event.after])
    return [_entry(item, words, parts) for item in items]


def _style(user: User) -> CalendarStyle:
    municipality = user.municipality
    return cast(CalendarStyle, municipality.calendar_style if municipality else "both")


def _values(events: list[Event]) -> Iterator[tuple[str, Any]]:
    for event in events:
        if event.action != CREATED and PART not in event.after:
            yield from event.before.items()
            yield from event.after.items()


def _of_updates(updates: list[Update]) -> Iterator[Item]:
    previous: Update | None = None
    for update in updates:
        yield Item(
            at=update.at,
            person=update.by.name if update.by else "",
            kind=HistoryKind.STATUS,
            names=frozenset(_status_names(previous, update)),
            update=update,
            previous=previous,
        )
        previous = update


def _of_event(event: Event) -> Item:
    part = PART in event.after
    names = frozenset() if part or event.action == CREATED else LABELS.keys() & event.after.keys()
    return Item(
        at=event.at,
        person=event.actor_name,
        kind=HistoryKind.PARTS if part else HistoryKind.FIELDS,
        names=frozenset(names),
        event=event,
    )


def _status_names(previous: Update | None, update: Update) -> Iterator[str]:
    for name in _STATUS:
        old = getattr(previous, name) if previous else ""
        if (old or "") != (getattr(update, name) or ""):
            yield name


def _entry(item: Item, words: Wording, parts: PartWording) -> Entry:
    if item.update is not None:
        return _update_entry(item, item.update, words)
    event = cast(Event, item.event)
    who, channel = person_words(item.person), _channel(event.channel)
    if PART in event.after:
        sentence = _part_sentence(event, who, parts)
        return Entry(
            item.at, who, channel, "part", parts.changes(event), sentence=sentence, event=event
        )
    kind = _KINDS.get(event.action, "other")
    if kind == "other":
        action = ACTION_WORDS.get(event.action, gettext("changed the initiative"))
        sentence = gettext("%(who)s: %(what)s") % {"who": who, "what": action}
        return Entry(item.at, who, channel, kind, sentence=sentence, event=event)
    return Entry(
        at=item.at,
        who=who,
        channel=channel,
        kind="set_back" if RESTORES in event.after else kind,
        changes=[
            Change(
                str(LABELS[name]),
                words.text(name, event.before.get(name)),
                words.text(name, event.after.get(name)),
            )
            for name in LABELS
            if name in item.names
        ],
        event=event,
        can_set_back=can_set_back(event),
    )


def _update_entry(item: Item, update: Update, words: Wording) -> Entry:
    previous = item.previous
    kind = "undone" if update.undoes_id else "unchanged" if update.unchanged else "reported"
    repeats = previous is not None and update.note == previous.note
    return Entry(
        at=item.at,
        who=person_words(item.person),
        channel=_channel(update.channel),
        kind=kind,
        changes=[
            Change(
                str(LABELS[name]),
                words.text(name, getattr(previous, name) if previous else ""),
                words.text(name, getattr(update, name)),
            )
            for name in _STATUS
            if name in item.names
        ],
        note="" if repeats or kind == "undone" else update.note,
        update=update,
    )


def person_words(name: str) -> str:
    """A person as a sentence names them; without one it was the portal itself."""
    return pgettext("person", "%(name)s") % {"name": name} if name else gettext("The portal")


def _channel(channel: str) -> str:
    return str(dict(Channel.choices).get(channel, channel))


def _part_sentence(event: Event, who: str, parts: PartWording) -> str:
    """佐藤さんが節目を追加：「業者の決定」."""
    action = ACTION_WORDS.get(event.action)
    what = str(action) if action else gettext("changed: %(part)s") % {"part": parts.kind(event)}
    name = str(event.after[PART][2]) if len(event.after[PART]) > 2 else ""
    if not name:
        return gettext("%(who)s: %(what)s") % {"who": who, "what": what}
    return gettext("%(who)s: %(what)s “%(name)s”") % {"who": who, "what": what, "name": name}
