"""Reminding people, and what a municipality and a person have set about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dxportal.accounts import audit
from dxportal.accounts.actions.messages import enqueue
from dxportal.accounts.models import Municipality, User
from dxportal.shared.fiscal import add_months
from dxportal.shared.workdays import is_workday
from roadmap import reminding
from roadmap.choices import Channel
from roadmap.models import Digest, ReminderSetting, Snooze
from roadmap.notifications import digest_messages
from roadmap.reminder_facts import LOOK_BACK, Loaded, load

SET = "reminders.set"
ASKED = "reminders.asked"
PAUSED = "reminders.paused"
RESUMED = "reminders.resumed"
#: A pause lasts three months at most; whoever is away for longer hands the initiatives over.
PAUSE_MONTHS: Final = 3
BATCH: Final = 1000
SETTINGS: Final = ("active", "weekday", "days_before", "escalate_after")


class SettingsChanged(Exception):
    """Somebody else set something different since the page was drawn."""

    def __init__(self, theirs: ReminderSetting) -> None:
        """Keep what stands now."""
        super().__init__("the reminders were set differently in between")
        self.theirs = theirs


def rules_of(setting: ReminderSetting) -> reminding.Rules:
    """What the pure rules need of it."""
    return reminding.Rules(setting.days_before, setting.escalate_after)


def setting_of(municipality_id: int) -> ReminderSetting:
    """What is set, or the defaults, unsaved."""
    found = ReminderSetting.objects.filter(municipality_id=municipality_id).first()
    return found or ReminderSetting(municipality_id=municipality_id)


def _locked(municipality_id: int) -> ReminderSetting:
    """The row of the municipality: whoever sends or sets waits here for the others."""
    ReminderSetting.objects.get_or_create(municipality_id=municipality_id)
    return ReminderSetting.objects.select_for_update().get(municipality_id=municipality_id)


# Sending ------------------------------------------------------------------------------------------
@transaction.atomic
def send_digests(municipality_id: int, *, now: dt.datetime) -> int:
    """The digests of the day; to how many people. Again on the same day: only what is new.

    Once a week what is too old to count goes.
    """
    day = timezone.localdate(now)
    if not is_workday(day):
        return 0
    setting = _locked(municipality_id)
    if not setting.active:
        return 0
    last = setting.last_weekly_on
    weekly = reminding.weekly_due(day, setting.weekday, last)
    loaded = load(municipality_id, day, rules_of(setting), last)
    planned = planned_for(loaded, setting, day, weekly=weekly)
    if weekly:
        setting.last_weekly_on = day
        setting.save(update_fields=["last_weekly_on"])
        old = Digest.objects.filter(municipality_id=municipality_id, day__lt=day - LOOK_BACK)
        old.delete()
    return _write(planned.digests, loaded, municipality_id, now)


def planned_for(
    loaded: Loaded, setting: ReminderSetting, day: dt.date, *, weekly: bool
) -> reminding.Plan:
    """Who gets what on the day."""
    return reminding.plan(
        loaded.facts,
        day,
        rules_of(setting),
        weekly=weekly,
        told=loaded.told,
        owed=loaded.owed,
    )


def _write(
    digests: Iterable[reminding.Digest],
    loaded: Loaded,
    municipality_id: int,
    now: dt.datetime,
) -> int:
    """Note each digest, and put those that are not held back into the outbox."""
    day, all_of_them = timezone.localdate(now), list(digests)
    rows = [
        Digest(
            municipality_id=municipality_id,
            user_id=digest.user,
            day=day,
            items=[_noted(item, held=digest.held) for item in digest.items],
        )
        for digest in all_of_them
    ]
    Digest.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    sent = [digest for digest in all_of_them if not digest.held]
    if sent:
        messages = digest_messages(sent, names=loaded.names, back=loaded.back, day=day)
        enqueue(messages, key=f"digest-{day}", municipality_id=municipality_id, now=now)
    return len(sent)


def _noted(item: reminding.Item, *, held: bool) -> dict[str, Any]:
    noted: dict[str, Any] = {
        "key": item.key,
        "reason": str(item.reason),
        "initiative": item.initiative,
        "level": int(item.level),
    }
    return {**noted, "held": True} if held else noted


@dataclass(frozen=True)
class Asking:
    """What asking about some initiatives now would do, or did."""

    digests: tuple[reminding.Digest, ...]
    #: Got a digest today already.
    told: tuple[reminding.Digest, ...]
    paused: tuple[reminding.Digest, ...]
    unreached: tuple[reminding.InitiativeFacts, ...]
    names: Mapping[int, str]
    workday: bool


def outlook(municipality_id: int, initiatives: Iterable[int], *, day: dt.date) -> Asking:
    """Whom asking about these initiatives would reach today; nothing is sent."""
    return _asking(_load_now(municipality_id, day), initiatives, day)


def _load_now(municipality_id: int, day: dt.date) -> Loaded:
    setting = setting_of(municipality_id)
    return load(municipality_id, day, rules_of(setting), setting.last_weekly_on)


def _asking(loaded: Loaded, initiatives: Iterable[int], day: dt.date) -> Asking:
    found, lost = reminding.asked(loaded.facts, initiatives, loaded.told)
    paused = loaded.facts.people.paused
    return Asking(
        digests=tuple(d for d in found.values() if not d.held),
        told=tuple(d for d in found.values() if d.user in loaded.told),
        paused=tuple(d for d in found.values() if d.user in paused - loaded.told),
        unreached=lost,
        names=loaded.names,
        workday=is_workday(day),
    )


@transaction.atomic
def remind_now(
    municipality: Municipality, initiatives: Iterable[int], *, by: User, now: dt.datetime
) -> int:
    """Ask those who answer for these initiatives how they stand; how many people got it.

    Nobody gets a second message on a day, and nobody gets one on a holiday.
    """
    _locked(municipality.pk)
    day, wanted = timezone.localdate(now), sorted(set(initiatives))
    loaded = _load_now(municipality.pk, day)
    asking = _asking(loaded, wanted, day)
    if not asking.workday or not asking.digests:
        return 0
    sent = _write(asking.digests, loaded, municipality.pk, now)
    people = [loaded.names.get(digest.user, "") for digest in asking.digests]
    facts = loaded.facts.initiatives
    titles = [facts[pk].title for pk in wanted if pk in facts]
    after = {"initiatives": titles, "people": people}
    audit.record(ASKED, municipality, by=by, municipality_id=municipality.pk, after=after)
    return sent


# Setting ------------------------------------------------------------------------------------------
@transaction.atomic
def set_reminders(
    municipality: Municipality,
    *,
    by: User,
    wanted: Mapping[str, Any],
    seen: Mapping[str, Any],
    today: dt.date,
    channel: str = Channel.SCREEN,
) -> ReminderSetting:
    """Say when and how it is reminded. Raises SettingsChanged where `seen` is no longer so.

    A new weekday begins with its next day: what it would have sent before today is not made up for.
    """
    setting = _locked(municipality.pk)
    before = {name: getattr(setting, name) for name in SETTINGS}
    after = {name: wanted[name] for name in SETTINGS}
    if before == after:
        return setting
    if before != {name: seen.get(name) for name in SETTINGS}:
        raise SettingsChanged(setting)
    for name, value in after.items():
        setattr(setting, name, value)
    passed = reminding.latest_weekly(today - dt.timedelta(days=1), setting.weekday)
    setting.last_weekly_on = max(passed, setting.last_weekly_on or passed)
    setting.save()
    audit.record(
        SET,
        setting,
        by=by,
        channel=channel,
        municipality_id=municipality.pk,
        before=before,
        after=after,
    )
    return setting


# Pausing ------------------------------------------------------------------------------------------
@transaction.atomic
def pause(
    person: User,
    *,
    by: User,
    valid_from: dt.date,
    valid_to: dt.date,
    today: dt.date,
    channel: str = Channel.SCREEN,
) -> Snooze:
    """Send nothing from a day until the day before `valid_to`; the same pause twice is one.

    Raises ValidationError for a pause in the past, of more than three months, or beside another.
    """
    User.objects.select_for_update().get(pk=person.pk)
    mine = Snooze.objects.filter(user=person)
    same = mine.filter(valid_from=valid_from, valid_to=valid_to).first()
    if same is not None:
        return same
    if valid_from < today:
        raise ValidationError({"valid_from": _("A pause begins today or later.")})
    if valid_to <= valid_from:
        raise ValidationError({"last_day": _("The last day is before the first.")})
    if valid_to > add_months(valid_from, PAUSE_MONTHS):
        raise ValidationError({"last_day": _("A pause lasts three months at most.")})
    if mine.filter(valid_from__lt=valid_to, valid_to__gt=valid_from).exists():
        raise ValidationError(_("There is a pause in that time already. End it first."))
    made = Snooze.objects.create(user=person, valid_from=valid_from, valid_to=valid_to, by=by)
    _record_pause(PAUSED, made, by=by, channel=channel)
    return made


@transaction.atomic
def end_pause(snooze: Snooze, *, by: User, today: dt.date, channel: str = Channel.SCREEN) -> None:
    """End a pause today; one that has not begun, or began today, goes. Again: nothing."""
    locked = Snooze.objects.select_for_update().filter(pk=snooze.pk).first()
    if locked is None or locked.valid_to <= today:
        return
    _record_pause(RESUMED, locked, by=by, channel=channel)
    if locked.valid_from >= today:
        locked.delete()
    else:
        locked.valid_to = today
        locked.save(update_fields=["valid_to"])


def _record_pause(action: str, snooze: Snooze, *, by: User, channel: str) -> None:
    audit.record(
        action,
        snooze.user,
        by=by,
        channel=channel,
        after={"valid_from": snooze.valid_from, "valid_to": snooze.valid_to},
    )
