"""When reminders go out, and who would get what today: looking sends nothing."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.models import Outbox
from roadmap.actions.reminders import setting_of
from roadmap.models import Digest, ReminderSetting, Snooze
from tests import factories
from tests.roadmap.board import Town, signed_in, town

pytestmark = pytest.mark.django_db

PAGE = "/settings/reminders/"
PAGE_QUERIES = 28
WANTED = {"active": "on", "weekday": "3", "days_before": "10", "escalate_after": "3"}


@pytest.fixture
def place() -> Town:
    return town()


def stale(place: Town, person: Any) -> None:
    day = timezone.localdate() - dt.timedelta(days=70)
    factories.initiative(place.municipality, lead=place.section, contact=person, reported_on=day)


@pytest.mark.parametrize("number", [1, 3])
def test_the_preview_costs_the_same_for_any_number(
    place: Town, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _each in range(number):
        stale(place, factories.user(place.municipality))
    client = signed_in(place.office)
    with django_assert_num_queries(PAGE_QUERIES):
        outlook = client.get(PAGE).context["outlook"]
    assert len(outlook.recipients) == number


def test_looking_names_who_would_get_how_many_and_sends_nothing(place: Town) -> None:
    stale(place, place.employee)
    stale(place, place.employee)
    html = signed_in(place.office).get(PAGE).content.decode()
    row = html[html.index("h-preview") :]
    assert "田中" in row
    assert "60日以上報告なし" in row
    assert not Digest.objects.exists()
    assert not Outbox.objects.exists()


def test_what_nobody_answers_for_reaches_the_office_itself(place: Town) -> None:
    place.head.grants.all().delete()
    stale(place, None)
    outlook = signed_in(place.office).get(PAGE).context["outlook"]
    assert [(person.name, person.count) for person in outlook.recipients] == [("佐藤", 1)]
    assert outlook.unreached == [], "whoever reads this page is the last to be told"


def test_who_pauses_stands_on_the_page(place: Town) -> None:
    today = timezone.localdate()
    Snooze.objects.create(
        user=place.employee,
        by=place.employee,
        valid_from=today,
        valid_to=today + dt.timedelta(days=3),
    )
    stale(place, place.employee)
    html = signed_in(place.office).get(PAGE).content.decode()
    assert "休止中" in html
    assert "田中" in html[html.index("h-paused") :]


def test_settings_are_saved_in_one_form(place: Town) -> None:
    client = signed_in(place.office)
    response = client.post(PAGE, {**WANTED, "seen": "1-0-7-2"})
    assert response.status_code == 302
    found = setting_of(place.municipality.pk)
    assert (found.active, found.weekday, found.days_before, found.escalate_after) == (
        True,
        3,
        10,
        3,
    )
    again = client.post(PAGE, {**WANTED, "seen": "1-0-7-2"})
    assert again.status_code == 302, "the same form sent twice is no conflict"


@pytest.mark.parametrize("seen", ["1-0-7-2", "", "x-0-7-2", "1-0-7"])
def test_a_stale_form_shows_both_sides(place: Town, seen: str) -> None:
    ReminderSetting.objects.create(municipality=place.municipality, days_before=14)
    response = signed_in(place.office).post(PAGE, {**WANTED, "seen": seen})
    assert response.status_code == 409
    html = response.content.decode()
    assert "期日の14日前から" in html
    assert 'value="10"' in html
    assert setting_of(place.municipality.pk).days_before == 14
    resent = signed_in(place.office).post(PAGE, {**WANTED, "seen": "1-0-14-2"})
    assert resent.status_code == 302


@pytest.mark.parametrize(
    ("name", "value"),
    [("weekday", "5"), ("days_before", "31"), ("escalate_after", "0"), ("days_before", "")],
)
def test_values_out_of_reach_are_refused(place: Town, name: str, value: str) -> None:
    response = signed_in(place.office).post(PAGE, {**WANTED, name: value, "seen": "1-0-7-2"})
    assert response.status_code == 422
    assert not ReminderSetting.objects.filter(days_before=10).exists()
