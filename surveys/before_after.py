"""What a follow-up says beside what was said before: hours of its themes, minutes saved, shares."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dxportal.accounts.models import User
from roadmap.models import AdoptionVerdict, Theme
from surveys.choices import Template
from surveys.models import FollowUp, ThemeBurden, Wave
from surveys.results import hours_text, in_words


@dataclass(frozen=True, slots=True)
class ThemeHours:
    """Hours a week of one theme before go-live and in the newest survey after it; "": unknown."""

    theme: Theme
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The stored figures of a verdict in words; None where a figure is not stored."""

    n: int | None
    asked: int | None
    weekly: str | None
    easier: str | None
    harder: str | None
    both_ways: str | None
    more_time: str | None
    saved: tuple[int, int] | None

    @property
    def saved_hours(self) -> str:
        """Hours a week that all who answered save together."""
        if self.saved is None:
            return ""
        return hours_text(round(self.saved[0] / 60, 1), round(self.saved[1] / 60, 1))


def finding(verdict: AdoptionVerdict) -> Finding:
    """The figures beside a verdict."""
    figures: Mapping[str, Any] = verdict.figures
    saved = figures.get("saved_minutes_week")
    return Finding(
        n=figures.get("n"),
        asked=figures.get("asked"),
        weekly=_share(figures, "weekly_or_more"),
        easier=_share(figures, "easier"),
        harder=_share(figures, "harder"),
        both_ways=_share(figures, "both_ways"),
        more_time=_share(figures, "more_time"),
        saved=(int(saved["low"]), int(saved["high"])) if saved else None,
    )


def _share(figures: Mapping[str, Any], name: str) -> str | None:
    share = figures.get(name)
    if not share or share.get("percent") is None:
        return None
    return in_words(int(share["percent"]), str(share.get("bound", "")))


def theme_hours(user: User, follow_up: FollowUp, now: dt.datetime) -> list[ThemeHours]:
    """Each theme of the initiative, in the last pain survey before go-live and the newest after.

    All staff, as published; three statements.
    """
    launched = follow_up.initiative.launched_on
    themes = list(Theme.objects.filter(initiative_links__initiative=follow_up.initiative_id))
    if launched is None or not themes:
        return []
    waves = Wave.objects.visible_to(user).shown(now)
    shown = list(
        waves.filter(survey__template=Template.PAIN, too_few=False).values_list(
            "pk", "opens_at", "closes_at"
        )
    )
    before = [row for row in shown if row[2].date() < launched]
    after = [row for row in shown if row[1].date() >= launched]
    old = max(before, key=lambda row: row[2])[0] if before else None
    new = max(after, key=lambda row: row[2])[0] if after else None
    hours = _hours(themes, [pk for pk in (old, new) if pk is not None])
    return [
        ThemeHours(theme, hours.get((old, theme.pk), ""), hours.get((new, theme.pk), ""))
        for theme in themes
    ]


def _hours(themes: Sequence[Theme], waves: Sequence[int]) -> dict[tuple[int | None, int], str]:
    rows = ThemeBurden.objects.filter(wave__in=waves, theme__in=themes, group__level="all")
    return {(row.wave_id, row.theme_id): hours_text(row.hours_low, row.hours_high) for row in rows}
