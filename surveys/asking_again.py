"""The list of follow-ups: due, open, closed, each with what is known of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from dxportal.accounts.models import User
from roadmap.models import AdoptionVerdict
from surveys.choices import WaveState
from surveys.models import FollowUp

#: Outcomes that the page goes back.
CLOSED_ROWS = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict with the wave it came from; without a wave it was declared."""

    verdict: AdoptionVerdict
    wave_id: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """Everything on the page; three statements."""

    due: Sequence[FollowUp]
    planned: Sequence[FollowUp]
    asking: Sequence[FollowUp]
    outcomes: Sequence[Outcome]


def board(user: User, now: dt.datetime) -> Board:
    """What is due or planned, being asked, and what came of the others, newest first."""
    today = timezone.localdate(now)
    rows = list(
        FollowUp.objects.visible_to(user)
        .filter(closed_on__isnull=True)
        .select_related("initiative", "wave")
        .order_by("due_on", "id")
    )
    waiting = [row for row in rows if row.wave is None]
    verdicts = (
        AdoptionVerdict.objects.filter(
            initiative__municipality_id=user.municipality_id or 0,
            initiative__removed_on__isnull=True,
            on__lte=today,
        )
        .select_related("initiative", "task")
        .order_by("-on", "-id")[:CLOSED_ROWS]
    )
    shown = FollowUp.objects.visible_to(user).filter(
        wave__state=WaveState.PUBLISHED, wave__publish_at__lte=now
    )
    waves = {
        (initiative, day): wave
        for initiative, day, wave in shown.values_list("initiative_id", "closed_on", "wave_id")
    }
    return Board(
        due=[row for row in waiting if row.due_on <= today],
        planned=[row for row in waiting if row.due_on > today],
        asking=[row for row in rows if row.wave is not None],
        outcomes=[Outcome(v, waves.get((v.initiative_id, v.on))) for v in verdicts],
    )
