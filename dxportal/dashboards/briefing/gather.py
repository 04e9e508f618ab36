"""Everything that a sheet shows, read once from what the pages of the roof show, and frozen.

What a kind of sheet may not tell is not read for it at all: `with_culture` is False for every
sheet but the mayor's, whoever makes it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone, translation

from dxportal.accounts.models import Department, Municipality, User
from dxportal.dashboards import panels
from dxportal.dashboards.adoption import AdoptionRow, adoption_rows
from dxportal.dashboards.briefing import content as c
from dxportal.dashboards.briefing import words
from dxportal.dashboards.briefing.by_bureau import bureaus, late_rows, movers
from dxportal.dashboards.briefing.figures import key_figures, public_figures
from dxportal.dashboards.briefing.published import open_titles, published_rows
from dxportal.dashboards.painpoints import PainSummary, pain_summary
from dxportal.dashboards.standing import Chip
from roadmap.choices import Axis, BriefingKind
from roadmap.models import PositionSnapshot, ReportingRound, StaircaseVersion


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
    def month(self) -> str:
        """The month to read ("2026-09"), that of the round where one was chosen."""
        if self.round and self.round.as_of:
            return f"{self.round.as_of:%Y-%m}"
        return self.period


class NothingCounted(Exception):
    """No month has been counted yet, so there is nothing to show."""


def gather(user: User, wish: Wish, *, now: dt.datetime) -> c.Content:
    """The content in the reader's language; NothingCounted where there is no month."""
    place = user.municipality
    data = _dashboard(user, wish, timezone.localdate(now))
    if place is None or data.period is None or data.counted.as_of is None:
        raise NothingCounted
    as_of = data.counted.as_of
    pain = pain_summary(user, min(now, _end_of(as_of)))
    adoption = adoption_rows(user, as_of=as_of)
    reads = _Reads(user, place, wish, data, as_of, pain, adoption)
    return _content(reads, now)


def _dashboard(user: User, wish: Wish, today: dt.date) -> panels.Dashboard:
    return panels.dashboard(
        user,
        period=wish.month,
        compare=wish.compare,
        picked=None,
        with_culture=wish.kind == BriefingKind.MAYOR,
        with_names=True,
        today=today,
    )


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59)))


@dataclass(frozen=True, slots=True)
class _Reads:
    """What was read, before it is put into words."""

    user: User
    place: Municipality
    wish: Wish
    data: panels.Dashboard
    as_of: dt.date
    pain: PainSummary | None
    adoption: Sequence[AdoptionRow]

    @property
    def of_assembly(self) -> bool:
        return self.wish.kind == BriefingKind.ASSEMBLY


def _content(reads: _Reads, now: dt.datetime) -> c.Content:
    wish, data, place = reads.wish, reads.data, reads.place
    departments = _departments(data)
    public = published_rows(reads.user, reads.as_of) if reads.of_assembly else ()
    told = _told(reads)
    hollow = [row.title for row in told if row.adoption.hollow]
    missing = [chip.name for chip in data.picture.missing]
    board = wish.kind == BriefingKind.BOARD
    late = late_rows(reads.user, data.period, reads.as_of) if board else ()
    figures = (
        public_figures(public, told, reads.pain)
        if reads.of_assembly
        else key_figures(reads.user, data.health, told, reads.pain, reads.as_of)
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
        period=data.period.isoformat() if data.period else "",
        compare=data.compare.isoformat() if data.compare else "",
        round=wish.round.label if wish.round else "",
        as_of=reads.as_of.isoformat(),
        method=_method(reads.user, data.period),
        staircase=_version(reads.user, reads.as_of),
        purpose=wish.purpose or words.default_purpose(wish.kind),
        finding=words.finding(
            data.picture.departments,
            data.up,
            data.down,
            compared=bool(data.headline and data.headline.compared),
            hollow=len(hollow),
        ),
        lines=words.lines(data.down, hollow, missing),
        figures=figures,
        departments=data.picture.departments,
        steps=_steps(data),
        cells=_cells(data, departments, with_culture=data.with_culture),
        missing=tuple(_name(chip, departments) for chip in data.picture.missing),
        follow_ups=tuple(_follow_up(row) for row in told),
        heat=_heat(reads.pain),
        bureaus=bureaus(data, departments, late) if board else (),
        movers=() if wish.kind == BriefingKind.MAYOR else movers(data, departments),
        late=late,
        initiatives=public,
        asks=() if reads.of_assembly else wish.asks,
        definitions=words.definitions(wish.kind),
        source=words.source(reads.pain is not None),
    )


def _departments(data: panels.Dashboard) -> dict[int, Department]:
    """Those of the picture with their codes and bureaus; one statement."""
    rows = Department.objects.filter(pk__in=list(data.names)).select_related("bureau")
    return {row.pk: row for row in rows}


def _told(reads: _Reads) -> list[AdoptionRow]:
    """Verdicts that the sheet may tell: for the assembly those of published initiatives."""
    if not reads.of_assembly:
        return list(reads.adoption)
    may = open_titles(reads.user, reads.as_of)
    return [row for row in reads.adoption if row.url in may]


def _method(user: User, period: dt.date | None) -> str:
    rows = PositionSnapshot.objects.visible_to(user).in_period(period)
    return rows.values_list("method", flat=True).first() or ""


def _version(user: User, day: dt.date) -> str:
    return str(StaircaseVersion.objects.visible_to(user).on(day).first() or "")


def _steps(data: panels.Dashboard) -> tuple[c.Step, ...]:
    return tuple(
        c.Step(
            axis=str(axis),
            step=step.step,
            name=step.name,
            short=step.short,
            firmness=step.firmness if step.answered else None,
            answered=step.answered,
            total=step.total,
            here=step.here,
            seeds=step.seeds,
        )
        for axis in (Axis.TECHNOLOGY, Axis.CULTURE)
        for step in data.steps[axis]
    )


def _name(chip: Chip, departments: dict[int, Department]) -> c.Name:
    found = departments.get(chip.pk)
    return c.Name(found.code if found else "", chip.name, chip.bureau, chip.move)


def _cells(
    data: panels.Dashboard, departments: dict[int, Department], *, with_culture: bool
) -> tuple[c.Cell, ...]:
    """The lowest step of culture first, from left to right."""
    return tuple(
        c.Cell(
            cell.step,
            row.step.step if with_culture else 0,
            tuple(_name(chip, departments) for chip in cell.chips),
        )
        for row in reversed(data.picture.rows)
        for cell in row.cells
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
