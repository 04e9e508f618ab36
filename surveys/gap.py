"""How many agree, unit by unit, and how far heads see it otherwise: from stored cells alone."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.models import User
from dxportal.shared import fiscal
from surveys.choices import QuestionKind, Template
from surveys.content import POSITIVE
from surveys.figures import Dots, dots
from surveys.models import CellTally, SegmentGroup, Wave
from surveys.partition import ALL
from surveys.results import NOTHING, Results, label_of

#: Fewer units shown, and a distribution would be a list.
MIN_SPREAD = 3
#: A span wider than this says too little to be called a share.
WIDEST = 30
#: Lowest share of each step of the distribution, highest first (architecture, rule 3).
STEPS = (60, 50, 40, 0)


@dataclass(frozen=True, slots=True)
class Positive:
    """The share that agrees: what the stored cells of both positive answers allow."""

    low: float = 0
    high: float = 100
    masked: bool = True
    reason: str = ""

    @property
    def text(self) -> str:
        """A number, a span, or a bound in words."""
        if self.masked:
            return NOTHING
        if self.low == self.high:
            return f"{self.low:g}%"
        if self.high == 100:
            return _("%(percent)s%% or more") % {"percent": f"{self.low:g}"}
        if self.low == 0:
            return _("%(percent)s%% or less") % {"percent": f"{self.high:g}"}
        return f"{self.low:g}–{self.high:g}%"

    @property
    def span(self) -> tuple[float, float] | None:
        """Both ends, for drawing."""
        return None if self.masked else (self.low, self.high)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement in one unit: staff, heads, and the gap between them."""

    code: str
    text: str
    staff: Positive
    heads: Positive
    gap: str
    dots: Dots


@dataclass(frozen=True, slots=True)
class PulseUnit:
    """One unit; `heads_from` names whose heads answered where they are not the unit's own."""

    group: SegmentGroup
    label: str
    heads_n: int | None
    heads_from: str
    statements: Sequence[Statement]


@dataclass(frozen=True, slots=True)
class Spread:
    """One statement: how many units stand in each step, without names."""

    text: str
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Pulse:
    """All staff, the units that this reader sees by name, the distribution of all."""

    top: PulseUnit
    units: Sequence[PulseUnit]
    spread: Sequence[Spread]
    heads: Wave | None


def pulse(results: Results, seen: set[str], user: User, now: dt.datetime) -> Pulse | None:
    """The culture pulse of a wave; None for other surveys. Four statements."""
    top = results.everybody
    if top is None or results.definition["template"] != Template.PULSE:
        return None
    wave = heads_wave(user, results.wave, now)
    heads = Results(wave) if wave else None
    units = [g for g in results.groups if g.key != ALL]
    direct = [group for group in units if group.parent_key == ALL]
    return Pulse(
        _unit(results, top, heads),
        [_unit(results, group, heads) for group in units if _named(group, seen, direct)],
        spread(results, direct),
        wave,
    )


def _named(group: SegmentGroup, seen: set[str], direct: Sequence[SegmentGroup]) -> bool:
    """Units directly below the top; of those below them only where their own is not seen."""
    if group.key not in seen:
        return False
    return group in direct or group.parent_key not in seen


def heads_wave(user: User, wave: Wave, now: dt.datetime) -> Wave | None:
    """The published heads' wave of the same half of the fiscal year, nearest in time."""
    found = Wave.objects.visible_to(user).shown(now).select_related("survey")
    own = _half(wave)
    same = [
        other
        for other in found.filter(survey__template=Template.PULSE_HEADS, too_few=False)[:12]
        if _half(other) == own
    ]
    return min(same, key=lambda other: abs(other.closes_at - wave.closes_at), default=None)


def _half(wave: Wave) -> tuple[int, int]:
    day = timezone.localdate(wave.closes_at)
    return fiscal.fiscal_year(day), (fiscal.quarter(day) + 1) // 2


def _unit(results: Results, group: SegmentGroup, heads: Results | None) -> PulseUnit:
    of, mark = _heads_of(group, heads)
    statements = []
    for question in results.definition["questions"]:
        if question["kind"] != QuestionKind.SCALE:
            continue
        code = question["code"]
        staff = positive(results, code, group)
        theirs = positive(heads, code, of) if heads and of else Positive()
        statements.append(
            Statement(
                code,
                label_of(question, "text"),
                staff,
                theirs,
                gap_text(staff, theirs),
                dots(staff.span, theirs.span),
            )
        )
    return PulseUnit(group, results.group_label(group), of.n if of else None, mark, statements)


def _heads_of(group: SegmentGroup, heads: Results | None) -> tuple[SegmentGroup | None, str]:
    """The published group of the unit's own heads, otherwise all heads, which is marked."""
    if heads is None:
        return None, ""
    if group.key != ALL and group.department_id is not None:
        for other in heads.groups:
            if other.department_id == group.department_id and other.level == "node":
                return other, ""
    return heads.everybody, "" if group.key == ALL else _("heads of the whole municipality")


def positive(results: Results, question: str, group: SegmentGroup) -> Positive:
    """Both positive answers together; nothing where one of the two is not shown.

    Every reader can add up the two stored cells, so nothing new is told. Exact counts of all staff
    are added before the share is taken. Bounds stay bounds: 40 % and "20 % or less" are 40-60 %.
    """
    row = results.row(question, group)
    cells = [row.get(code) for code in POSITIVE]
    spans = [_span(cell, group.n, results.wave.k_cell) for cell in cells]
    if any(span is None for span in spans):
        return Positive(reason=_("one of the two positive answers is not shown"))
    low = min(sum(span[0] for span in spans if span), 100.0)
    high = min(sum(span[1] for span in spans if span), 100.0)
    if high - low > WIDEST and low > 0 and high < 100:
        return Positive(reason=_("the stored answers leave too wide a span"))
    if (low, high) == (0, 100):
        return Positive(reason=_("the stored answers leave too wide a span"))
    low, high = round(low), round(high)
    return Positive(low, high, masked=False)


def _span(cell: CellTally | None, n: int, k: int) -> tuple[float, float] | None:
    """Lowest and highest share that a stored cell stands for, as it is printed."""
    if cell is None:
        return None
    if cell.count is not None:
        return 100 * cell.count / n, 100 * cell.count / n
    if cell.below_k:
        return 0, 100 * (k - 1) / n
    if cell.percent is None:
        return None
    if cell.bound == "at_least":
        return cell.percent, 100
    return (0, cell.percent) if cell.bound == "at_most" else (cell.percent, cell.percent)


def gap_text(staff: Positive, heads: Positive) -> str:
    """The gap between two numbers; of spans and bounds nothing is worked out."""
    if staff.masked or heads.masked or staff.low != staff.high or heads.low != heads.high:
        return NOTHING
    points = round(heads.low - staff.low)
    if points == 0:
        return _("the same")
    if points > 0:
        return _("heads %(n)s points higher") % {"n": points}
    return _("heads %(n)s points lower") % {"n": -points}


def spread(results: Results, units: Sequence[SegmentGroup]) -> list[Spread]:
    """How many units stand at 60, 50, 40 % or less, and of how many that cannot be said."""
    rows = []
    for question in results.definition["questions"]:
        if question["kind"] != QuestionKind.SCALE:
            continue
        steps = Counter(_step(positive(results, question["code"], group)) for group in units)
        if sum(n for step, n in steps.items() if step is not None) >= MIN_SPREAD:
            counts = [steps[step] for step in STEPS]
            rows.append(Spread(label_of(question, "text"), [*counts, steps[None]]))
    return rows


def _step(share: Positive) -> int | None:
    """The step that both ends stand in; None where they do not, or nothing is shown."""
    if share.masked:
        return None
    low, high = (next(step for step in STEPS if end >= step) for end in (share.low, share.high))
    return low if low == high else None
