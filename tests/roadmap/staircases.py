"""A municipality whose staircase is edited, and what must hold of it at every moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Department, Municipality, User
from roadmap.actions.staircase_versions import begin_draft
from roadmap.models import Criterion, CriterionVersion, Stage, StaircaseVersion
from roadmap.staircase_diff import STAGE_FIELDS
from roadmap.staircase_versions import COLUMNS
from tests import factories

#: A Tuesday in the middle of a fiscal year.
DAY = dt.date(2026, 11, 10)
APRIL = dt.date(2027, 4, 1)


@dataclass
class Place:
    """Who edits, and what."""

    municipality: Municipality
    section: Department
    office: User
    head: User
    cdo: User

    @property
    def versions(self) -> Any:
        """All versions of the municipality."""
        return StaircaseVersion.objects.filter(municipality=self.municipality)

    def draft(self) -> StaircaseVersion:
        """The draft; begun where there is none."""
        return begin_draft(self.municipality, by=self.office, today=DAY)

    def line(self, version: StaircaseVersion, code: str) -> CriterionVersion:
        """One criterion of a version, by code."""
        return version.criteria.select_related("staircase").get(code=code)

    def criterion(self, code: str) -> Criterion:
        """The one that is asked under this code now."""
        rows = Criterion.objects.filter(stage__municipality=self.municipality)
        return rows.in_force().get(code=code)


def place(name: str = "見本市") -> Place:
    """A municipality with one section and the people of the access rules."""
    town = factories.municipality(name)
    section = factories.department(town, "市民課")
    return Place(
        town,
        section,
        factories.user(town, of=section, role=Role.DX_OFFICE),
        factories.user(town, of=section, role=Role.HEAD),
        factories.user(town, of=section, role=Role.CDO),
    )


def values_of(line: CriterionVersion, **changes: Any) -> dict[str, Any]:
    """What the form would send for a line, but for what is changed."""
    found = {name: getattr(line, name) for name in COLUMNS if name != "order"}
    return {**found, "stage": line.stage_id, **changes}


def assert_living_is_in_force(town: Municipality, day: dt.date) -> None:
    """Living rows = the version of the day, and every day has exactly one version."""
    versions = StaircaseVersion.objects.filter(municipality=town, valid_from__isnull=False)
    ordered = list(versions.order_by("valid_from"))
    ends = [row.valid_from for row in ordered[1:]]
    assert [row.valid_to for row in ordered] == [*ends, None]
    applies = versions.on(day).get()
    assert applies.applied
    names = {row.stage_id: [getattr(row, f) for f in STAGE_FIELDS] for row in applies.stages.all()}
    living = Stage.objects.filter(municipality=town)
    assert {row.pk: [getattr(row, f) for f in STAGE_FIELDS] for row in living} == names
    assert {row.version for row in living} == {applies.label}
    said = {
        row.criterion_id: [row.stage_id, *(getattr(row, f) for f in COLUMNS)]
        for row in applies.criteria.all()
    }
    assert None not in said
    asked = Criterion.objects.filter(stage__municipality=town).in_force()
    assert {row.pk: [row.stage_id, *(getattr(row, f) for f in COLUMNS)] for row in asked} == said
