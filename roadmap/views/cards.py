"""What the page of one initiative shows beside its own fields: one entry a card."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from dxportal.accounts.models import User
from roadmap.board import BoardRow
from roadmap.talk import talk_of
from roadmap.views.adoption_tasks import aftercare_card
from roadmap.views.dependencies import dependency_card
from roadmap.views.field_cards import care_card, disclosure_card, plans_card
from roadmap.views.indicators import indicator_card
from roadmap.views.launch_plan import launch_card
from roadmap.views.milestones import milestone_card
from roadmap.views.pack_shown import origin_card
from roadmap.views.value import value_card

#: Name in the template → what it needs; each card has its own partial of the same name.
CARDS: dict[str, Callable[[BoardRow, User, date], Any]] = {
    "talk": lambda row, user, day: talk_of(row.initiative, user, day, may_change=row.may_update),
    "aftercare": aftercare_card,
    "launch_plan": launch_card,
    "plans": plans_card,
    "care": care_card,
    "disclosure": disclosure_card,
    "milestones": milestone_card,
    "dependencies": dependency_card,
    "indicators": indicator_card,
    "value": value_card,
    "pack_origin": origin_card,
}


def cards(row: BoardRow, user: User, day: date) -> dict[str, Any]:
    """The context of every card."""
    return {name: build(row, user, day) for name, build in CARDS.items()}
