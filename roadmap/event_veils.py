"""Events that tell the culture of one department: not for everybody who reads the audit trail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from django.db.models import Model

from dxportal.accounts.access import Permission, can, departments_for
from dxportal.accounts.models import Event, User
from roadmap.choices import Axis
from roadmap.models import Assessment, Criterion, CriterionReading, EvidenceRequest

#: What stands between a department and a criterion, by the name that events give it.
_MODELS: Final[dict[str, Any]] = {
    str(model._meta.model_name): model for model in (Assessment, EvidenceRequest, CriterionReading)
}
#: Object → its axis and the departments whose heads may see it.
_About = tuple[str, frozenset[int | None]]


def culture_of_one(user: User, events: Sequence[Event]) -> set[int]:
    """Keys of events about the culture of a department whose culture the reader may not see.

    One statement a model at most, and one for criteria where an object is gone.
    """
    if can(user, Permission.SEE_CULTURE_NAMES):
        return set()
    asked = [event for event in events if event.object_type in _MODELS]
    there = _there(asked)
    gone = [event for event in asked if _key(event) not in there]
    technology = _technology(gone)
    own = departments_for(user, Permission.SEE_OWN_DEPARTMENT)
    hidden = set()
    for event in asked:
        axis, places = there.get(_key(event), (None, frozenset()))
        if axis is None:
            seen = bool(_named(event) & technology)
        else:
            seen = axis == Axis.TECHNOLOGY or bool(own & places)
        if not seen:
            hidden.add(event.pk)
    return hidden


def _key(event: Event) -> tuple[str, str]:
    return event.object_type, event.object_id


def _there(events: Iterable[Event]) -> dict[tuple[str, str], _About]:
    """Those whose object still exists."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for event in events:
        wanted[event.object_type].add(event.object_id)
    found: dict[tuple[str, str], _About] = {}
    for name, keys in wanted.items():
        for pk, axis, *places in _rows(_MODELS[name], keys):
            found[name, str(pk)] = axis, frozenset(places)
    return found


def _rows(model: type[Model], keys: Collection[str]) -> Iterable[tuple[Any, ...]]:
    rows = model._default_manager.filter(pk__in=[int(key) for key in keys if key.isdecimal()])
    return rows.values_list(
        *("pk", "criterion__stage__axis"),
        *("department_id", "department__bureau_id", "department__parent_id"),
    )


def _named(event: Event) -> set[int | str]:
    """What the stored values call the criterion: its key, else its code."""
    for name in ("criterion_id", "criterion"):
        found = {values[name] for values in (event.before, event.after) if values.get(name)}
        if found:
            return {one for one in found if isinstance(one, int | str)}
    return set()


def _technology(gone: Sequence[Event]) -> set[int | str]:
    """Keys and codes of criteria that have only ever stood on the technology axis."""
    if not gone:
        return set()
    rows = Criterion.objects.filter(
        stage__municipality__in={event.municipality_id for event in gone}
    ).values_list("pk", "code", "stage__axis")
    axes: dict[int | str, set[str]] = defaultdict(set)
    for pk, code, axis in rows:
        axes[pk].add(axis)
        axes[code].add(axis)
    return {name for name, found in axes.items() if found == {Axis.TECHNOLOGY}}
