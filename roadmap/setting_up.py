"""How far the set-up of a municipality is."""

from __future__ import annotations

from dataclasses import dataclass

from dxportal.accounts.models import User
from roadmap.choices import SetUpStep, StepMark
from roadmap.models import SetUp

STEPS = tuple(SetUpStep.values)


@dataclass(frozen=True)
class Progress:
    """Marks by step. `asked`: the municipality is asked to set up, and has not said “not now”."""

    marks: dict[str, str]
    asked: bool

    @property
    def settled(self) -> int:
        """How many steps are done or left for later."""
        return sum(step in self.marks for step in STEPS)

    @property
    def total(self) -> int:
        """How many there are."""
        return len(STEPS)

    @property
    def finished(self) -> bool:
        """Whether every step is settled."""
        return self.settled == self.total

    @property
    def open(self) -> bool:
        """Whether somebody should still be reminded of it."""
        return self.asked and not self.finished

    @property
    def next_step(self) -> str:
        """The first step that is not settled; else the first left for later; "" at the end."""
        waiting = [step for step in STEPS if step not in self.marks]
        waiting += [step for step in STEPS if self.marks.get(step) == StepMark.SKIPPED]
        return waiting[0] if waiting else ""


def progress_of(user: User) -> Progress:
    """Of the user's municipality; one query."""
    found = SetUp.objects.filter(municipality_id=user.municipality_id or 0).first()
    if found is None:
        return Progress({}, asked=False)
    return Progress(dict(found.steps), asked=not found.dismissed)
