"""Subtraction and addition: how many initiatives of each kind, and the sentences that say it.

Cutting work (ICT) and creating value (DX) are different, and both are counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from roadmap.choices import LAUNCHED_PHASES, InitiativeKind, Phase


@dataclass(frozen=True, slots=True)
class Part:
    """One initiative: its kind ("" where nobody has said), its phase, whether it is verified."""

    kind: str
    phase: str
    verified: bool = False


def counts(parts: Iterable[Part]) -> dict[str, dict[str, int]]:
    """Kind ("" last) → phase → how many."""
    held = {kind: dict.fromkeys(Phase.values, 0) for kind in (*InitiativeKind.values, "")}
    for part in parts:
        held[part.kind][part.phase] += 1
    return held


def sentences(parts: Iterable[Part]) -> list[str]:
    """What goes on, by kind; then the first thing that is missing; then what was stopped.

    Missing, in this order: a kind, one of the two kinds at all, an addition in operation, a
    verified effect of what is in operation.
    """
    found = list(parts)
    going = [part for part in found if part.phase != Phase.STOPPED]
    if not found:
        return [_("There is no initiative yet.")]
    said = [
        _("Of what goes on, %(cut)d cut work and %(add)d create value.")
        % {
            "cut": _number(going, InitiativeKind.SUBTRACT),
            "add": _number(going, InitiativeKind.ADD),
        }
    ]
    missing = _missing(going)
    said += [missing] if missing else []
    stopped = len(found) - len(going)
    said += [_("%(count)d were stopped.") % {"count": stopped}] if stopped else []
    return said


def _number(parts: Iterable[Part], kind: str) -> int:
    return sum(part.kind == kind for part in parts)


def _missing(going: list[Part]) -> str:
    launched = [part for part in going if part.phase in LAUNCHED_PHASES]
    if unsaid := _number(going, ""):
        return _("Of %(count)d nobody has said the kind.") % {"count": unsaid}
    if going and not _number(going, InitiativeKind.ADD):
        return _("Nothing creates value yet.")
    if going and not _number(going, InitiativeKind.SUBTRACT):
        return _("Nothing cuts work yet.")
    if going and not _number(launched, InitiativeKind.ADD):
        return _("Nothing that creates value is in operation yet.")
    if launched and not any(part.verified for part in launched):
        return _("No effect of what is in operation has been verified yet.")
    return ""
