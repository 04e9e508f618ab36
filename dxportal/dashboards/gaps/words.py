"""The gap in a sentence: what the staff say beside what heads think that they say. Plain values.

Only what is published is worded. The gap is told between two numbers; of spans and bounds nothing
is worked out (`surveys.gap`).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from roadmap.choices import Level
from surveys.gap import Positive

#: So many points or fewer are within what rounding to 5 points can make.
CLOSE = 5
#: A department whose head says "firm" while fewer than this share of its staff agree.
LOW = 40


@dataclass(frozen=True, slots=True)
class Declared:
    """How many departments said what of one criterion; `none`: nothing that counts."""

    firm: int
    partly: int
    started: int
    not_started: int
    none: int

    @property
    def answered(self) -> int:
        """Departments with a level."""
        return self.firm + self.partly + self.started + self.not_started

    @property
    def total(self) -> int:
        """All departments."""
        return self.answered + self.none


def points(staff: Positive, heads: Positive) -> int | None:
    """Heads less staff, where both are single numbers."""
    if staff.masked or heads.masked or staff.low != staff.high or heads.low != heads.high:
        return None
    return round(heads.low - staff.low)


def sentence(text: str, staff: Positive, heads: Positive, *, asked: bool) -> str:
    """One statement; `asked`: whether any answers of heads are published."""
    words = {"text": text, "staff": staff.text, "heads": heads.text}
    if staff.masked:
        return _("The staff's answer is not shown: %(reason)s.") % {"reason": staff.reason}
    if not asked:
        return _("%(staff)s of the staff agree. No answers of heads are published.") % words
    if heads.masked:
        return _("%(staff)s of the staff agree. The heads' answer is not shown.") % words
    return _compared(points(staff, heads)) % {**words, "n": abs(points(staff, heads) or 0)}


def _compared(gap: int | None) -> str:
    """The sentence that fits the gap, with its places to fill."""
    if gap is None:
        return _("Staff %(staff)s, heads %(heads)s: no gap is told between ranges.")
    if abs(gap) <= CLOSE:
        return _("Staff %(staff)s, heads %(heads)s: about the same.")
    if gap > 0:
        return _(
            "%(heads)s of the heads think that “%(text)s”, but %(staff)s of the staff do"
            " (a gap of %(n)s points)."
        )
    return _(
        "%(staff)s of the staff say “%(text)s”, but only %(heads)s of the heads think so"
        " (a gap of %(n)s points)."
    )


def declared_sentence(declared: Declared, staff: Positive) -> str:
    """What departments declare beside what the staff say."""
    words = {"firm": declared.firm, "total": declared.answered, "staff": staff.text}
    if not declared.answered:
        return _("No department has confirmed this yet.")
    if staff.masked:
        return (
            _("%(firm)s of %(total)s departments say “firm”; no answer of the staff is published.")
            % words
        )
    return _("%(firm)s of %(total)s departments say “firm”; %(staff)s of the staff agree.") % words


def highest(band: str) -> int:
    """The highest share that a stored band can stand for: "< 40%" is 40, "≥ 60%" is 100."""
    numbers = [
        int(part) for part in band.replace("–", " ").replace("%", " ").split() if part.isdigit()
    ]
    return 100 if "≥" in band or not numbers else max(numbers)


def apart(level: int | None, band: str) -> bool:
    """Whether the head says "firm" and fewer than LOW per cent of the staff agree."""
    return level == Level.FIRM and highest(band) <= LOW
