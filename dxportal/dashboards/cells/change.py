"""What would change the level of a criterion, in one sentence a source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dxportal.dashboards.cells.states import CriterionState
from roadmap.choices import CriterionSource, Direction, InitiativeMeasure, Level
from roadmap.initiative_counts import Count, still_needed
from roadmap.measuring import written
from roadmap.thresholds import Threshold

#: A day as the reader's municipality writes it.
SayDay = Callable[[date], str]


def what_changes(state: CriterionState, say: SayDay) -> str:
    """The sentence under a criterion: what is missing, what is asked, when it ends."""
    if state.broken:
        return _("Its thresholds cannot be used; the DX office has to correct them.")
    sentences = {
        CriterionSource.DECLARED: _declared,
        CriterionSource.SURVEY: _surveyed,
        CriterionSource.INDICATOR: _read,
        CriterionSource.INITIATIVE: _counted,
    }
    return sentences[CriterionSource(state.criterion.source)](state, say)


def _waiting(state: CriterionState, say: SayDay) -> str:
    """Where the office waits for an answer, as far as the viewer is told."""
    if state.asked is None:
        return _("It does not count now; it counts again when the head confirms it.")
    values = {"due": say(state.asked.due_on)}
    if state.asked_back:
        return _("It does not count until the DX office is answered, by %(due)s.") % values
    return _("The DX office asks for evidence by %(due)s.") % values


def _declared(state: CriterionState, say: SayDay) -> str:
    if state.asked is not None or state.held:
        return _waiting(state, say)
    if state.level is None or state.expires_on is None:
        return _("The head confirms it; level 3 needs evidence.")
    values = {"day": say(state.expires_on)}
    if state.expired:
        return _("It expired on %(day)s and counts again when the head confirms it.") % values
    if state.level < Level.FIRM:
        return _("Level 3: the head confirms it with evidence. It expires on %(day)s.") % values
    return _("It expires on %(day)s unless it is confirmed again before.") % values


def _surveyed(state: CriterionState, say: SayDay) -> str:
    if state.level is None or state.expires_on is None:
        return _("A published survey of the staff with enough answers gives it a level.")
    values = {"day": say(state.expires_on), "now": state.share_band}
    if state.expired:
        return _("It expired on %(day)s; the next published survey gives it a level.") % values
    if state.level < Level.FIRM and state.threshold is not None:
        level, needed = _next(state.level, state.threshold)
        values |= {"level": str(level), "needed": written(needed)}
        if not state.share_band:
            return (
                _("To level %(level)s: %(needed)s%% have to agree. It expires on %(day)s.") % values
            )
        return (
            _("To level %(level)s: %(now)s agree, %(needed)s%% are needed. It expires on %(day)s.")
            % values
        )
    return _("It expires on %(day)s unless the staff are asked again before.") % values


def _read(state: CriterionState, say: SayDay) -> str:
    if state.reading is None or state.expires_on is None or state.threshold is None:
        return _("A figure, entered or sent by a system, gives it a level.")
    values = {"day": say(state.expires_on), "now": state.value}
    if state.expired:
        return _("The figure expired on %(day)s; a new one gives it a level.") % values
    if state.level is None or state.level >= Level.FIRM:
        return _("The figure expires on %(day)s unless a new one comes before.") % values
    level, needed = _next(state.level, state.threshold)
    values |= {"level": str(level), "needed": f"{written(needed)}{state.criterion.unit}"}
    if state.threshold.direction == Direction.DOWN:
        return (
            _("To level %(level)s: %(now)s now, at most %(needed)s. It expires on %(day)s.")
            % values
        )
    return _("To level %(level)s: %(now)s → %(needed)s needed. It expires on %(day)s.") % values


def _counted(state: CriterionState, _say: SayDay) -> str:
    measure, found = state.criterion.measure, state.count or Count(0, 0)
    if state.level is None or state.threshold is None:
        if measure == InitiativeMeasure.STOPPED:
            return _("An initiative that goes live, or that ends old work, gives it a level.")
        return _("An initiative that has been in operation for 90 days gives it a level.")
    if state.level >= Level.FIRM:
        return _kept(measure, found)
    level, _needed = _next(state.level, state.threshold)
    more = still_needed(measure, found, state.threshold, level)
    values = {"level": level, "whole": found.whole, "part": found.part, "more": more}
    if measure == InitiativeMeasure.STOPPED:
        words = ngettext(
            "To level %(level)s: one more piece of old work is ended (%(part)s now).",
            "To level %(level)s: %(more)s more pieces of old work are ended (%(part)s now).",
            more,
        )
    elif measure == InitiativeMeasure.ESTABLISHED:
        words = ngettext(
            "To level %(level)s: %(more)s more of %(whole)s initiatives takes root (%(part)s now).",
            "To level %(level)s: %(more)s more of %(whole)s initiatives take root (%(part)s now).",
            more,
        )
    else:
        words = ngettext(
            "To level %(level)s: the staff are asked again about %(more)s more of %(whole)s "
            "initiatives and it is decided what follows (%(part)s now).",
            "To level %(level)s: the staff are asked again about %(more)s more of %(whole)s "
            "initiatives and it is decided what follows (%(part)s now).",
            more,
        )
    return words % values


def _kept(measure: str, found: Count) -> str:
    values = {"part": found.part, "whole": found.whole}
    if measure == InitiativeMeasure.STOPPED:
        return _("It stays: %(part)s pieces of old work were ended.") % values
    return _("It stays while enough of the initiatives count: %(part)s of %(whole)s now.") % values


def _next(level: int, threshold: Threshold) -> tuple[int, Decimal]:
    """The next level that asks for more than the present one, and its number."""
    for number, above in reversed(threshold.steps):
        if above > level:
            return int(above), number
    return int(Level.FIRM), threshold.firm
