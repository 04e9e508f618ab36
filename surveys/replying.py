"""Themes with their replies: what stands on 「声とお返事」, and the queue of the office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from dxportal.accounts.models import User
from surveys.choices import Template
from surveys.models import CellTally, Commitment, Wave
from surveys.partition import ALL
from surveys.results import Results

#: A reply is promised within this many days of the close.
REPLY_DAYS = 30
#: Waves that the page goes back.
WAVES = 4


@dataclass(frozen=True, slots=True)
class Said:
    """One theme of one wave, and what was answered; `count` only where it is stored."""

    wave: Wave
    theme_id: int
    label: str
    count: int | None
    hours: str
    reply: Commitment | None
    days: int

    @property
    def due_on(self) -> dt.date:
        """The day by which a reply is promised."""
        return timezone.localdate(self.wave.closes_at) + dt.timedelta(days=REPLY_DAYS)

    @property
    def overdue(self) -> bool:
        """Whether that day has passed without a reply."""
        return self.reply is None and self.days > REPLY_DAYS


def recent_waves(user: User, now: dt.datetime) -> list[Wave]:
    """Pain waves whose results everybody may see, newest first."""
    waves = Wave.objects.visible_to(user).shown(now).filter(survey__template=Template.PAIN)
    return list(waves.filter(too_few=False).select_related("survey")[:WAVES])


def said(user: User, now: dt.datetime) -> list[Said]:
    """Themes of the newest wave, and replies of earlier ones; the longest unanswered first.

    Only themes that at least k people named stand here: what was folded is not told.
    """
    waves = recent_waves(user, now)
    if not waves:
        return []
    replies = {
        (reply.wave_id, reply.theme_id): reply
        for reply in Commitment.objects.visible_to(user)
        .filter(wave__in=waves)
        .select_related("theme", "initiative", "wave", "replied_by__department")
    }
    newest = Results(waves[0])
    rows = []
    for line in newest.themes():
        named = line.count.isdigit()
        reply = replies.pop((waves[0].pk, line.theme.pk), None)
        if named or line.hours or reply:
            count = int(line.count) if named else None
            rows.append(
                Said(
                    waves[0],
                    line.theme.pk,
                    str(line.theme),
                    count,
                    line.hours,
                    reply,
                    _days(waves[0], now),
                )
            )
    counts = _counts(replies.values())
    rows += [
        Said(
            reply.wave,
            reply.theme_id,
            str(reply.theme),
            counts.get((reply.wave_id, reply.theme.code)),
            "",
            reply,
            _days(reply.wave, now),
        )
        for reply in sorted(replies.values(), key=lambda r: (-r.wave_id, r.theme.order))
    ]
    return rows


def _counts(replies: Iterable[Commitment]) -> dict[tuple[int, str], int | None]:
    waves = {reply.wave_id for reply in replies}
    cells = CellTally.objects.filter(wave__in=waves, question="Q1", group__key=ALL)
    return {(wave, option): n for wave, option, n in cells.values_list("wave", "option", "count")}


def _days(wave: Wave, now: dt.datetime) -> int:
    return (timezone.localdate(now) - timezone.localdate(wave.closes_at)).days


@dataclass(frozen=True, slots=True)
class Rate:
    """How many themes were answered; a number about management, not about staff."""

    answered: int
    total: int
    oldest_days: int | None


def rate(rows: Sequence[Said]) -> Rate:
    """The share of themes with a reply, and the age of the oldest without one."""
    open_days = [row.days for row in rows if row.reply is None]
    return Rate(len(rows) - len(open_days), len(rows), max(open_days, default=None))
