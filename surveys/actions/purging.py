"""Removing raw texts when their date has come, and overwriting what was removed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import date

from django.db import DatabaseError, connection, transaction

from dxportal.accounts import audit
from dxportal.shared.tenancy import set_municipality
from surveys.actions.theming import keep_counts
from surveys.models import RawVoice, VoiceTheme, Wave


def purge_voices(today: date) -> int:
    """Remove raw texts on their date at the latest, wave by wave; return how many. Repeatable.

    How many texts each theme had is kept, as far as it may be told. The event says how many of
    which wave, never what they said.
    """
    due = RawVoice.objects.filter(purge_on__lte=today).values("wave_id")
    waves = Wave.objects.filter(pk__in=due).select_related("survey").order_by("id")
    removed = sum(_purge_wave(wave, today) for wave in waves)
    if removed:
        overwrite([RawVoice._meta.db_table, VoiceTheme._meta.db_table])
    return removed


def overwrite(tables: Iterable[str]) -> None:
    """Vacuum: deleted rows stay on their pages until then. A warning of the server if it may not.

    Does nothing inside a transaction, where PostgreSQL cannot vacuum.
    """
    if connection.in_atomic_block:
        return
    with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute(f"VACUUM {', '.join(tables)}")


@transaction.atomic
def _purge_wave(wave: Wave, today: date) -> int:
    set_municipality(wave.municipality_id)
    texts = RawVoice.objects.filter(wave=wave)
    if not texts.exclude(purge_on__lte=today).exists():
        keep_counts(wave)
    _all, per_table = texts.filter(purge_on__lte=today).delete()
    removed = per_table.get(RawVoice._meta.label, 0)
    if removed:
        audit.record(
            "wave.voices_purged",
            wave,
            by=None,
            channel="system",
            municipality_id=wave.municipality_id,
            after={"removed": removed},
        )
    return removed
