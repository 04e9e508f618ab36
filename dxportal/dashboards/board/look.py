"""What a page of the staircase shows, and to whom: the address and the rights of the viewer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from dxportal.accounts.access import Permission, can
from dxportal.accounts.models import User
from dxportal.dashboards.board import moments
from dxportal.dashboards.board.figures import Links, State, links_of
from dxportal.dashboards.board.moments import Known


@dataclass(frozen=True, slots=True)
class Look:
    """What the page shows, and to whom: the choice of the address with the rights of the viewer."""

    user: User
    known: Known
    state: State
    links: Links
    now: datetime

    @property
    def today(self) -> date:
        """In the zone of the installation."""
        return timezone.localdate(self.now)

    @property
    def earlier(self) -> Known:
        """What the moment may be compared with."""
        offered = self.known.earlier(self.state.moment)
        return Known(
            [moment for moment in offered if moment.period],
            [moment for moment in offered if moment.round],
        )

    @property
    def day(self) -> date:
        """The day up to which verdicts count: that of the moment, or today."""
        return min(self.state.moment.day, self.today) if self.state.moment else self.today

    @property
    def until(self) -> date | None:
        """The day where it has passed; None where what is shown reaches to today."""
        return self.day if self.day < self.today else None

    @property
    def at(self) -> datetime:
        """The end of what is shown: what was published by then."""
        moment = self.state.moment
        if moment is None or moment.day >= self.today:
            return self.now
        return timezone.make_aware(datetime.combine(moment.day + timedelta(days=1), time.min))


def look(user: User, query: Mapping[str, str], now: datetime) -> Look:
    """The choice of the address; what it does not know is left out. One statement."""
    known = moments.known(user, timezone.localdate(now))
    moment = known.chosen(query)
    state = State(
        moment,
        known.compared(moment, query.get("compare", "")),
        # Numbers of a bureau with one department would be that department's.
        number(query.get("bureau", "")) if can(user, Permission.SEE_TECHNOLOGY_NAMES) else None,
        number(query.get("department", "")),
        query.get("sort", ""),
    )
    return Look(user, known, state, links_of(user, state), now)


def number(text: str) -> int | None:
    """A key of the address; None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
