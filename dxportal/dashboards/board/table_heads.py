"""Headings of the list of departments that sort: the address of a press, and how it is sorted."""

from __future__ import annotations

from dataclasses import dataclass

from dxportal.dashboards.board.department_rows import SORTS
from dxportal.dashboards.board.figures import State

#: What is looked for at the top first: the higher, the later, the more.
_BACKWARDS = ("technology", "culture", "easier", "response", "initiatives")


@dataclass(frozen=True, slots=True)
class Head:
    """One heading; `aria` is "" where the list is not sorted by it."""

    url: str
    aria: str


def heads_of(state: State, sort: str, path: str = "", **kept: str) -> dict[str, Head]:
    """Every heading; a second press turns the order round."""
    heads = {}
    for name in SORTS:
        first = f"-{name}" if name in _BACKWARDS else name
        second = name if name in _BACKWARDS else f"-{name}"
        aria = {name: "ascending", f"-{name}": "descending"}.get(sort, "")
        wish = second if sort == first else first
        heads[name] = Head(f"{path}?{state.query(sort=wish, **kept)}", aria)
    return heads
