"""The reminders of the last weeks, and somebody who is on leave now."""

from __future__ import annotations

import datetime as dt

from dxportal.dashboards.seeding.organisation import Town
from dxportal.dashboards.seeding.timeline import Timeline, moment
from roadmap.actions.reminders import pause, send_digests
from roadmap.models import Digest
from roadmap.reminding import latest_weekly

WEEKS = 4
MONDAY = 0
LEAVE_DAYS = 14
SINCE = 3


def plan_reminders(town: Town, timeline: Timeline) -> None:
    """Monday after Monday, as the beat would have sent them."""
    day = town.plan.calendar.as_of
    for _week in range(WEEKS):
        day = latest_weekly(day - dt.timedelta(days=1), MONDAY)

        def send(day: dt.date = day) -> None:
            send_digests(town.municipality.pk, now=moment(day, 9, 5))

        timeline.on(day, send, hour=9, minute=5)
    timeline.on(town.plan.calendar.ago(SINCE), lambda: _leave(town), hour=17)


def _leave(town: Town) -> None:
    """A promoter pauses for two weeks; not one of the accounts that the demo prints."""
    promoters = [section.promoter for section in town.sections.values() if section.promoter]
    if len(promoters) > 1:
        first = town.plan.calendar.ago(SINCE)
        pause(
            promoters[-1],
            by=promoters[-1],
            valid_from=first,
            valid_to=first + dt.timedelta(days=LEAVE_DAYS),
            today=first,
        )


def latest_digest_key(municipality_id: int) -> str:
    """The key of the notices that went out last: they wait to be read."""
    last = Digest.objects.filter(municipality_id=municipality_id).order_by("-day").first()
    return f"digest-{last.day}" if last else ""
