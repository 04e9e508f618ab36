"""The cards of an initiative's own fields: tags by list, and what may be published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dxportal.accounts.models import User
from roadmap.board import BoardRow, cares
from roadmap.choices import TagScheme
from roadmap.models import Withholding
from roadmap.trainings import staff_of, trainings_of, users_of
from roadmap.views.disclosure import field_label
from roadmap.wording import LABELS


@dataclass(frozen=True)
class PlansCard:
    """Tags by list, and the texts beside them."""

    lists: list[tuple[str, list[str]]]
    texts: list[tuple[str, str]]


@dataclass(frozen=True)
class CareCard:
    """What those get who cannot use it, and how many learned to use it."""

    lines: list[tuple[str, str]]
    replaces: bool | None
    missing: bool
    trainings: int
    people: int
    staff: int
    may_fill: bool


@dataclass(frozen=True)
class DisclosureCard:
    """The decision, and what is withheld: name, reason, whether its review is due."""

    decision: str
    withheld: list[tuple[str, Withholding, bool]]
    may_introduce: bool | None


def plans_card(row: BoardRow, user: User, day: date) -> PlansCard:
    """One query."""
    lists: dict[str, list[str]] = {scheme: [] for scheme in TagScheme.values}
    for link in row.initiative.tag_links.select_related("tag").order_by("tag__order", "tag_id"):
        lists[link.tag.scheme].append(str(link.tag))
    texts = [
        (str(LABELS[name]), str(getattr(row.initiative, name)))
        for name in ("pillars", "procedures", "plan_code")
    ]
    return PlansCard(
        [(str(TagScheme(scheme).label), tags) for scheme, tags in lists.items() if tags],
        [(label, text) for label, text in texts if text],
    )


def care_card(row: BoardRow, user: User, day: date) -> CareCard:
    """One query; four more where there are trainings."""
    initiative = row.initiative
    names = ("replaced_channel", "alternative", "support", "safeguard")
    held = trainings_of(initiative)
    return CareCard(
        [(str(LABELS[name]), text) for name in names if (text := str(getattr(initiative, name)))],
        initiative.replaces_channel,
        not cares(initiative),
        held.trainings,
        held.people,
        staff_of(users_of(initiative), day) if held.trainings else 0,
        row.may_update,
    )


def disclosure_card(row: BoardRow, user: User, day: date) -> DisclosureCard:
    """One query."""
    return DisclosureCard(
        row.initiative.get_disclosure_display() if row.initiative.disclosure else "",
        [
            (field_label(found.field), found, found.review_on <= day)
            for found in row.initiative.withholdings.all()
        ],
        row.initiative.may_introduce,
    )
