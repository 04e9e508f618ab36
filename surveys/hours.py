"""Hours a week of a pain wave: by theme, by theme and unit, as stored ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from surveys.figures import Range, range_on
from surveys.models import SegmentGroup, ThemeBurden, Wave
from surveys.results import HEAT_COLUMNS, NOTHING, ThemeLine, hours_text


@dataclass(frozen=True, slots=True)
class Hours:
    """One stored range of hours a week, or none, with its place in the picture."""

    theme: str
    text: str
    reason: str
    low: float | None = None
    high: float | None = None
    range: Range | None = None


@dataclass(frozen=True, slots=True)
class HoursRow:
    """One unit's hours by theme."""

    group: SegmentGroup
    label: str
    depth: int
    cells: Sequence[Hours]


@dataclass(frozen=True, slots=True)
class HoursPanel:
    """One theme in the units directly below the top, most hours first."""

    theme: ThemeLine
    rows: Sequence[tuple[str, Hours]]


@dataclass(frozen=True, slots=True)
class Burden:
    """Hours a week: by theme, by theme and unit."""

    lines: Sequence[tuple[ThemeLine, Range | None]]
    light: Sequence[ThemeLine]
    columns: Sequence[ThemeLine]
    rows: Sequence[HoursRow]
    panels: Sequence[HoursPanel]


def burden(
    wave: Wave, themes: Sequence[ThemeLine], groups: Sequence[tuple[SegmentGroup, str, int]]
) -> Burden | None:
    """Everything that is stored of it, heaviest theme first; one statement.

    `groups`: each with its label and how far below the top it stands.
    """
    if not themes:
        return None
    stored = {(row.group_id, row.theme_id): row for row in wave.burdens.all()}
    highest = max((line.hours_high or 0 for line in themes), default=0)
    heavy = [line for line in themes if line.weighs]
    lines = [
        (line, range_on(line.hours_low or 0, line.hours_high or 0, highest) if line.hours else None)
        for line in heavy
    ]
    below = [entry for entry in groups if entry[2] > 0]
    columns = [
        line for line in heavy if any((g.pk, line.theme.pk) in stored for g, _l, _d in below)
    ]
    rows = [
        HoursRow(group, label, depth, [_hours(stored, group, line) for line in columns])
        for group, label, depth in below
    ]
    light = [line for line in themes if not line.weighs]
    return Burden(lines, light, columns, rows, _panels(columns, rows))


def _hours(
    stored: Mapping[tuple[int, int], ThemeBurden], group: SegmentGroup, line: ThemeLine
) -> Hours:
    row = stored.get((group.pk, line.theme.pk))
    if row is None:
        reason = _("too few told it, or it could be worked out from other numbers")
        return Hours(line.theme.code, NOTHING, reason)
    text = hours_text(row.hours_low, row.hours_high)
    return Hours(line.theme.code, text, "", row.hours_low, row.hours_high)


def _panels(columns: Sequence[ThemeLine], rows: Sequence[HoursRow]) -> list[HoursPanel]:
    """The heaviest themes, unit by unit, all on one scale."""
    direct = [row for row in rows if row.depth == 1]
    highest = max((c.high or 0 for row in direct for c in row.cells[:HEAT_COLUMNS]), default=0)
    panels = []
    for place, line in enumerate(columns[:HEAT_COLUMNS]):
        told = [(row.label, row.cells[place]) for row in direct if row.cells[place].text != NOTHING]
        told.sort(key=lambda pair: (-(pair[1].high or 0), -(pair[1].low or 0), pair[0]))
        drawn = [
            (label, replace(c, range=range_on(c.low or 0, c.high or 0, highest)))
            for label, c in told
        ]
        if drawn:
            panels.append(HoursPanel(line, drawn))
    return panels
