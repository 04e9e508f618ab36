"""Where freed time and money went: written down and taken away; never more than was freed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Event, User
from roadmap.actions.parts import record_part, removed_part, set_removed
from roadmap.choices import Channel, Measure
from roadmap.models import Initiative, Reinvestment
from roadmap.reinvesting import MEASURES, circle
from roadmap.value_ledger import balances_of, uses_of
from roadmap.value_sums import Amount, Line, amount_text

ADDED = "reinvestment.added"
REMOVED = "reinvestment.removed"
RESTORED = "reinvestment.restored"

#: First key of the two-key advisory lock; the second is the municipality.
LOCK = 4111

_TOLD = ("measure", "amount", "target", "sentence", "on")


@transaction.atomic
def reinvest(
    initiative: Initiative,
    *,
    by: User | None,
    measure: str,
    amount: int,
    sentence: str,
    on: date,
    target: Initiative | None = None,
    channel: str = Channel.SCREEN,
) -> Reinvestment:
    """Say where a part of what was freed went; the same one is there once.

    `amount`: minutes a week (HOURS) or yen a year (MONEY). One at a time in a municipality, so
    that two people use nothing twice and close no circle. Raises ValidationError for more than was
    freed, for a circle, itself and another municipality.
    """
    _one_at_a_time(initiative.municipality_id)
    sentence = " ".join(sentence.split())
    if measure not in MEASURES or amount <= 0:
        raise ValidationError({"amount": _("Write how much of it is used.")})
    if not sentence:
        raise ValidationError({"sentence": _("Say in a sentence what it is used for.")})
    if on > timezone.localdate():
        raise ValidationError({"on": _("Choose today or an earlier day.")})
    values: dict[str, Any] = {
        "measure": measure,
        "amount": amount,
        "sentence": sentence,
        "on": on,
        "target": target,
    }
    found = Reinvestment.objects.filter(initiative=initiative, **values).first()
    if found is not None:
        return found
    row = Reinvestment(initiative=initiative, by=by, **values)
    _refuse(row)
    row.save(force_insert=True)
    record_part(ADDED, initiative, row, by=by, channel=channel, after=_facts(row))
    return row


@transaction.atomic
def remove_reinvestment(
    row: Reinvestment, *, by: User | None, channel: str = Channel.SCREEN
) -> Event | None:
    """Hide it; the event serves `restore_reinvestment`. None where it is gone already."""
    _one_at_a_time(row.initiative.municipality_id)
    locked = Reinvestment.every.select_related("initiative").get(pk=row.pk)
    if locked.removed_on is not None:
        return None
    return set_removed(locked, timezone.localdate(), REMOVED, by=by, channel=channel)


@transaction.atomic
def restore_reinvestment(
    event: Event, *, by: User | None, channel: str = Channel.SCREEN
) -> Reinvestment:
    """Bring it back; once. Raises ValidationError where it does not fit any more."""
    initiative, pk = removed_part(event, REMOVED, Reinvestment)
    _one_at_a_time(initiative.municipality_id)
    row = Reinvestment.every.select_related("initiative", "target").get(pk=pk)
    if row.removed_on is not None:
        _refuse(row)
        set_removed(row, None, RESTORED, by=by, channel=channel)
    return row


def _one_at_a_time(municipality_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, municipality_id])


def _refuse(row: Reinvestment) -> None:
    """No circle, and not more than was freed."""
    target = row.target
    if target is not None:
        if target.pk == row.initiative_id:
            raise ValidationError({"target": _("Choose another initiative, or none.")})
        if target.municipality_id != row.initiative.municipality_id or target.removed_on:
            raise ValidationError({"target": _("Choose an initiative of your municipality.")})
        _refuse_circle(row, target)
    balance = balances_of(row.initiative)[row.measure]
    if balance.freed is None:
        raise ValidationError({"amount": nothing_freed(row.measure)})
    if not balance.allows(row.amount):
        left = balance.left
        words = amount_text(Line(row.measure), left) if left else "0"
        message = gettext("That is more than is left: %(left)s.") % {"left": words}
        raise ValidationError({"amount": message})


def _refuse_circle(row: Reinvestment, target: Initiative) -> None:
    way = circle(uses_of(target.municipality_id), row.initiative_id, target.pk)
    if way is None:
        return
    titles = Initiative.objects.in_bulk(way)
    round_about = " → ".join(gettext("“%(title)s”") % {"title": titles[pk].title} for pk in way)
    message = gettext("This would go round in a circle: %(circle)s.") % {"circle": round_about}
    raise ValidationError({"target": message}, code="circle")


def nothing_freed(measure: str) -> str:
    """Why nothing can be used yet."""
    if measure == Measure.HOURS:
        return gettext("No time has been verified yet; the staff are asked after three months.")
    return pgettext("effect", "No saved money has been checked against a document yet.")


def _facts(row: Reinvestment) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in _TOLD}
    words = amount_text(Line(row.measure), Amount(row.amount, row.amount))
    return found | {"target": row.target_id, "how_much": words}
