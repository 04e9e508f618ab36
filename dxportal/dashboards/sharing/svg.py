"""The shared picture as one drawing: where each word and each step of it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from unicodedata import east_asian_width

from django.utils.translation import gettext as _

from dxportal.dashboards.sharing.picture import Shown, ShownCount, ShownStep

#: Units of the drawing: 1200 wide, as tall as its names need.
WIDTH, MARGIN, GAP = 1200, 32, 8
HEADER, LINE, RISE, BODY = 108, 22, 26, 104
SIZE, BETWEEN = 14, 14
#: Lines of names above one tread; what does not fit is counted.
MOST_LINES = 16
BAR_AT, BAR = 420, 400


@dataclass(frozen=True, slots=True)
class Word:
    """A text and where it begins."""

    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Tread:
    """One step: its block, the texts inside it, the bar of firmness and the names above it."""

    x: int
    y: int
    width: int
    height: int
    head: Word
    name: list[Word]
    firm: Word
    bar_y: int
    bar_width: int
    filled: int
    names: list[Word]


@dataclass(frozen=True, slots=True)
class CountBar:
    """One culture step with the length of its bar."""

    y: int
    label: Word
    filled: int
    value: Word


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything with its place; `base` is the floor of the stairs."""

    width: int
    height: int
    base: int
    bar_x: int
    shown: Shown
    treads: list[Tread]
    below: list[Word]
    culture_head: Word
    culture: list[CountBar]
    foot: list[Word]


def text_width(text: str, size: int = SIZE) -> float:
    """About how wide a text is drawn: full-width letters are as wide as they are high."""
    wide = sum(east_asian_width(letter) in "FWA" for letter in text)
    return size * (wide + 0.58 * (len(text) - wide))


def lines_of(text: str, width: float, size: int = SIZE) -> list[str]:
    """The text cut into lines, between any two letters as Japanese is."""
    lines, line = [], ""
    for letter in text:
        if line and text_width(line + letter, size) > width:
            lines.append(line)
            line = ""
        line += letter
    return [*lines, line] if line else lines


def packed(names: Iterable[str], width: float) -> list[list[tuple[float, str]]]:
    """Names side by side as long as they fit: each line as (distance from the left, name)."""
    lines: list[list[tuple[float, str]]] = []
    reached = width + 1
    for name in names:
        short = lines_of(name, width)[0]
        short = name if short == name else f"{short[:-1]}…"
        needed = text_width(short)
        if reached + needed > width:
            lines.append([])
            reached = 0
        lines[-1].append((reached, short))
        reached += needed + BETWEEN
    return lines


def draw(picture: Shown) -> Drawing:
    """Place everything; nothing here knows of a colour."""
    width = (WIDTH - 2 * MARGIN - (len(picture.steps) - 1) * GAP) // max(1, len(picture.steps))
    stacks = [_stack(step, width) for step in picture.steps]
    rise = [BODY + number * RISE for number in range(len(stacks))]
    tallest = max((len(s) * LINE + r for s, r in zip(stacks, rise, strict=True)), default=0)
    base = HEADER + tallest + LINE
    treads = [
        _tread(step, stack, number, width, base)
        for number, (step, stack) in enumerate(zip(picture.steps, stacks, strict=True))
    ]
    below = list(_below(picture, base + LINE + 6))
    top = base + LINE * (len(below) + 2)
    culture = [_bar(row, top + 30 + 28 * number) for number, row in enumerate(picture.culture)]
    head = Word(MARGIN, top, _culture_head(picture))
    end = top + 28 * len(culture) + 56
    foot = [
        Word(MARGIN, end + LINE * number, text) for number, text in enumerate(_foot_lines(picture))
    ]
    return Drawing(
        width=WIDTH,
        height=end + LINE * len(foot) + 8,
        base=base,
        bar_x=BAR_AT,
        shown=picture,
        treads=treads,
        below=below,
        culture_head=head,
        culture=culture,
        foot=foot,
    )


def _stack(step: ShownStep, width: int) -> list[list[tuple[float, str]]]:
    """The lines of names above a tread, the last one saying how many are left out."""
    lines = packed(step.names, width - 12)
    if len(lines) <= MOST_LINES:
        return lines
    kept = lines[: MOST_LINES - 1]
    left = step.count - sum(len(line) for line in kept)
    return [*kept, [(0.0, _("and %(count)d more") % {"count": left})]]


def _tread(
    step: ShownStep, stack: list[list[tuple[float, str]]], number: int, width: int, base: int
) -> Tread:
    height = BODY + number * RISE
    x, y = MARGIN + number * (width + GAP), base - height
    words = {"step": step.step, "count": step.count}
    firm = _("no data") if step.percent is None else f"{step.percent} %"
    told = {"firm": firm, "answered": step.answered, "total": step.total}
    return Tread(
        x=x,
        y=y,
        width=width,
        height=height,
        head=Word(x + 12, y + 24, _("Step %(step)d: %(count)d departments") % words),
        name=[
            Word(x + 12, y + 46 + 18 * row, line)
            for row, line in enumerate(lines_of(step.short, width - 24, 15)[:2])
        ],
        firm=Word(x + 12, base - 12, _("Firm %(firm)s (%(answered)d of %(total)d)") % told),
        bar_y=base - 34,
        bar_width=width - 24,
        filled=round((width - 24) * (step.percent or 0) / 100),
        names=[
            Word(round(x + 6 + left), y - 8 - LINE * (len(stack) - 1 - row), name)
            for row, line in enumerate(stack)
            for left, name in line
        ],
    )


def _below(picture: Shown, y: int) -> Iterator[Word]:
    """Departments without data, named below the picture."""
    names = [name for _bureau, group in picture.missing for name in group]
    if names:
        text = _("No data yet: %(names)s") % {"names": _(", ").join(names)}
        for row, line in enumerate(lines_of(text, WIDTH - 2 * MARGIN)[:4]):
            yield Word(MARGIN, y + LINE * row, line)


def _culture_head(picture: Shown) -> str:
    if not picture.culture:
        return _("Culture: not shown, because it would tell of single departments.")
    words = {"count": picture.culture_missing}
    head = _("Culture: departments per step")
    more = _("without data: %(count)d") % words if picture.culture_missing else ""
    return f"{head}（{more}）" if more else head


def _bar(row: ShownCount, y: int) -> CountBar:
    label = _("Step %(step)d") % {"step": row.step} + f" {row.name}"
    filled = round(BAR * row.percent / 100)
    return CountBar(
        y,
        Word(MARGIN, y, label),
        filled,
        Word(BAR_AT + 12 + filled, y, f"{row.count}（{row.percent} %）"),
    )


def _foot_lines(picture: Shown) -> list[str]:
    words = {
        "as_of": picture.as_of.isoformat(),
        "staircase": picture.staircase or "–",
        "method": picture.method,
        "placed": picture.placed,
        "all": picture.departments,
    }
    return [
        _("As of %(as_of)s. Staircase: %(staircase)s. Method: %(method)s.") % words,
        _("Placed on a technology step: %(placed)d of %(all)d departments.") % words,
        f"SHA-256 {picture.sha256}",
    ]
