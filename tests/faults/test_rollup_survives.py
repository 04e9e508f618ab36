"""A status change reaches the snapshot whatever happens to the worker and to Redis."""

import time
from typing import Any

import pytest
import redis
from django.db import transaction
from django.utils import timezone

from roadmap import rollups
from roadmap.choices import Phase, Progress
from roadmap.marks import INITIATIVE, mark
from roadmap.models import DirtyMark, Initiative, InitiativeSnapshot, Update
from tests import factories
from tests.stack import Stack

pytestmark = [
    pytest.mark.redis,
    pytest.mark.slow,
    pytest.mark.xdist_group("redis"),
    pytest.mark.django_db(transaction=True),
]


#: What the two logs say when they do their part.
COUNTS_ITSELF, SWEEP = b"the beat counts", b"Task roadmap.tasks.sweep_marks"


def made() -> Initiative:
    city = factories.municipality(staircase=False)
    found = factories.initiative(city, reported_on=timezone.localdate())
    rollups.roll_up(city.pk, as_of=timezone.localdate())
    return found


def report_late(initiative: Initiative) -> None:
    """The facts and the mark in one transaction, as every action writes them."""
    with transaction.atomic():
        Update.objects.create(
            initiative=initiative,
            phase=Phase.BUILDING,
            progress=Progress.LATE,
            reported_on=timezone.localdate(),
        )
        mark(initiative.municipality_id, INITIATIVE, [initiative.pk])


def is_counted(initiative: Initiative) -> Any:
    return lambda: (
        InitiativeSnapshot.objects.get(initiative=initiative).progress == Progress.LATE
        and not DirtyMark.objects.exists()
    )


def test_change_is_counted_after_kill_9_of_the_worker(stack: Stack) -> None:
    initiative = made()
    stack.start_worker()
    stack.wait(lambda: b"ready." in (stack.folder / "worker.log").read_bytes(), "the worker")
    stack.kill("worker")
    report_late(initiative)
    assert DirtyMark.objects.exists()
    stack.start_worker()
    stack.start_beat()
    stack.wait(is_counted(initiative), "the roll-up", seconds=60)


def test_change_is_counted_after_redis_was_emptied(stack: Stack) -> None:
    initiative = made()
    report_late(initiative)
    with redis.Redis.from_url(stack.redis_url) as client:
        client.flushall()
    stack.start_worker()
    stack.start_beat()
    started = time.monotonic()
    stack.wait(is_counted(initiative), "the roll-up", seconds=60)
    assert time.monotonic() - started < 60


def test_change_is_counted_while_redis_is_stopped(stack: Stack) -> None:
    """The beat counts in its own process, and asks the worker again once Redis is back."""
    initiative = made()
    stack.start_worker()
    stack.wait(lambda: b"ready." in (stack.folder / "worker.log").read_bytes(), "the worker")
    stack.kill("redis")
    stack.start_beat()
    report_late(initiative)
    stack.wait(is_counted(initiative), "the roll-up by the beat", seconds=60)
    assert COUNTS_ITSELF in (stack.folder / "beat.log").read_bytes()
    stack.start_redis(stack.redis_port)
    stack.wait(lambda: SWEEP in (stack.folder / "worker.log").read_bytes(), "a sweep", seconds=60)
