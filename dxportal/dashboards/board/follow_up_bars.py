"""Published answers of a follow-up → one bar: harder, the same, easier, and who does not use it.

The cells are those of all who answered, as stored: what is not stored as a number is drawn hatched
up to what it can be at most, and never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dxportal.dashboards.adoption import AdoptionRow
from surveys.figures import APART, UNKNOWN, Axis, Box, Part, axis_of, diverging
from surveys.models import CellTally
from surveys.partition import ALL
from surveys.results import in_words

#: Place on the scale (0 is the worst) → answers of F2 that stand there.
EASE: Final[Mapping[str, int]] = {
    "much_harder": 0,
    "harder": 1,
    "same": 2,
    "easier": 3,
    "much_easier": 4,
}
#: Answers of F1 of those who do not use it.
NOT_USED: Final = ("tried", "never", "not_known")
#: What each part of a bar is called, in order; the last stands apart.
LEGEND: Final = (
    ("much_harder", gettext_lazy("much harder")),
    ("harder", gettext_lazy("a little harder")),
    ("same", gettext_lazy("the same")),
    ("easier", gettext_lazy("a little easier")),
    ("much_easier", gettext_lazy("much easier")),
    ("unused", gettext_lazy("not using it")),
)

_HEAVY: Final = ("wave__frozen_definition", "wave__frozen_org", "wave__notice_text")


@dataclass(frozen=True, slots=True)
class Cell:
    """One stored answer of all who answered."""

    question: str
    option: str
    count: int | None
    percent: int | None
    bound: str
    below_k: bool
    n: int
    k: int

    @property
    def share(self) -> float | None:
        """In percent, from the exact count where it is stored."""
        if self.count is not None and self.n:
            return 100 * self.count / self.n
        return float(self.percent) if self.bound == "exact" and self.percent is not None else None

    @property
    def most(self) -> float:
        """How large the share can be at most."""
        if self.below_k and self.n:
            return 100 * (self.k - 1) / self.n
        return float(self.percent) if self.percent is not None else UNKNOWN

    @property
    def text(self) -> str:
        """The share in words."""
        if self.share is not None:
            return f"{round(self.share)}%"
        if self.below_k:
            return _("few")
        return "–" if self.percent is None else in_words(self.percent, self.bound)


@dataclass(frozen=True, slots=True)
class Bar:
    """One initiative's bar: its boxes, the sentence that they say, its cells and their wave."""

    wave: int
    n: int
    cells: Sequence[Cell]
    boxes: Sequence[Box]
    sentence: str


@dataclass(frozen=True, slots=True)
class Bars:
    """The bars of a panel on one scale; `zero` is where the middle stands."""

    by_initiative: Mapping[int, Bar]
    zero: str


def follow_up_bars(rows: Iterable[AdoptionRow], now: datetime) -> Bars:
    """The bars of these verdicts, each from the asking that gave it; one statement."""
    wanted = {row.pk: row.on for row in rows if not row.declared}
    held: dict[int, tuple[int, list[Cell]]] = {}
    for initiative, closed_on, wave, cell in _stored(wanted, now):
        if wanted.get(initiative) == closed_on:
            held.setdefault(initiative, (wave, []))[1].append(cell)
    parts = {initiative: parts_of(cells) for initiative, (_wave, cells) in held.items()}
    # Where no share is stored as a number there is nothing to draw.
    told = [row for row in parts.values() if any(part.value is not None for part in row)]
    axis = axis_of(told)
    return Bars(
        {
            initiative: _bar(wave, cells, parts[initiative], axis)
            for initiative, (wave, cells) in held.items()
            if parts[initiative] in told
        },
        axis.zero_at,
    )


def _stored(wanted: Mapping[int, date], now: datetime) -> Iterator[tuple[int, date, int, Cell]]:
    """Initiative, day, wave, and one cell, in the order in which they were stored."""
    cells = CellTally.objects.filter(
        group__key=ALL,
        question__in=("F1", "F2"),
        wave__publish_at__lte=now,
        wave__follow_up__initiative__in=list(wanted),
        wave__follow_up__closed_on__isnull=False,
    )
    rows = cells.annotate(
        initiative=F("wave__follow_up__initiative"), closed_on=F("wave__follow_up__closed_on")
    )
    for row in rows.order_by("pk").select_related("group", "wave").defer(*_HEAVY):
        cell = Cell(
            row.question,
            row.option,
            row.count,
            row.percent,
            row.bound,
            row.below_k,
            row.group.n,
            row.wave.k_cell,
        )
        yield row.initiative, row.closed_on, row.wave_id, cell


def parts_of(cells: Sequence[Cell]) -> list[Part]:
    """The five answers on their places, and those who do not use it apart, added up where all of
    them are numbers."""
    ease = {cell.option: cell for cell in cells if cell.question == "F2"}
    found = [
        Part(place, ease[option].share, _short(ease[option].share), ease[option].most)
        for option, place in EASE.items()
        if option in ease
    ]
    unused = [cell for cell in cells if cell.question == "F1" and cell.option in NOT_USED]
    if found and unused:
        share, most = unused_share(unused)
        found.append(Part(APART, share, _short(share), most))
    return found


def unused_share(cells: Sequence[Cell]) -> tuple[float | None, float]:
    """The share that does not use it, and what it can be at most; a sum of exact counts only."""
    if all(cell.count is not None for cell in cells) and cells[0].n:
        share = 100 * sum(cell.count or 0 for cell in cells) / cells[0].n
        return share, share
    return None, min(sum(cell.most for cell in cells), 100.0)


def _short(share: float | None) -> str:
    return "" if share is None else str(round(share))


def _bar(wave: int, cells: Sequence[Cell], parts: Sequence[Part], axis: Axis) -> Bar:
    words = [
        f"{label} {cell.text}"
        for option, label in LEGEND
        for cell in cells
        if cell.question == "F2" and cell.option == option
    ]
    apart = next((part for part in parts if part.place == APART), None)
    if apart is not None:
        label = LEGEND[-1][1]
        text = _("%(percent)s%% or less") % {"percent": round(apart.most)}
        words.append(f"{label} " + (f"{apart.text}%" if apart.value is not None else text))
    return Bar(wave, cells[0].n, cells, diverging(parts, axis), _(", ").join(words))
