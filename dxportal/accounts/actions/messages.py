"""Messages to people: written once with the facts, sent later, read in the portal."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from dxportal.accounts.choices import MessageChannel
from dxportal.accounts.models import Municipality, Outbox, User, Webhook

log = logging.getLogger("dxportal.accounts.messages")

#: After this many failures a message is parked (Outbox.to_send).
LAST_ATTEMPT = 10
BATCH = 1000


@dataclass(frozen=True)
class Message:
    """What one person is told. mail: the text by e-mail, where it may hold links of the person."""

    recipient_id: int
    subject: str
    body: str
    path: str
    mail: str = ""


def open_channels(municipality_id: int) -> list[MessageChannel]:
    """Through what messages of a municipality go out now: one query."""
    channels = [MessageChannel.IN_APP]
    if settings.MAIL_ENABLED:
        channels.append(MessageChannel.EMAIL)
    if Webhook.objects.filter(municipality=municipality_id, active=True).exists():
        channels.append(MessageChannel.WEBHOOK)
    return channels


def enqueue(
    messages: Iterable[Message],
    *,
    key: str,
    municipality_id: int,
    now: dt.datetime,
    channels: Sequence[MessageChannel] | None = None,
) -> None:
    """Put messages into the outbox, once for each person, channel and key.

    The recipients are active people of the municipality: the caller has seen to it.
    """
    through = open_channels(municipality_id) if channels is None else channels
    rows = [
        Outbox(
            municipality_id=municipality_id,
            recipient_id=message.recipient_id,
            channel=channel,
            subject=str(message.subject)[:200],
            body=_body(message, channel),
            path=message.path,
            key=key,
            not_before=now,
        )
        for message in messages
        for channel in through
    ]
    Outbox.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def _body(message: Message, channel: MessageChannel) -> str:
    by_mail = channel == MessageChannel.EMAIL and message.mail
    return str(message.mail if by_mail else message.body)


def notify(
    recipients: Iterable[User],
    *,
    subject: str,
    body: str,
    path: str,
    key: str,
    municipality: Municipality | int,
    now: dt.datetime,
) -> None:
    """One message to each active person, in the portal and through what else is set up.

    The key names the occasion: the same occasion twice writes nothing more.
    """
    municipality_id = municipality if isinstance(municipality, int) else municipality.pk
    told = (
        Message(person.pk, subject, body, path)
        for person in recipients
        if person.is_active and person.municipality_id == municipality_id
    )
    enqueue(told, key=key, municipality_id=municipality_id, now=now)


def read_notice(notice: Outbox, *, now: dt.datetime) -> None:
    """The reader opened it; the first time counts."""
    Outbox.objects.filter(pk=notice.pk, read_at__isnull=True).update(read_at=now)


def read_all_notices(*, by: User, now: dt.datetime) -> int:
    """The reader has seen them all; how many were new."""
    return Outbox.objects.visible_to(by).unread().update(read_at=now)


def deliver_waiting(now: dt.datetime) -> tuple[int, int]:
    """Send the mails that wait, one a transaction; (sent, failed). Webhooks go by themselves.

    Two workers never take the same row. A mail server that cannot be reached ends the round:
    the other messages would fail alike.
    """
    sent = failed = last = 0
    while True:
        with transaction.atomic():
            mails = Outbox.objects.to_send(now).filter(channel=MessageChannel.EMAIL, id__gt=last)
            waiting = mails.select_related("recipient")
            row = waiting.select_for_update(skip_locked=True, of=("self",)).first()
            if row is None:
                return sent, failed
            last = row.pk
            try:
                accepted = _send(row)
            except OSError as error:  # includes smtplib.SMTPException
                postpone(row, f"{type(error).__name__}: {error}", now)
                failed += 1
                if not _about_this_message(error):
                    log.warning("mail cannot be sent now: %s", type(error).__name__)
                    return sent, failed
            else:
                row.sent_at = now if accepted else None
                row.attempts = row.attempts if accepted else LAST_ATTEMPT
                row.save(update_fields=["sent_at", "attempts"])
                sent += accepted


def _send(row: Outbox) -> bool:
    """Hand one message to the mail server; False where the person has left."""
    if not row.recipient.is_active:
        return False
    link = f"\n\n{settings.SITE_URL}{row.path}\n" if row.path else "\n"
    EmailMessage(
        subject=" ".join(row.subject.split()), body=row.body + link, to=[row.recipient.email]
    ).send()
    return True


def postpone(row: Outbox, error: str, now: dt.datetime) -> None:
    """Note the failure and wait longer each time, an hour at most."""
    row.attempts += 1
    row.last_error = error[:200]
    row.not_before = now + dt.timedelta(minutes=min(2**row.attempts, 60))
    row.save(update_fields=["attempts", "last_error", "not_before"])


def _about_this_message(error: Exception) -> bool:
    """Whether the mail server took the connection and refused just this message."""
    from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused

    return isinstance(error, SMTPDataError | SMTPRecipientsRefused | SMTPSenderRefused)
