"""Which figures there are, who may open each, and what builds its page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dxportal.accounts.access import Permission
from dxportal.dashboards.board import opened_surveys
from dxportal.dashboards.board.decisions import LABELS
from dxportal.dashboards.board.department_rows import (
    SHOW_LABELS,
    DepartmentRow,
    Filters,
    matching,
    rows_of,
)
from dxportal.dashboards.board.health import NOTHING, Health
from dxportal.dashboards.board.opened import (
    Asking,
    Opened,
    Part,
    decision,
    hollow,
    initiatives,
    judged,
    rooted,
)
from dxportal.dashboards.board.standing import Scenes, scenes
from roadmap.choices import Axis

Build = Callable[[Asking, str], Opened | None]
#: Of departments without a place the reason stands in the row, of the others their step.
_RULES: Final = {
    "missing": "missing",
    "placed": "position",
    "known": "position",
    "topped": "position",
}
MOVED: Final = ("up", "down", "mixed", "same")
_TITLES: Final = {
    "up": gettext_lazy("Departments that moved up"),
    "down": gettext_lazy("Departments that moved down"),
    "mixed": gettext_lazy("Departments that rose on one axis and fell on the other"),
    "same": gettext_lazy("Departments that did not move"),
    "placed": gettext_lazy("Departments with a position"),
    "known": gettext_lazy("Departments with a position on one axis at least"),
    "missing": gettext_lazy("Departments without a position"),
    "topped": gettext_lazy("Departments that have reached every step of technology"),
}


def by_step(asking: Asking, name: str) -> Opened | None:
    """Departments counted by technology step, without names: for those who see none."""
    found = scenes(asking.user, asking.moment, asking.then)
    rows = rows_of(found, Health(NOTHING, {}), with_culture=False)
    chosen = matching(rows, Filters(show=name), with_culture=False)
    if found.now is None:
        return None
    counts = Counter(_group(row, name, found) for row in chosen)
    return Opened(
        name,
        str(_TITLES[name]),
        [Part(label, number) for label, number in sorted(counts.items())],
        _RULES.get(name, "moved"),
        head=_("Without names"),
        value_head=_("Departments"),
    )


def _group(row: DepartmentRow, name: str, found: Scenes) -> str:
    """In which line a department is counted."""
    if name == "missing":
        return str(SHOW_LABELS[f"missing-{row.missing}"])
    steps = {s.step: s.name for s in found.now.of_axis(Axis.TECHNOLOGY)} if found.now else {}
    at = row.technology.current if row.technology else 0
    words = {"step": at, "name": steps.get(at, "")}
    text = _("Step %(step)s %(name)s") % words
    if name in MOVED and row.before.technology:
        return _("From step %(before)s to %(now)s") % {
            "before": row.before.technology.current,
            "now": text,
        }
    return text


#: Name → (who may open it, what builds it).
FIGURES: Final[Mapping[str, tuple[Permission, Build]]] = {
    **dict.fromkeys(
        ("initiatives", "late", "behind", "unconfirmed", "unknown", "hurry"),
        (Permission.SEE_INITIATIVES, initiatives),
    ),
    "judged": (Permission.SEE_INITIATIVES, judged),
    "rooted": (Permission.SEE_INITIATIVES, rooted),
    "hollow": (Permission.SEE_INITIATIVES, hollow),
    "follow-up": (Permission.SEE_RESULTS, opened_surveys.follow_up),
    "easier": (Permission.SEE_RESULTS, opened_surveys.easier),
    "hours": (Permission.SEE_RESULTS, opened_surveys.hours),
    "replies": (Permission.SEE_RESULTS, opened_surveys.replies),
    "unreplied": (Permission.SEE_RESULTS, opened_surveys.replies),
    "response": (Permission.SEE_RESULTS, opened_surveys.response),
    "pain": (Permission.SEE_RESULTS, opened_surveys.pain),
    **dict.fromkeys(LABELS, (Permission.SEE_ESCALATIONS, decision)),
    **dict.fromkeys((*MOVED, *_RULES), (Permission.SEE_DISTRIBUTION, by_step)),
}
