"""Pain points with what is being done about them: tallies of surveys beside initiatives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from dxportal.accounts.models import Department, User
from dxportal.dashboards.board.surveyed import Surveys, surveys
from roadmap.models import Initiative, InitiativeTheme
from surveys import replying
from surveys.models import Commitment, Wave
from surveys.results import (
    HeatMap,
    Results,
    Shown,
    ThemeLine,
    heat_columns,
    latest_pain_wave,
)


@dataclass(frozen=True, slots=True)
class PainRow:
    """One theme: how heavy, what was replied, and which initiatives answer it."""

    line: ThemeLine
    reply: Commitment | None
    initiatives: Sequence[Initiative]

    @property
    def more(self) -> int:
        """Initiatives beyond the three that the page names."""
        return max(0, len(self.initiatives) - 3)


@dataclass(frozen=True, slots=True)
class PainBoard:
    """The newest pain wave, heaviest theme first."""

    wave: Wave
    results: Results
    rows: Sequence[PainRow]
    heat: HeatMap
    light: Sequence[ThemeLine]


def pain_board(user: User, now: dt.datetime) -> PainBoard | None:
    """Everything on the page in eight statements; None before the first results."""
    wave = latest_pain_wave(user, now)
    if wave is None:
        return None
    results = Results(wave)
    lines = results.themes()
    replies = {
        reply.theme_id: reply
        for reply in Commitment.objects.filter(wave=wave).select_related("initiative")
    }
    links: dict[int, list[Initiative]] = {}
    for link in (
        InitiativeTheme.objects.filter(
            theme__in=[line.theme.pk for line in lines], initiative__removed_on__isnull=True
        )
        .select_related("initiative")
        .order_by("initiative__title", "initiative_id")
    ):
        links.setdefault(link.theme_id, []).append(link.initiative)
    rows = [
        PainRow(line, replies.get(line.theme.pk), _all_of(line, links, replies))
        for line in lines
        if line.weighs or line.theme.pk in replies or line.theme.pk in links
    ]
    listed = {row.line.theme.pk for row in rows}
    return PainBoard(
        wave,
        results,
        rows,
        heat=results.heat("Q1", heat_columns(lines)),
        light=[line for line in lines if line.theme.pk not in listed],
    )


def _all_of(
    line: ThemeLine, links: dict[int, list[Initiative]], replies: dict[int, Commitment]
) -> list[Initiative]:
    """Initiatives that name the theme, and the one that the reply names."""
    found = list(links.get(line.theme.pk, []))
    reply = replies.get(line.theme.pk)
    promised = reply.initiative if reply is not None else None
    if promised is not None and promised.removed_on is None and promised not in found:
        found.append(promised)
    return found


@dataclass(frozen=True, slots=True)
class PainSummary:
    """The newest pain wave in short, and how all waves were replied to: for the staircase page."""

    wave: Wave
    results: Results
    lines: Sequence[ThemeLine]
    heat: HeatMap
    replies: replying.Rate

    @property
    def hours(self) -> tuple[float, float] | None:
        """Hours a week of all themes together, as an estimated range."""
        known = [line for line in self.lines if line.hours]
        if not known:
            return None
        return sum(line.hours_low or 0 for line in known), sum(
            line.hours_high or 0 for line in known
        )


def pain_summary(user: User, now: dt.datetime, found: Surveys | None = None) -> PainSummary | None:
    """None before the first results. `found`: the surveys where the caller has read them; with
    them six statements more."""
    found = found or surveys(user, now, units=False)
    if found.pain is None:
        return None
    results = found.pain.results
    rate = replying.rate(replying.said(user, now))
    heat = results.heat("Q1", heat_columns(found.lines))
    return PainSummary(found.pain.wave, results, found.lines, heat, rate)


@dataclass(frozen=True, slots=True)
class DepartmentPain:
    """What weighs most where a department's people are counted; `group` may be larger than it."""

    wave: Wave
    label: str
    own: bool
    n: int
    top: Sequence[tuple[ThemeLine, Shown]]


def department_pain(user: User, department: Department, now: dt.datetime) -> DepartmentPain | None:
    """The three themes named most in the smallest published group that holds the department."""
    wave = latest_pain_wave(user, now)
    if wave is None:
        return None
    results = Results(wave)
    keys = {node["key"] for node in wave.frozen_org["nodes"] if node["department"] == department.pk}
    holding = [group for group in results.groups if keys & set(group.members)]
    if not holding:
        return None
    group = min(holding, key=lambda group: group.n)
    cells = [(line, results.cell("Q1", line.theme.code, group)) for line in results.themes()]
    shown = [(line, cell) for line, cell in cells if cell.value]
    top = sorted(shown, key=lambda pair: -(pair[1].value or 0))[:3]
    own = group.level == "node" and group.department_id == department.pk
    return DepartmentPain(wave, results.group_label(group), own, group.n, top)
