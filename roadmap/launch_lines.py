"""The five lines before going live (domain 3.6): which are empty, and when to ask again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import jpholiday
from django.utils.translation import gettext_lazy as _

from roadmap.choices import Phase

#: Line → the fields that fill it.
LINES: Final = {
    "learners": (_("who must learn what"), ("learners",)),
    "minutes": (_("minutes of learning for each"), ("learn_minutes",)),
    "helpers": (_("who helps"), ("helpers",)),
    "old_way": (_("which old way ends, and when"), ("old_way", "old_way_ends_on")),
    "ask_again": (_("when it is asked again"), ("ask_again_on",)),
}
NAMES: Final = tuple(name for _label, names in LINES.values() for name in names)
#: Until then the lines are worth writing; afterwards the staff's answers speak.
ASKED_IN: Final = (Phase.IDEA, Phase.PLANNED, Phase.BUILDING, Phase.TRIAL, Phase.LIVE)
#: Days after going live on which staff are asked again (domain 3.6).
ASK_AGAIN_DAYS: Final = 90
_SATURDAY: Final = 5
#: Town halls close from 29 December to 3 January (Local Autonomy Act, article 4-2).
_YEAR_END: Final = {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}


def missing_lines(values: Mapping[str, Any]) -> list[str]:
    """Names, for people, of the lines of which something is empty."""
    return [
        str(label)
        for label, names in LINES.values()
        if any(values.get(name) in (None, "") for name in names)
    ]


def ask_again_day(launch: dt.date) -> dt.date:
    """90 days after going live, moved on to the next working day."""
    day = launch + dt.timedelta(days=ASK_AGAIN_DAYS)
    while (
        day.weekday() >= _SATURDAY or (day.month, day.day) in _YEAR_END or jpholiday.is_holiday(day)
    ):
        day += dt.timedelta(days=1)
    return day
