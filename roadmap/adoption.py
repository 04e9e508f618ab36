"""Whether an initiative has taken root: one state from phase, verdict and measured use.

`as_of` is always a parameter. The word 完了 is not used: going live is never done (rule 6).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from dxportal.shared.workdays import on_or_after
from roadmap.choices import LAUNCHED_PHASES, AdoptionState, Phase, Verdict
from roadmap.timeliness import FOLLOW_UP_DAYS

#: 形骸化の疑い (domain 3.6): a mark beside the state, not a state of its own.
HOLLOW: Final = (AdoptionState.UNUSED, AdoptionState.RETHINK, AdoptionState.CONTRADICTED)


@dataclass(frozen=True, slots=True)
class Found:
    """The newest verdict since the go-live."""

    verdict: str
    on: dt.date
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Adoption:
    """The state with what stands beside it.

    on: the day of the verdict. next_on: when staff are asked, where nobody was asked yet. kept: it
    took root before, and the newest asking brought too few answers.
    """

    state: AdoptionState
    on: dt.date | None = None
    next_on: dt.date | None = None
    declared: bool = False
    kept: bool = False

    @property
    def hollow(self) -> bool:
        """Whether it may exist on paper only."""
        return self.state in HOLLOW

    @property
    def took_root(self) -> bool:
        """Whether it may be counted as established."""
        return self.state == AdoptionState.ESTABLISHED

    @property
    def words(self) -> str:
        """使われず（申告、形骸化の疑い）: for files; empty where there is nothing to say."""
        beside = [
            *([_("declared")] if self.declared else []),
            *([_("it had taken root before")] if self.kept else []),
            *([_("may be hollow")] if self.hollow else []),
        ]
        if not self or not beside:
            return str(self.state.label) if self else ""
        return _("%(state)s (%(beside)s)") % {
            "state": self.state.label,
            "beside": _(", ").join(beside),
        }

    def __bool__(self) -> bool:
        """Whether there is anything to say: not before the go-live, not after the stop."""
        return self.state != AdoptionState.NONE


def adoption(
    phase: str,
    launched_on: dt.date | None,
    found: Found | None,
    as_of: dt.date,
    *,
    use_is_zero: bool = False,
) -> Adoption:
    """What may be said about its adoption.

    Being asked comes before an older verdict, a verdict before the dates. `use_is_zero`: the
    newest value of an indicator of its use is 0 (`measuring.use_is_zero`).
    """
    if phase == Phase.STOPPED:
        return Adoption(AdoptionState.NONE)
    if phase == Phase.CHECKING:
        return Adoption(AdoptionState.CHECKING)
    if found is not None and found.on <= as_of:
        return _judged(phase, found, use_is_zero=use_is_zero)
    return (
        _unasked(launched_on, as_of) if phase in LAUNCHED_PHASES else Adoption(AdoptionState.NONE)
    )


def _unasked(launched_on: dt.date | None, as_of: dt.date) -> Adoption:
    """Nobody was asked since the go-live: still time, or unconfirmed as `timeliness` says it."""
    if launched_on is None:
        return Adoption(AdoptionState.WAITING)
    ninetieth = launched_on + dt.timedelta(days=FOLLOW_UP_DAYS)
    if as_of >= ninetieth:
        return Adoption(AdoptionState.UNCONFIRMED)
    return Adoption(AdoptionState.WAITING, next_on=on_or_after(ninetieth))


def _judged(phase: str, found: Found, *, use_is_zero: bool) -> Adoption:
    state = AdoptionState(found.verdict)
    if state == AdoptionState.ESTABLISHED and use_is_zero:
        state = AdoptionState.CONTRADICTED
    kept = phase == Phase.ESTABLISHED and state == AdoptionState.TOO_FEW
    return Adoption(state, on=found.on, declared=found.declared, kept=kept)


def phase_after(phase: str, verdict: str, *, use_is_zero: bool = False) -> Phase | None:
    """The phase that a new verdict sets; None: the phase stays.

    Took root: established, unless nobody uses it by its own figures. Any other answer ends the
    asking, and what had been established stands no more. Too few answers tell nothing new: what
    was established stays so. What is on hold or stopped stays that.
    """
    if verdict == Verdict.ESTABLISHED and not use_is_zero:
        return None if phase == Phase.ESTABLISHED else Phase.ESTABLISHED
    if phase == Phase.CHECKING:
        return Phase.LIVE
    if phase == Phase.ESTABLISHED and (verdict != Verdict.TOO_FEW or use_is_zero):
        return Phase.LIVE
    return None
