"""What the page of one initiative shows beside its own fields: one entry a card."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from dxportal.accounts.models import User
from roadmap.board import BoardRow
from roadmap.views.dependencies import dependency_card
from roadmap.views.indicators import indicator_card
from roadmap.views.milestones import milestone_card

#: Name in the template → what it needs; each card has its own partial of the same name.
CARDS: dict[str, Callable[[BoardRow, User, date], Any]] = {
    "milestones": milestone_card,
    "dependencies": dependency_card,
    "indicators": indicator_card,
}


def cards(row: BoardRow, user: User, day: date) -> dict[str, Any]:
    """The context of every card."""
    return {name: build(row, user, day) for name, build in CARDS.items()}
