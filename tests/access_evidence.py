"""Evidence, figures and keys of one municipality, for the access matrix."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from dxportal.accounts.models import Department, User
from dxportal.shared.workdays import on_or_after
from roadmap.actions.assessments import Claim, confirm_criteria
from roadmap.actions.evidence import accept_evidence, ask_for_evidence
from roadmap.actions.feed_keys import make_key
from roadmap.actions.readings import enter_readings, remove_reading
from roadmap.models import Assessment, Criterion, CriterionReading
from roadmap.reading_rows import Figure
from tests.roadmap.feeding import fed


def evidence_things(
    places: dict[str, Department], office: User, head: User, mark: str
) -> dict[str, dict[str, Any]]:
    """A confirmation, a request, a figure and a removed one of each of the two departments."""
    town, today = places["own"].municipality, timezone.localdate()
    rows = Criterion.objects.filter(stage__municipality=town).select_related("stage")
    asked = {row.code: row for row in rows}
    figures = fed(town)
    names = ("assessment", "evidence_request", "reading", "reading_event", "cell", "fed_cell")
    things: dict[str, dict[str, Any]] = {name: {} for name in names}
    for variant, place in places.items():
        claim = Claim(3, f"{mark}台帳")
        made: list[Assessment] = []
        for code in ("T1-1", "T1-2"):
            made += confirm_criteria(place, {asked[code].pk: claim}, by=head, on=today)
        things["assessment"][variant] = made[0].pk
        if variant == "own":
            _rows, batch = accept_evidence(made[1:], by=office, today=today)
            things["acceptance"] = {"own": batch}
        due = on_or_after(today + dt.timedelta(days=9))
        text = f"{mark}根拠を"
        request = ask_for_evidence(
            place, asked["T1-5"], text=text, due_on=due, by=office, today=today
        )
        things["evidence_request"][variant] = request.pk
        for day in (today, today - dt.timedelta(days=30)):
            figure = Figure(figures.pk, place.pk, day, Decimal(50), f"{mark}月報")
            enter_readings(town, [figure], by=office, today=today)
        newest, older = CriterionReading.objects.filter(department=place).order_by("-measured_on")
        event = remove_reading(older, by=office)
        assert event is not None
        things["reading"][variant], things["reading_event"][variant] = newest.pk, event.pk
        things["cell"][variant] = (place.pk, "T1-1")
        things["fed_cell"][variant] = (place.pk, "T1-4")
    key, _text = make_key(town, name=f"{mark}電子申請", by=office)
    return {**things, "feed_key": {"own": key.pk}}
