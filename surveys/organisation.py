"""What a reorganisation and a handover should know of surveys: waves under way, replies due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from roadmap.handover import Line
from surveys.choices import Template, WaveState
from surveys.content import PULSE
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


def pulses_over(municipality_id: int, day: dt.date) -> list[str]:
    """Staff surveys whose levels would be given by another version than they began with."""
    rows = Wave.objects.filter(
        survey__municipality=municipality_id,
        survey__template=Template.PULSE,
        state__in=UNDER_WAY,
        opens_at__date__lt=day,
        closes_at__date__gte=day,
    ).select_related("survey")
    text = _(
        "“%(survey)s” (%(wave)s) is under way over that day: its levels hold from the numbers of"
        " the version in force when it closes."
    )
    return [
        text % {"wave": wave.label, "survey": wave.survey.title}
        for wave in rows.order_by("opens_at")
    ]


def pulse_questions() -> list[tuple[str, str]]:
    """Code and words of the statements that can decide a criterion, in the reader's language."""
    english = get_language() == "en"
    return [
        (question["code"], question["text_en"] if english else question["text_ja"])
        for question in PULSE["questions"]
    ]


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
