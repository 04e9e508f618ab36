"""Criteria in the digests: what is asked, what expires; one mail, on the days of the digest."""

import datetime as dt
from decimal import Decimal

import pytest

from dxportal.accounts.choices import DepartmentKind, Role
from dxportal.accounts.models import Department, User
from dxportal.shared.fiscal import add_months
from roadmap import reminding
from roadmap.actions.assessments import Claim, confirm_criteria
from roadmap.actions.evidence import ask_back, ask_for_evidence
from roadmap.actions.readings import enter_readings
from roadmap.cell_facts import cell_facts
from roadmap.choices import ReminderReason
from roadmap.models import Criterion
from roadmap.notifications import page_of, why
from roadmap.reading_rows import Figure
from roadmap.reminder_facts import load, waiting_for
from roadmap.reminding import CellFacts, Facts, People, Rules, plan
from tests import factories
from tests.roadmap.feeding import fed

MONDAY = dt.date(2026, 9, 14)
RULES = Rules()


def cell(
    reason: ReminderReason, on: dt.date, code: str = "", above: int | None = None
) -> CellFacts:
    return CellFacts(reason, f"{reason}-1", 7, "市民課", on, code, above=above)


# When and to whom: plain values -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "told"), [(30, False), (8, False), (7, True), (0, True), (-3, True)]
)
def test_a_request_is_told_from_a_week_before_its_day(days: int, told: bool) -> None:
    due = MONDAY + dt.timedelta(days=days)
    facts = Facts(
        cells=(cell(ReminderReason.ASKED_BACK, due, "T1-1"),), people=People(heads={7: (1,)})
    )
    digests = plan(facts, MONDAY, RULES, weekly=True).digests
    assert [digest.user for digest in digests] == ([1] if told else [])


def test_the_last_day_is_told_on_any_day_of_the_week() -> None:
    wednesday = MONDAY + dt.timedelta(days=2)
    facts = Facts(
        cells=(cell(ReminderReason.EVIDENCE, wednesday, "T1-1"),), people=People(heads={7: (1,)})
    )
    assert plan(facts, wednesday, RULES, weekly=False).digests
    assert not plan(facts, MONDAY, RULES, weekly=False).digests


@pytest.mark.parametrize(
    ("people", "told"),
    [
        (People(heads={7: (1,), 3: (2,)}, office=(9,)), 1),
        (People(heads={3: (2,)}, office=(9,)), 2),
        (People(office=(9,)), 9),
    ],
)
def test_the_head_then_the_bureaus_then_the_office(people: People, told: int) -> None:
    facts = Facts(cells=(cell(ReminderReason.EXPIRY, MONDAY, above=3),), people=people)
    assert [digest.user for digest in plan(facts, MONDAY, RULES, weekly=True).digests] == [told]


# From the rows ------------------------------------------------------------------------------------
@pytest.fixture
def section() -> Department:
    town = factories.municipality()
    bureau = factories.department(town, "市民部", kind=DepartmentKind.BUREAU)
    return factories.department(town, "市民課", parent=bureau)


@pytest.fixture
def head(section: Department) -> User:
    return factories.user(section.municipality, role=Role.HEAD, of=section)


def asked(section: Department, code: str) -> Criterion:
    rows = Criterion.objects.select_related("stage")
    found: Criterion = rows.get(stage__municipality=section.municipality, code=code)
    return found


def confirm(section: Department, head: User, codes: str, on: dt.date, level: int = 3) -> None:
    claims = {asked(section, code).pk: Claim(level, "台帳") for code in codes.split()}
    confirm_criteria(section, claims, by=head, on=on)


@pytest.mark.django_db
def test_one_line_a_department_for_all_that_expires_within_30_days(
    section: Department, head: User
) -> None:
    confirm(section, head, "T1-1 T1-2", add_months(MONDAY, -12) + dt.timedelta(days=30))
    confirm(section, head, "T1-5", add_months(MONDAY, -12) + dt.timedelta(days=31))
    confirm(section, head, "T1-6", add_months(MONDAY, -12), level=0)
    (found,) = cell_facts(section.municipality_id, MONDAY)
    assert (found.reason, found.count, found.on) == (
        ReminderReason.EXPIRY,
        2,
        MONDAY + dt.timedelta(days=29),
    )
    confirm(section, head, "T1-1", MONDAY)
    (found,) = cell_facts(section.municipality_id, MONDAY)
    assert found.count == 1


@pytest.mark.django_db
def test_what_expired_long_ago_is_told_no_more(section: Department, head: User) -> None:
    confirm(section, head, "T1-1", add_months(MONDAY, -12) - dt.timedelta(days=29))
    assert len(list(cell_facts(section.municipality_id, MONDAY))) == 1
    assert not list(cell_facts(section.municipality_id, MONDAY + dt.timedelta(days=2)))


@pytest.mark.django_db
def test_what_is_asked_is_told_once_and_figures_too(section: Department, head: User) -> None:
    office = factories.user(section.municipality, role=Role.DX_OFFICE)
    confirm(section, head, "T1-1", add_months(MONDAY, -12) + dt.timedelta(days=5))
    newest = section.assessments.select_related("criterion__stage", "department").get()
    due = MONDAY + dt.timedelta(days=4)
    ask_back(newest, text="どの文書", due_on=due, by=office, today=MONDAY)
    ask_for_evidence(
        section, asked(section, "T1-2"), text="根拠を", due_on=due, by=office, today=MONDAY
    )
    one = fed(section.municipality)
    measured = add_months(MONDAY, -12) + dt.timedelta(days=9)
    figure = Figure(one.pk, section.pk, measured, Decimal(50))
    enter_readings(section.municipality, [figure], by=None, today=MONDAY)
    reasons = [found.reason for found in cell_facts(section.municipality_id, MONDAY)]
    assert reasons == [
        ReminderReason.ASKED_BACK,
        ReminderReason.EVIDENCE,
        ReminderReason.FIGURE,
    ]
    items = waiting_for(head, MONDAY, RULES)[0]
    assert {page_of(item) for item in items} == {
        f"/departments/{section.pk}/criteria/T1-1/",
        f"/departments/{section.pk}/criteria/T1-2/",
        f"/departments/{section.pk}/",
    }
    assert all(why(item, MONDAY) for item in items)
    loaded = load(section.municipality_id, MONDAY, RULES, None)
    digests = plan(loaded.facts, MONDAY, RULES, weekly=True).digests
    mine = [digest for digest in digests if digest.user == head.pk]
    assert len(mine) == 1, "one mail, not two"
    assert {item.reason for item in mine[0].items} == set(reasons)
    assert reminding.RENEW_DAYS == 30
