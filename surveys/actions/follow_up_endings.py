"""What becomes of a follow-up whose wave ends without results."""

from __future__ import annotations

import datetime as dt

from django.db import models

from surveys.choices import NotAsked
from surveys.models import FollowUp, Wave
from surveys.workdays import after


def cancelled(wave: Wave, *, on: dt.date) -> None:
    """The office called the asking off: it is listed so, and can be planned anew."""
    _of(wave).update(wave=None, closed_on=on, not_asked=NotAsked.OFFICE)


def key_lost(wave: Wave, *, on: dt.date) -> None:
    """Nothing of it can be read: those asked are asked again, as they were told."""
    for follow_up in _of(wave):
        follow_up.wave = None
        follow_up.due_on = free_day(follow_up, after(on))
        follow_up.save(update_fields=["wave", "due_on"])


def free_day(follow_up: FollowUp, day: dt.date) -> dt.date:
    """The day, or the next working day on which the initiative has no other follow-up."""
    taken = set(
        FollowUp.objects.filter(initiative=follow_up.initiative_id)
        .exclude(pk=follow_up.pk)
        .values_list("due_on", flat=True)
    )
    while day in taken:
        day = after(day)
    return day


def _of(wave: Wave) -> models.QuerySet[FollowUp]:
    """The follow-ups of a wave, or of its blocks, that have no verdict yet."""
    mine = models.Q(wave=wave) | models.Q(wave__sitting=wave)
    return FollowUp.objects.filter(mine, closed_on__isnull=True)
