"""What the portal tells one reader for that reader alone: surveys that can still be answered."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from dxportal.accounts.hooks import Remembered
from dxportal.accounts.models import User
from surveys.actions.reminders import can_still_answer
from surveys.notifications import deadline_of


def still_to_answer(user: User, now: datetime) -> list[Remembered]:
    """One entry a wave; worked out for this page and kept nowhere."""
    return [
        Remembered(
            title=_("There is still time to answer"),
            text=_(
                "“%(wave)s” takes answers until %(closes)s. It takes about %(minutes)s minutes and"
                " is anonymous."
            )
            % {"wave": wave.label, "closes": deadline_of(wave), "minutes": wave.minutes},
            note=_("Only you see this. Nobody keeps a list of who has not answered."),
            url=reverse("surveys:answer_start", args=[wave.pk]),
            button=_("Answer now"),
        )
        for wave in can_still_answer(user, now=now)
    ]
