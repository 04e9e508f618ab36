"""Questions of templates that other figures are made of: kind and answers stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Sentence = str | _StrPromise

_BURDEN: Final = _("Without it, hours a week are not estimated.")
_VERDICT: Final = _("Without it, the follow-up ends without a verdict.")
_THEMES: Final = _("Without it, nothing is counted by theme.")
_LEVEL: Final = _("Without it, criteria and the comparison with the heads lack this statement.")

#: Template → code of the question → what is lost without it.
TIED: Final[Mapping[str, Mapping[str, Sentence]]] = {
    "pain": {"Q1": _THEMES, "Q3": _BURDEN, "Q4": _BURDEN},
    "intake": {"Q1": _THEMES},
    "follow_up": dict.fromkeys(("F1", "F2", "F4"), _VERDICT),
    "pulse": {f"P{number}": _LEVEL for number in range(1, 10)},
    "pulse_heads": {f"P{number}": _LEVEL for number in range(1, 10)},
}


def is_tied(template: str, code: str) -> bool:
    """Whether figures are made of the codes of this question's answers."""
    return code in TIED.get(template, {})


def lost_without(template: str, code: str) -> str:
    """What is lost when the question is no longer asked; nothing where it is not tied."""
    return str(TIED.get(template, {}).get(code, ""))
