"""Everything that a sheet shows, read once from what the pages of the roof show, and frozen.

What a kind of sheet may not tell is not read for it at all: `with_culture` is False for every
sheet but the mayor's, whoever makes it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone, translation

from dxportal.accounts.models import Municipality, User
from dxportal.dashboards.adoption import AdoptionRow, adoption_rows
from dxportal.dashboards.board.picture import Step, may_tell, steps_of
from dxportal.dashboards.board.standing import Place
from dxportal.dashboards.briefing import content as c
from dxportal.dashboards.briefing import words
from dxportal.dashboards.briefing.by_bureau import bureaus, late_rows, movers
from dxportal.dashboards.briefing.drawn import Drawn, drawn
from dxportal.dashboards.briefing.figures import key_figures, public_figures
from dxportal.dashboards.briefing.published import open_addresses, published_rows
from dxportal.dashboards.painpoints import PainSummary, pain_summary
from roadmap.choices import Axis, BriefingKind
from roadmap.models import ReportingRound
from roadmap.sharing import coarse


@dataclass(frozen=True, slots=True)
class Wish:
    """What the office chose: for whom, of which month or closed round, and what it typed."""

    kind: str
    period: str = ""
    compare: str = ""
    round: ReportingRound | None = None
    purpose: str = ""
    asks: tuple[c.Ask, ...] = ()

    @property
    def query(self) -> dict[str, str]:
        """As the address of the staircase says it: the closed round, or the month."""
        when = {"round": str(self.round.pk)} if self.round else {"period": self.period}
        return {**when, "compare": self.compare}


class NothingCounted(Exception):
    """No month has been counted yet, so there is nothing to show."""


def gather(user: User, wish: Wish, *, now: dt.datetime) -> c.Content:
    """The content in the reader's language; NothingCounted where there is no month."""
    place = user.municipality
    data = drawn(user, wish.query, with_culture=wish.kind == BriefingKind.MAYOR, now=now)
    if place is None or data is None:
        raise NothingCounted
    pain = pain_summary(user, min(now, _end_of(data.as_of)))
    adoption = adoption_rows(user, as_of=data.as_of)
    return _content(_Reads(user, place, wish, data, pain, adoption), now)


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59)))


@dataclass(frozen=True, slots=True)
class _Reads:
    """What was read, before it is put into words."""

    user: User
    place: Municipality
    wish: Wish
    data: Drawn
    pain: PainSummary | None
    adoption: Sequence[AdoptionRow]

    @property
    def as_of(self) -> dt.date:
        return self.data.as_of

    @property
    def of_assembly(self) -> bool:
        return self.wish.kind == BriefingKind.ASSEMBLY


def _content(reads: _Reads, now: dt.datetime) -> c.Content:
    wish, data, place = reads.wish, reads.data, reads.place
    public = published_rows(reads.user, reads.as_of) if reads.of_assembly else ()
    told = _told(reads)
    hollow = [row.title for row in told if row.adoption.hollow]
    missing = [place.name for place in data.missing]
    up, down, mixed = data.moved("up"), data.moved("down"), data.moved("mixed")
    board = wish.kind == BriefingKind.BOARD
    late = late_rows(reads.user, data.moment, reads.as_of) if board else ()
    figures = (
        public_figures(public, told, reads.pain)
        if reads.of_assembly
        else key_figures(reads.user, data.health.whole, told, reads.pain, reads.as_of)
    )
    return c.Content(
        shape=c.SHAPE,
        kind=wish.kind,
        language=translation.get_language() or "ja",
        calendar=place.calendar_style,
        place=c.Place(place.code, place.name),
        title=words.title(),
        audience=words.audience(wish.kind),
        made_at=timezone.localtime(now).isoformat(timespec="minutes"),
        made_by="" if reads.of_assembly else reads.user.name,
        office=str(reads.user.department or words.office()),
        period=data.month.isoformat(),
        compare=data.compared_month.isoformat() if data.compared_month else "",
        round=wish.round.label if wish.round else "",
        as_of=reads.as_of.isoformat(),
        method=data.method,
        staircase=data.version,
        purpose=wish.purpose or words.default_purpose(wish.kind),
        finding=words.finding(
            len(data.now.places),
            len(up),
            len(down),
            len(mixed),
            compared=data.compared,
            hollow=len(hollow),
        ),
        lines=words.lines(down, mixed, hollow, missing),
        figures=figures,
        departments=len(data.now.places),
        steps=_steps(data),
        cells=_cells(data),
        missing=tuple(_name(data, place) for place in data.missing),
        follow_ups=tuple(_follow_up(row) for row in told),
        heat=_heat(reads.pain),
        bureaus=bureaus(data, late) if board else (),
        movers=() if wish.kind == BriefingKind.MAYOR else movers(data),
        late=late,
        initiatives=public,
        asks=() if reads.of_assembly else wish.asks,
        definitions=words.definitions(wish.kind),
        source=words.source(reads.pain is not None),
    )


def _told(reads: _Reads) -> list[AdoptionRow]:
    """Verdicts that the sheet may tell: for the assembly those of published initiatives.

    A verdict says that it went live, so none where the phase is withheld.
    """
    if not reads.of_assembly:
        return list(reads.adoption)
    withheld = open_addresses(reads.user, reads.as_of)
    return [
        replace(row, launched_on=None) if "launched_on" in withheld[row.url] else row
        for row in reads.adoption
        if "phase" not in withheld.get(row.url, {"phase"})
    ]


def _steps(data: Drawn) -> tuple[c.Step, ...]:
    """Technology, and culture: where no name of it is told, as far as it names nobody."""
    technology, culture = (steps_of(data.now, data.then, axis) for axis in Axis)
    veiled = not data.with_culture
    told = culture if not veiled or may_tell(culture) else []
    return (*(_step(one) for one in technology), *(_step(one, veiled=veiled) for one in told))


def _step(step: Step, *, veiled: bool = False) -> c.Step:
    tally = step.tally
    return c.Step(
        axis=step.stage.axis,
        step=step.step,
        name=step.stage.name,
        short=step.stage.short,
        firmness=coarse(step.firmness) if veiled else step.firmness,
        answered=None if veiled else tally.answered if tally else 0,
        total=None if veiled else tally.total if tally else 0,
        here=step.here,
        seeds=None if veiled else step.seeds,
    )


_MOVES = {"up": 1, "down": -1}


def _name(data: Drawn, place: Place) -> c.Name:
    move = _MOVES.get(data.moves.get(place.pk, ""), 0)
    return c.Name(place.code, place.name, place.bureau, move)


def _cells(data: Drawn) -> tuple[c.Cell, ...]:
    """The lowest step of culture first, from left to right; 0 where culture is not told."""
    heights = [stage.step for stage in data.now.of_axis(Axis.CULTURE)] if data.with_culture else [0]
    held = data.cells()
    return tuple(
        c.Cell(
            stage.step,
            height,
            tuple(_name(data, place) for place in held.get((stage.step, height), ())),
        )
        for height in heights
        for stage in data.now.of_axis(Axis.TECHNOLOGY)
    )


def _follow_up(row: AdoptionRow) -> c.FollowUp:
    return c.FollowUp(
        title=row.title,
        launched_on=row.launched_on.isoformat() if row.launched_on else "",
        on=row.on.isoformat(),
        n=row.n,
        harder=str(row.harder) if row.harder else "",
        harder_percent=row.harder.length if row.harder else None,
        easier=str(row.easier) if row.easier else "",
        easier_percent=row.easier.length if row.easier else None,
        verdict=row.verdict,
        verdict_label=str(row.verdict_label),
        declared=row.declared,
        hollow=row.adoption.hollow,
    )


def _heat(pain: PainSummary | None) -> c.Heat | None:
    if pain is None or not pain.heat.rows:
        return None
    top = pain.results.everybody
    codes = [line.theme.code for line in pain.lines][: len(pain.heat.columns)]
    return c.Heat(
        survey=f"{pain.wave.survey.title} {pain.wave.label}",
        published_on=timezone.localdate(pain.wave.publish_at).isoformat(),
        answered=top.n if top else None,
        asked=top.eligible if top else None,
        codes=tuple(codes),
        columns=tuple(str(column) for column in pain.heat.columns),
        rows=tuple(c.HeatRow(row.label, row.n, _heat_cells(row.cells)) for row in pain.heat.rows),
    )


def _heat_cells(cells: Iterable[object]) -> tuple[c.HeatCell, ...]:
    return tuple(
        c.HeatCell(
            str(getattr(cell, "text", "")),
            int(value) if (value := getattr(cell, "value", None)) is not None else None,
            str(getattr(cell, "css", "")),
        )
        for cell in cells
    )
