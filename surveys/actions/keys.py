"""Looking after wave keys: reading them back, ending waves without one, removing stray files."""

from __future__ import annotations

import datetime as dt
import logging
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from dxportal.accounts.audit import record
from dxportal.shared.tenancy import set_municipality
from surveys import notifications, vault
from surveys.actions import closing, follow_up_endings
from surveys.choices import WaveState
from surveys.locks import hold_wave
from surveys.models import Wave

log = logging.getLogger("dxportal.surveys")

#: An opening that was rolled back leaves its key behind; no opening takes this long.
STRAY_AFTER = dt.timedelta(hours=1)


def check_key(wave_id: int, *, now: dt.datetime) -> bool:
    """Read an open wave's key back and open the known test box; otherwise the wave is lost."""
    wave = Wave.objects.get(pk=wave_id)
    if vault.check(settings.KEY_DIR, wave.key_id):
        return True
    mark_key_lost(wave, now=now)
    return False


@transaction.atomic
def mark_key_lost(wave: Wave, *, now: dt.datetime) -> None:
    """The key cannot be read back: nobody can answer or count any more, and staff are told."""
    hold_wave(wave.pk)
    wave = Wave.objects.select_related("survey").get(pk=wave.pk)
    set_municipality(wave.municipality_id)
    if wave.state != WaveState.OPEN:
        return
    wave.state = WaveState.KEY_LOST
    wave.save(update_fields=["state"])
    wave.blocks.exclude(state__in=closing.ENDED).update(state=WaveState.KEY_LOST)
    follow_up_endings.key_lost(wave, on=timezone.localdate(now))
    people = list(wave.eligible.values_list("employee_id", flat=True))
    notifications.announce_lost_key(wave, people, now)
    record("wave.key_lost", wave, by=None, channel="system")
    transaction.on_commit(partial(closing.destroy_key, wave.pk), robust=True)


def destroy_stray_keys(now: dt.datetime) -> int:
    """Destroy key files of no wave at all that are older than an hour; return how many.

    They stay where PostgreSQL rolled an opening back after its key was written. Files are listed
    before the waves are read, so a wave that opens meanwhile keeps its key.
    """
    folder = settings.KEY_DIR
    if not folder.is_dir():
        return 0
    old = {key_id for key_id, written in vault.listed(folder) if written <= now - STRAY_AFTER}
    known = set(Wave.objects.filter(key_id__in=old).values_list("key_id", flat=True))
    strays = sorted(old - known)
    for key_id in strays:
        vault.destroy(folder, key_id)
    if strays:
        log.warning("keys of no wave destroyed: %s", len(strays))
    return len(strays)
