"""Setting fields back to what they were before one edit: itself an edit, and so taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from django.db import models, transaction

from dxportal.accounts.models import Department, Event, Post, User
from roadmap.actions.initiatives import (
    EDITED,
    InitiativeFields,
    edit_initiative,
    fields_of,
)
from roadmap.choices import Channel
from roadmap.models import Criterion, Initiative, Tag, Theme

_NAMES: Final = frozenset(field.name for field in fields(InitiativeFields))
#: Fields whose value is the key of something that may be gone by now.
_KEYS: Final[dict[str, type[models.Model]]] = {
    "lead": Department,
    "partners": Department,
    "users": Department,
    "accountable_post": Post,
    "contact": User,
    "themes": Theme,
    "criteria": Criterion,
    "tags": Tag,
}


@dataclass(frozen=True)
class FieldBack:
    """One field: what it is now, what it would be again, and whether it was changed since."""

    name: str
    now: Any
    then: Any
    changed_since: bool


def can_set_back(event: Event) -> bool:
    """Whether the event is an edit of fields with something to set back."""
    return event.action == EDITED and bool(_NAMES & event.before.keys())


def what_comes_back(initiative: Initiative, event: Event) -> list[FieldBack]:
    """The fields that the edit changed and that differ from what they were before it."""
    now = fields_of(initiative).plain()
    then = _still_there(event.before)
    return [
        FieldBack(name, now[name], then[name], now[name] != event.after.get(name))
        for name in now
        if name in then and now[name] != then[name]
    ]


@transaction.atomic
def set_back(
    initiative: Initiative, event: Event, *, by: User, version: int, channel: str = Channel.SCREEN
) -> Initiative:
    """Set exactly the fields of the edit back, starting from `version`.

    With the version that the edit made, whatever was changed since is a conflict; with the present
    one it is covered. Raises EditConflict.
    """
    locked = Initiative.objects.select_for_update().get(pk=initiative.pk)
    then = _still_there(event.before)
    wanted = _consistent(InitiativeFields.from_plain({**fields_of(locked).plain(), **then}))
    return edit_initiative(
        locked, by=by, fields=wanted, version=version, channel=channel, restores=event.pk
    )


def _consistent(wanted: InitiativeFields) -> InitiativeFields:
    """A quarter without its year, taken away since, says nothing."""
    return replace(
        wanted,
        start_quarter=wanted.start_quarter if wanted.start_fy else None,
        target_quarter=wanted.target_quarter if wanted.target_fy else None,
    )


def _still_there(before: dict[str, Any]) -> dict[str, Any]:
    """Old values of fields without what does not exist any more."""
    kept = {}
    for name in _NAMES & before.keys():
        value = before[name]
        model = _KEYS.get(name)
        if model is None or not value:
            kept[name] = value if value is not None else _empty(name)
        elif isinstance(value, list):
            kept[name] = [pk for pk in value if pk in _present(model, value)]
        else:
            kept[name] = value if value in _present(model, [value]) else None
    return kept


def _present(model: type[models.Model], keys: Iterable[Any]) -> set[Any]:
    return set(model._default_manager.filter(pk__in=list(keys)).values_list("pk", flat=True))


def _empty(name: str) -> Any:
    """What a field holds that the history knows as none: imports leave out what was empty."""
    return InitiativeFields(title="").plain()[name]
