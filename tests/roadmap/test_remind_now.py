"""Asking by hand: first who would be asked, then the asking itself."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from dxportal.accounts.models import Outbox
from roadmap.models import Digest, Initiative, Snooze
from tests import factories
from tests.roadmap.board import Town, signed_in, town

pytestmark = pytest.mark.django_db

PAGE = "/initiatives/remind/"
WORKDAY = dt.datetime(2026, 9, 8, 2, 0, tzinfo=dt.UTC)


@pytest.fixture
def place() -> Town:
    return town()


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: WORKDAY)


def some(place: Town, *people: Any) -> list[Initiative]:
    return [
        factories.initiative(place.municipality, contact=person, lead=place.section)
        for person in people
    ]


def ids(rows: list[Initiative]) -> list[int]:
    return [row.pk for row in rows]


def test_the_preview_sends_nothing(place: Town) -> None:
    rows = some(place, place.employee, place.employee, place.head)
    response = signed_in(place.office).post(PAGE, {"ids": ids(rows)})
    html = response.content.decode()
    assert response.status_code == 200
    assert "2人に送る" in html
    assert rows[0].title in html
    assert not Digest.objects.exists()


def test_rows_ticked_in_the_list_come_in_with_their_versions(place: Town) -> None:
    rows = some(place, place.employee, place.head)
    ticks = [f"{row.pk}:{number}:1" for number, row in enumerate(rows)]
    response = signed_in(place.office).post(PAGE, {"rows": ticks})
    assert list(response.context["initiatives"]) == rows


def test_two_presses_send_one_message_each(place: Town) -> None:
    rows = some(place, place.employee, place.employee, place.head)
    client = signed_in(place.office)
    back = "/initiatives/?queue=stale"
    data = {"ids": ids(rows), "send": "1", "next": back}
    response = client.post(PAGE, data)
    assert response.headers["Location"] == back
    client.post(PAGE, data)
    assert Outbox.objects.filter(channel="in_app").count() == 2
    html = client.post(PAGE, {"ids": ids(rows)}).content.decode()
    assert "2人には送りません。今日の分がもう届いています。" in html
    assert 'name="send"' not in html


def test_who_is_on_leave_and_what_reaches_nobody_is_said(place: Town) -> None:
    place.office.grants.exclude(role="dx_office").delete()
    day = timezone.localdate()
    Snooze.objects.create(
        user=place.employee, by=place.head, valid_from=day, valid_to=day + dt.timedelta(days=2)
    )
    rows = some(place, place.employee, place.head)
    html = signed_in(place.office).post(PAGE, {"ids": ids(rows)}).content.decode()
    assert "1人には送りません。休止中です。" in html
    assert "1人に送る" in html


def test_on_a_day_off_it_says_from_when_on(place: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = some(place, place.employee)
    monkeypatch.setattr(timezone, "now", lambda: WORKDAY - dt.timedelta(days=2))
    html = signed_in(place.office).post(PAGE, {"ids": ids(rows)}).content.decode()
    assert "令和8年9月7日から送れます" in html
    assert 'name="send"' not in html


@pytest.mark.parametrize("value", ["", "x", "999999999999999999999", "-1"])
def test_nothing_ticked_asks_nobody(place: Town, value: str) -> None:
    response = signed_in(place.office).post(PAGE, {"ids": value, "send": "1"})
    assert response.status_code == 422
    assert "取組が選ばれていません" in response.content.decode()


def test_rows_of_another_municipality_are_not_found(place: Town) -> None:
    elsewhere = town("別の市")
    theirs = some(elsewhere, elsewhere.employee)
    response = signed_in(place.office).post(PAGE, {"ids": ids(theirs)})
    assert response.status_code == 422
    assert theirs[0].title not in response.content.decode()
