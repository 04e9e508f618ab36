"""The sentences of a sheet: its finding, what stands below it, and the words it uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dxportal.dashboards.briefing.content import Definition
from roadmap.choices import BriefingKind
from roadmap.timeliness import DUE_DAYS, FOLLOW_UP_DAYS

#: Names in one sentence; the others are counted.
NAMED: Final = 3
#: Letters of a name in a sentence: a title may have 200, and the mayor's sheet is one page.
LONGEST_NAME: Final = 30


def finding(
    departments: int, up: int, down: int, mixed: int, *, compared: bool, hollow: int
) -> str:
    """The one sentence on top; what got worse is always in it.

    `mixed`: up on one staircase and down on the other; they stand in no other count.
    """
    parts = [_moves(departments, up, down, mixed) if compared else _standing(departments)]
    if hollow:
        parts.append(
            ngettext(
                "%(n)d initiative in operation is not used or makes work no easier.",
                "%(n)d initiatives in operation are not used or make work no easier.",
                hollow,
            )
            % {"n": hollow}
        )
    return _joined(parts)


def _standing(departments: int) -> str:
    return ngettext(
        "%(n)d department stands on the staircases; there is no earlier count to compare with.",
        "%(n)d departments stand on the staircases; there is no earlier count to compare with.",
        departments,
    ) % {"n": departments}


def _moves(departments: int, up: int, down: int, mixed: int) -> str:
    words = {"n": departments, "up": up, "down": down, "mixed": mixed}
    if mixed and not up and not down:
        text = _(
            "Of %(n)d departments, %(mixed)d moved up on one staircase and down on the other; the"
            " others stand where they stood."
        )
        return text % words
    if mixed:
        text = _(
            "Of %(n)d departments, %(up)d moved up, %(down)d moved down, and %(mixed)d moved up on"
            " one staircase and down on the other."
        )
        return text % words
    if not up and not down:
        return ngettext(
            "The %(n)d department stands where it stood.",
            "The %(n)d departments stand where they stood.",
            departments,
        ) % {"n": departments}
    if not down:
        return _("Of %(n)d departments, %(up)d moved up and none moved down.") % words
    if not up:
        return _("Of %(n)d departments, %(down)d moved down and none moved up.") % words
    return _("Of %(n)d departments, %(up)d moved up and %(down)d moved down.") % words


def lines(
    down: Sequence[str], mixed: Sequence[str], hollow: Sequence[str], missing: Sequence[str]
) -> tuple[str, ...]:
    """Who got worse, what is not used, who has no position: named, the rest counted."""
    told = (
        (_("Moved down: %(names)s"), down),
        (_("Up on one staircase, down on the other: %(names)s"), mixed),
        (_("Not used or no easier: %(names)s"), hollow),
        (_("Without a position: %(names)s"), missing),
    )
    return tuple(text % {"names": named(names)} for text, names in told if names)


def named(names: Sequence[str], most: int = NAMED) -> str:
    """A、B、C、ほか2; a name longer than a line of a table is cut."""
    text = "、".join(cut(name) for name in names[:most])
    left = len(names) - most
    return text + (_(" and %(n)d more") % {"n": left} if left > 0 else "")


def cut(name: str, longest: int = LONGEST_NAME) -> str:
    """The name with an ellipsis where it is longer."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def _joined(parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return _("%(first)s %(second)s") % {"first": parts[0], "second": parts[1]}


def audience(kind: str) -> str:
    """What the sheet is called in its corner."""
    return {
        BriefingKind.MAYOR: _("Briefing of the mayor (one page)"),
        BriefingKind.BOARD: _("For the DX board"),
        BriefingKind.ASSEMBLY: _("For the assembly"),
    }[BriefingKind(kind)]


def short_audience(kind: str) -> str:
    """The same in the name of a file."""
    return {
        BriefingKind.MAYOR: _("mayor"),
        BriefingKind.BOARD: _("board"),
        BriefingKind.ASSEMBLY: _("assembly"),
    }[BriefingKind(kind)]


def default_purpose(kind: str) -> str:
    """Why one meets, until the office says it better."""
    if kind == BriefingKind.ASSEMBLY:
        return _("To report how far our DX has come and what those who work with it say.")
    return _("To see how far our DX has come, whether work became easier, and to decide what next.")


def source(with_survey: bool) -> str:
    """Where the figures come from, for the footer."""
    if with_survey:
        return _("staff surveys (anonymous, counted from 5 answers on) and departments' own checks")
    return _("departments' own checks")


def definitions(kind: str) -> tuple[Definition, ...]:
    """The words that need one, in the order of the sheet."""
    found = [
        (
            _("Step"),
            _(
                "A step is reached when all its mandatory criteria are firm and not expired. A "
                "department stands on the first step that it has not reached, or on the last one."
            ),
        ),
        (
            _("Firmness"),
            _(
                "The sum of the levels (0 to 3) divided by 3 times the number of criteria. What "
                "nobody answered, and what expired, counts 0."
            ),
        ),
        (
            _("Without a position"),
            _("No criterion has a valid answer. This is not step 1, and not 0."),
        ),
        (
            _("Three months later"),
            _(
                "Those who were meant to use it are asked %(days)d days after go-live. From their "
                "answers follows one of: took root, to support, to rethink, not used, too few."
            )
            % {"days": FOLLOW_UP_DAYS},
        ),
        (
            _("Pain points"),
            _(
                "Share of those who answered and named it first. A dash: fewer than 5 people, or "
                "it could be worked out from other numbers."
            ),
        ),
    ]
    if kind == BriefingKind.BOARD:
        found.append(
            (
                _("Not heard of"),
                _("Nobody has reported on the initiative for more than %(days)d days.")
                % {"days": DUE_DAYS},
            )
        )
    if kind != BriefingKind.MAYOR:
        found.append(
            (
                _("Culture"),
                _("Told as a distribution only: how many departments stand on which step."),
            )
        )
    return tuple(Definition(term, meaning) for term, meaning in found)


def title() -> str:
    """The heading of every sheet."""
    return _("The staircases to DX")


def office() -> str:
    """Who made it, where the person belongs to no department."""
    return _("DX office")
