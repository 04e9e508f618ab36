"""The board: one column a phase, with the first few initiatives of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from dxportal.accounts.models import User
from roadmap.board import BoardRow, board_rows
from roadmap.choices import Phase
from roadmap.listing import for_rows, phase_counts
from roadmap.shown_words import ShownWords
from roadmap.views.listed import Listing

#: Cards of one column; the rest stands in the table.
PER_PHASE = 20
#: What usually comes after what; the follow-up survey decides about the phases after going live.
_NEXT = {
    Phase.IDEA: Phase.PLANNED,
    Phase.PLANNED: Phase.BUILDING,
    Phase.BUILDING: Phase.TRIAL,
    Phase.TRIAL: Phase.LIVE,
}


@dataclass(frozen=True)
class Move:
    """A phase to which a card may go, in the municipality's words."""

    phase: Phase
    label: str


@dataclass(frozen=True)
class Card:
    """One initiative in a column."""

    row: BoardRow
    next: Move | None
    others: list[Move]


@dataclass
class Column:
    """One phase: how many it holds, and its first cards."""

    phase: Phase
    label: str
    url: str
    count: int = 0
    cards: list[Card] = field(default_factory=list)

    @property
    def left(self) -> int:
        """How many are not drawn."""
        return self.count - len(self.cards)


def phase_columns(listing: Listing, user: User, day: date, words: ShownWords) -> list[Column]:
    """Every phase in its order; a fixed number of queries, whatever the columns hold."""
    form = listing.form
    columns = {
        phase: Column(phase, words.phase(phase), form.url(view="", phase=phase.value))
        for phase in Phase
    }
    places = phase_counts(listing.found, PER_PHASE, form.sort)
    for _pk, phase, held in places:
        columns[Phase(phase)].count = held
    shown = listing.found.filter(pk__in=[pk for pk, _phase, _held in places])
    rows = board_rows(
        for_rows(shown, form.sort), user=user, day=day, stages=listing.stages, words=words
    )
    for row in rows:
        columns[row.phase].cards.append(_card(row))
    return list(columns.values())


def _card(row: BoardRow) -> Card:
    following = _NEXT.get(row.phase)
    moves = {
        Phase(choice.value): Move(Phase(choice.value), choice.label)
        for choice in row.phases
        if choice.value != row.phase
    }
    return Card(row, moves.get(following) if following else None, list(moves.values()))
