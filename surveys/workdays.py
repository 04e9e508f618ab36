"""What a survey counts in working days: the span of a month, and the days on which it reminds."""

import datetime as dt

from dxportal.shared.workdays import after, before, is_workday, on_or_after

__all__ = ["after", "before", "is_workday", "month_span", "on_or_after", "reminder_days"]


def month_span(day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last working day of the day's month."""
    first = day.replace(day=1)
    following = (first + dt.timedelta(days=31)).replace(day=1)
    return on_or_after(first), before(following)


def reminder_days(opens: dt.date, closes: dt.date) -> tuple[dt.date, ...]:
    """On which days a wave reminds: halfway, and on the last working day before its deadline.

    Both are working days after the day of opening and before that of the deadline; where the time
    is too short for two, there is one or none. A deadline that moves moves them.
    """
    halfway = on_or_after(opens + (closes - opens) // 2)
    return tuple(sorted(day for day in {halfway, before(closes)} if opens < day < closes))
