"""What changed in a part of an initiative, in the words of the part's own model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField, Field, ForeignKey, Model
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from dxportal.accounts.event_words import LABELS, UNSPOKEN
from dxportal.accounts.models import Event
from dxportal.shared.fiscal import CalendarStyle, format_date
from roadmap.actions.parts import PART

#: Longer texts are cut where they stand in a sentence.
_LONGEST: Final = 120


@dataclass(frozen=True)
class Change:
    """One field, before and after, in words; `old` is empty where there was nothing before."""

    label: str
    old: str
    new: str


class PartWording:
    """Knows the names behind the keys in events about parts."""

    def __init__(self, style: CalendarStyle, events: Iterable[Event]) -> None:
        """Load the names of every key: at most one query per kind of object."""
        self._style = style
        keys: dict[type[Model], set[Any]] = {}
        for event in events:
            for name in {**event.before, **event.after}:
                field = _field(event, name)
                if isinstance(field, ForeignKey):
                    values = {event.before.get(name), event.after.get(name)} - {None, ""}
                    keys.setdefault(field.related_model, set()).update(values)
        self._names = {
            model: {row.pk: str(row) for row in model._default_manager.filter(pk__in=pks)}
            for model, pks in keys.items()
            if pks
        }

    def kind(self, event: Event) -> str:
        """What kind of part it is about."""
        model = _model(event)
        return str(model._meta.verbose_name) if model else str(event.after[PART][0])

    def changes(self, event: Event) -> list[Change]:
        """Every field that has a name for people, in the order in which it was recorded."""
        found = []
        for name in {**event.before, **event.after}:
            field = _field(event, name)
            label = LABELS.get(name) or (_name_of(field) if field is not None else None)
            if name == PART or name in UNSPOKEN or not label:
                continue
            before, after = event.before.get(name), event.after.get(name)
            old = "" if before in (None, "", []) else self._text(field, before)
            found.append(Change(str(label), old, self._text(field, after)))
        return found

    def _text(self, field: Field[Any, Any] | None, value: Any) -> str:
        if value in (None, "", [], {}):
            return "–"
        if isinstance(value, list):
            return _(", ").join(self._text(field, item) for item in value)
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(field, ForeignKey):
            return self._names.get(field.related_model, {}).get(value, _("(removed)"))
        if isinstance(field, DateField):
            return self._day(field, str(value))
        choices = dict(field.flatchoices) if field is not None else {}
        text = str(choices.get(value, value))
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"

    def _day(self, field: Field[Any, Any], value: str) -> str:
        if isinstance(field, DateTimeField):
            moment = parse_datetime(value)
            return format_date(localtime(moment).date(), self._style) if moment else value
        return format_date(date.fromisoformat(value), self._style)


def _model(event: Event) -> type[Model] | None:
    """The model of the part that the event is about."""
    try:
        return apps.get_model("roadmap", str(event.after[PART][0]))
    except LookupError:
        return None


def _field(event: Event, name: str) -> Field[Any, Any] | None:
    """The part's field of that name."""
    model = _model(event)
    try:
        field = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) else None


def _name_of(field: Field[Any, Any]) -> Any:
    """The field's name for people; nothing where Django made one up from the code."""
    return None if isinstance(field.verbose_name, str) else field.verbose_name
