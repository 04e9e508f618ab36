"""Themes with their replies: what stands on 「声とお返事」, and the queues of the office."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from dxportal.accounts.models import Event, User
from roadmap.choices import ReplyState, Verdict
from roadmap.models import AdoptionVerdict, Theme
from roadmap.search import fold_all, keys
from surveys.actions.replies import KEPT
from surveys.choices import REPLIED_TO
from surveys.models import CellTally, Commitment, PublishedVoice, ThemeBurden, Wave
from surveys.partition import ALL
from surveys.results import shown
from surveys.shares import SMALL, Bound, Share, share_span

#: A reply is promised within this many days of the close.
REPLY_DAYS = 30
#: Changes of one reply that its page tells.
_CHANGES = 20
#: Replies of a wave: kept promises, promises, what is looked into, what cannot be done.
_KEPT_FIRST = ("kept", ReplyState.DO, ReplyState.LOOKING, ReplyState.CANNOT)

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Weight:
    """How heavy a theme was in a wave, as far as that is published."""

    count: int | None = None
    low: float | None = None
    high: float | None = None
    #: The share of those who answered, where the count itself is not stored.
    share: str = ""

    @property
    def hours(self) -> str:
        """Hours a week as a range; "" where they are not known."""
        if self.low is None or self.high is None:
            return ""
        return f"{self.low:g}–{self.high:g}"


@dataclass(frozen=True, slots=True)
class Said:
    """One theme of one wave: how heavy, approved wordings, and what was answered."""

    wave: Wave
    theme: Theme
    weight: Weight
    wordings: Sequence[str]
    reply: Commitment | None
    today: dt.date

    @property
    def days(self) -> int:
        """Days since the close."""
        return (self.today - timezone.localdate(self.wave.closes_at)).days

    @property
    def due_on(self) -> dt.date:
        """The day by which a reply is promised."""
        return timezone.localdate(self.wave.closes_at) + dt.timedelta(days=REPLY_DAYS)

    @property
    def overdue(self) -> bool:
        """Whether that day has passed without a reply."""
        return self.reply is None and self.days > REPLY_DAYS

    @property
    def late_by(self) -> int:
        """Days since then."""
        return self.days - REPLY_DAYS

    @property
    def kept(self) -> bool:
        """Whether the promise is in operation by now; without an initiative, marked as done."""
        reply = self.reply
        if reply is None or reply.state != ReplyState.DO:
            return False
        if reply.initiative is None:
            return getattr(reply, "last_event", "") == KEPT
        launched = reply.initiative.launched_on
        return launched is not None and launched <= self.today

    @property
    def verdict(self) -> Verdict | None:
        """What those who use it said when they were asked again; None before."""
        told = getattr(self.reply, "verdict", None) if self.kept else None
        return Verdict(told) if told else None

    @property
    def again(self) -> str:
        """Why the office has to look at the reply again: look, answer, late; "" not yet."""
        reply = self.reply
        if reply is None or reply.due_on is None or self.kept:
            return ""
        if reply.state == ReplyState.DO:
            return "late" if reply.due_on < self.today else ""
        if reply.due_on > self.today:
            return ""
        return "look" if reply.state == ReplyState.CANNOT else "answer"

    @property
    def changed(self) -> bool:
        """Whether the reply is not the first one."""
        return self.reply is not None and self.reply.version > 1

    def matches(self, words: Sequence[str]) -> bool:
        """Whether each word of a search stands in the theme, the reply or its initiative."""
        if self.reply is None:
            return False
        title = self.reply.initiative.title if self.reply.initiative else ""
        text = fold_all([str(self.theme), self.reply.sentence, title, *self.wordings])
        return all(word in text for word in words)


def said(user: User, now: dt.datetime) -> list[Said]:
    """Every theme that a wave with published results shows, and every reply; six statements.

    A theme is shown where k people or more stand behind it, or where a wording of it was
    approved: what was folded is not told.
    """
    asked = Wave.objects.visible_to(user).shown(now).filter(survey__template__in=REPLIED_TO)
    light = asked.filter(too_few=False).select_related("survey")
    waves = {w.pk: w for w in light.defer("frozen_definition", "frozen_org", "notice_text")}
    if not waves:
        return []
    themes = {theme.pk: theme for theme in Theme.objects.visible_to(user)}
    replies = _replies(user, waves)
    weights = _weights(waves, themes)
    wordings = _wordings(waves)
    today = timezone.localdate(now)
    return [
        Said(
            waves[key[0]],
            themes[key[1]],
            weights.get(key, Weight()),
            wordings.get(key, ()),
            replies.get(key),
            today,
        )
        for key in {**weights, **wordings, **replies}
        if key[1] in themes
    ]


def answerable(wave: Wave) -> bool:
    """Whether a published wave has themes to reply to."""
    return wave.survey.template in REPLIED_TO and not wave.too_few


def said_of(user: User, wave: Wave, theme: Theme, now: dt.datetime) -> Said | None:
    """One theme of one wave; None where the wave does not show it and nobody replied."""
    keys = (row for row in said(user, now) if row.wave.pk == wave.pk and row.theme.pk == theme.pk)
    return next(keys, None)


def _replies(user: User, waves: Iterable[int]) -> dict[Key, Commitment]:
    rows = Commitment.objects.visible_to(user).filter(wave__in=waves).with_last_event()
    rows = rows.select_related("theme", "initiative", "owner__department", "replied_by__department")
    told = AdoptionVerdict.objects.filter(initiative=OuterRef("initiative")).order_by("-on")
    rows = rows.annotate(verdict=Subquery(told.values("verdict")[:1]))
    return {(row.wave_id, row.theme_id): row for row in rows}


def _weights(waves: Mapping[int, Wave], themes: Mapping[int, Theme]) -> dict[Key, Weight]:
    """Counts and hours of all staff, where k people or more stand behind them."""
    codes = {theme.code: pk for pk, theme in themes.items()}
    hours = {
        (wave, theme): (low, high)
        for wave, theme, low, high in ThemeBurden.objects.filter(
            wave__in=waves, group__key=ALL
        ).values_list("wave_id", "theme_id", "hours_low", "hours_high")
    }
    found = {key: Weight(None, *span) for key, span in hours.items()}
    cells = CellTally.objects.filter(wave__in=waves, question="Q1", group__key=ALL)
    for cell in cells.select_related("group"):
        key = (cell.wave_id, codes.get(cell.option, 0))
        if key[1] and _weighs(cell, waves[cell.wave_id].k_cell):
            share = "" if cell.count is not None else shown(cell).text
            low, high = hours.get(key, (None, None))
            found[key] = Weight(cell.count, low, high, share)
    return found


def _weighs(cell: CellTally, k: int) -> bool:
    """Whether the published cell shows the theme: not folded, and k people or more to be seen.

    From 20 people on everything under k is folded; a share of a smaller town has to be large
    enough. It reads published cells only, so that the list tells no more than they do.
    """
    if cell.below_k or cell.percent is None:
        return False
    if cell.count is not None or cell.group.n >= SMALL:
        return True
    least, _most = share_span(Share(cell.percent, cast(Bound, cell.bound)), cell.group.n)
    return least >= k


def _wordings(waves: Iterable[int]) -> dict[Key, Sequence[str]]:
    rows = PublishedVoice.objects.filter(
        wave__in=waves, approved_by__isnull=False, theme__isnull=False
    ).order_by("approved_on", "id")
    found: dict[Key, list[str]] = {}
    for wave, theme, text in rows.values_list("wave_id", "theme_id", "text"):
        found.setdefault((wave, theme), []).append(text)
    return dict(found)


def waiting(rows: Iterable[Said]) -> list[Said]:
    """Themes without a reply, the longest waiting first, of one age the heaviest."""
    return sorted((row for row in rows if row.reply is None), key=_age)


def to_look_at(rows: Iterable[Said]) -> list[Said]:
    """Replies whose date has come, the oldest date first."""
    come = [(row.reply.due_on, row) for row in rows if row.again and row.reply]
    return [row for _day, row in sorted(come, key=lambda pair: (pair[0], pair[1].theme.order))]


def answered(rows: Iterable[Said], state: str = "", query: str = "") -> list[Said]:
    """Replies of the newest wave first, kept promises first in each, of one state and words."""
    words = [folded for _word, folded in keys(query)]
    found = [
        row
        for row in rows
        if row.reply and state in ("", row.reply.state, _standing(row)) and row.matches(words)
    ]
    return sorted(found, key=_newest)


def owned(rows: Iterable[Said], user: User) -> list[Said]:
    """Replies that a post of the user answers for, the nearest date first; one statement."""
    day = timezone.localdate()
    mine = set(Commitment.objects.owned_by(user, day).values_list("pk", flat=True))
    found = [row for row in rows if row.reply and row.reply.pk in mine]
    return sorted(found, key=lambda row: (row.kept, (row.reply and row.reply.due_on) or day))


def by_wave(rows: Iterable[Said]) -> list[tuple[Wave, list[Said]]]:
    """Rows that stand in the order of their waves, under a heading each."""
    groups = groupby(rows, key=lambda row: row.wave.pk)
    return [(found[0].wave, found) for _pk, part in groups for found in [list(part)]]


def _standing(row: Said) -> str:
    return "kept" if row.kept else row.reply.state if row.reply else ""


def _age(row: Said) -> tuple[int, float, int, int]:
    return -row.days, -(row.weight.high or 0), -(row.weight.count or 0), row.theme.order


def _newest(row: Said) -> tuple[float, int, int, int, int]:
    replied = row.reply.replied_on.toordinal() if row.reply else 0
    closed = row.wave.closes_at.timestamp()
    return -closed, -row.wave.pk, _KEPT_FIRST.index(_standing(row)), -replied, row.theme.order


@dataclass(frozen=True, slots=True)
class Change:
    """One step in the life of a reply; "" and None where it left a field as it was."""

    who: str
    at: dt.datetime
    action: str
    state: str
    sentence: str
    due_on: dt.date | None


def history(reply: Commitment) -> list[Change]:
    """What became of a reply, newest first; one statement."""
    events = Event.objects.about("commitment", reply.pk)[:_CHANGES]
    return [
        Change(
            event.actor_name,
            event.at,
            event.action,
            str(dict(ReplyState.choices).get(event.after.get("state") or "", "")),
            event.after.get("sentence") or "",
            dt.date.fromisoformat(due) if (due := event.after.get("due_on")) else None,
        )
        for event in events
    ]


@dataclass(frozen=True, slots=True)
class Rate:
    """How many themes were answered; a number about management, not about staff."""

    answered: int
    total: int
    oldest_days: int | None

    @property
    def percent(self) -> int | None:
        """Replies per hundred themes, rounded down: 100 is all of them."""
        return 100 * self.answered // self.total if self.total else None


def rate(rows: Sequence[Said]) -> Rate:
    """The share of themes with a reply, and the age of the oldest without one."""
    open_days = [row.days for row in rows if row.reply is None]
    return Rate(len(rows) - len(open_days), len(rows), max(open_days, default=None))
