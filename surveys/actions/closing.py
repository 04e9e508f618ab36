"""Closing a wave: decrypt, count, delete what is personal, in one transaction; then shred the key.

Before it, a short transaction of its own says that counting has begun, so that pages can show it.
Whoever finds a wave in that state goes on from there.

VACUUM cannot run inside a transaction, so deleted ballots stay on their pages, unreadable without
the key, until it runs: right after the commit where the application role may (PostgreSQL 17+:
GRANT MAINTAIN), otherwise with autovacuum.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dxportal.accounts import audit
from dxportal.accounts.access import Permission
from dxportal.accounts.models import User
from dxportal.shared.tenancy import set_municipality
from surveys import anonymity, notifications, vault
from surveys.actions import block_results, follow_up_endings, publishing
from surveys.actions.purging import overwrite
from surveys.actions.tables import counted_people, tables_hash, write_tables
from surveys.choices import CLOSED, EARLY, PURGE_DAYS, WaveState
from surveys.counting import count, places
from surveys.locks import hold_wave
from surveys.models import (
    CloseAudit,
    SealedBallot,
    Ticket,
    Wave,
    WaveEligibility,
    WaveHeadcount,
)
from surveys.models.wave import RELEASES
from surveys.partition import Ballot

log = logging.getLogger("dxportal.surveys")

KEY_DESTROYED = "key_destroyed"
KEY_LOST = "key_lost"
#: The closing transaction may take longer than a page.
TIME_OUT = "120s"
PERSONAL = ("surveys_sealedballot", "surveys_ticket", "surveys_waveeligibility")
ENDED = (WaveState.PUBLISHED, WaveState.CANCELLED, WaveState.KEY_LOST)


@dataclass(frozen=True)
class _Opened:
    """The box after opening: sent ballots, their receipts, and how many would not open."""

    ballots: Sequence[Ballot]
    receipts: Sequence[str]
    broken: int


def close_wave(wave_id: int, *, by: User | None = None, now: dt.datetime) -> None:
    """Count and publish a wave whose time is over, exactly once; safe to repeat and to kill.

    Where the key cannot be read the wave ends as key lost, without any data. Raises
    ValidationError before `closes_at`, before two people have released a wave that asks for it,
    for a draft and for a cancelled wave. The key is destroyed after the commit; if that fails, the
    minute job repeats it, and until then nothing is shown.
    """
    begin_closing(wave_id, by=by, now=now)
    with transaction.atomic():
        _set_time_outs()
        hold_wave(wave_id)
        wave = Wave.objects.select_related("survey", "initiative").get(pk=wave_id)
        set_municipality(wave.municipality_id)
        if wave.state == WaveState.CLOSING:
            _close(wave, by=by, now=now)
        transaction.on_commit(partial(destroy_key, wave_id), robust=True)


@transaction.atomic
def begin_closing(wave_id: int, *, by: User | None, now: dt.datetime) -> bool:
    """Say that counting has begun, before it does; True where this call said it."""
    hold_wave(wave_id)
    wave = Wave.objects.select_related("survey").get(pk=wave_id)
    _refuse_block(wave)
    if wave.state == WaveState.CANCELLED:
        raise ValidationError(_("This wave was cancelled."))
    if wave.state in (WaveState.CLOSING, *ENDED):
        return False
    _refuse_early(wave, now)
    wave.state = WaveState.CLOSING
    wave.save(update_fields=["state"])
    audit.record(
        "wave.closing",
        wave,
        by=by,
        channel="screen" if by else "system",
        municipality_id=wave.municipality_id,
        after={"state": wave.state},
    )
    return True


@transaction.atomic
def end_early(wave_id: int, *, by: User | None, now: dt.datetime) -> bool:
    """Let an open wave's time be over now, its results too; False where it was over already."""
    hold_wave(wave_id)
    wave = Wave.objects.select_related("survey").get(pk=wave_id)
    _refuse_block(wave)
    if wave.state != WaveState.OPEN or (wave.closes_at <= now and wave.publish_at <= now):
        return False
    _refuse_unreleased(wave, now)
    before = {"closes_at": wave.closes_at, "publish_at": wave.publish_at}
    wave.closes_at, wave.publish_at = min(wave.closes_at, now), min(wave.publish_at, now)
    wave.save(update_fields=["closes_at", "publish_at"])
    wave.blocks.update(closes_at=wave.closes_at, publish_at=wave.publish_at)
    after = {"closes_at": wave.closes_at, "publish_at": wave.publish_at}
    audit.record(
        "wave.ended_early",
        wave,
        by=by,
        channel="screen" if by else "command",
        municipality_id=wave.municipality_id,
        before=before,
        after=after,
    )
    return True


def destroy_key(wave_id: int) -> bool:
    """Shred the key of a wave that has ended, and say so once; True when it is gone. Repeatable.

    What is personal goes too, if it is still there: a wave whose key was found lost has ended.
    It must see the committed end of the wave, so it refuses to run inside a transaction.
    """
    with transaction.atomic(durable=True):
        hold_wave(wave_id)
        wave = Wave.objects.select_related("survey").get(pk=wave_id)
        set_municipality(wave.municipality_id)
        if wave.state not in ENDED or not wave.key_id:
            return False
        vault.destroy(settings.KEY_DIR, wave.key_id)
        _delete_personal_rows(wave)
        if wave.key_destroyed_at is None:
            wave.key_destroyed_at = timezone.now()
            wave.save(update_fields=["key_destroyed_at"])
            wave.blocks.update(key_destroyed_at=wave.key_destroyed_at)
            CloseAudit.objects.get_or_create(wave=wave, step=KEY_DESTROYED)
    overwrite(PERSONAL)
    return True


def keys_to_destroy() -> list[int]:
    """Waves that have ended and whose key is not known to be destroyed; for the minute job."""
    ended = Wave.objects.sittings().filter(state__in=ENDED, key_destroyed_at__isnull=True)
    waves = ended.exclude(key_id="")
    return list(waves.order_by("id").values_list("id", flat=True))


def _set_time_outs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [TIME_OUT])
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [TIME_OUT])


def _refuse_block(wave: Wave) -> None:
    """A block is counted with the sitting that it belongs to, and never alone."""
    if wave.sitting_id is not None:
        raise ValidationError(_("This is a part of a survey that asks about several initiatives."))


def _refuse_early(wave: Wave, now: dt.datetime) -> None:
    if wave.state in EARLY:
        raise ValidationError(_("This wave was never opened."))
    if now < wave.closes_at:
        raise ValidationError(_("This wave is still open."))
    _refuse_unreleased(wave, now)


def standing_releases(wave: Wave, now: dt.datetime) -> int:
    """Releases of people who may still give one: who left or lost the role does not count."""
    able = notifications.holders_of(wave.municipality_id, Permission.RELEASE_WAVES, now)
    return wave.releases.filter(user_id__in=able).count()


def _refuse_unreleased(wave: Wave, now: dt.datetime) -> None:
    """Two different people release it first, on its page, once the deadline has passed."""
    released = standing_releases(wave, now) if wave.two_person else RELEASES
    if released < RELEASES:
        raise ValidationError(
            _(
                "This wave is counted once two people have released it on its page after the"
                " deadline; %(n)s has done so."
            )
            % {"n": released}
        )


def _close(wave: Wave, *, by: User | None, now: dt.datetime) -> None:
    try:
        opened = _open_box(wave)
    except vault.KeyLost:
        _lose_key(wave, by=by, now=now)
        return
    eligible = _keep_headcounts(wave)
    if wave.several:
        told = block_results.write(wave, opened.ballots, eligible, by=by, now=now)
        wave.counted = len(opened.ballots) if told else None
        wave.too_few = not told
    else:
        _count_and_publish(wave, opened, eligible, now=now)
    _delete_personal_rows(wave)
    wave.state = WaveState.PUBLISHED
    wave.save(update_fields=["state", "counted", "too_few", "withheld"])
    _write_audit(wave, opened, by, asked=sum(eligible.values()))


def _count_and_publish(
    wave: Wave, opened: _Opened, eligible: dict[int, int], *, now: dt.datetime
) -> None:
    org = places(wave.frozen_org)
    counted = count(
        wave.frozen_definition,
        org,
        opened.ballots,
        k_cell=wave.k_cell,
        k_text=wave.k_text,
        pairs=_declared_pairs(wave),
    )
    day = timezone.localdate(now)
    stored = replace(counted, rows=publishing.beside_conclusions(wave, counted))
    write_tables(wave, org, stored, eligible, purge_on=day + dt.timedelta(days=PURGE_DAYS))
    shown_on = publishing.shown_on(now, wave.publish_at)
    exact = publishing.Exact(counted, stored.rows, opened.ballots, eligible)
    publishing.publish(wave, org, exact, on=day, shown_on=shown_on)
    notifications.announce_texts(wave, now)
    wave.counted = counted_people(counted)
    wave.too_few = not counted.groups


def _open_box(wave: Wave) -> _Opened:
    """Open every sent ballot. A draft is never opened; a box that will not open is not counted."""
    if not settings.KEY_DIR.is_dir():
        raise vault.VaultError(_("The key folder is missing. Mount it; nothing was changed."))
    key = vault.read(settings.KEY_DIR, wave.key_id)
    leaves = {place.key for place in places(wave.frozen_org)}
    ballots, receipts, broken = [], [], 0
    rows = SealedBallot.objects.filter(wave=wave, submitted=True)
    for nullifier, segment, sealed in rows.values_list("nullifier", "segment", "sealed"):
        try:
            answers = anonymity.unseal(key, bytes(nullifier), bytes(sealed))
        except anonymity.SealBroken:
            broken += 1
            continue
        if segment not in leaves:
            broken += 1
            continue
        ballots.append(Ballot(segment, answers))
        receipts.append(anonymity.receipt(bytes(sealed)))
    if broken and not ballots:
        raise vault.KeyLost(_("The key of this survey round does not open its ballots."))
    return _Opened(ballots, sorted(receipts), broken)


def _keep_headcounts(wave: Wave) -> dict[int, int]:
    """How many could answer, per segment: with an account, or without one as of opening."""
    people = WaveEligibility.objects.filter(wave=wave)
    eligible = Counter(people.values_list("segment", flat=True))
    eligible.update(wave.without_account())
    WaveHeadcount.objects.filter(wave=wave).delete()
    WaveHeadcount.objects.bulk_create(
        WaveHeadcount(wave=wave, segment=segment, eligible=n)
        for segment, n in sorted(eligible.items())
    )
    return dict(eligible)


def _declared_pairs(wave: Wave) -> Iterable[tuple[str, str]]:
    """As they were when the wave opened: one declared later is for the next wave."""
    return [(rows, columns) for rows, columns in wave.frozen_definition.get("crosses", ())]


def _delete_personal_rows(wave: Wave) -> None:
    """All ballots, drafts among them, all tickets, and who was eligible."""
    for table in (SealedBallot, Ticket, WaveEligibility):
        table.objects.filter(wave=wave).delete()


def _write_audit(wave: Wave, opened: _Opened, by: User | None, *, asked: int) -> None:
    """The hash, the number and the receipts; of too few answers nothing but that fact.

    Where the number is withheld the receipts stand among invented ones, as many as were asked.
    """
    known = not wave.too_few
    receipts = list(opened.receipts) if known else []
    if wave.withheld:
        receipts = sorted([*opened.receipts, *_invented(asked - len(opened.receipts))])
    CloseAudit.objects.create(
        wave=wave,
        step=CLOSED,
        actor=by.name if by else "",
        tables_hash=tables_hash(wave),
        ballots=len(opened.ballots) if known else None,
        receipts=receipts,
        details={"not_opened": opened.broken} if known else {},
    )
    audit.record(
        "wave.closed",
        wave,
        by=by,
        channel="screen" if by else "system",
        municipality_id=wave.municipality_id,
        after={"state": wave.state},
    )
    log.info("wave %s closed", wave.pk)


def _invented(number: int) -> list[str]:
    """Receipts of nobody, as long as real ones."""
    return [secrets.token_hex(5) for _place in range(max(0, number))]


def _lose_key(wave: Wave, *, by: User | None, now: dt.datetime) -> None:
    """End a wave whose key cannot be read: no data, everybody who could answer is told."""
    people = WaveEligibility.objects.filter(wave=wave).order_by("employee_id")
    notifications.announce_lost_key(wave, people.values_list("employee_id", flat=True), now)
    _delete_personal_rows(wave)
    wave.state = WaveState.KEY_LOST
    wave.save(update_fields=["state"])
    wave.blocks.exclude(state__in=ENDED).update(state=WaveState.KEY_LOST)
    follow_up_endings.key_lost(wave, on=timezone.localdate(now))
    CloseAudit.objects.get_or_create(
        wave=wave, step=KEY_LOST, defaults={"actor": by.name if by else ""}
    )
    audit.record(
        "wave.key_lost",
        wave,
        by=by,
        channel="screen" if by else "system",
        municipality_id=wave.municipality_id,
        after={"state": wave.state},
    )
    log.error("wave %s: its key cannot be read; it has to be run again", wave.pk)
