"""The webhook: where it leads, its secret, and handing messages over to it."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import logging
import secrets
import time
import uuid
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from dxportal.accounts import audit
from dxportal.accounts.actions.messages import LAST_ATTEMPT, postpone
from dxportal.accounts.choices import MessageChannel
from dxportal.accounts.models import Municipality, Outbox, User, Webhook
from dxportal.shared import outgoing

log = logging.getLogger("dxportal.accounts.webhooks")

SAVED = "webhook.saved"
RENEWED = "webhook.secret_renewed"
SIGNATURE: Final = "X-DXPortal-Signature"
#: At most so many seconds a round; the rest waits for the next one.
ROUND_SECONDS: Final = 120


class WebhookChanged(Exception):
    """Somebody else changed the webhook since the page was drawn."""


@transaction.atomic
def save_webhook(
    municipality: Municipality,
    *,
    by: User,
    url: str,
    active: bool,
    seen_url: str,
    channel: str = "screen",
) -> str | None:
    """Say where messages go; the new secret where there was none yet, to be shown once.

    `seen_url`: the address on the page; raises WebhookChanged where it is no longer that one and
    not the wanted one either.
    """
    locked = Municipality.objects.select_for_update().get(pk=municipality.pk)
    hook = Webhook.objects.filter(municipality=locked).first()
    before: dict[str, Any] = {"url": hook.url, "active": hook.active} if hook else {}
    if hook is not None and hook.url not in {seen_url, url}:
        raise WebhookChanged
    after = {"url": url, "active": active}
    if before == after:
        return None
    secret = None if hook else secrets.token_urlsafe(32)
    hook = hook or Webhook(municipality=locked, secret=secret or "")
    hook.url, hook.active = url, active
    if before.get("url") != url:
        hook.last_ok_at, hook.last_failed_at, hook.last_error = None, None, ""
    hook.save()
    audit.record(SAVED, hook, by=by, channel=channel, before=before, after=after)
    return secret


@transaction.atomic
def renew_secret(webhook: Webhook, *, by: User, channel: str = "screen") -> str:
    """A new secret, to be shown once; the old one ends now."""
    locked = Webhook.objects.select_for_update().get(pk=webhook.pk)
    locked.secret = secrets.token_urlsafe(32)
    locked.save(update_fields=["secret"])
    audit.record(RENEWED, locked, by=by, channel=channel)
    return locked.secret


def signature_of(secret: str, body: bytes) -> str:
    """What stands in the header of the signature: HMAC-SHA256 of the body, in hexadecimal."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def try_webhook(webhook: Webhook, *, by: User, now: dt.datetime) -> outgoing.Answer:
    """Send one message to the own address, now, whatever waits."""
    with translation.override(settings.LANGUAGE_CODE):
        sample = Outbox(
            recipient=by,
            subject=_("A trial message"),
            body=_("This is what messages to you look like."),
            path="/accounts/notices/",
        )
    answer = _call(webhook, sample, f"trial-{uuid.uuid4()}", now)
    _note(webhook, answer, now)
    return answer


def deliver_webhooks(now: dt.datetime) -> tuple[int, int]:
    """Hand over what waits, one message a transaction; (accepted, failed).

    The first failure of a municipality ends its round, and no other's.
    """
    sent = failed = last = 0
    gone: set[int] = set()
    begun = time.monotonic()
    while time.monotonic() - begun < ROUND_SECONDS:
        with transaction.atomic():
            row = _next(now, last, gone)
            if row is None:
                break
            last = row.pk
            answer = _hand_over(row, now)
            if answer is not None and not answer.accepted:
                gone.add(row.municipality_id)
                failed += 1
            sent += answer is not None and answer.accepted
    return sent, failed


def _next(now: dt.datetime, last: int, gone: set[int]) -> Outbox | None:
    """The next message that nobody else holds."""
    waiting = (
        Outbox.objects.to_send(now)
        .filter(channel=MessageChannel.WEBHOOK, id__gt=last)
        .exclude(municipality_id__in=gone)
        .select_related("recipient", "municipality")
    )
    return waiting.select_for_update(skip_locked=True, of=("self",)).first()


def _hand_over(row: Outbox, now: dt.datetime) -> outgoing.Answer | None:
    """Call the webhook; None where it was switched off, or the person has left, since."""
    hook = Webhook.objects.filter(municipality=row.municipality_id, active=True).first()
    if hook is None or not row.recipient.is_active:
        row.attempts = LAST_ATTEMPT
        row.save(update_fields=["attempts"])
        return None
    answer = _call(hook, row, str(row.pk), now)
    if answer.accepted:
        row.sent_at = now
        row.save(update_fields=["sent_at"])
    else:
        postpone(row, answer.code, now)
        log.warning("webhook of %s: %s", row.municipality_id, answer.code)
    _note(hook, answer, now)
    return answer


def _call(webhook: Webhook, row: Outbox, name: str, now: dt.datetime) -> outgoing.Answer:
    body = json.dumps(
        {
            "id": name,
            "municipality": webhook.municipality.code,
            "recipient": row.recipient.email,
            "subject": row.subject,
            "text": row.body,
            "url": f"{settings.SITE_URL}{row.path}" if row.path else "",
            "sent_at": timezone.localtime(now).isoformat(timespec="seconds"),
        },
        ensure_ascii=False,
    ).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "dxportal",
        SIGNATURE: signature_of(webhook.secret, body),
    }
    local = settings.WEBHOOK_MAY_BE_LOCAL
    return outgoing.post(webhook.url, body, headers, may_be_local=local)


def _note(webhook: Webhook, answer: outgoing.Answer, now: dt.datetime) -> None:
    """Keep when it last went well, or what went wrong; never what the other side wrote."""
    noted: dict[str, Any] = (
        {"last_ok_at": now, "last_error": ""}
        if answer.accepted
        else {"last_failed_at": now, "last_error": answer.code}
    )
    Webhook.objects.filter(pk=webhook.pk).update(**noted)
