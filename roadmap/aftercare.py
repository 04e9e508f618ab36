"""What follows from a verdict: which care is suggested, by when, and when staff are asked again.

The product's own proposal (ux 6.8: fix, train, stop, ask again); people choose, rules suggest.
"""

import datetime as dt
from typing import Final

from dxportal.shared.workdays import on_or_after
from roadmap.choices import TaskChoice, Verdict
from roadmap.timeliness import FOLLOW_UP_DAYS

#: A verdict wants an answer within so many days.
DUE_DAYS: Final = 30

#: Not used by 30 % a week: to go on without a decision costs most, so stopping is named first.
#: More burdened than relieved: the thing itself is to be changed. Used, but not enough or beside
#: the old way: people need help. Too few answers say nothing: they are asked for once more.
SUGGESTED: Final = {
    Verdict.UNUSED: TaskChoice.STOP,
    Verdict.RETHINK: TaskChoice.FIX,
    Verdict.SUPPORT: TaskChoice.TRAIN,
    Verdict.TOO_FEW: TaskChoice.ASK_AGAIN,
    Verdict.ESTABLISHED: TaskChoice.PASS_ON,
}
#: What was changed in between is asked about again.
CHANGING: Final = (TaskChoice.FIX, TaskChoice.TRAIN)


def suggested(verdict: str) -> TaskChoice:
    """The care that a verdict suggests."""
    return SUGGESTED[Verdict(verdict)]


def due_day(on: dt.date) -> dt.date:
    """30 days after the verdict, moved on to a working day."""
    return on_or_after(on + dt.timedelta(days=DUE_DAYS))


def ask_on(choice: str, due_on: dt.date, done_on: dt.date | None) -> dt.date | None:
    """When staff are asked again because of it; None where nobody is to be asked.

    Asking again: on its own date. Something fixed, people trained: 90 days after it was done, as
    after a go-live, on a working day.
    """
    if choice == TaskChoice.ASK_AGAIN:
        return due_on
    if choice in CHANGING and done_on is not None:
        return on_or_after(done_on + dt.timedelta(days=FOLLOW_UP_DAYS))
    return None
