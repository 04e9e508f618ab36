"""Working days of a town hall: no weekend, no public holiday, no year-end closing."""

import datetime as dt

import jpholiday

SATURDAY = 5
#: Town halls close from 29 December to 3 January (Local Autonomy Act, article 4-2).
YEAR_END = {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}


def is_workday(day: dt.date) -> bool:
    """Whether a town hall works on that day."""
    return (
        day.weekday() < SATURDAY
        and (day.month, day.day) not in YEAR_END
        and not jpholiday.is_holiday(day)
    )


def on_or_after(day: dt.date) -> dt.date:
    """The day itself, or the next one that is a working day."""
    while not is_workday(day):
        day += dt.timedelta(days=1)
    return day


def on_or_before(day: dt.date) -> dt.date:
    """The day itself, or the last one before it that is a working day."""
    while not is_workday(day):
        day -= dt.timedelta(days=1)
    return day


def before(day: dt.date) -> dt.date:
    """The last working day before the day."""
    return on_or_before(day - dt.timedelta(days=1))


def after(day: dt.date) -> dt.date:
    """The next working day after the day."""
    return on_or_after(day + dt.timedelta(days=1))


def month_span(day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last working day of the day's month."""
    first = day.replace(day=1)
    following = (first + dt.timedelta(days=31)).replace(day=1)
    return on_or_after(first), before(following)
