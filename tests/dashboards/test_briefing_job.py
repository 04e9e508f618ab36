"""A sheet's file made by a real worker: asked for, killed in between, made in the end."""

from __future__ import annotations

import datetime as dt

import pytest
from celery import Celery
from django.utils import timezone

from roadmap.actions import briefings
from roadmap.choices import FileState
from roadmap.models import BriefingFile
from tests import factories
from tests.dashboards.briefings import bureau, office
from tests.dashboards.test_briefing_pages import kept
from tests.stack import Stack

pytestmark = [
    pytest.mark.redis,
    pytest.mark.slow,
    pytest.mark.xdist_group("redis"),
    pytest.mark.django_db(transaction=True),
]


def test_a_real_worker_makes_the_file_and_what_a_dead_one_left(stack: Stack) -> None:
    city = factories.municipality("青空市")
    by, now = office(city), timezone.now()
    sheet = kept(city, "board", by, bureaus=tuple(bureau(n) for n in range(21)))
    waiting, _starts = briefings.ask_for_file(sheet, "pdf", by=by, now=now)
    left, _starts = briefings.ask_for_file(sheet, "xlsx", by=by, now=now)
    briefings.claim_file(left.pk, steps=3, now=now - dt.timedelta(minutes=6))
    stack.start_worker()
    broker = Celery("sheets", broker=stack.redis_url)
    broker.send_task(
        "dxportal.dashboards.tasks.make_briefing_file", args=[city.pk, waiting.pk], queue="celery"
    )
    stack.wait(lambda: _state(waiting) == FileState.READY, "the file", seconds=90)
    made = BriefingFile.objects.get(pk=waiting.pk)
    assert bytes(made.content).startswith(b"%PDF")
    assert made.name == "北見市_DX階段_2026-11_推進本部.pdf"
    assert _state(left) == FileState.RUNNING
    broker.send_task("dxportal.dashboards.tasks.sweep_briefing_files", queue="celery")
    stack.wait(lambda: _state(left) == FileState.READY, "what was left", seconds=90)


def _state(file: BriefingFile) -> str:
    return BriefingFile.objects.values_list("state", flat=True).get(pk=file.pk)
