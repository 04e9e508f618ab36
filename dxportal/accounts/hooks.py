"""What other apps want to hear from this one, or have it show, which may not know them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dxportal.accounts.models import User


@dataclass(frozen=True)
class Remembered:
    """One thing to remember, shown to one reader and kept nowhere."""

    title: str
    text: str
    note: str
    url: str
    button: str


#: Called with the municipality's id, inside the transaction that changed its departments.
organisation_changed: list[Callable[[int], None]] = []

#: Called with the reader and the moment: what this reader, and nobody else, is to remember now.
to_remember: list[Callable[[User, datetime], list[Remembered]]] = []


def tell_organisation_changed(municipality_id: int) -> None:
    """Tell everybody who asked, in their order; an error undoes the change."""
    for listener in organisation_changed:
        listener(municipality_id)


def what_to_remember(user: User, now: datetime) -> list[Remembered]:
    """Everything that the reader is to remember at this moment."""
    return [thing for asked in to_remember for thing in asked(user, now)]
