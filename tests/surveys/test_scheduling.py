"""Opening at its time: exactly once, refused with a reason told once, frozen from then on."""

import datetime as dt
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event, Outbox
from surveys import tasks, vault
from surveys.actions import definitions, keys, waves
from surveys.choices import WaveState
from surveys.models import Wave, WaveEligibility, WaveReader
from tests import factories
from tests.surveys import boxes
from tests.surveys.towns import NOW, Town, open_wave, town

DAY = dt.timedelta(days=1)
OPENS = NOW + DAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


def planned(place: Town, template: str = "pain", **fields: Any) -> Wave:
    survey = definitions.create_survey(place.municipality, template, by=place.office)
    times = {"opens_at": OPENS, "closes_at": OPENS + 14 * DAY, "publish_at": OPENS + 20 * DAY}
    return waves.plan_wave(survey, label="秋の回", by=place.office, **{**times, **fields})


def scheduled(place: Town, **fields: Any) -> Wave:
    return waves.schedule_wave(planned(place, **fields), by=place.office, now=NOW)


# The clock ---------------------------------------------------------------------------------------
def test_the_clock_opens_a_scheduled_wave_at_its_time_and_no_draft(monkeypatch: Any) -> None:
    place = town([6])
    wave, draft = scheduled(place), planned(place)

    monkeypatch.setattr(timezone, "now", lambda: OPENS - dt.timedelta(seconds=1))
    tasks.turn_wave_clock()
    assert Wave.objects.get(pk=wave.pk).state == WaveState.SCHEDULED
    monkeypatch.setattr(timezone, "now", lambda: OPENS)
    tasks.turn_wave_clock()

    assert Wave.objects.get(pk=wave.pk).state == WaveState.OPEN
    assert Wave.objects.get(pk=draft.pk).state == WaveState.DRAFT
    assert set(Outbox.objects.values_list("recipient_id", flat=True)) == {
        person.pk for person in place.everybody
    }


def test_what_was_taken_back_is_not_opened() -> None:
    place = town([6])
    wave = scheduled(place)

    waves.unschedule_wave(wave, by=place.office)

    assert not waves.open_scheduled(wave.pk, now=OPENS)
    assert Wave.objects.get(pk=wave.pk).state == WaveState.DRAFT


def test_a_time_that_has_passed_cannot_be_scheduled() -> None:
    place = town([6])

    with pytest.raises(waves.WaveRefused):
        waves.schedule_wave(planned(place), by=place.office, now=OPENS + DAY)


@pytest.mark.parametrize("reason", ["nobody", "questions", "folder", "deadline"])
def test_a_refused_opening_stays_scheduled_and_tells_the_office_once(
    reason: str, settings: Any, tmp_path: Path
) -> None:
    place = town([6])
    other = factories.user(place.municipality, role=Role.CDO)
    wave = scheduled(place, **({"departments": []} if reason == "nobody" else {}))
    if reason == "questions":
        wave.survey.questions.all().delete()
    if reason == "folder":
        settings.KEY_DIR = tmp_path / "a file" / "keys"
        (tmp_path / "a file").touch()
    now = OPENS + (15 * DAY if reason == "deadline" else dt.timedelta())

    opened = [waves.open_scheduled(wave.pk, now=now + n * dt.timedelta(minutes=1)) for n in (0, 1)]

    assert opened == [False, False]
    wave.refresh_from_db()
    assert wave.state == WaveState.SCHEDULED
    told = Outbox.objects.filter(key__startswith=f"wave-{wave.pk}-not-opened")
    assert list(told.values_list("recipient_id", flat=True)) == [place.office.pk]
    assert waves.refusal_of(wave) in told.get().body
    assert Event.objects.filter(action="wave.not_opened").count() == 1
    assert not Outbox.objects.filter(recipient=other).exists()


def test_another_reason_is_told_again_and_the_wave_opens_once_it_is_gone() -> None:
    place = town([6])
    wave = scheduled(place, departments=[])
    waves.open_scheduled(wave.pk, now=OPENS)
    wave.survey.questions.all().update(retired=True)
    waves.open_scheduled(wave.pk, now=OPENS)
    assert Event.objects.filter(action="wave.not_opened").count() == 2
    waves.change_wave(wave, readers=(), departments=None, by=place.office)
    waves.open_scheduled(wave.pk, now=OPENS)
    assert Event.objects.filter(action="wave.not_opened").count() == 3

    wave.survey.questions.all().update(retired=False)
    waves.change_wave(wave, readers=(), departments=None, by=place.office)

    assert waves.open_scheduled(wave.pk, now=OPENS)
    assert Wave.objects.get(pk=wave.pk).state == WaveState.OPEN


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_open_exactly_once(key_dir: Path) -> None:
    place = town([8])
    wave = scheduled(place)
    start, opened, errors = threading.Barrier(4), [], []

    def run() -> None:
        try:
            start.wait(10)
            opened.append(waves.open_scheduled(wave.pk, now=OPENS))
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert errors == []
    assert sorted(opened) == [False, False, False, True]
    assert Event.objects.filter(action="wave.opened").count() == 1
    assert WaveEligibility.objects.filter(wave=wave).count() == 8
    assert {path.stem for path in key_dir.iterdir()} == {Wave.objects.get(pk=wave.pk).key_id}


@pytest.mark.django_db(transaction=True)
def test_the_button_and_the_clock_at_once_open_exactly_once(key_dir: Path) -> None:
    place = town([8])
    wave = scheduled(place)
    start, outcomes = threading.Barrier(2), []

    def press() -> None:
        start.wait(10)
        try:
            waves.open_wave(wave, by=place.office, now=OPENS)
            outcomes.append(True)
        except waves.WaveRefused:
            outcomes.append(False)
        finally:
            connections.close_all()

    def tick() -> None:
        start.wait(10)
        outcomes.append(waves.open_scheduled(wave.pk, now=OPENS))
        connections.close_all()

    threads = [threading.Thread(target=act) for act in (press, tick)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(outcomes) == [False, True]
    assert Event.objects.filter(action="wave.opened").count() == 1
    assert not Event.objects.filter(action="wave.not_opened").exists()
    assert len(list(key_dir.iterdir())) == 2


# Who is asked ------------------------------------------------------------------------------------
def test_a_heads_survey_asks_heads_only_and_says_so() -> None:
    place = town([5, 5], [5])
    heads = []
    for section in place.sections:
        head = place.staff[section.pk][0]
        factories.post(section, held_by=head, is_head=True)
        heads.append(head.pk)

    wave = open_wave(place, "pulse_heads")

    assert sorted(wave.eligible.values_list("employee_id", flat=True)) == sorted(heads)
    assert set(wave.eligible.values_list("is_head", flat=True)) == {True}
    assert {node["kind"] for node in wave.frozen_org["nodes"]} == {"all", "bureau", "heads"}
    assert "所属長の回答は、課ではなく部ごとに数えます" in wave.notice_text


def test_a_heads_survey_without_a_head_is_refused() -> None:
    place = town([5])

    with pytest.raises(waves.WaveRefused, match="所属長"):
        open_wave(place, "pulse_heads")


def test_the_notice_names_readers_and_release() -> None:
    place = town([6])

    wave = open_wave(place, readers=place.everybody[:2], two_person=True)

    first, second = place.everybody[:2]
    assert f"{first.name}と{second.name}だけ" in wave.notice_text
    assert "2人がそれぞれ認めてから集計します" in wave.notice_text


# Frozen ------------------------------------------------------------------------------------------
FROZEN = [
    "UPDATE surveys_wave SET two_person = NOT two_person",
    "UPDATE surveys_wave SET k_cell = 6",
    "UPDATE surveys_wave SET notice_text = ''",
    "UPDATE surveys_wave SET state = 'scheduled'",
    "UPDATE surveys_wave SET state = 'draft'",
    "UPDATE surveys_wavereader SET slot = 2 WHERE slot = 1",
    "DELETE FROM surveys_wavereader",
    "INSERT INTO surveys_wavereader (wave_id, slot, user_id)"
    " SELECT wave_id, 2, (SELECT max(id) FROM accounts_user) FROM surveys_wavereader",
]


@pytest.mark.parametrize("statement", FROZEN)
def test_the_applications_role_cannot_change_what_stands_since_the_opening(statement: str) -> None:
    place = town([6])
    wave = open_wave(place, readers=place.everybody[:1])

    with (
        pytest.raises(DatabaseError, match=r"frozen|fixed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert WaveReader.objects.get(wave=wave).user == place.everybody[0]


def test_a_scheduled_wave_can_be_changed_discarded_and_not_below_the_thresholds() -> None:
    place = town([6])
    wave = scheduled(place, readers=place.everybody[:1])

    waves.change_wave(
        wave, label="冬の回", k_cell=9, readers=place.everybody[1:3], departments=None, by=None
    )
    wave.refresh_from_db()
    assert (wave.label, wave.k_cell, wave.readers.count()) == ("冬の回", 9, 2)
    with pytest.raises(DatabaseError), transaction.atomic():
        waves.change_wave(wave, k_cell=4, readers=(), departments=None, by=None)
    with pytest.raises(waves.WaveRefused):
        waves.change_wave(
            wave, closes_at=wave.opens_at, readers=(), departments=None, by=place.office
        )
    assert waves.cancel_wave(wave, by=place.office, now=NOW) is None
    assert not Wave.objects.exists()
    assert not WaveReader.objects.exists()


def test_an_opened_wave_is_not_planned_anew() -> None:
    place = town([6])
    wave = open_wave(place)

    for act in (
        lambda: waves.change_wave(wave, readers=(), departments=None, by=None),
        lambda: waves.schedule_wave(wave, by=None, now=NOW),
        lambda: waves.unschedule_wave(wave, by=None),
    ):
        with pytest.raises(waves.WaveRefused):
            act()


# Extending ---------------------------------------------------------------------------------------
def test_extending_is_told_to_everybody_asked_each_time(settings: Any) -> None:
    settings.MAIL_ENABLED = True
    place = town([6])
    wave = open_wave(place)
    boxed = place.everybody[0]
    Outbox.objects.all().delete()

    wave = waves.extend_wave(wave, closes_at=wave.closes_at + DAY, by=place.office, now=NOW)
    waves.extend_wave(wave, closes_at=wave.closes_at + DAY, by=place.office, now=NOW)

    told = Outbox.objects.filter(subject__contains="締切")
    assert told.count() == 2 * 2 * len(place.everybody)
    assert told.filter(recipient=boxed).count() == 4
    assert not told.filter(recipient=place.office).exists()


# Stray keys --------------------------------------------------------------------------------------
def test_a_key_of_no_wave_goes_after_an_hour_and_a_waves_key_stays(key_dir: Path) -> None:
    wave = open_wave(town([6]))
    vault.create(key_dir, "stray")
    now = timezone.now()

    assert keys.destroy_stray_keys(now) == 0
    past = time.time() - 3700
    for path in key_dir.iterdir():
        os.utime(path, (past, past))
    tasks.destroy_stray_keys()

    assert vault.check(key_dir, wave.key_id)
    assert {path.stem for path in key_dir.iterdir()} == {wave.key_id}
    assert keys.destroy_stray_keys(now) == 0


def test_a_missing_key_folder_has_no_stray_keys(settings: Any, tmp_path: Path) -> None:
    settings.KEY_DIR = tmp_path / "not-mounted"

    assert keys.destroy_stray_keys(timezone.now()) == 0
