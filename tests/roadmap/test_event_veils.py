"""The audit trail tells nobody the culture of a department who may not see it by name."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from dxportal.accounts import event_veils
from dxportal.accounts.choices import Role
from dxportal.accounts.models import Department, Event, RoleGrant, User
from dxportal.shared.workdays import on_or_after
from roadmap.actions.assessments import Claim, confirm_criteria
from roadmap.actions.evidence import accept_evidence, ask_back, ask_for_evidence
from roadmap.actions.readings import enter_readings, remove_reading
from roadmap.event_veils import culture_of_one
from roadmap.models import Assessment, Criterion, CriterionReading
from roadmap.reading_rows import Figure
from tests import factories
from tests.roadmap.feeding import fed

pytestmark = pytest.mark.django_db
EVENTS = "/accounts/events/"
EXPORT = "/accounts/events/export.csv"
#: One statement a model, one for criteria whose object is gone.
VEIL_QUERIES = 4
SENTENCE = "culture of one department: not shown to this role"


@pytest.fixture
def section() -> Department:
    return factories.department(factories.municipality(), "福祉課")


@pytest.fixture
def office(section: Department) -> User:
    return factories.user(section.municipality, role=Role.DX_OFFICE)


@pytest.fixture(params=[Role.AUDITOR, Role.ADMIN])
def reader(request: Any, section: Department) -> User:
    return factories.user(section.municipality, role=request.param)


def asked(section: Department, code: str) -> Criterion:
    found: Criterion = Criterion.objects.get(
        stage__municipality=section.municipality, code=code, retired=False
    )
    return found


CULTURE = ("C1-3", "C1-5", "C1-4", "風土の根拠")
TECHNOLOGY = ("T1-1", "T1-2", "T1-4", "技術の根拠")


def happen(section: Department, office: User, what: tuple[str, str, str, str]) -> None:
    """Everything that leaves an event about criteria of the department."""
    code, other, figures, text = what
    today = timezone.localdate()
    due = on_or_after(today + dt.timedelta(days=9))
    criterion = asked(section, code)
    (made,) = confirm_criteria(section, {criterion.pk: Claim(3, text)}, by=office, on=today)
    accept_evidence([made], by=office, today=today)
    ask_back(made, text=text, due_on=due, by=office, today=today)
    ask_for_evidence(section, asked(section, other), text=text, due_on=due, by=office, today=today)
    fed(section.municipality, figures)
    of = asked(section, figures).pk
    for day, value in ((today, 41), (today, 42), (today - dt.timedelta(days=1), 43)):
        figure = Figure(of, section.pk, day, Decimal(value), text)
        enter_readings(section.municipality, [figure], by=office, today=today)
    gone = CriterionReading.objects.filter(criterion=of).latest("measured_on")
    remove_reading(gone, by=office)


def page(person: User, address: str = EVENTS, **query: Any) -> str:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return client.get(address, query).content.decode()


@pytest.mark.parametrize("address", [EVENTS, EXPORT])
def test_culture_of_one_is_veiled_and_technology_is_not(
    section: Department, office: User, reader: User, address: str
) -> None:
    happen(section, office, CULTURE)
    happen(section, office, TECHNOLOGY)
    text = page(reader, address)
    for secret in ("風土の根拠", "C1-3", "C1-4", "C1-5"):
        assert secret not in text
    for told in ("技術の根拠", "T1-1: 3", "T1-4: 42"):
        assert told in text
    assert text.count(SENTENCE) == Event.objects.filter(object_label__contains="C1-").count()
    assert SENTENCE not in page(office, address)
    assert "風土の根拠" in page(office, address)


def test_who_did_what_when_is_still_told(section: Department, office: User, reader: User) -> None:
    happen(section, office, CULTURE)
    with translation.override("en"):
        text = page(reader, EXPORT)
    lines = [line for line in text.splitlines() if SENTENCE in line]
    assert lines
    assert all(office.name in line for line in lines)
    assert any("removed a figure of a criterion" in line for line in lines)


def test_a_number_does_not_tell_which_object_it_was(
    section: Department, office: User, reader: User
) -> None:
    happen(section, office, CULTURE)
    pk = Assessment.objects.get().pk
    assert "kind=assessment" not in page(reader)
    for address in (EVENTS, EXPORT):
        query = {"kind": "assessment", "number": pk}
        assert SENTENCE not in page(reader, address, **query)
        assert "風土の根拠" in page(office, address, **query)


def test_the_own_head_reads_the_own_culture(section: Department, office: User) -> None:
    happen(section, office, CULTURE)
    admin = factories.user(section.municipality, role=Role.ADMIN)
    RoleGrant.objects.create(
        user=admin, role=Role.HEAD, department=section, valid_from=dt.date(2020, 4, 1)
    )
    hidden = culture_of_one(admin, list(Event.objects.filter(object_type="assessment")))
    assert hidden == set()


def test_what_is_gone_and_names_no_criterion_is_veiled(
    section: Department, office: User, reader: User
) -> None:
    happen(section, office, TECHNOLOGY)
    events = Event.objects.filter(object_type="criterionreading")
    assert culture_of_one(reader, list(events)) == set()
    row = CriterionReading.objects.get()
    remove_reading(row, by=office)
    assert culture_of_one(reader, list(events.all())) == set()
    unknown = events.filter(action="reading.corrected").get()
    unknown.before, unknown.after = {"value": "1"}, {"value": "2"}
    assert culture_of_one(reader, [unknown]) == {unknown.pk}


@pytest.mark.parametrize("count", [1, 3])
def test_the_veil_costs_the_same_for_any_number(
    section: Department,
    office: User,
    reader: User,
    count: int,
    django_assert_num_queries: Any,
) -> None:
    for _ in range(count):
        other = factories.department(section.municipality)
        happen(other, office, CULTURE)
    events = list(Event.objects.order_by("-pk"))
    culture_of_one(reader, events)
    with django_assert_num_queries(VEIL_QUERIES):
        culture_of_one(reader, events)
    culture_of_one(office, events)
    with django_assert_num_queries(0):
        culture_of_one(office, events)


def test_a_long_export_is_looked_at_in_parts(
    section: Department, office: User, reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(section, office, CULTURE)
    monkeypatch.setattr(event_veils, "CHUNK", 2)
    text = page(reader, EXPORT)
    assert "風土の根拠" not in text
    assert text.count(SENTENCE) == Event.objects.filter(object_label__contains="C1-").count()
