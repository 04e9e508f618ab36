"""The key figures of a sheet in words: counts are counts, hours come from their own rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dxportal.accounts.models import User
from dxportal.dashboards.adoption import AdoptionRow
from dxportal.dashboards.board.health import Counts
from dxportal.dashboards.briefing.content import Figure, Published
from dxportal.dashboards.painpoints import PainSummary
from dxportal.dashboards.value_page import line_rows, load_ledger
from roadmap.choices import Standing

NONE = "–"


def key_figures(
    user: User,
    counts: Counts,
    told: Sequence[AdoptionRow],
    pain: PainSummary | None,
    as_of: dt.date,
) -> tuple[Figure, ...]:
    """Four: what took root, time saved, replies, what is late."""
    return (
        took_root(told),
        saved_time(user, as_of),
        replies(pain),
        Figure(
            "late",
            _("Initiatives reported late"),
            _share(counts["late"], counts["initiatives"]),
            _behind(counts["behind"]),
        ),
    )


def public_figures(
    rows: Sequence[Published], told: Sequence[AdoptionRow], pain: PainSummary | None
) -> tuple[Figure, ...]:
    """Three that tell nothing of what is not published."""
    count = ngettext("%(n)d initiative", "%(n)d initiatives", len(rows)) % {"n": len(rows)}
    return (
        Figure("published", _("Published initiatives"), count, ""),
        took_root(told),
        replies(pain),
    )


def took_root(told: Sequence[AdoptionRow]) -> Figure:
    """Of those asked about again."""
    rooted = sum(row.adoption.took_root for row in told)
    hollow = sum(row.adoption.hollow for row in told)
    note = (
        ngettext("%(n)d unused or to rethink", "%(n)d unused or to rethink", hollow) % {"n": hollow}
        if hollow
        else _("initiatives asked about again")
    )
    return Figure("rooted", _("Took root after three months"), _share(rooted, len(told)), note)


def saved_time(user: User, as_of: dt.date) -> Figure:
    """Time saved as staff said, entered by that day; promises stand below it, never added."""
    ledger = load_ledger(user)
    known = replace(ledger, entries=[entry for entry in ledger.entries if entry.on <= as_of])
    texts = {cell.standing: cell.text for cell in line_rows(known)[0].cells}
    promised = texts[Standing.PROMISED]
    return Figure(
        "hours",
        _("Time saved, as staff said (estimate)"),
        texts[Standing.VERIFIED] or NONE,
        _("promised: %(range)s") % {"range": promised} if promised else "",
    )


def replies(pain: PainSummary | None) -> Figure:
    """How many themes of staff have their reply."""
    label = _("Themes replied to")
    if pain is None:
        return Figure("replies", label, NONE, _("no survey has closed yet"))
    days = pain.replies.oldest_days
    note = (
        _("every theme has its reply")
        if days is None
        else ngettext("the oldest for %(n)d day", "the oldest for %(n)d days", days) % {"n": days}
    )
    return Figure("replies", label, _share(pain.replies.answered, pain.replies.total), note)


def _share(part: int, whole: int) -> str:
    return f"{part} / {whole}" if whole else NONE


def _behind(behind: int) -> str:
    if not behind:
        return _("none is past its target")
    return ngettext("%(n)d past its target", "%(n)d past their target", behind) % {"n": behind}
