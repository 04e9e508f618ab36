"""Two-person release: nothing is counted before two different people have said so."""

import datetime as dt
import threading
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event, Outbox, User
from surveys import audits, tasks
from surveys.actions import closing, releasing
from surveys.actions.ballots import BallotRefused
from surveys.actions.waves import WaveRefused
from surveys.choices import WaveState
from surveys.models import Wave, WaveRelease
from tests import factories
from tests.surveys import boxes
from tests.surveys.towns import CLOSES, Town, answer, open_wave, pain, town

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


def waiting() -> tuple[Town, Wave, User]:
    """A wave past its deadline with eight answers, and the CDO."""
    place = town([8])
    cdo = factories.user(place.municipality, role=Role.CDO, name="最高責任者")
    wave = open_wave(place, two_person=True)
    for person in place.everybody:
        answer(wave, person, pain())
    return place, wave, cdo


def state(wave: Wave) -> str:
    return Wave.objects.get(pk=wave.pk).state


def test_the_clock_counts_only_after_two_people() -> None:
    place, wave, cdo = waiting()

    tasks.turn_wave_clock()
    assert state(wave) == WaveState.OPEN
    assert not releasing.release_wave(wave, by=place.office, now=timezone.now())
    tasks.turn_wave_clock()
    assert state(wave) == WaveState.OPEN
    assert releasing.release_wave(wave, by=cdo, now=timezone.now())
    tasks.turn_wave_clock()

    assert state(wave) == WaveState.PUBLISHED
    assert Wave.objects.get(pk=wave.pk).counted == 8
    told = Event.objects.filter(action="wave.released").order_by("pk")
    assert list(told.values_list("actor_id", flat=True)) == [place.office.pk, cdo.pk]


@pytest.mark.parametrize("how", ["left", "role ended"])
def test_a_release_of_somebody_who_left_does_not_count(how: str) -> None:
    place, wave, cdo = waiting()
    third = factories.user(place.municipality, role=Role.ADMIN)
    releasing.release_wave(wave, by=cdo, now=timezone.now())
    if how == "left":
        User.objects.filter(pk=cdo.pk).update(is_active=False)
    else:
        cdo.grants.all().delete()

    assert not releasing.release_wave(wave, by=place.office, now=timezone.now())
    tasks.turn_wave_clock()
    assert state(wave) == WaveState.OPEN
    assert releasing.release_wave(wave, by=third, now=timezone.now())
    tasks.turn_wave_clock()
    assert state(wave) == WaveState.PUBLISHED


def test_no_answer_is_taken_while_it_waits() -> None:
    place, wave, _cdo = waiting()
    wave.opens_at = timezone.now()  # the moment at which `answer` sends

    with pytest.raises(BallotRefused, match="closed"):
        answer(wave, place.everybody[0], pain("phone"))


def test_one_person_is_not_two() -> None:
    place, wave, _cdo = waiting()
    releasing.release_wave(wave, by=place.office, now=timezone.now())

    with pytest.raises(WaveRefused):
        releasing.release_wave(wave, by=place.office, now=timezone.now())

    assert WaveRelease.objects.count() == 1
    with pytest.raises(ValidationError):
        closing.close_wave(wave.pk, now=timezone.now())


def test_the_first_release_can_be_taken_back_until_the_second() -> None:
    place, wave, cdo = waiting()
    now = timezone.now()
    releasing.release_wave(wave, by=place.office, now=now)
    with pytest.raises(WaveRefused):
        releasing.take_back_release(wave, by=cdo, now=now)

    releasing.take_back_release(wave, by=place.office, now=now)
    assert not WaveRelease.objects.exists()
    assert not releasing.release_wave(wave, by=cdo, now=now)
    assert releasing.release_wave(wave, by=place.office, now=now)
    with pytest.raises(WaveRefused):
        releasing.take_back_release(wave, by=place.office, now=now)

    assert Event.objects.filter(action="wave.release_taken_back").count() == 1


@pytest.mark.parametrize("case", ["early", "single", "counted"])
def test_a_release_is_refused_where_it_makes_no_sense(case: str) -> None:
    place = town([8])
    wave = open_wave(place, two_person=case != "single")
    now = CLOSES - dt.timedelta(days=1) if case == "early" else CLOSES
    if case == "counted":
        for role in (Role.ADMIN, Role.CDO):
            releaser = factories.user(place.municipality, role=role)
            releasing.release_wave(wave, by=releaser, now=now)
        closing.close_wave(wave.pk, now=now)

    with pytest.raises(WaveRefused):
        releasing.release_wave(wave, by=place.office, now=now)


@pytest.mark.django_db(transaction=True)
def test_releases_and_a_taking_back_at_once_end_in_one_clear_state() -> None:
    place, wave, cdo = waiting()
    now = timezone.now()
    releasing.release_wave(wave, by=place.office, now=now)
    start, outcomes = threading.Barrier(2), {}

    def run(name: str, act: Any) -> None:
        start.wait(10)
        try:
            outcomes[name] = act()
        except WaveRefused:
            outcomes[name] = "refused"
        finally:
            connections.close_all()

    acts = {
        "second": lambda: releasing.release_wave(wave, by=cdo, now=now),
        "back": lambda: releasing.take_back_release(wave, by=place.office, now=now),
    }
    threads = [threading.Thread(target=run, args=item) for item in acts.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    done = (outcomes["second"], outcomes["back"], WaveRelease.objects.count())
    assert done in {(True, "refused", 2), (False, None, 1)}


# Who hears of it ---------------------------------------------------------------------------------
def test_those_who_may_release_are_told_once_and_each_working_day(monkeypatch: Any) -> None:
    place, wave, cdo = waiting()
    admin = factories.user(place.municipality, role=Role.ADMIN)
    stranger = factories.user(factories.municipality("隣市"), role=Role.CDO)
    monday = dt.datetime(2026, 9, 28, 9, 0, tzinfo=timezone.get_default_timezone())
    keys = Outbox.objects.filter(key__startswith=f"wave-{wave.pk}-release")

    for _tick in range(2):
        tasks.turn_wave_clock()
    assert set(keys.values_list("recipient_id", flat=True)) == {place.office.pk, cdo.pk, admin.pk}
    assert keys.count() == 3
    releasing.release_wave(wave, by=place.office, now=timezone.now())
    for day in (0, 0, -1):  # Monday twice, then a Sunday
        moment = monday + dt.timedelta(days=day)
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        tasks.ask_for_releases()

    assert keys.count() == 5
    assert not keys.filter(recipient=stranger).exists()
    assert keys.last().path == reverse("surveys:wave_release", args=[wave.pk])


def test_the_audit_lets_a_waiting_wave_keep_its_ballots() -> None:
    place, wave, cdo = waiting()

    assert audits.person_rows(timezone.now()) == []
    for person in (place.office, cdo):
        releasing.release_wave(wave, by=person, now=timezone.now())
    assert audits.person_rows(timezone.now()) != []


# The doorways ------------------------------------------------------------------------------------
def test_the_command_refuses_until_released_and_moves_no_deadline() -> None:
    place = town([6])
    now = timezone.now()
    later = now + dt.timedelta(days=3)
    wave = open_wave(place, two_person=True, opens_at=now, closes_at=later, publish_at=later)

    with pytest.raises(CommandError, match=r"2人|two people"):
        call_command("close_wave", str(wave.pk), stdout=StringIO())

    wave.refresh_from_db()
    assert (wave.state, wave.closes_at) == (WaveState.OPEN, later)


def test_the_page_releases_takes_back_and_names_who_did() -> None:
    place, wave, cdo = waiting()
    office, chief = Client(), Client()
    office.force_login(place.office)
    chief.force_login(cdo)
    url = reverse("surveys:wave_release", args=[wave.pk])

    office.post(url, {"action": "release"})
    assert place.office.name in chief.get(url).content.decode()
    assert office.post(url, {"action": "release"}).status_code == 409
    office.post(url, {"action": "take_back"})
    assert "まだ誰も承認していません" in chief.get(url).content.decode()
    chief.post(url, {"action": "release"})
    office.post(url, {"action": "release"})
    assert "集計" in chief.get(url).content.decode()
    tasks.turn_wave_clock()

    assert state(wave) == WaveState.PUBLISHED
    assert chief.post(url, {"action": "release"}).status_code == 409


def test_a_wave_without_release_has_no_such_page() -> None:
    place = town([6])
    wave = open_wave(place)
    client = Client()
    client.force_login(place.office)

    assert client.get(reverse("surveys:wave_release", args=[wave.pk])).status_code == 404
