"""Messages about surveys: to everybody who may answer, never about who has answered."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from dxportal.accounts.choices import MessageChannel
from dxportal.accounts.models import Outbox
from surveys.models import Wave


def announce_opening(wave: Wave, people: Iterable[int], now: datetime) -> None:
    """Tell everybody who may answer that they can."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("A survey has begun")
        body = _("“%(wave)s” is open. It takes about %(minutes)s minutes and is anonymous.") % {
            "wave": wave.label,
            "minutes": wave.survey.minutes,
        }
    _tell(wave, people, "opened", (subject, body), now)


def announce_lost_key(wave: Wave, people: Iterable[int], now: datetime) -> None:
    """Tell everybody that their answers cannot be opened and the survey will be asked again."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("A survey has to be repeated")
        body = _(
            "The key of “%(wave)s” can no longer be read, so nobody can open the answers, and they"
            " will not be counted. We will ask you again."
        ) % {"wave": wave.label}
    _tell(wave, people, "key-lost", (subject, body), now)


def announce_cancelling(wave: Wave, people: Iterable[int], now: datetime) -> None:
    """Tell everybody that the survey was called off and all answers are deleted."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("A survey was cancelled")
        body = _(
            "“%(wave)s” was cancelled. All answers given so far and their key were deleted."
        ) % {"wave": wave.label}
    _tell(wave, people, "cancelled", (subject, body), now)


def _tell(
    wave: Wave, people: Iterable[int], what: str, words: tuple[str, str], now: datetime
) -> None:
    subject, body = words
    channels = [MessageChannel.IN_APP]
    if settings.MAIL_ENABLED:
        channels.append(MessageChannel.EMAIL)
    Outbox.objects.bulk_create(
        (
            Outbox(
                municipality_id=wave.municipality_id,
                recipient_id=person,
                channel=channel,
                subject=subject,
                body=body,
                path=reverse("surveys:answer_start", args=[wave.pk]),
                not_before=now,
                key=f"wave-{wave.pk}-{what}",
            )
            for person in people
            for channel in channels
        ),
        ignore_conflicts=True,
    )
