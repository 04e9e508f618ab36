"""Whoever was told that the ballot was taken is counted once, whatever happens meanwhile.

The whole storm, with a crash of PostgreSQL and 900 people, is `python -m bench storm`.
"""

import datetime as dt
import time
from typing import Any

import pytest
import redis
from django.utils import timezone

from surveys.actions import closing, definitions, waves
from surveys.models import SealedBallot, Wave
from tests.stack import Stack
from tests.storm import Storm, signed_in
from tests.surveys.towns import Town, town

pytestmark = [
    pytest.mark.redis,
    pytest.mark.slow,
    pytest.mark.xdist_group("redis"),
    pytest.mark.django_db(transaction=True),
]
PEOPLE = 60


def test_acknowledged_is_counted_once_though_web_and_redis_fail(
    stack: Stack, settings: Any
) -> None:
    settings.KEY_DIR = stack.folder / "keys"
    place = town([20, 20], [20])
    wave = _opened(place)
    stack.start_web()
    people = [person.pk for person in place.everybody]
    answers = {pk: ("paper", "phone")[number % 2] for number, pk in enumerate(people)}
    sessions = signed_in(stack, people)
    storm = Storm(stack.port, wave.pk, sessions, answers, a_second=10, clients=6, patience=60)

    storm.start()
    time.sleep(1)
    stack.kill("web")
    stack.start_web()
    time.sleep(1)
    with redis.Redis.from_url(stack.redis_url) as client:
        client.flushall()
    storm.sessions.update(signed_in(stack, people))
    storm.join()

    assert storm.refusals, "nothing failed: the faults came too late"
    assert storm.acknowledged == answers
    assert SealedBallot.objects.filter(wave=wave, submitted=True).count() == PEOPLE
    closing.end_early(wave.pk, by=None, now=timezone.now())
    closing.close_wave(wave.pk, now=timezone.now())
    assert Wave.objects.get(pk=wave.pk).counted == PEOPLE


def _opened(place: Town) -> Wave:
    now = timezone.now()
    survey = definitions.create_survey(place.municipality, "pain", by=place.office)
    end = now + dt.timedelta(days=14)
    times = {"opens_at": now, "closes_at": end, "publish_at": end}
    wave = waves.plan_wave(survey, label="嵐", by=place.office, **times)
    return waves.open_wave(wave, by=place.office, now=now)
