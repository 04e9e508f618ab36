"""The gap: what the staff answer beside what heads think that they do, biggest gaps first.

Everything comes from the published cells of two sealed waves, the pulse and the heads' own of the
same half-year. They are shown beside each other and never mixed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from dxportal.accounts.access import Permission, can
from dxportal.accounts.models import User
from dxportal.dashboards.gaps.words import points, sentence
from surveys.choices import Template
from surveys.gap import Pulse, PulseUnit, Statement, pulse
from surveys.models import Wave
from surveys.permissions import seen_groups
from surveys.results import Results

#: Gaps that the panel of the dashboard tells.
PANEL = 3


@dataclass(frozen=True, slots=True)
class GapLine:
    """One statement with its sentence; `points` None: no gap is told."""

    statement: Statement
    points: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class GapBoard:
    """One unit of the newest pulse, biggest gaps first; `units`: what the viewer may choose.

    `hidden`: bureaus of which nothing is published, for those who see bureaus by name.
    """

    wave: Wave
    results: Results
    heads: Results | None
    pulse: Pulse
    unit: PulseUnit
    lines: Sequence[GapLine]
    units: Sequence[PulseUnit]
    hidden: Sequence[str]
    all_names: bool

    @property
    def is_whole(self) -> bool:
        """Whether all staff are shown."""
        return self.unit is self.pulse.top


def latest_pulse(user: User, now: dt.datetime) -> Wave | None:
    """The newest pulse of the staff whose results everybody may see by now."""
    waves = Wave.objects.visible_to(user).shown(now).filter(survey__template=Template.PULSE)
    return waves.filter(too_few=False).select_related("survey").first()


def gap_board(user: User, now: dt.datetime, unit: str = "") -> GapBoard | None:
    """Six statements, eight with a heads' wave; None before the first pulse."""
    wave = latest_pulse(user, now)
    if wave is None:
        return None
    results = Results(wave)
    found = pulse(results, seen_groups(user, wave, results.groups), user, now)
    if found is None:
        return None
    names = can(user, Permission.SEE_CULTURE_NAMES)
    chosen = next((one for one in found.units if one.group.key == unit), found.top)
    return GapBoard(
        wave=wave,
        results=results,
        heads=Results(found.heads) if found.heads else None,
        pulse=found,
        unit=chosen,
        lines=lines_of(chosen, asked=found.heads is not None),
        units=found.units,
        hidden=[row.label for row in results.heat().rows if row.n is None] if names else [],
        all_names=names,
    )


def lines_of(unit: PulseUnit, *, asked: bool) -> list[GapLine]:
    """The biggest gap first, whichever way; where no gap is told, in the survey's order at last."""
    lines = [
        GapLine(
            one,
            points(one.staff, one.heads),
            sentence(one.text, one.staff, one.heads, asked=asked),
        )
        for one in unit.statements
    ]
    return sorted(lines, key=lambda line: -1 if line.points is None else -abs(line.points) - 2)


@dataclass(frozen=True, slots=True)
class GapPanel:
    """The biggest gaps of all staff, for the dashboard; `heads` None: none are published."""

    wave: Wave
    heads: Wave | None
    lines: Sequence[GapLine]


def gap_panel(user: User, now: dt.datetime) -> GapPanel | None:
    """Four statements, seven with a heads' wave; None before the first pulse."""
    wave = latest_pulse(user, now)
    found = pulse(Results(wave), set(), user, now) if wave else None
    if wave is None or found is None:
        return None
    lines = lines_of(found.top, asked=found.heads is not None)
    return GapPanel(wave, found.heads, [line for line in lines if line.points is not None][:PANEL])
