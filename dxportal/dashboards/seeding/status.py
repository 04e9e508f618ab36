"""How the reports of the example came in: on the screen or through a link, and in how many seconds.

Invented, but of the size that `python -m bench update_pace` measures.
"""

from __future__ import annotations

import datetime as dt

from dxportal.dashboards.seeding.arcs import Report
from roadmap.choices import Channel, Progress


def channel_of(entry: Report, day: dt.date) -> str:
    """Every other 「変わりなし」 is pressed in the link of a reminder."""
    unchanged = not (entry.phase or entry.progress)
    return Channel.LINK if unchanged and day.toordinal() % 2 else Channel.SCREEN


def seconds_of(entry: Report, day: dt.date) -> int | None:
    """Seconds from the first touch; every seventh report came from a browser without scripts."""
    number = day.toordinal()
    if number % 7 == 0:
        return None
    if not (entry.phase or entry.progress):
        return 2 + number % 4
    return 24 + number % 30 if entry.progress == Progress.LATE else 5 + number % 9
