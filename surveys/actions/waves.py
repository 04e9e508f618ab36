"""The life of a wave before its close: planned, scheduled, opened, extended, cancelled."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.audit import record
from dxportal.accounts.models import Department, Event, User
from dxportal.shared.tenancy import set_municipality
from roadmap.models import Initiative
from surveys import notifications, opening, vault
from surveys.actions import closing, follow_up_endings
from surveys.choices import EARLY, WaveState
from surveys.locks import hold_wave
from surveys.models import (
    SealedBallot,
    Survey,
    Ticket,
    Wave,
    WaveAsk,
    WaveEligibility,
    WaveReader,
)
from surveys.models.wave import WaveQuerySet
from surveys.sittings import AskGroup, groups_of

#: What a planned wave is made of, beside departments and readers.
PLAN = ("label", "opens_at", "closes_at", "publish_at", "k_cell", "k_text", "two_person")

#: What is looked at for the reason of a wave that stays scheduled: a new plan starts afresh.
TOLD = ("wave.not_opened", "wave.scheduled", "wave.changed")


class WaveRefused(Exception):
    """The wave cannot do this now; the sentence says why."""


@dataclass(frozen=True)
class PlannedBlock:
    """One initiative of a sitting: whom to ask, without some groups, and what it was for."""

    initiative: Initiative
    departments: Sequence[Department]
    left_out: Collection[AskGroup] = ()
    why: str = ""

    def as_data(self) -> dict[str, Any]:
        """As a draft keeps it."""
        return {
            "initiative": self.initiative.pk,
            "title": self.initiative.title,
            "why": self.why,
            "departments": sorted(department.pk for department in self.departments),
            "left_out": sorted([department, is_head] for department, is_head in self.left_out),
        }


# Planning ----------------------------------------------------------------------------------------
@transaction.atomic
def plan_wave(
    survey: Survey,
    *,
    label: str,
    opens_at: datetime,
    closes_at: datetime,
    publish_at: datetime,
    k_cell: int = 5,
    k_text: int = 10,
    two_person: bool = False,
    readers: Iterable[User] = (),
    departments: Iterable[Department] | None = None,
    initiative: Initiative | None = None,
    blocks: Sequence[PlannedBlock] = (),
    by: User | None,
) -> Wave:
    """A draft. `departments` limits who will be asked to them and everything below them.

    `blocks`: the initiatives that are asked about in one sitting, instead of both.
    """
    if len(blocks) == 1:
        initiative = blocks[0].initiative
    wave = Wave(
        survey=survey,
        label=label,
        initiative=initiative,
        opens_at=opens_at,
        closes_at=closes_at,
        publish_at=publish_at,
        k_cell=k_cell,
        k_text=k_text,
        two_person=two_person,
        several=len(blocks) > 1,
        frozen_org={"blocks": [b.as_data() for b in blocks]}
        if blocks
        else _limited_to(departments),
    )
    _refuse_order(wave)
    wave.save()
    _name_readers(wave, readers)
    record("wave.planned", wave, by=by, channel=_channel(by), after=_plan_of(wave))
    return wave


@transaction.atomic
def change_wave(
    wave: Wave,
    *,
    readers: Iterable[User],
    departments: Iterable[Department] | None,
    by: User | None,
    **plan: Any,
) -> Wave:
    """Plan it anew, while it is a draft or scheduled."""
    wave = _early(wave)
    before = _plan_of(wave)
    for name in PLAN:
        setattr(wave, name, plan.get(name, getattr(wave, name)))
    wave.frozen_org = _limited_to(departments)
    _refuse_order(wave)
    wave.save(update_fields=[*PLAN, "frozen_org"])
    _name_readers(wave, readers)
    record("wave.changed", wave, by=by, before=before, after=_plan_of(wave))
    return wave


@transaction.atomic
def schedule_wave(wave: Wave, *, by: User | None, now: datetime) -> Wave:
    """Let the clock open it at its time; until then it can be changed and taken back."""
    wave = _early(wave)
    if wave.state == WaveState.SCHEDULED:
        return wave
    if wave.opens_at < now:
        raise WaveRefused(_("The time of opening has passed. Choose a later one, or open it now."))
    wave.state = WaveState.SCHEDULED
    wave.save(update_fields=["state"])
    after = {"opens_at": wave.opens_at}
    record("wave.scheduled", wave, by=by, channel=_channel(by), after=after)
    return wave


@transaction.atomic
def unschedule_wave(wave: Wave, *, by: User | None) -> Wave:
    """A draft again: it opens when somebody opens it."""
    wave = _early(wave)
    if wave.state == WaveState.SCHEDULED:
        wave.state = WaveState.DRAFT
        wave.save(update_fields=["state"])
        record("wave.unscheduled", wave, by=by)
    return wave


def _channel(by: User | None) -> str:
    return "screen" if by else "system"


def _early(wave: Wave) -> Wave:
    """The row, locked, as long as nothing of it is frozen; its survey stands still meanwhile."""
    rows = Wave.objects.select_for_update(of=["self", "survey"])
    early = rows.select_related("survey__municipality").filter(pk=wave.pk).first()
    if early is None:
        raise WaveRefused(_("This survey round was discarded."))
    if early.state not in EARLY:
        raise WaveRefused(_("This survey round is open already."))
    return early


def _sitting(rows: WaveQuerySet, wave: Wave) -> Wave:
    """The row; a block of a sitting lives and ends with it and is never acted upon alone."""
    found = rows.get(pk=wave.pk)
    if found.sitting_id is not None:
        raise WaveRefused(_("This is a part of a survey that asks about several initiatives."))
    return found


def _refuse_order(wave: Wave) -> None:
    if not wave.opens_at < wave.closes_at <= wave.publish_at:
        raise WaveRefused(_("A survey opens first, then closes, then shows its results."))


def _limited_to(departments: Iterable[Department] | None) -> dict[str, Any]:
    if departments is None:
        return {}
    return {"departments": sorted(department.pk for department in departments)}


def _name_readers(wave: Wave, readers: Iterable[User]) -> None:
    WaveReader.objects.filter(wave=wave).delete()
    WaveReader.objects.bulk_create(
        WaveReader(wave=wave, slot=slot, user=user) for slot, user in enumerate(readers, start=1)
    )


def _plan_of(wave: Wave) -> dict[str, Any]:
    """What the audit trail keeps of a plan."""
    return {
        **{name: getattr(wave, name) for name in PLAN},
        "departments": wave.frozen_org.get("departments"),
        "readers": list(wave.readers.values_list("user_id", flat=True)),
    }


# Opening -----------------------------------------------------------------------------------------
def open_wave(wave: Wave, *, by: User | None, now: datetime) -> Wave:
    """Freeze what people agree to, and let them answer; all of it or nothing.

    The key file comes first and is read back; if anything fails after that, it is destroyed, by
    the hourly job if not here.
    """
    key_id = uuid.uuid4().hex
    try:
        with transaction.atomic():
            draft = _early(wave)
            drawn = opening.draw_up(draft, now)
            if hindered := opening.obstacles(draft, drawn, now):
                raise WaveRefused(" ".join(hindered))
            _write_key(key_id)
            return _open(draft, drawn, key_id, by=by, now=now)
    except BaseException:
        with suppress(OSError):
            vault.destroy(settings.KEY_DIR, key_id)
        raise


def open_scheduled(wave_id: int, *, now: datetime) -> bool:
    """Open a scheduled wave whose time has come; True where this call opened it. Repeatable.

    Where it cannot be opened it stays scheduled, and the DX office is told each reason once.
    """
    with transaction.atomic():
        hold_wave(wave_id)
        rows = Wave.objects.select_for_update(of=["self"]).select_related("survey__municipality")
        wave = rows.filter(pk=wave_id, state=WaveState.SCHEDULED, opens_at__lte=now).first()
        if wave is None:
            return False
        set_municipality(wave.municipality_id)
        try:
            open_wave(wave, by=None, now=now)
        except (WaveRefused, vault.VaultError) as refused:
            _tell_refusal(wave, str(refused), now)
            return False
        return True


def _tell_refusal(wave: Wave, reason: str, now: datetime) -> None:
    if refusal_of(wave) == reason:
        return
    event = record(
        "wave.not_opened",
        wave,
        by=None,
        channel="system",
        municipality_id=wave.municipality_id,
        after={"reason": reason},
    )
    notifications.announce_refusal(wave, reason, occasion=event.pk, now=now)


def refusal_of(wave: Wave) -> str:
    """Why the wave did not open, as told last; "" where it was planned anew since."""
    told = Event.objects.filter(object_type="wave", object_id=wave.pk, action__in=TOLD)
    last = told.order_by("-pk").first()
    return "" if last is None else str(last.after.get("reason", ""))


def _write_key(key_id: str) -> None:
    try:
        vault.create(settings.KEY_DIR, key_id)
    except OSError:
        raise vault.VaultError(
            _("The key folder cannot be written to. Ask the operator to mount it.")
        ) from None
    if not vault.check(settings.KEY_DIR, key_id):
        raise vault.KeyLost(_("The key of this survey round cannot be read."))


def _open(wave: Wave, drawn: opening.Draw, key_id: str, *, by: User | None, now: datetime) -> Wave:
    day = timezone.localdate(now)
    thresholds = {"k_cell": wave.k_cell, "k_text": wave.k_text}
    wave.frozen_definition = opening.as_frozen(drawn, thresholds)
    wave.frozen_org = {"nodes": drawn.nodes, "tickets": drawn.tickets}
    if wave.several:
        wave.frozen_org["asks"] = drawn.asks
    wave.notice_text = drawn.notice_ja
    wave.key_id = key_id
    wave.opens_at = now
    wave.state = WaveState.OPEN
    wave.save()
    WaveEligibility.objects.bulk_create(
        WaveEligibility(
            wave=wave, employee_id=place.person, segment=place.segment, is_head=place.is_head
        )
        for place in drawn.placed
    )
    WaveAsk.objects.bulk_create(
        WaveAsk(wave=wave, department_id=department, is_head=is_head, opened_on=day)
        for department, is_head in sorted(groups_of(drawn.nodes, drawn.placed, drawn.tickets))
    )
    blocks = _open_blocks(wave, drawn, thresholds) if wave.several else []
    notifications.announce_opening(wave, (place.person for place in drawn.placed), now)
    after = {**thresholds, "asked": len(drawn.placed), "key_id": key_id}
    after |= {"blocks": [block.pk for block in blocks]} if blocks else {}
    record("wave.opened", wave, by=by, channel=_channel(by), after=after)
    return wave


def _open_blocks(wave: Wave, drawn: opening.Draw, thresholds: Mapping[str, int]) -> list[Wave]:
    """A wave for the results of each initiative; it is answered, closed and shredded with this."""
    blocks = []
    for number, about in enumerate(drawn.definition["blocks"], start=1):
        definition, org = opening.as_frozen_block(drawn, number, thresholds)
        blocks.append(
            Wave.objects.create(
                survey=wave.survey,
                sitting=wave,
                label=_("%(title)s: three months later") % {"title": about["title"][:90]},
                initiative_id=about["initiative"],
                state=WaveState.OPEN,
                opens_at=wave.opens_at,
                closes_at=wave.closes_at,
                publish_at=wave.publish_at,
                frozen_definition=definition,
                frozen_org=org,
                notice_text=wave.notice_text,
                two_person=wave.two_person,
                **thresholds,
            )
        )
    return blocks


# While it is open --------------------------------------------------------------------------------
@transaction.atomic
def extend_wave(wave: Wave, *, closes_at: datetime, by: User | None, now: datetime) -> Wave:
    """Move the deadline back and tell everybody asked; results then come no earlier than it.

    Nothing frozen changes. Everybody is told, because who has not answered is not known.
    """
    hold_wave(wave.pk)
    wave = _sitting(Wave.objects.select_related("survey__municipality"), wave)
    if wave.state != WaveState.OPEN or wave.closes_at <= now:
        raise WaveRefused(_("Only an open survey round can be extended."))
    if closes_at <= wave.closes_at:
        raise WaveRefused(_("The new deadline must be later than the old one."))
    before = {"closes_at": wave.closes_at, "publish_at": wave.publish_at}
    wave.closes_at, wave.publish_at = closes_at, max(wave.publish_at, closes_at)
    wave.save(update_fields=["closes_at", "publish_at"])
    wave.blocks.update(closes_at=wave.closes_at, publish_at=wave.publish_at)
    after = {"closes_at": wave.closes_at, "publish_at": wave.publish_at}
    record("wave.extended", wave, by=by, before=before, after=after)
    people = wave.eligible.order_by("employee_id").values_list("employee_id", flat=True)
    notifications.announce_extending(wave, people, now)
    return wave


@transaction.atomic
def cancel_wave(wave: Wave, *, by: User | None, now: datetime) -> Wave | None:
    """Delete ballots, tickets, eligibility and, after the commit, the key. A plan just goes."""
    hold_wave(wave.pk)
    rows = Wave.objects.select_for_update(of=["self"]).select_related("survey")
    wave = _sitting(rows, wave)
    if wave.state in EARLY:
        record("wave.discarded", wave, by=by)
        _discard(wave)
        return None
    if wave.state != WaveState.OPEN:
        raise WaveRefused(_("Only an open survey round can be cancelled."))
    people = list(wave.eligible.values_list("employee_id", flat=True))
    _empty_box(wave)
    wave.state = WaveState.CANCELLED
    wave.save(update_fields=["state"])
    wave.blocks.exclude(state__in=closing.ENDED).update(state=WaveState.CANCELLED)
    follow_up_endings.cancelled(wave, on=timezone.localdate(now))
    notifications.announce_cancelling(wave, people, now)
    record("wave.cancelled", wave, by=by, after={"deleted": ["ballots", "eligibility", "key"]})
    transaction.on_commit(partial(closing.destroy_key, wave.pk), robust=True)
    return wave


def _discard(wave: Wave) -> None:
    """Only readers hang on a plan, and Django's own delete would ask to empty other tables."""
    WaveReader.objects.filter(wave=wave).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM surveys_wave WHERE id = %s AND state IN ('draft', 'scheduled')", [wave.pk]
        )


def _empty_box(wave: Wave) -> None:
    for model in (SealedBallot, Ticket, WaveEligibility):
        model._default_manager.filter(wave=wave).delete()
