"""Questions of templates that other figures are made of: kind and answers stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Sentence = str | _StrPromise

_BURDEN: Final = _("Without it, hours a week are not estimated.")
_VERDICT: Final = _("The verdict of the follow-up needs it, so it is always asked of everybody.")
_THEMES: Final = _("Without it, nothing is counted by theme.")
_LEVEL: Final = _("Criteria and the comparison with the heads need it, so everybody is asked.")

#: Template → code of the question → what is lost without it, or why it is always asked.
TIED: Final[Mapping[str, Mapping[str, Sentence]]] = {
    "pain": {"Q1": _THEMES, "Q3": _BURDEN, "Q4": _BURDEN},
    "intake": {"Q1": _THEMES},
    "follow_up": dict.fromkeys(("F1", "F2", "F4"), _VERDICT),
    "pulse": {f"P{number}": _LEVEL for number in range(1, 10)},
    "pulse_heads": {f"P{number}": _LEVEL for number in range(1, 10)},
}

#: Templates whose tied questions are always asked of everybody: levels and verdicts are shares of
#: all who answered, and a question that was not put would count as a "no".
ALWAYS: Final = frozenset({"follow_up", "pulse", "pulse_heads"})


def is_tied(template: str, code: str) -> bool:
    """Whether figures are made of the codes of this question's answers."""
    return code in TIED.get(template, {})


def is_needed(template: str, code: str) -> bool:
    """Whether the question is always asked, of everybody."""
    return template in ALWAYS and is_tied(template, code)


def lost_without(template: str, code: str) -> str:
    """What hangs on the question; nothing where it is not tied."""
    return str(TIED.get(template, {}).get(code, ""))
