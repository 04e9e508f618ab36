"""Everything that a published wave shows, put together once for page, chart, sheet and paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dxportal.accounts.models import User
from surveys.choices import CLOSED, QuestionKind
from surveys.comparing import Comparison, compare, earlier_waves
from surveys.content import POSITIVE
from surveys.figures import (
    APART,
    UNKNOWN,
    Axis,
    Box,
    Part,
    axis_of,
    bar,
    diverging,
)
from surveys.gap import Pulse, pulse
from surveys.hours import Burden, burden
from surveys.models import CellTally, CloseAudit, CrossTally, SegmentGroup, Wave
from surveys.partition import ALL, NOT_ASKED, OTHER, UNANSWERED
from surveys.permissions import seen_groups, tells_culture
from surveys.results import (
    HeatMap,
    Results,
    Shown,
    ThemeLine,
    heat_columns,
    label_of,
    option_labels,
    shown,
)
from surveys.trend import Trend, trend

#: The five points, from the one that disagrees most.
FIVE = ("fully_disagree", "rather_disagree", "neutral", *reversed(POSITIVE))
#: Kinds whose answers have no order of their own: most chosen first.
UNORDERED = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)
LAST = (NOT_ASKED, UNANSWERED)


@dataclass(frozen=True, slots=True)
class Cell:
    """One stored cell: code and words of the answer, people and share as shown, its bar."""

    code: str
    label: str
    stored: CellTally
    people: str
    shown: Shown
    bar: Box

    @property
    def weight(self) -> float:
        """For ordering: how many, or which share, as far as it is stored."""
        stored = self.stored
        if stored.count is not None:
            return float(stored.count)
        return self.shown.value or 0


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One group's answers to one question; depth 0 is all staff."""

    group: SegmentGroup
    label: str
    depth: int
    cells: Sequence[Cell]

    @property
    def masked(self) -> bool:
        """Whether any cell is hatched."""
        return any(cell.shown.masked for cell in self.cells)


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question: all staff, then unit by unit; a scale has its place in the picture."""

    code: str
    text: str
    kind: str
    hint: str
    top: UnitRow
    units: Sequence[UnitRow]
    boxes: Sequence[Box]

    @property
    def lines(self) -> list[Cell]:
        """All staff's answers; those of no order with most chosen first."""
        cells = list(self.top.cells)
        if self.kind not in UNORDERED:
            return cells
        return sorted(cells, key=lambda cell: (cell.code in LAST, -cell.weight))

    @property
    def sentence(self) -> str:
        """What a picture of it says."""
        parts = "、".join(f"{cell.label} {cell.shown.text}" for cell in self.top.cells)
        return f"{self.text}: {parts}"

    @property
    def masked(self) -> bool:
        """Whether the legend has to explain hatching."""
        return any(row.masked for row in (self.top, *self.units))


@dataclass(frozen=True, slots=True)
class CrossTable:
    """A declared pair: numbers, None where a cell is folded, and how many are folded together."""

    row_code: str
    column_code: str
    row_text: str
    column_text: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int | None]]]
    folded: int


class Report:
    """What one reader sees of one published wave: the same cells wherever they are drawn."""

    def __init__(self, wave: Wave, user: User, now: dt.datetime, *, compare_with: int = 0) -> None:
        """Read the stored tables; the number of statements does not depend on what is in them."""
        self.wave = wave
        self.results = Results(wave)
        self.seen = seen_groups(user, wave, self.results.groups)
        self.partly = tells_culture(wave) and len(self.seen) < len(self.results.groups)
        self.audit = CloseAudit.objects.filter(wave=wave, step=CLOSED).first()
        self.comparison: Comparison | None = compare(
            self.results, self.seen, earlier_waves(user, wave, now), compare_with
        )
        self.pulse: Pulse | None = pulse(self.results, self.seen, user, now)
        self.trend: Trend | None = trend(self.results, user, now)
        self.themes: list[ThemeLine] = self.results.themes()

    @property
    def top(self) -> SegmentGroup:
        """All staff: there is no report without them."""
        top = self.results.everybody
        if top is None:
            raise ValueError("A wave with too few answers has no report.")
        return top

    @cached_property
    def groups(self) -> list[tuple[SegmentGroup, str, int]]:
        """The groups that this reader sees by name: label, and how far below the top."""
        depth = {"": -1}
        for group in self.results.groups:
            depth[group.key] = depth.get(group.parent_key, 0) + 1
        return [
            (group, self.results.group_label(group), depth[group.key])
            for group in self.results.groups
            if group.key in self.seen
        ]

    @cached_property
    def questions(self) -> list[QuestionView]:
        """Every closed question of which anything is stored."""
        scales = {q["code"]: _parts(self.results, q) for q in self._closed if _is_scale(q)}
        axis = axis_of(scales.values())
        views = (self._question(question, scales, axis) for question in self._closed)
        return [view for view in views if view is not None]

    @property
    def _closed(self) -> list[dict[str, Any]]:
        questions: list[dict[str, Any]] = self.results.definition["questions"]
        return [question for question in questions if question["kind"] != "text"]

    def _question(
        self, question: dict[str, Any], scales: Mapping[str, list[Part]], axis: Axis
    ) -> QuestionView | None:
        code, labels = question["code"], option_labels(question)
        rows = []
        for group, label, depth in self.groups:
            stored = self.results.row(code, group)
            cells = [self._cell(o, text, stored[o]) for o, text in labels.items() if o in stored]
            if cells:
                rows.append(UnitRow(group, label, depth, cells))
        if not rows or rows[0].group.key != ALL:
            return None
        hint = question.get("hint_ja") and label_of(question, "hint")
        boxes = diverging(scales[code], axis) if code in scales else []
        return QuestionView(
            code,
            label_of(question, "text"),
            question["kind"],
            hint or "",
            rows[0],
            rows[1:],
            boxes,
        )

    def _cell(self, code: str, label: str, stored: CellTally) -> Cell:
        found, top = shown(stored), self.top
        most = (
            100 * (self.wave.k_cell - 1) / top.n
            if stored.below_k
            else float(stored.percent or UNKNOWN)
        )
        value = _drawn(stored, top.n)
        people = self.results.count_text(stored)
        return Cell(code, label, stored, people, found, bar(value, most))

    @cached_property
    def scales(self) -> list[QuestionView]:
        """The questions of agreement, for one picture."""
        return [view for view in self.questions if view.boxes]

    @cached_property
    def zero(self) -> str:
        """Where the middle of that picture stands."""
        parts = [_parts(self.results, q) for q in self._closed if _is_scale(q)]
        return axis_of(parts).zero_at

    @cached_property
    def heat(self) -> HeatMap | None:
        """Units against the themes that weigh most."""
        return self.results.heat("Q1", heat_columns(self.themes)) if self.themes else None

    @cached_property
    def burden(self) -> Burden | None:
        """Hours a week of a pain wave; one statement."""
        return burden(self.wave, self.themes, self.groups)

    @cached_property
    def crosses(self) -> list[CrossTable]:
        """The declared cross tables; one statement."""
        stored: dict[tuple[str, str], dict[tuple[str, str], int]] = {}
        for cell in CrossTally.objects.filter(wave=self.wave).order_by("pk"):
            pair = stored.setdefault((cell.row_question, cell.column_question), {})
            pair[cell.row_option, cell.column_option] = cell.n
        by_code = {question["code"]: question for question in self._closed}
        return [
            _cross(by_code[a], by_code[b], cells)
            for (a, b), cells in stored.items()
            if a in by_code and b in by_code
        ]


def _is_scale(question: Mapping[str, Any]) -> bool:
    codes = {option["code"] for option in question["options"]}
    return question["kind"] == QuestionKind.SCALE and codes.issuperset(FIVE)


def _parts(results: Results, question: Mapping[str, Any]) -> list[Part]:
    """All staff's answers to a scale, for drawing."""
    top = results.everybody
    parts = []
    for code, cell in results.row(question["code"]).items():
        place = FIVE.index(code) if code in FIVE else APART
        text = str(cell.percent) if cell.bound == "exact" and cell.percent is not None else ""
        most = float(cell.percent or UNKNOWN)
        if cell.below_k and top:
            most = 100 * (results.wave.k_cell - 1) / top.n
        parts.append(Part(place, _drawn(cell, top.n if top else 0), text, most))
    order = [option["code"] for option in question["options"]] + list(LAST)
    ranked = sorted(
        zip(results.row(question["code"]), parts, strict=True), key=lambda p: order.index(p[0])
    )
    return [part for _code, part in ranked]


def _drawn(cell: CellTally, n: int) -> float | None:
    """How wide a stored cell is drawn; None where it may be anything down to nobody."""
    if cell.count is not None and n:
        return 100 * cell.count / n
    if cell.percent is None or cell.bound == "at_most":
        return None
    return float(cell.percent)


def _cross(
    first: dict[str, Any], second: dict[str, Any], cells: Mapping[tuple[str, str], int]
) -> CrossTable:
    """A table of both questions' answers that have any shown cell."""
    folded = cells.get((OTHER, OTHER), 0)
    cells = {key: n for key, n in cells.items() if key != (OTHER, OTHER)}
    rows, columns = option_labels(first), option_labels(second)
    shown_columns = [code for code in columns if any(key[1] == code for key in cells)]
    return CrossTable(
        first["code"],
        second["code"],
        label_of(first, "text"),
        label_of(second, "text"),
        [columns[code] for code in shown_columns],
        [
            (label, [cells.get((code, column)) for column in shown_columns])
            for code, label in rows.items()
            if any((code, column) in cells for column in shown_columns)
        ],
        folded,
    )
