"""How far the counting of a wave is, read from its state: nothing of the answers is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from surveys.actions.closing import standing_releases
from surveys.choices import WaveState
from surveys.models import Wave
from surveys.models.wave import RELEASES

#: Counting ten thousand ballots takes less than a minute, and the clock ticks once a minute.
TOO_LONG = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class WaveProgress:
    """What `_progress.html` draws."""

    pk: str
    words: str
    percent: int
    progress_url: str
    finished: bool = False
    started: str = ""
    failed: str = ""
    result_url: str = ""


def progress_of(wave: Wave, now: dt.datetime, *, may_run: bool = True) -> WaveProgress:
    """The step that the wave is at; also for a wave that is not being counted."""
    words, percent = _step(wave)
    published = wave.state == WaveState.PUBLISHED and wave.key_destroyed_at is not None
    lost = wave.state == WaveState.KEY_LOST
    return WaveProgress(
        pk=f"wave-{wave.pk}",
        words=words,
        percent=percent,
        progress_url=reverse("surveys:wave_progress", args=[wave.pk]),
        finished=published or wave.state in (WaveState.KEY_LOST, WaveState.CANCELLED),
        started=_delay(wave, now),
        failed=_("The key cannot be read. The round has to be repeated.") if lost else "",
        result_url=wave.get_absolute_url() if published and may_run else "",
    )


def is_counted_now(wave: Wave, now: dt.datetime) -> bool:
    """Whether the page shows progress: from the deadline or the release until the key is gone."""
    if wave.state == WaveState.OPEN and wave.closes_at <= now:
        return not wave.two_person or standing_releases(wave, now) >= RELEASES
    ended = wave.state == WaveState.PUBLISHED and wave.key_destroyed_at is None
    return ended or wave.state == WaveState.CLOSING


def _step(wave: Wave) -> tuple[str, int]:
    if wave.state == WaveState.CLOSING:
        return _("Counting the answers"), 50
    if wave.state == WaveState.PUBLISHED and wave.key_destroyed_at is None:
        return _("Destroying the key"), 90
    if wave.state in (WaveState.PUBLISHED, WaveState.KEY_LOST, WaveState.CANCELLED):
        return _("Counting is over"), 100
    return _("No more answers are taken. Counting begins within a minute"), 10


def _delay(wave: Wave, now: dt.datetime) -> str:
    if not is_counted_now(wave, now):
        return ""
    last = wave.releases.order_by("-at").first()
    since = max(wave.closes_at, last.at) if last else wave.closes_at
    if now - since < TOO_LONG:
        return _("You may leave this page.")
    return _(
        "This takes longer than it should. It is tried again every minute; please ask the operator"
        " to look at the worker and the key folder."
    )
