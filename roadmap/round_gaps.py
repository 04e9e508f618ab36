"""What a department still owes in a round: pure rules over the facts of its initiatives."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from roadmap.choices import CLOSED_PHASES, Progress


@dataclass(frozen=True, slots=True)
class Facts:
    """What one initiative's latest report says; empty words before the first one."""

    phase: str
    progress: str
    cause: str
    next_step: str
    last_report: dt.date | None


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing before the department is ready to submit."""

    unreported: bool = False
    without_care: bool = False

    def __bool__(self) -> bool:
        """Whether anything is missing."""
        return self.unreported or self.without_care


def gap(facts: Facts, opened_on: dt.date) -> Gap:
    """No report since the round opened (変わりなし is one), or late without cause and next step.

    Those that took root or were stopped owe nothing. Missing fields do not hold a department up:
    only the DX office changes fields.
    """
    if facts.phase in CLOSED_PHASES:
        return Gap()
    late = facts.progress == Progress.LATE
    return Gap(
        unreported=facts.last_report is None or facts.last_report < opened_on,
        without_care=late and not (facts.cause and facts.next_step),
    )


def days_left(due_on: dt.date, day: dt.date) -> int:
    """0 on the last day, negative afterwards."""
    return (due_on - day).days
