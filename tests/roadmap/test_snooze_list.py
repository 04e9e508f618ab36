"""A pause of reminders: one's own, and those of one's people."""

import datetime as dt

import pytest
from django.utils import timezone

from roadmap.models import Snooze
from tests import factories
from tests.roadmap.board import Town, signed_in, town

pytestmark = pytest.mark.django_db

PAGE = "/reminders/pause/"


@pytest.fixture
def place() -> Town:
    return town()


def days(first: int = 0, last: int = 6) -> dict[str, str]:
    today = timezone.localdate()
    return {
        "valid_from": (today + dt.timedelta(days=first)).isoformat(),
        "last_day": (today + dt.timedelta(days=last)).isoformat(),
    }


def test_everybody_pauses_the_own_ones_with_a_way_back(place: Town) -> None:
    client = signed_in(place.employee)
    html = client.post(PAGE, days(), follow=True).content.decode()
    made = Snooze.objects.get()
    today = timezone.localdate()
    assert (made.user, made.by) == (place.employee, place.employee)
    assert (made.valid_from, made.valid_to) == (today, today + dt.timedelta(days=7))
    assert f"/reminders/pause/{made.pk}/end/" in html
    client.post(PAGE, days())
    assert Snooze.objects.count() == 1
    client.post(f"/reminders/pause/{made.pk}/end/")
    assert not Snooze.objects.exists()


def test_dates_are_read_as_a_clerk_writes_them(place: Town) -> None:
    day = timezone.localdate()
    written = f"令和{day.year - 2018}年{day.month}月{day.day}日"
    signed_in(place.employee).post(PAGE, {"valid_from": written, "last_day": written})
    assert Snooze.objects.get().valid_from == day


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (days(-1, 3), "今日以降"),
        (days(3, 1), "始まりの日より前"),
        (days(0, 200), "3か月まで"),
        ({"valid_from": "いつか", "last_day": ""}, "日付"),
    ],
)
def test_a_pause_that_cannot_be_keeps_what_was_typed(
    place: Town, given: dict[str, str], words: str
) -> None:
    response = signed_in(place.employee).post(PAGE, given)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Snooze.objects.exists()


def test_nobody_names_somebody_else_without_the_right(place: Town) -> None:
    data = {**days(), "email": place.office.email}
    signed_in(place.employee).post(PAGE, data)
    assert Snooze.objects.get().user == place.employee, "the field is not theirs"


def test_the_head_pauses_for_the_own_people_alone(place: Town) -> None:
    below = factories.department(place.municipality, "窓口係", parent=place.section)
    clerk = factories.user(place.municipality, of=below)
    stranger = factories.user(place.municipality, of=place.other)
    client = signed_in(place.head)
    assert client.post(PAGE, {**days(), "email": clerk.email.upper()}).status_code == 302
    assert client.post(PAGE, {**days(), "email": stranger.email}).status_code == 422
    made = Snooze.objects.get()
    assert (made.user, made.by) == (clerk, place.head)
    assert clerk.name in client.get(PAGE).content.decode()
    other = signed_in(stranger)
    assert clerk.name not in other.get(PAGE).content.decode()
    assert other.post(f"/reminders/pause/{made.pk}/end/").status_code == 403
    assert signed_in(place.office).post(f"/reminders/pause/{made.pk}/end/").status_code == 302


def test_people_of_another_municipality_do_not_exist(place: Town) -> None:
    elsewhere = town("別の市")
    data = {**days(), "email": elsewhere.employee.email}
    response = signed_in(place.office).post(PAGE, data)
    assert response.status_code == 422
    assert not Snooze.objects.exists()
