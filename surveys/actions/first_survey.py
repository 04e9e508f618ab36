"""The first survey of a municipality: one plan made from the pain points template, once."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from dxportal.accounts.models import Municipality, User
from dxportal.shared.workdays import on_or_after
from surveys.actions import definitions, waves
from surveys.choices import Template, WaveState
from surveys.models import Survey, Wave

#: The clock of the town hall, and days until results come.
END_OF_WORK, START_OF_WORK, RESULT_DAYS = time(17), time(9), 1
#: Two weeks to answer.
ANSWER_DAYS = 14


def first_wave(municipality: Municipality) -> Wave | None:
    """The newest round of a survey of pain points that was not cancelled; one query."""
    found = Wave.objects.filter(survey__municipality=municipality, survey__template=Template.PAIN)
    standing = found.exclude(state__in=(WaveState.CANCELLED, WaveState.KEY_LOST))
    return standing.select_related("survey__municipality").order_by("-pk").first()


def proposed_deadline(now: datetime) -> datetime:
    """Two weeks from now, at the end of a working day."""
    return _at(on_or_after(timezone.localdate(now) + timedelta(days=ANSWER_DAYS)), END_OF_WORK)


@transaction.atomic
def prepare_first_survey(
    municipality: Municipality, *, label: str, closes_at: datetime, by: User, now: datetime
) -> Wave:
    """A plan that can be opened at once; where a round exists already, that one comes back.

    Raises WaveRefused where the deadline is not later than now.
    """
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    found = first_wave(municipality)
    if found is not None:
        return found
    survey = Survey.objects.filter(municipality=municipality, template=Template.PAIN).last()
    if survey is None:
        survey = definitions.create_survey(municipality, Template.PAIN, by=by)
    shown = on_or_after(timezone.localdate(closes_at) + timedelta(days=RESULT_DAYS))
    return waves.plan_wave(
        survey,
        label=label,
        opens_at=now,
        closes_at=closes_at,
        publish_at=_at(shown, START_OF_WORK),
        by=by,
    )


def _at(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))
