"""Messages about surveys: to everybody who may answer, never about who has answered."""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from dxportal.accounts.access import ROLE_PERMISSIONS, Permission
from dxportal.accounts.choices import MessageChannel
from dxportal.accounts.models import Assignment, Outbox, RoleGrant, User
from dxportal.shared import fiscal
from surveys.models import Commitment, Wave


def announce_opening(wave: Wave, people: Iterable[int], now: datetime) -> None:
    """Tell everybody who may answer that they can."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("A survey has begun")
        body = _("“%(wave)s” is open. It takes about %(minutes)s minutes and is anonymous.") % {
            "wave": wave.label,
            "minutes": wave.minutes,
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


def announce_extending(wave: Wave, people: Iterable[int], now: datetime) -> None:
    """Tell everybody asked, whether they have answered or not, of the new deadline."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("A survey has a new deadline")
        body = _(
            "You can answer “%(wave)s” until %(closes)s. Everybody asked gets this message: who has"
            " answered is not recorded."
        ) % {"wave": wave.label, "closes": deadline_of(wave)}
    _tell(wave, people, f"extended-{wave.closes_at.isoformat()}", (subject, body), now)


def announce_refusal(wave: Wave, reason: str, *, occasion: int, now: datetime) -> None:
    """Tell the DX office why a scheduled wave did not open."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("A survey did not open at its time")
        body = _("“%(wave)s” could not be opened. %(reason)s It is tried again every minute.") % {
            "wave": wave.label,
            "reason": reason,
        }
    people = holders_of(wave.municipality_id, Permission.RUN_SURVEYS, now)
    path = wave.get_absolute_url()
    _tell(wave, people, f"not-opened-{occasion}", (subject, body), now, path=path)


def ask_to_release(wave: Wave, people: Iterable[int], *, occasion: str, now: datetime) -> None:
    """Ask those who may release a wave's counting to look at it."""
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("A survey waits for two people to release it")
        body = _(
            "The deadline of “%(wave)s” has passed. It is counted once two people have released"
            " it; no more answers are taken."
        ) % {"wave": wave.label}
    path = reverse("surveys:wave_release", args=[wave.pk])
    _tell(wave, people, f"release-{occasion}", (subject, body), now, path=path)


def announce_texts(wave: Wave, now: datetime) -> None:
    """Tell the two readers from when on they can read what was written, if anything was."""
    if not wave.raw_voices.exists():
        return
    shown = timezone.localtime(wave.publish_at)
    style = wave.survey.municipality.calendar_style
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Free texts wait for you")
        body = _(
            "You are a reader of “%(wave)s”. From %(day)s on you can read its texts, give them"
            " themes and word what was said."
        ) % {
            "wave": wave.label,
            "day": f"{fiscal.format_date(shown.date(), style)} {shown:%H:%M}",  # type: ignore[arg-type]
        }
    people = list(wave.readers.values_list("user_id", flat=True))
    path = reverse("surveys:text_list", args=[wave.pk])
    _tell(wave, people, "texts", (subject, body), max(now, wave.publish_at), path=path)


def deadline_of(wave: Wave) -> str:
    """The deadline as the municipality writes it."""
    closes = timezone.localtime(wave.closes_at)
    style = wave.survey.municipality.calendar_style
    return f"{fiscal.format_date(closes.date(), style)} {closes:%H:%M}"  # type: ignore[arg-type]


def holders_of(municipality_id: int, permission: Permission, now: datetime) -> list[int]:
    """Active people of the municipality with a role that allows it today."""
    roles = [role for role, held in ROLE_PERMISSIONS.items() if permission in held]
    grants = RoleGrant.objects.on(timezone.localdate(now)).filter(
        role__in=roles, user__municipality_id=municipality_id, user__is_active=True
    )
    return sorted(set(grants.values_list("user_id", flat=True)))


def tell_owner(commitment: Commitment, *, by: User, on: date) -> None:
    """Tell whoever holds the post that it answers for a reply; once for each reply and post."""
    holders = Assignment.objects.on(on).filter(post=commitment.owner_id, user__is_active=True)
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Your post answers for a reply")
        body = _("On “%(theme)s” it was promised: %(sentence)s") % {
            "theme": commitment.theme,
            "sentence": commitment.sentence,
        }
    Outbox.objects.bulk_create(
        (
            Outbox(
                municipality_id=commitment.theme.municipality_id,
                recipient_id=person,
                channel=MessageChannel.IN_APP,
                subject=subject,
                body=body,
                path=f"{reverse('surveys:voice_list')}?tab=mine",
                not_before=timezone.now(),
                key=f"reply-{commitment.pk}-owner-{commitment.owner_id}",
            )
            for person in holders.exclude(user=by).values_list("user_id", flat=True)
        ),
        ignore_conflicts=True,
    )


def _tell(
    wave: Wave,
    people: Iterable[int],
    what: str,
    words: tuple[str, str],
    now: datetime,
    *,
    path: str = "",
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
                path=path or reverse("surveys:answer_start", args=[wave.pk]),
                not_before=now,
                key=f"wave-{wave.pk}-{what}",
            )
            for person in people
            for channel in channels
        ),
        ignore_conflicts=True,
    )
