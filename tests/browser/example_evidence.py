"""Cells of the example town, one of each source, with figures, and something to look at."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from dxportal.accounts.models import Municipality, User
from roadmap.actions.feed_keys import end_key, make_key
from roadmap.actions.readings import enter_readings
from roadmap.evidence_queue import to_review
from roadmap.models import EvidenceRequest
from roadmap.reading_rows import Figure
from tests.roadmap.feeding import fed


def evidence_things(town: Municipality, head: User, office: User) -> dict[str, tuple[Any, ...]]:
    """Addresses of the pages about evidence and figures."""
    department, today = head.department, timezone.localdate()
    assert department is not None
    criterion = fed(town)
    days = [today - dt.timedelta(days=60 * number) for number in range(4)]
    figures = [
        Figure(criterion.pk, department.pk, day, Decimal(62 - 7 * number), "電子申請の月報")
        for number, day in enumerate(days)
    ]
    enter_readings(town, figures, by=office, today=today)
    make_key(town, name="施設予約システム", by=office)
    end_key(make_key(town, name="前のシステム", by=office)[0], by=office)
    asked = EvidenceRequest.objects.filter(department=department).open_on(today)
    back = asked.filter(assessment__isnull=False).first()
    assert back is not None
    waiting = to_review(office, today).first()
    assert waiting is not None
    return {
        "cell": (department.pk, "T1-2"),
        "asked_cell": (department.pk, back.criterion.code),
        "fed_cell": (department.pk, criterion.code),
        "surveyed_cell": (department.pk, "C1-1"),
        "counted_cell": (department.pk, "C3-3"),
        "to_review": (waiting.pk,),
    }
