"""What the office may want to ask: what it asked last time, and what waits for a decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from dxportal.accounts.access import Permission, can
from dxportal.accounts.models import User
from dxportal.dashboards.adoption import adoption_rows
from dxportal.dashboards.briefing.content import LONGEST, MOST_ASKS, Ask, Option, thaw_asks
from dxportal.dashboards.briefing.making import latest_of
from roadmap.choices import BriefingKind
from roadmap.escalations import waiting_decisions
from surveys import replying


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that waits: as a thing to ask, why, and where it stands."""

    ask: Ask
    why: str
    url: str


def suggestions(user: User, now: dt.datetime) -> list[Suggestion]:
    """Escalated blockers, initiatives that may be hollow, replies that are overdue."""
    today = timezone.localdate(now)
    return [*_escalated(user, today), *_hollow(user, today), *_overdue(user, now)]


def _escalated(user: User, today: dt.date) -> Iterator[Suggestion]:
    if not can(user, Permission.SEE_ESCALATIONS):
        return
    for row in waiting_decisions(user, today):
        why = ngettext("waits for %(n)d day", "waits for %(n)d days", row.days) % {"n": row.days}
        title = row.blocker.wanted or row.blocker.initiative.title
        text = f"{row.blocker.initiative.title}: {why}"
        yield Suggestion(Ask(_short(title)), text, row.blocker.initiative.get_absolute_url())


def _hollow(user: User, today: dt.date) -> Iterator[Suggestion]:
    options = tuple(Option(text) for text in _ways())
    for row in adoption_rows(user, as_of=today):
        if row.adoption.hollow:
            title = _("What becomes of “%(title)s”") % {"title": row.title}
            yield Suggestion(Ask(_short(title), options), str(row.verdict_label), row.url)


def _ways() -> tuple[str, str, str]:
    return pgettext("option", "Go on"), pgettext("option", "Change it"), pgettext("option", "Stop")


def _overdue(user: User, now: dt.datetime) -> Iterator[Suggestion]:
    late = sum(row.overdue for row in replying.said(user, now))
    if late:
        title = ngettext(
            "Who answers the %(n)d overdue reply", "Who answers the %(n)d overdue replies", late
        ) % {"n": late}
        yield Suggestion(Ask(_short(title)), _("promised within 30 days"), "/voices/?tab=waiting")


def _short(text: str) -> str:
    """As long as a title may be."""
    most = LONGEST["title"]
    return text if len(text) <= most else text[: most - 1] + "…"


def first_asks(user: User, kind: str, waiting: Sequence[Suggestion]) -> tuple[Ask, ...]:
    """Those of the last sheet of that kind; on the first one what waits (the mayor's only)."""
    if kind == BriefingKind.ASSEMBLY:
        return ()
    latest = latest_of(user, kind)
    if latest is not None:
        return thaw_asks(latest.asks)
    if kind == BriefingKind.MAYOR:
        return tuple(one.ask for one in waiting[:MOST_ASKS])
    return ()


def first_purpose(user: User, kind: str) -> str:
    """That of the last sheet of that kind; empty for the first one."""
    latest = latest_of(user, kind)
    return str(latest.content.get("purpose", "")) if latest else ""
