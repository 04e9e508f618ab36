"""By which rules a snapshot was counted: every version of the roll-up with what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Method:
    """One version of the rules."""

    version: str
    changed: _StrPromise


#: The oldest first; snapshots carry the version, and the first count by a new one is a full one.
METHODS: Final = (
    Method("2026.1", _("Levels, steps reached and positions are counted from confirmed criteria.")),
    Method(
        "2026.2", _("Milestones and indicators that are behind make an initiative late as well.")
    ),
    Method("2026.3", _("“Asked again” counts a verdict only once it was decided what follows.")),
    Method(
        "2026.4",
        _(
            "Criteria are those of the version of the staircase that applies on the day. Figures "
            "and initiatives give a level by their numbers, what was asked back counts only once "
            "it is answered, and sums of bureaus and of the whole are kept."
        ),
    ),
    Method("2026.5", _("A past day is counted without initiatives that began later.")),
)
#: Version of the rules in rollup_sql.
METHOD: Final = METHODS[-1].version
