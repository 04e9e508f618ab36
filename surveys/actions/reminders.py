"""Reminders without a list: worked out when needed, from what only the wave's key can open."""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from collections.abc import Sequence
from contextlib import suppress

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from dxportal.accounts.models import User
from dxportal.shared.tenancy import set_municipality
from surveys import anonymity, vault
from surveys.models import SealedBallot, Wave, WaveReminder
from surveys.notifications import deadline_of
from surveys.workdays import reminder_days

log = logging.getLogger("dxportal.surveys")

#: After so many failures in a row the mail server is taken to be gone.
GIVE_UP = 5
#: Only such a band is logged: a number a day would be an exact count of who has not answered.
SENT_BANDS = ((1, "0"), (10, "1-9"), (50, "10-49"), (200, "50-199"))


def is_reminder_day(wave: Wave, day: dt.date) -> bool:
    """Whether the wave reminds on that day."""
    opened, closes = timezone.localdate(wave.opens_at), timezone.localdate(wave.closes_at)
    return day in reminder_days(opened, closes)


def send_reminders(wave_id: int, *, now: dt.datetime) -> int:
    """E-mail everybody with an account whose ballot is not in the box; return to how many.

    At most once a day, noted before the first mail leaves. Nothing else is written: messages go
    straight to the mail server, because rows would be a list of who has not answered.
    """
    day = timezone.localdate(now)
    wave = Wave.objects.open_on(now).select_related("survey__municipality").filter(pk=wave_id)
    found = wave.first()
    if found is None or not settings.MAIL_ENABLED or not is_reminder_day(found, day):
        return 0
    try:
        key = vault.read(settings.KEY_DIR, found.key_id)
    except vault.VaultError as error:
        log.error("wave %s: no reminders: %s", wave_id, type(error).__name__)
        return 0
    addresses = _without_ballot(found, key)
    if not _note(found, day):
        return 0
    subject, body = _words(found)
    sent = _deliver([EmailMessage(subject, body, to=[address]) for address in addresses])
    band = next((words for under, words in SENT_BANDS if sent < under), "200-")
    log.info("wave %s: reminders sent: %s", wave_id, band)
    return sent


def can_still_answer(user: User, *, now: dt.datetime) -> list[Wave]:
    """Waves of which this person is reminded now: for the pages of that person alone.

    Nothing is written. Where the key cannot be read nobody is reminded.
    """
    from dxportal.celery import REMIND_AT

    local = timezone.localtime(now)
    waves = Wave.objects.answerable_by(user, now).select_related("survey__municipality")
    return [
        wave
        for wave in waves
        if local.time() >= REMIND_AT
        and is_reminder_day(wave, local.date())
        and not _has_sent(wave, user)
    ]


def _has_sent(wave: Wave, user: User) -> bool:
    try:
        key = vault.read(settings.KEY_DIR, wave.key_id)
    except vault.VaultError:
        return True
    nullifier = anonymity.nullifier(key, user.pk)
    return SealedBallot.objects.filter(wave=wave, nullifier=nullifier, submitted=True).exists()


def _without_ballot(wave: Wave, key: bytes) -> list[str]:
    """Addresses of eligible people whose pseudonym is not among the sent ballots; two queries."""
    ballots = SealedBallot.objects.filter(wave=wave, submitted=True)
    sent = {bytes(nullifier) for nullifier in ballots.values_list("nullifier", flat=True)}
    asked = wave.eligible.filter(employee__is_active=True).order_by("employee_id")
    return [
        address
        for person, address in asked.values_list("employee_id", "employee__email")
        if anonymity.nullifier(key, person) not in sent
    ]


@transaction.atomic
def _note(wave: Wave, day: dt.date) -> bool:
    """Say that the day's reminder goes out; False where it was said already."""
    set_municipality(wave.municipality_id)
    _row, is_new = WaveReminder.objects.get_or_create(wave=wave, day=day)
    return is_new


def _words(wave: Wave) -> tuple[str, str]:
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("There is still time to answer")
        lines = (
            _(
                "“%(wave)s” takes answers until %(closes)s. It takes about %(minutes)s minutes and"
                " is anonymous."
            )
            % {"wave": wave.label, "closes": deadline_of(wave), "minutes": wave.minutes},
            _(
                "This message was worked out when it was sent, from what only this portal can"
                " open. Nobody keeps a list of who has not answered."
            ),
            settings.SITE_URL + reverse("surveys:answer_start", args=[wave.pk]),
        )
    return subject, "\n\n".join(lines) + "\n"


def _deliver(messages: Sequence[EmailMessage]) -> int:
    """Hand each message to the mail server by itself; what one person's mail meets stops no other.

    Addresses are never logged. A server that is gone ends the round, so as not to wait for each.
    """
    connection, sent, in_a_row = get_connection(), 0, 0
    for message in messages:
        try:
            connection.open()
            sent += connection.send_messages([message]) or 0
            in_a_row = 0
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, ValueError) as error:
            _lost(connection, error)
        except OSError as error:
            _lost(connection, error)
            in_a_row += 1
            if in_a_row >= GIVE_UP:
                break
    with suppress(OSError):
        connection.close()
    return sent


def _lost(connection: object, error: Exception) -> None:
    log.warning("a reminder was not sent: %s", type(error).__name__)
    with suppress(OSError):
        connection.close()  # type: ignore[attr-defined]
