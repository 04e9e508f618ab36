"""The life of a wave before its close: planned, opened, extended, cancelled, its key lost."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.audit import record
from dxportal.accounts.models import Department, User
from dxportal.shared import fiscal
from dxportal.shared.tenancy import set_municipality
from roadmap.models import Initiative
from surveys import notifications, vault
from surveys.actions import closing
from surveys.actions.definitions import definition_of
from surveys.choices import WaveState
from surveys.content.notice import notice
from surveys.eligibility import frame
from surveys.locks import hold_wave
from surveys.models import SealedBallot, Survey, Ticket, Wave, WaveAsk, WaveEligibility


class WaveRefused(Exception):
    """The wave cannot do this now; the sentence says why."""


@transaction.atomic
def plan_wave(
    survey: Survey,
    *,
    label: str,
    opens_at: datetime,
    closes_at: datetime,
    publish_at: datetime,
    departments: Iterable[Department] | None = None,
    initiative: Initiative | None = None,
    by: User | None,
) -> Wave:
    """A draft. `departments` limits who will be asked to them and everything below them."""
    if not opens_at < closes_at <= publish_at:
        raise WaveRefused(_("A survey opens first, then closes, then shows its results."))
    only = None if departments is None else sorted(department.pk for department in departments)
    wave = Wave.objects.create(
        survey=survey,
        label=label,
        initiative=initiative,
        opens_at=opens_at,
        closes_at=closes_at,
        publish_at=publish_at,
        frozen_org={} if only is None else {"departments": only},
    )
    schedule = {"opens_at": opens_at, "closes_at": closes_at, "publish_at": publish_at}
    record("wave.planned", wave, by=by, after={**schedule, "departments": only})
    return wave


def open_wave(wave: Wave, *, by: User | None, now: datetime) -> Wave:
    """Freeze what people agree to, and let them answer; all of it or nothing.

    The key file comes first and is read back; if anything fails after that, it is destroyed.
    """
    key_id = uuid.uuid4().hex
    try:
        with transaction.atomic():
            draft = _draft(wave, now)
            vault.create(settings.KEY_DIR, key_id)
            if not vault.check(settings.KEY_DIR, key_id):
                raise vault.KeyLost(_("The key of this survey round cannot be read."))
            return _open(draft, key_id, by=by, now=now)
    except BaseException:
        vault.destroy(settings.KEY_DIR, key_id)
        raise


def _draft(wave: Wave, now: datetime) -> Wave:
    draft = Wave.objects.select_for_update(of=["self"]).select_related("survey").get(pk=wave.pk)
    if draft.state != WaveState.DRAFT:
        raise WaveRefused(_("This survey round is open already."))
    if draft.closes_at <= now:
        raise WaveRefused(_("The deadline has passed. Plan the survey round again."))
    return draft


def _open(wave: Wave, key_id: str, *, by: User | None, now: datetime) -> Wave:
    municipality = wave.survey.municipality
    day = timezone.localdate(now)
    nodes, placed = frame(municipality, day, only=wave.frozen_org.get("departments"))
    if not placed:
        raise WaveRefused(_("Nobody would be asked: no active person has a department."))
    closing = timezone.localtime(wave.closes_at)
    until = fiscal.format_date(closing.date(), municipality.calendar_style)  # type: ignore[arg-type]
    thresholds = {"k_cell": wave.k_cell, "k_text": wave.k_text}
    notice_ja, notice_en = notice(
        closes=f"{until} {closing:%H:%M}", k=wave.k_cell, k_text=wave.k_text
    )
    wave.frozen_definition = {
        **definition_of(wave.survey),
        "thresholds": thresholds,
        "notice_en": notice_en,
    }
    wave.frozen_org = {"nodes": nodes}
    wave.notice_text = notice_ja
    wave.key_id = key_id
    wave.opens_at = now
    wave.state = WaveState.OPEN
    wave.save()
    WaveEligibility.objects.bulk_create(
        WaveEligibility(
            wave=wave, employee_id=place.person, segment=place.segment, is_head=place.is_head
        )
        for place in placed
    )
    WaveAsk.objects.bulk_create(
        WaveAsk(wave=wave, department_id=department, is_head=is_head, opened_on=day)
        for department, is_head in sorted({(p.department, p.is_head) for p in placed})
    )
    notifications.announce_opening(wave, (place.person for place in placed), now)
    record("wave.opened", wave, by=by, after={**thresholds, "asked": len(placed), "key_id": key_id})
    return wave


@transaction.atomic
def extend_wave(wave: Wave, *, closes_at: datetime, by: User | None, now: datetime) -> Wave:
    """Move the deadline back; results then come no earlier than it. Nothing frozen changes."""
    hold_wave(wave.pk)
    wave = Wave.objects.select_related("survey").get(pk=wave.pk)
    if wave.state != WaveState.OPEN or wave.closes_at <= now:
        raise WaveRefused(_("Only an open survey round can be extended."))
    if closes_at <= wave.closes_at:
        raise WaveRefused(_("The new deadline must be later than the old one."))
    before = {"closes_at": wave.closes_at, "publish_at": wave.publish_at}
    wave.closes_at, wave.publish_at = closes_at, max(wave.publish_at, closes_at)
    wave.save(update_fields=["closes_at", "publish_at"])
    after = {"closes_at": wave.closes_at, "publish_at": wave.publish_at}
    record("wave.extended", wave, by=by, before=before, after=after)
    return wave


@transaction.atomic
def cancel_wave(wave: Wave, *, by: User | None, now: datetime) -> Wave | None:
    """Delete ballots, tickets, eligibility and, after the commit, the key. A draft just goes."""
    hold_wave(wave.pk)
    wave = Wave.objects.select_related("survey").get(pk=wave.pk)
    if wave.state == WaveState.DRAFT:
        record("wave.discarded", wave, by=by)
        _discard(wave)
        return None
    if wave.state != WaveState.OPEN:
        raise WaveRefused(_("Only an open survey round can be cancelled."))
    people = list(wave.eligible.values_list("employee_id", flat=True))
    _empty_box(wave)
    wave.state = WaveState.CANCELLED
    wave.save(update_fields=["state"])
    notifications.announce_cancelling(wave, people, now)
    record("wave.cancelled", wave, by=by, after={"deleted": ["ballots", "eligibility", "key"]})
    transaction.on_commit(partial(closing.destroy_key, wave.pk), robust=True)
    return wave


def _discard(wave: Wave) -> None:
    """Nothing hangs on a draft, and Django's own delete would ask to empty append-only tables."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM surveys_wave WHERE id = %s AND state = 'draft'", [wave.pk])


def _empty_box(wave: Wave) -> None:
    for model in (SealedBallot, Ticket, WaveEligibility):
        model._default_manager.filter(wave=wave).delete()


def check_key(wave_id: int, *, now: datetime) -> bool:
    """Read an open wave's key back and open the known test box; otherwise the wave is lost."""
    wave = Wave.objects.get(pk=wave_id)
    if vault.check(settings.KEY_DIR, wave.key_id):
        return True
    mark_key_lost(wave, now=now)
    return False


@transaction.atomic
def mark_key_lost(wave: Wave, *, now: datetime) -> None:
    """The key cannot be read back: nobody can answer or count any more, and staff are told."""
    hold_wave(wave.pk)
    wave = Wave.objects.select_related("survey").get(pk=wave.pk)
    set_municipality(wave.municipality_id)
    if wave.state != WaveState.OPEN:
        return
    wave.state = WaveState.KEY_LOST
    wave.save(update_fields=["state"])
    people = list(wave.eligible.values_list("employee_id", flat=True))
    notifications.announce_lost_key(wave, people, now)
    record("wave.key_lost", wave, by=None, channel="system")
    transaction.on_commit(partial(closing.destroy_key, wave.pk), robust=True)
