"""What changed between two pictures of the initiatives: pure, over values and their words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

#: What a meeting asks about first.
MOVING: Final = ("progress", "phase")


@dataclass(frozen=True, slots=True)
class Value:
    """What is compared, and how it is said."""

    mark: Any
    text: str


@dataclass(frozen=True, slots=True)
class State:
    """One initiative in one picture."""

    key: int
    title: str
    lead_key: int | None
    lead: str
    bureau: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, before and after, in words; empty for nothing."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One initiative that is in both pictures and not the same; `state` is the later one."""

    state: State
    fields: list[FieldChange]

    @property
    def moved(self) -> bool:
        """Whether its progress or phase is another."""
        return any(change.name in MOVING for change in self.fields)


@dataclass(frozen=True, slots=True)
class Move:
    """予定どおり → 遅れている: how many went this way, and which."""

    name: str
    old: str
    new: str
    states: list[State]


@dataclass(frozen=True, slots=True)
class Removed:
    """One that is only in the earlier picture, and since when, if that is known."""

    state: State
    on: dt.date | None


@dataclass(frozen=True)
class Difference:
    """Everything that differs, moves of progress and phase first."""

    added: list[State] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    unchanged: int = 0

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.changed)


def compare(
    old: Mapping[int, State],
    new: Mapping[int, State],
    *,
    order: Sequence[str],
    gone: Mapping[int, dt.date] | None = None,
) -> Difference:
    """From `old` to `new`; only fields that both pictures know are compared.

    `order`: the fields as they are told; `gone`: when those that are missing in `new` were removed.
    """
    days = gone or {}
    both = [new[key] for key in new.keys() & old.keys()]
    changed = [
        Changed(state, fields)
        for state in both
        if (fields := _fields(old[state.key], state, order))
    ]
    return Difference(
        added=_sorted(new[key] for key in new.keys() - old.keys()),
        removed=[
            Removed(state, days.get(state.key))
            for state in _sorted(old[key] for key in old.keys() - new.keys())
        ],
        changed=sorted(changed, key=lambda one: (not one.moved, *_place(one.state))),
        moves=_moves(changed),
        unchanged=len(both) - len(changed),
    )


def _fields(old: State, new: State, order: Sequence[str]) -> list[FieldChange]:
    names = [*MOVING, *(name for name in order if name not in MOVING)]
    return [
        FieldChange(name, old.values[name].text, new.values[name].text)
        for name in names
        if name in old.values
        and name in new.values
        and old.values[name].mark != new.values[name].mark
    ]


def _moves(changed: Iterable[Changed]) -> list[Move]:
    """Progress before phase, the most frequent first."""
    found: dict[tuple[str, str, str], list[State]] = {}
    for one in changed:
        for change in one.fields:
            if change.name in MOVING:
                way = (change.name, change.old, change.new)
                found.setdefault(way, []).append(one.state)
    moves = [Move(*way, states=_sorted(states)) for way, states in found.items()]
    return sorted(moves, key=lambda m: (MOVING.index(m.name), -len(m.states), m.old, m.new))


def _place(state: State) -> tuple[str, str, int]:
    return (state.bureau, state.lead, state.key)


def _sorted(states: Iterable[State]) -> list[State]:
    return sorted(states, key=_place)
