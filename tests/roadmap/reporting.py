"""A municipality in which a progress report is due, for the tests of rounds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import User
from roadmap.actions.closing import close_round
from roadmap.actions.rounds import open_round, plan_round
from roadmap.choices import Progress, RoundKind
from roadmap.models import Initiative, ReportingRound, RoundReturn
from roadmap.round_calendar import Period
from tests import factories
from tests.roadmap.board import Town, town


@dataclass
class Reporting:
    """The town, its round, and who looks on."""

    place: Town
    round: ReportingRound
    cdo: User
    auditor: User
    admin: User

    def returned(self, department: object = None) -> RoundReturn:
        """The return of the section as it stands in the database."""
        rows = self.round.returns.select_related("round", "department")
        return rows.get(department=department or self.place.section)

    def fresh(self) -> ReportingRound:
        """The round as it stands in the database."""
        return ReportingRound.objects.select_related("municipality").get(pk=self.round.pk)


def planned(number: int = 1, *, place: Town | None = None) -> Reporting:
    """A round that opens today."""
    place = place or town()
    today = timezone.localdate()
    made = plan_round(
        place.municipality,
        by=place.office,
        period=Period(RoundKind.HALF, 2026, number),
        opens_on=today,
        due_on=today + dt.timedelta(days=14),
        note="半期のまとめです",
    )
    here = place.municipality
    return Reporting(
        place=place,
        round=made,
        cdo=factories.user(here, role=Role.CDO, name="市長公室長"),
        auditor=factories.user(here, role=Role.AUDITOR, name="監査"),
        admin=factories.user(here, role=Role.ADMIN, name="管理"),
    )


def opened(number: int = 1, *, place: Town | None = None) -> Reporting:
    """The same, open."""
    found = planned(number, place=place)
    found.round = open_round(found.round, by=found.place.office, now=timezone.now())
    return found


def closed(number: int = 1, *, place: Town | None = None) -> Reporting:
    """The same, closed although nobody submitted."""
    found = opened(number, place=place)
    everybody = found.round.returns.values_list("department_id", flat=True)
    found.round = close_round(
        found.round, by=found.place.office, named=list(everybody), now=timezone.now()
    )
    return found


def led(place: Town, title: str = "電子申請", *, days_ago: int = 40, **fields: Any) -> Initiative:
    """An initiative of the section, last reported on before the round opened."""
    return factories.initiative(
        place.municipality,
        title,
        lead=place.section,
        progress=Progress.ON_TRACK,
        reported_on=timezone.localdate() - dt.timedelta(days=days_ago),
        **fields,
    )
