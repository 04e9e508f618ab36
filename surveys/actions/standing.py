"""Standing surveys: asked by themselves from the first to the last working day of each month."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.db import transaction
from django.utils import timezone

from dxportal.shared import fiscal
from dxportal.shared.tenancy import set_municipality
from surveys.actions.waves import open_scheduled, plan_wave, schedule_wave
from surveys.choices import Repeat, WaveState
from surveys.models import Survey, Wave
from surveys.workdays import after, is_workday, month_span

log = logging.getLogger("dxportal.surveys")

#: The last day's end, and when results are there on the next working day.
CLOSES_AT, SHOWN_AT = dt.time(17, 15), dt.time(8, 30)
#: As long as one of these is there, the month's round waits.
UNDER_WAY = (WaveState.SCHEDULED, WaveState.OPEN, WaveState.CLOSING)


def open_monthly(now: dt.datetime) -> int:
    """Open the month's round of every survey that repeats; return how many were opened.

    On the first working day, or later in the month where that was missed. However often it runs,
    a survey has one round a month. A round that cannot be opened stays scheduled and is retried.
    """
    opened = 0
    standing = Survey.objects.filter(repeat=Repeat.MONTHLY).order_by("pk")
    for pk in list(standing.values_list("pk", flat=True)):
        try:
            wave = plan_month(pk, now=now)
            opened += wave is not None and open_scheduled(wave.pk, now=now)
        except Exception as error:
            log.error("survey %s: %s; the job will be repeated", pk, type(error).__name__)
    return opened


@transaction.atomic
def plan_month(survey_id: int, *, now: dt.datetime) -> Wave | None:
    """Schedule the month's round, due at once; None where it is not the time or exists already."""
    survey = (
        Survey.objects.select_for_update(of=["self"])
        .select_related("municipality")
        .get(pk=survey_id)
    )
    set_municipality(survey.municipality_id)
    today = timezone.localdate(now)
    first, last = month_span(today)
    if survey.repeat != Repeat.MONTHLY or not first <= today < last or not is_workday(today):
        return None
    rounds = Wave.objects.filter(survey=survey)
    this_month = rounds.filter(opens_at__gte=_moment(today.replace(day=1), dt.time()))
    if this_month.exists() or rounds.filter(state__in=UNDER_WAY).exists():
        return None
    wave = plan_wave(
        survey,
        label=month_label(today, survey.municipality.calendar_style),
        opens_at=now,
        closes_at=_moment(last, CLOSES_AT),
        publish_at=_moment(after(last), SHOWN_AT),
        by=None,
        **_as_before(rounds.order_by("-opens_at", "-pk").first()),
    )
    return schedule_wave(wave, by=None, now=now)


def month_label(day: dt.date, style: str) -> str:
    """2026年12月, 令和8年12月, or both, as the municipality writes dates."""
    first = fiscal.format_date(day.replace(day=1), style)  # type: ignore[arg-type]
    return first.replace(f"{day.month}月1日", f"{day.month}月")


def _as_before(wave: Wave | None) -> dict[str, Any]:
    """Thresholds, readers and release as in the round before."""
    if wave is None:
        return {}
    readers = wave.readers.filter(user__is_active=True).select_related("user")
    return {
        "k_cell": wave.k_cell,
        "k_text": wave.k_text,
        "two_person": wave.two_person,
        "readers": [reader.user for reader in readers],
    }


def _moment(day: dt.date, hour: dt.time) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, hour))
