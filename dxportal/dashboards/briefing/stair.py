"""The staircase picture of a sheet as shapes and texts with measured places; no drawing library.

Widths of texts are counted: a full-width character is one em, any other 0.56 em. Names that find
no room are counted in words at the end of their cell, never cut off in silence.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dxportal.dashboards.briefing.content import Content, Name, Step
from dxportal.shared.charts import INK, KEY, MUTED
from roadmap.choices import Axis

WIDTH: Final = 700.0
LABELS: Final = 104.0
GAP: Final = 2.0
LIFT: Final = 15.0
BASE: Final = 52.0
PAD: Final = 7.0
LEAST: Final = 30.0
TREADS: Final = ("#e8f1fe", "#d9e6ff", "#c5d7fb")
PALE, WHITE, UP, DOWN = "#d9e6ff", "#ffffff", "#00118f", "#8b3200"
HALF: Final = 0.56
#: (size of names, most names in a cell, names told where there are more): the first that fits.
LEVELS: Final = (
    (9.2, 12, 9),
    (8.4, 12, 9),
    (8.0, 8, 6),
    (8.0, 5, 4),
    (8.0, 3, 2),
    (8.0, 2, 1),
    (8.0, 1, 0),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled rectangle."""

    x: str
    y: str
    width: str
    height: str
    fill: str


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; `end`: it ends at x instead of beginning there."""

    x: str
    y: str
    size: str
    fill: str
    text: str
    bold: bool = False
    end: bool = False


@dataclass(slots=True)
class Stair:
    """The whole picture: a view box, shapes below, texts above, and what it says in words."""

    width: str
    height: str
    title: str
    shapes: list[Shape] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Line:
    """Names side by side: (offset, text, move)."""

    parts: tuple[tuple[float, str, int], ...]


@dataclass(frozen=True)
class _Plan:
    """Where everything stands, before it is drawn. Rows are steps of culture, from below."""

    columns: Sequence[Step]
    rows: Sequence[int]
    size: float
    lines: Mapping[tuple[int, int], Sequence[_Line]]

    @property
    def span(self) -> float:
        """Width of a column."""
        return _span(self.columns)

    @property
    def heights(self) -> list[float]:
        """Height of each row: that of its fullest cell."""
        return [
            max(LEAST, self.size * 1.5 * max(self._counts(row), default=0) + PAD)
            for row in self.rows
        ]

    def _counts(self, row: int) -> list[int]:
        return [len(self.lines.get((step.step, row), ())) for step in self.columns]

    @property
    def total(self) -> float:
        """Height of the picture."""
        highest = BASE + LIFT * max(len(self.columns) - 1, 0)
        return highest + sum(self.heights) + GAP * len(self.rows)

    def left(self, column: int) -> float:
        """Where a column begins."""
        return LABELS + column * (self.span + GAP)


def text_width(text: str, size: float) -> float:
    """How wide a text becomes, rather more than less."""
    full = sum(unicodedata.east_asian_width(one) in "FWA" for one in text)
    return size * (full + HALF * (len(text) - full))


def draw_stair(content: Content, *, room: float | None = None) -> Stair:
    """The picture in the largest letters with which it is at most `room` units high (of 700 wide).

    The last level is taken where even that one is higher.
    """
    for plan in _plans(content):
        if room is None or plan.total <= room:
            break
    stair = Stair(f"{WIDTH:g}", f"{plan.total:g}", _says(content))
    _draw_rows(stair, content, plan)
    _draw_bases(stair, plan)
    return stair


def _plans(content: Content) -> Iterator[_Plan]:
    """One for each level, made when it is wanted."""
    columns = content.steps_on(Axis.TECHNOLOGY)
    rows = sorted({cell.culture for cell in content.cells}) or [0]
    for level in LEVELS:
        lines = {
            (cell.technology, cell.culture): _lines(cell.names, level, _span(columns))
            for cell in content.cells
        }
        yield _Plan(columns, rows, level[0], lines)


def _span(columns: Sequence[Step]) -> float:
    return (WIDTH - LABELS) / max(len(columns), 1) - GAP


def _lines(names: Sequence[Name], level: tuple[float, int, int], span: float) -> list[_Line]:
    """Names in lines; who moved is told first where not all are."""
    size, most, told = level
    shown, left = list(names), 0
    if len(names) > most:
        shown = sorted(names, key=lambda name: name.move == 0)[:told]
        left = len(names) - told
    words = [(_marked(name), name.move) for name in shown]
    if left:
        text = _("and %(n)d more") if shown else _("%(n)d departments")
        words.append((text % {"n": left}, 0))
    return list(_packed(words, size, span - 2 * PAD))


def _marked(name: Name) -> str:
    return name.name + {1: "▲", -1: "▼"}.get(name.move, "")


def _packed(words: Sequence[tuple[str, int]], size: float, room: float) -> Iterator[_Line]:
    """As many side by side as fit; a name that is wider than the cell goes on below."""
    parts: list[tuple[float, str, int]] = []
    at = 0.0
    for text, move in words:
        for piece in _pieces(text, size, room):
            wide = text_width(piece, size)
            if parts and at + wide > room:
                yield _Line(tuple(parts))
                parts, at = [], 0.0
            parts.append((at, piece, move))
            at += wide + size
    if parts:
        yield _Line(tuple(parts))


def _pieces(text: str, size: float, room: float) -> Iterator[str]:
    piece = ""
    for one in text:
        if piece and text_width(piece + one, size) > room:
            yield piece
            piece = ""
        piece += one
    yield piece


def _draw_rows(stair: Stair, content: Content, plan: _Plan) -> None:
    """Treads from below, each column a little higher than the one before."""
    culture = {step.step: step for step in content.steps_on(Axis.CULTURE)}
    floor = plan.total - BASE
    for place, (row, height) in enumerate(zip(plan.rows, plan.heights, strict=True)):
        fill = TREADS[min(place, len(TREADS) - 1)]
        for index, step in enumerate(plan.columns):
            foot, left = floor - LIFT * index, plan.left(index)
            stair.shapes.append(_shape(left, foot - height, plan.span, height, fill))
            stair.shapes.append(_shape(left, foot, plan.span, GAP, KEY))
            lines = plan.lines.get((step.step, row), ())
            _draw_names(stair, lines, left + PAD, foot, plan.size)
        if row in culture:
            _draw_label(stair, culture[row], floor - height, height)
        floor -= height + GAP
    if list(plan.rows) == [0]:
        middle = plan.total - BASE - plan.heights[0] / 2
        stair.texts.append(_text(0, middle, 9.2, MUTED, _("Departments")))


def _draw_names(
    stair: Stair, lines: Sequence[_Line], left: float, floor: float, size: float
) -> None:
    """The last line stands just above the tread."""
    for number, line in enumerate(lines):
        y = floor - PAD - (len(lines) - 1 - number) * size * 1.5
        for offset, text, move in line.parts:
            fill = {1: UP, -1: DOWN}.get(move, INK)
            stair.texts.append(_text(left + offset, y, size, fill, text, bold=move != 0))


def _draw_label(stair: Stair, step: Step, top: float, height: float) -> None:
    """Axis, name and firmness of one step of culture, in the middle of its row."""
    short = _fitting(step.short or step.name, 9.6, LABELS - 6)
    first = top + height / 2 - 5.5
    stair.texts += [
        _text(0, first, 8.4, MUTED, _("Culture, step %(n)d") % {"n": step.step}),
        _text(0, first + 11.5, 9.6, INK, short, bold=True),
        _text(0, first + 22, 8.4, INK, firm_words(step)),
    ]


def _draw_bases(stair: Stair, plan: _Plan) -> None:
    """The dark body of each step of technology, with its names and counts."""
    for index, step in enumerate(plan.columns):
        height = BASE + LIFT * index
        left, wide, top = plan.left(index), plan.span, plan.total - height
        stair.shapes.append(_shape(left, top, wide, height, KEY))
        here = ngettext("%(n)d dept.", "%(n)d depts.", step.here) % {"n": step.here}
        name = _fitting(step.name, 12, wide - 2 * PAD)
        last = firm_words(step)
        if step.seeds:
            last += "　" + _("sown by %(n)d") % {"n": step.seeds}
        stair.texts += [
            _text(left + PAD, top + 14, 9.6, PALE, _("Technology, step %(n)d") % {"n": step.step}),
            _text(left + wide - PAD, top + 14, 9.6, PALE, here, end=True),
            _text(left + PAD, top + 29, 12, WHITE, name, bold=True),
            _text(left + PAD, top + 44, 9.6, WHITE, last),
        ]


def firm_words(step: Step) -> str:
    """固まり 46%, or that there is no data: never 0 for it."""
    if step.firmness is None:
        return _("no data")
    return _("firm %(n)d%%") % {"n": step.firmness}


def _fitting(text: str, size: float, room: float) -> str:
    """The text, or its beginning with … where it is too long."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "…", size) > room:
        text = text[:-1]
    return text + "…"


def _says(content: Content) -> str:
    """What the picture says, for those who do not see it: counts of each step of technology."""
    counts = "、".join(
        f"{step.name} {step.here}" for step in content.steps_on(Axis.TECHNOLOGY) if step.here
    )
    return _("Where departments stand: %(counts)s") % {"counts": counts or _("no data")}


def _shape(x: float, y: float, width: float, height: float, fill: str) -> Shape:
    return Shape(f"{x:.1f}", f"{y:.1f}", f"{width:.1f}", f"{height:.1f}", fill)


def _text(
    x: float,
    y: float,
    size: float,
    fill: str,
    text: str,
    *,
    bold: bool = False,
    end: bool = False,
) -> Text:
    return Text(f"{x:.1f}", f"{y:.1f}", f"{size:g}", fill, text, bold, end)
