"""One sheet as it is drawn: its content, as much of it as there is room for, and its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from dxportal.dashboards.briefing.content import (
    SHORT_SUM,
    Content,
    FollowUp,
    HeatRow,
    Option,
    Step,
)
from dxportal.dashboards.briefing.stair import Stair, draw_stair, firm_words
from dxportal.dashboards.briefing.words import cut, named
from roadmap.choices import Axis, BriefingKind

LETTERS: Final = "ABC"


@dataclass(frozen=True, slots=True)
class Fit:
    """How much room a sheet gives: height of the picture, rows of verdicts and of the heat map.

    `name` is the class of the style that says how large letters are; None: whatever it takes.
    """

    name: str = ""
    room: float | None = None
    follow_ups: int | None = None
    heat_rows: int | None = None
    names: int | None = None


#: Drafts of the mayor's page, from the most comfortable to the one that always fits.
FITS: Final = (
    Fit("", 330, 5, 8, 6),
    Fit("tight", 290, 5, 8, 4),
    Fit("tighter", 250, 5, 6, 3),
    Fit("tightest", 310, 3, 4, 1),
    Fit("tightest", 150, 2, 2, 0),
)
FREE: Final = Fit()
#: Letters of a title in a table; the workbook has all of them.
LONGEST_TITLE: Final = 60


@dataclass(frozen=True, slots=True)
class LetteredOption:
    """An option with its letter."""

    letter: str
    text: str
    risk: str
    cost: str
    effect: str


@dataclass(frozen=True, slots=True)
class NumberedAsk:
    """Something to be decided, with its number; `choices` are its options in one line."""

    number: int
    title: str
    options: tuple[LetteredOption, ...]

    @property
    def choices(self) -> str:
        """A 続ける／B 作り直す"""
        return "／".join(f"{one.letter} {one.text}" for one in self.options)


@dataclass(frozen=True, slots=True)
class CellRow:
    """One step (or pair of steps) and who stands there, as a line of a table."""

    technology: str
    culture: str
    count: int
    names: str


@dataclass(frozen=True, slots=True)
class Spread:
    """One step with its share of all departments, for a bar."""

    step: Step
    percent: str
    firm: str


@dataclass(frozen=True)
class Sheet:
    """What templates draw; nothing is read for it."""

    content: Content
    sha256: str
    fit: Fit = FREE

    @property
    def sum(self) -> str:
        """The beginning of the checksum."""
        return self.sha256[:SHORT_SUM]

    @property
    def caution(self) -> bool:
        """Whether it must not be passed on: names stand on steps of culture."""
        return self.content.kind == BriefingKind.MAYOR

    @property
    def heading(self) -> str:
        """Title of the file: what, for whom, of when."""
        content = self.content
        when = content.round or content.period[:7]
        return f"{content.place.name} {content.title} {when} {content.audience}"

    @cached_property
    def stair(self) -> Stair:
        """The picture."""
        return draw_stair(self.content, room=self.fit.room)

    @property
    def technology(self) -> tuple[Step, ...]:
        """Steps of technology."""
        return self.content.steps_on(Axis.TECHNOLOGY)

    @property
    def culture(self) -> list[Spread]:
        """Steps of culture as a distribution, the highest first."""
        most = max((step.here for step in self.content.steps_on(Axis.CULTURE)), default=0) or 1
        return [
            Spread(step, f"{100 * step.here / most:g}", firm_words(step))
            for step in reversed(self.content.steps_on(Axis.CULTURE))
        ]

    @property
    def missing(self) -> str:
        """Who has no position, as far as there is room for names."""
        names = [name.name for name in self.content.missing]
        return named(names, len(names) if self.fit.names is None else self.fit.names)

    @property
    def cell_rows(self) -> list[CellRow]:
        """The picture in lines, the highest steps first; empty cells are left out."""
        steps = {(step.axis, step.step): step for step in self.content.steps}
        return [
            CellRow(
                _step_words(steps.get((Axis.TECHNOLOGY, cell.technology))),
                _step_words(steps.get((Axis.CULTURE, cell.culture))),
                len(cell.names),
                "、".join(name.name for name in cell.names),
            )
            for cell in reversed(self.content.cells)
            if cell.names
        ]

    @property
    def follow_ups(self) -> Sequence[FollowUp]:
        """Verdicts, those that need a decision first; titles of at most two lines."""
        told = self.content.follow_ups[: self.fit.follow_ups]
        return [replace(row, title=cut(row.title, LONGEST_TITLE)) for row in told]

    @property
    def follow_ups_left(self) -> int:
        """How many are not on the page."""
        return len(self.content.follow_ups) - len(self.follow_ups)

    @property
    def heat_rows(self) -> Sequence[HeatRow]:
        """Units where it hurts most, in the order of the chart."""
        rows = self.content.heat.rows if self.content.heat else ()
        if self.fit.heat_rows is None or len(rows) <= self.fit.heat_rows:
            return rows
        worst = sorted(rows, key=lambda row: -max((c.value or 0 for c in row.cells), default=0))
        kept = {id(row) for row in worst[: self.fit.heat_rows]}
        return [row for row in rows if id(row) in kept]

    @property
    def heat_left(self) -> int:
        """How many units are not on the page."""
        return (len(self.content.heat.rows) if self.content.heat else 0) - len(self.heat_rows)

    @property
    def asks(self) -> list[NumberedAsk]:
        """What is to be decided, numbered; options lettered."""
        return [
            NumberedAsk(number, ask.title, _lettered(ask.options))
            for number, ask in enumerate(self.content.asks, start=1)
        ]

    @property
    def has_options(self) -> bool:
        """Whether any option was typed."""
        return any(ask.options for ask in self.content.asks)


def _lettered(options: Sequence[Option]) -> tuple[LetteredOption, ...]:
    return tuple(
        LetteredOption(letter, option.text, option.risk, option.cost, option.effect)
        for letter, option in zip(LETTERS, options, strict=False)
    )


def _step_words(step: Step | None) -> str:
    return f"{step.step} {step.name}" if step else ""
