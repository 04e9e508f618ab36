"""What time a task works at: now, or the moment that its caller names, such as a demo's."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.dateparse import parse_datetime


def moment(text: str = "") -> dt.datetime:
    """The named moment (ISO 8601; without an offset it is local time), or now where none is named.

    Raises ValueError for anything else.
    """
    if not text:
        return timezone.now()
    found = parse_datetime(text)
    if found is None:
        raise ValueError(f"{text!r} is no moment, such as 2027-01-04T09:00:00+09:00.")
    return found if timezone.is_aware(found) else timezone.make_aware(found)
