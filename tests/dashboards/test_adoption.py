"""What the dashboard says of a verdict is what is stored, bands as bands."""

import datetime as dt

import pytest
from django.template.loader import render_to_string

from dxportal.accounts.choices import Role
from dxportal.dashboards.adoption import adoption_rows
from dxportal.dashboards.board.figures import Links, State
from roadmap.actions.published import publish_verdict
from roadmap.choices import Verdict
from tests import factories

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 9, 1)
LINKS = Links(State(), names=True, culture=True)


def test_bands_stay_bands_and_what_is_left_out_stays_out():
    town = factories.municipality()
    office = factories.user(town, role=Role.DX_OFFICE)
    figures = {
        "asked": 40,
        "n": 30,
        "easier": {"percent": 60, "bound": "exact"},
        "harder": {"percent": 5, "bound": "at_most"},
    }
    initiative = factories.initiative(town)
    publish_verdict(initiative, on=DAY, verdict=Verdict.SUPPORT, figures=figures)

    (row,) = adoption_rows(office, as_of=DAY)

    assert str(row.easier) == "60%"
    assert (str(row.harder), row.harder.length) == ("5%以下", 0)
    assert row.weekly is None
    context = {"adoption": [row], "verdicts": [row], "bars": None, "legend": (), "links": LINKS}
    page = render_to_string("dashboards/_follow_ups.html", context)
    assert "5%以下" in page
    assert "60%" in page


def test_verdict_without_figures_says_so():
    town = factories.municipality()
    office = factories.user(town, role=Role.DX_OFFICE)
    publish_verdict(
        factories.initiative(town), on=DAY, verdict=Verdict.TOO_FEW, figures={"asked": 4}
    )
    (row,) = adoption_rows(office, as_of=DAY)
    assert (row.n, row.easier, row.harder, row.weekly) == (None, None, None, None)
