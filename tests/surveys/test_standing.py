"""The standing intake: one round a month, from the first to the last working day."""

import datetime as dt
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from dxportal.accounts.choices import CalendarStyle
from surveys import tasks
from surveys.actions import closing, definitions, waves
from surveys.actions.standing import month_label, open_monthly
from surveys.choices import Repeat, WaveState
from surveys.models import Survey, Wave
from surveys.workdays import month_span
from tests.surveys import boxes
from tests.surveys.towns import Town, town

ZONE = timezone.get_default_timezone()
#: The first working day of January 2027 is the 4th, the last of December the 28th.
FIRST, LAST = dt.date(2026, 12, 1), dt.date(2026, 12, 28)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


def at(day: dt.date, hour: int = 8) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, 30), ZONE)


def standing(*, staff: int = 6) -> tuple[Town, Survey]:
    place = town([staff])
    survey = definitions.create_survey(place.municipality, "intake", by=place.office)
    Survey.objects.filter(pk=survey.pk).update(repeat=Repeat.MONTHLY)
    return place, survey


@pytest.mark.parametrize(
    ("day", "span"),
    [
        ("2026-12-15", ("2026-12-01", "2026-12-28")),
        ("2027-01-01", ("2027-01-04", "2027-01-29")),
        ("2026-05-20", ("2026-05-01", "2026-05-29")),
        ("2026-11-30", ("2026-11-02", "2026-11-30")),
    ],
)
def test_first_and_last_working_day(day: str, span: tuple[str, str]) -> None:
    first, last = month_span(dt.date.fromisoformat(day))

    assert (first.isoformat(), last.isoformat()) == span


@pytest.mark.parametrize(
    ("style", "label"),
    [
        (CalendarStyle.SEIREKI, "2026年12月"),
        (CalendarStyle.WAREKI, "令和8年12月"),
        (CalendarStyle.BOTH, "令和8年12月(2026年)"),
    ],
)
def test_the_label_is_the_month_as_the_municipality_writes_it(style: str, label: str) -> None:
    assert month_label(LAST, style) == label


def test_the_month_opens_once_however_often_the_job_runs() -> None:
    place, survey = standing()

    assert [open_monthly(at(FIRST)), open_monthly(at(FIRST, 9))] == [1, 0]
    assert open_monthly(at(dt.date(2026, 12, 15))) == 0

    wave = survey.waves.get()
    assert wave.state == WaveState.OPEN
    assert timezone.localtime(wave.closes_at) == dt.datetime(2026, 12, 28, 17, 15, tzinfo=ZONE)
    assert timezone.localdate(wave.publish_at) == dt.date(2027, 1, 4)
    assert wave.eligible.count() == len(place.everybody)
    assert "毎月" in wave.notice_text


def test_the_next_month_keeps_readers_and_thresholds() -> None:
    place, survey = standing()
    readers = place.everybody[:2]
    open_monthly(at(FIRST))
    first = survey.waves.get()
    waves.cancel_wave(first, by=place.office, now=at(FIRST, 10))
    plan = waves.plan_wave(
        survey,
        label="手で",
        opens_at=at(dt.date(2026, 12, 10)),
        closes_at=at(dt.date(2026, 12, 20)),
        publish_at=at(dt.date(2026, 12, 20)),
        k_cell=8,
        readers=readers,
        by=place.office,
    )
    waves.open_wave(plan, by=place.office, now=at(dt.date(2026, 12, 10)))
    closing.close_wave(plan.pk, now=at(dt.date(2026, 12, 20)))

    assert open_monthly(at(dt.date(2026, 12, 21))) == 0
    assert open_monthly(at(dt.date(2027, 1, 4))) == 1

    wave = survey.waves.latest("pk")
    assert [reader.user for reader in wave.readers.all()] == readers
    assert wave.k_cell == 8


@pytest.mark.parametrize(
    "day", [dt.date(2027, 1, 1), dt.date(2027, 1, 2), dt.date(2026, 12, 5), dt.date(2026, 12, 28)]
)
def test_holidays_weekends_and_the_last_day_open_nothing(day: dt.date) -> None:
    standing()

    assert open_monthly(at(day)) == 0
    assert not Wave.objects.exists()


def test_a_missed_first_day_is_made_up_for() -> None:
    _place, survey = standing()

    assert open_monthly(at(dt.date(2026, 12, 9))) == 1
    assert survey.waves.get().label.endswith("12月") or "12月" in survey.waves.get().label


def test_nothing_opens_while_a_round_is_open_or_the_switch_is_off() -> None:
    place, survey = standing()
    plan = waves.plan_wave(
        survey,
        label="手で",
        opens_at=at(dt.date(2026, 11, 20)),
        closes_at=at(dt.date(2026, 12, 4)),
        publish_at=at(dt.date(2026, 12, 4)),
        by=place.office,
    )
    waves.open_wave(plan, by=place.office, now=at(dt.date(2026, 11, 20)))

    assert open_monthly(at(FIRST)) == 0
    closing.close_wave(plan.pk, now=at(dt.date(2026, 12, 4)))
    Survey.objects.filter(pk=survey.pk).update(repeat=Repeat.NONE)
    assert open_monthly(at(dt.date(2026, 12, 7))) == 0
    Survey.objects.filter(pk=survey.pk).update(repeat=Repeat.MONTHLY)
    assert open_monthly(at(dt.date(2026, 12, 7))) == 1


def test_a_round_that_cannot_open_stays_scheduled_and_is_not_planned_again() -> None:
    place, survey = standing(staff=0)

    assert open_monthly(at(FIRST)) == 0
    assert open_monthly(at(FIRST, 9)) == 0
    wave = survey.waves.get()
    assert wave.state == WaveState.SCHEDULED
    assert waves.refusal_of(wave)

    place.office.department = place.sections[0]
    place.office.save()
    assert waves.open_scheduled(wave.pk, now=at(FIRST, 10))


def test_the_task_opens_the_months_round(monkeypatch: Any) -> None:
    _place, survey = standing()
    monkeypatch.setattr(timezone, "now", lambda: at(FIRST))

    tasks.open_monthly_waves()

    assert survey.waves.get().state == WaveState.OPEN


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_open_one_round() -> None:
    _place, survey = standing()
    start, opened, errors = threading.Barrier(2), [], []

    def run() -> None:
        try:
            start.wait(10)
            opened.append(open_monthly(at(FIRST)))
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert errors == []
    assert sorted(opened) == [0, 1]
    assert survey.waves.count() == 1
