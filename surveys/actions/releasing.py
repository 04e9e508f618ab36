"""Two-person release: a wave that wants it is counted once two different people have said so."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from dxportal.accounts.access import Permission
from dxportal.accounts.audit import record
from dxportal.accounts.models import Outbox, User
from dxportal.shared.tenancy import set_municipality
from surveys import notifications
from surveys.actions.closing import standing_releases
from surveys.actions.waves import WaveRefused
from surveys.choices import WaveState
from surveys.locks import hold_wave
from surveys.models import Wave, WaveRelease
from surveys.models.wave import RELEASES


def release_wave(wave: Wave, *, by: User, now: dt.datetime) -> bool:
    """One person's release; True where it was the second, so that counting may begin."""
    with transaction.atomic():
        waiting = _waiting(wave, now)
        _row, added = WaveRelease.objects.get_or_create(wave=waiting, user=by, defaults={"at": now})
        if not added:
            raise WaveRefused(_("You have released it already. A second person has to do so too."))
        n = standing_releases(waiting, now)
        record("wave.released", waiting, by=by, after={"release": n, "of": RELEASES})
        if n >= RELEASES:
            transaction.on_commit(_count_soon, robust=True)
        return n >= RELEASES


@transaction.atomic
def take_back_release(wave: Wave, *, by: User, now: dt.datetime) -> None:
    """Withdraw the own release, as long as no second person has released the wave."""
    waiting = _waiting(wave, now)
    removed, _tables = WaveRelease.objects.filter(wave=waiting, user=by).delete()
    if not removed:
        raise WaveRefused(_("You have not released it."))
    record("wave.release_taken_back", waiting, by=by)


def ask_for_release(wave_id: int, *, occasion: str, now: dt.datetime) -> int:
    """Tell those who may release it and have not; once an occasion. Returns to how many."""
    wave = Wave.objects.select_related("survey__municipality").get(pk=wave_id)
    with transaction.atomic():
        set_municipality(wave.municipality_id)
        if Outbox.objects.filter(key=f"wave-{wave.pk}-release-{occasion}").exists():
            return 0
        done = set(wave.releases.values_list("user_id", flat=True))
        able = notifications.holders_of(wave.municipality_id, Permission.RELEASE_WAVES, now)
        people = [person for person in able if person not in done]
        notifications.ask_to_release(wave, people, occasion=occasion, now=now)
        return len(people)


def _waiting(wave: Wave, now: dt.datetime) -> Wave:
    """The row behind the wave's lock, as long as it waits for a release."""
    hold_wave(wave.pk)
    found = Wave.objects.select_related("survey").get(pk=wave.pk)
    if not found.two_person:
        raise WaveRefused(_("This survey round is counted without a release."))
    if found.state != WaveState.OPEN:
        raise WaveRefused(_("This survey round does not wait for a release any more."))
    if found.closes_at > now:
        raise WaveRefused(_("It can be released once the deadline has passed."))
    if standing_releases(found, now) >= RELEASES:
        raise WaveRefused(_("Two people have released it already: it is being counted."))
    return found


def _count_soon() -> None:
    """A hint only: the clock counts it within a minute anyway."""
    from dxportal.celery import hint
    from surveys.tasks import turn_wave_clock

    hint(turn_wave_clock)
