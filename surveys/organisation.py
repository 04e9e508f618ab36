"""What a reorganisation and a handover should know of surveys: waves under way, replies due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from roadmap.handover import Line
from surveys.choices import WaveState
from surveys.models import Commitment, Wave

UNDER_WAY = (WaveState.OPEN, WaveState.CLOSING, WaveState.SCHEDULED)


def waves_concerned(municipality_id: int, departments: set[int], day: dt.date) -> list[str]:
    """Waves that ask people of these departments: their answers keep the department as it was."""
    rows = Wave.objects.filter(
        survey__municipality=municipality_id, state__in=UNDER_WAY
    ).select_related("survey")
    found = []
    for wave in rows.order_by("opens_at"):
        nodes = {node.get("department") for node in wave.frozen_org.get("nodes", ())}
        values = {"wave": wave.label, "survey": wave.survey.title}
        if wave.state == WaveState.SCHEDULED:
            found.append(
                _("“%(survey)s” (%(wave)s) opens later, with the departments of that day.") % values
            )
        elif nodes & departments:
            found.append(
                _(
                    "“%(survey)s” (%(wave)s) is open: its answers keep the departments as they were"
                    " when it was opened."
                )
                % values
            )
    return found


def replies_of(posts: Iterable[int], day: dt.date) -> list[Line]:
    """Replies to voices that these posts answer for, the nearest date first."""
    rows = Commitment.objects.filter(owner__in=list(posts)).select_related("theme")
    return [
        Line(
            title=str(row.theme),
            text=f"{row.get_state_display()}　{row.sentence}",
            day=row.due_on,
            url=reverse("surveys:voice_list"),
        )
        for row in rows.order_by("due_on", "pk")
    ]
