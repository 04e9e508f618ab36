"""A town as a CDO opens it: departments, initiatives, a year of months, and closed surveys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench import facts, staff
from bench.ballots import Closed, close

#: Months before the present one that were counted.
MONTHS = 12
#: Newest first: what was asked, and how many days ago it was opened.
WAVES = (("pain", 20), ("pulse", 40), ("pain", 200), ("pulse", 220))


@dataclass
class Town:
    """A town with as many initiatives as departments, and its CDO signed in."""

    number: str
    name: str
    departments: int
    ballots: int
    waves: Sequence[tuple[str, int]] = WAVES
    cdo: Any = None
    client: Any = None
    closed: list[Closed] = field(default_factory=list)

    def __post_init__(self) -> None:
        from django.conf import settings
        from django.test import Client
        from django.utils import timezone

        from dxportal.accounts.choices import Role
        from dxportal.accounts.codes import check_digit
        from dxportal.accounts.models import User
        from roadmap.rollups import roll_up

        today = timezone.localdate()
        place = staff.found(
            self.departments,
            code=self.number + check_digit(self.number),
            name=self.name,
            sections=self.departments,
            tickets=-(-self.ballots // self.departments),
        )
        facts.fill(place, as_of=today, initiatives=self.departments)
        for template, days in reversed(self.waves):
            self.closed.insert(0, close(place, template, self.ballots, days_ago=days))
        for month in range(MONTHS, 0, -1):
            roll_up(place.pk, as_of=_end_of_month(today, month), history=True)
        roll_up(place.pk, as_of=today, full=True)
        reader = User.objects.filter(municipality=place).order_by("pk")[0]
        self.cdo = staff.grant(reader, Role.CDO)
        self.client = Client(headers={"host": "localhost"})
        self.client.force_login(self.cdo)
        self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ja"


def _end_of_month(today: dt.date, back: int) -> dt.date:
    """The last day of the month so many months ago."""
    from dxportal.shared.fiscal import add_months

    return add_months(today.replace(day=1), 1 - back) - dt.timedelta(days=1)
