"""Another system sends figures with a key: all rows or none, the same again changes nothing."""

import datetime as dt
import json
import threading
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.event_words import changes
from dxportal.accounts.models import Department, Event, Municipality, User
from roadmap.actions.feed_keys import end_key, make_key
from roadmap.models import CriterionReading, FeedToken
from roadmap.views import feed
from tests import factories
from tests.roadmap.feeding import fed

pytestmark = pytest.mark.django_db
PATH = "/api/readings/"


@pytest.fixture
def town() -> Municipality:
    cache.clear()
    made = factories.municipality()
    fed(made)
    return made


@pytest.fixture
def section(town: Municipality) -> Department:
    return factories.department(town, "市民課", code="0101")


@pytest.fixture
def admin(town: Municipality) -> User:
    return factories.user(town, role=Role.ADMIN)


@pytest.fixture
def key(town: Municipality, admin: User) -> str:
    return make_key(town, name="電子申請システム", by=admin)[1]


def row(**more: Any) -> dict[str, Any]:
    base = {"department": "0101", "criterion": "T1-4", "measured_on": "2026-10-01"}
    return {**base, "value": "63.5", **more}


def send(key: str, rows: Any, **more: Any) -> Any:
    body = more.pop("body", None)
    body = json.dumps({"readings": rows}).encode() if body is None else body
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    more.setdefault("content_type", "application/json")
    client = more.pop("client", Client(enforce_csrf_checks=True))
    return client.post(PATH, body, headers=headers, **more)


def test_figures_come_in_and_again_change_nothing(section: Department, key: str) -> None:
    rows = [row(), row(measured_on="2026-09-01", value=40, note="月報")]
    first = send(key, rows)
    assert (first.status_code, first.json()) == (
        200,
        {"created": 2, "changed": 0, "unchanged": 0},
    )
    assert send(key, rows).json() == {"created": 0, "changed": 0, "unchanged": 2}
    assert send(key, [row(value="64")]).json() == {"created": 0, "changed": 1, "unchanged": 0}
    newest = CriterionReading.objects.get(measured_on=dt.date(2026, 10, 1))
    assert (str(newest.value), newest.channel, newest.by) == ("64.000", "api", None)
    assert FeedToken.objects.get().used_on == timezone.localdate()
    events = Event.objects.filter(action="feed_key.used")
    assert [event.channel for event in events] == ["api"] * 3
    corrected = Event.objects.get(action="reading.corrected")
    assert (corrected.before["value"], corrected.after["value"]) == ("63.5", "64")


def test_no_cookie_is_set_and_none_is_needed(section: Department, key: str, admin: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    response = send(key, [row()], client=client)
    assert response.status_code == 200
    assert not response.cookies
    assert send("", [row()], client=client).status_code == 401


@pytest.mark.parametrize("wrong", ["", "dxp_wrong", "é"])
def test_a_wrong_key_is_401_and_ended_ones_are_403(
    section: Department, key: str, admin: User, wrong: str
) -> None:
    response = send(wrong, [row()])
    assert response.status_code == 401
    assert "Bearer" in response.headers["WWW-Authenticate"]
    end_key(FeedToken.objects.get(), by=admin)
    assert send(key, [row()]).status_code == 403
    assert not CriterionReading.objects.exists()


def test_only_the_hash_of_a_key_is_kept(key: str) -> None:
    found = FeedToken.objects.get()
    assert key not in repr(found.__dict__)
    assert len(found.token_hash) == 64


def test_another_municipalitys_department_is_unknown(section: Department, key: str) -> None:
    away = factories.municipality("よそ市")
    fed(away)
    factories.department(away, "余所課", code="9999")
    response = send(key, [row(), row(department="9999"), row(department="余所課")])
    assert response.status_code == 422
    assert [one["row"] for one in response.json()["problems"]] == [2, 3]
    assert not CriterionReading.objects.exists()


def test_wrong_rows_name_row_field_and_remedy_and_nothing_is_written(
    section: Department, key: str
) -> None:
    rows = [
        row(),
        row(measured_on="2026/10/01"),
        row(measured_on="2099-01-01"),
        row(criterion="T1-1"),
        row(criterion="Z9"),
        row(value="half"),
        row(value=True),
        row(value=""),
        {"department": "0101"},
        "text",
        row(extra="1"),
        row(value="70"),
        row(note="x" * 201),
        row(department=""),
    ]
    response = send(key, rows)
    assert response.status_code == 422
    problems = response.json()["problems"]
    found = {(one["row"], one["field"]) for one in problems}
    assert found == {
        *((2, "measured_on"), (3, "measured_on"), (4, "criterion"), (5, "criterion")),
        *((6, "value"), (7, "value"), (8, "value")),
        *((9, "criterion"), (9, "measured_on"), (9, "value"), (10, ""), (11, "extra")),
        *((12, "value"), (13, "note"), (14, "department")),
    }
    assert all(one["message"] and one["remedy"] for one in problems)
    assert not CriterionReading.objects.exists()


def test_characters_that_cannot_be_kept_are_told(section: Department, key: str) -> None:
    names = ("department", "criterion", "measured_on", "value", "note")
    rows = [row(**{name: f"x{bad}"}) for name in names for bad in ("\x00", "\x1b", "\ud800")]
    rows.append({**row(), "\ud800": "x"})
    rows.append(row(note="月報\n\t別紙"))
    response = send(key, rows)
    assert response.status_code == 422
    problems = response.json()["problems"]
    assert [one["row"] for one in problems] == list(range(1, 17))
    assert [one["field"] for one in problems[:15:3]] == list(names)
    assert all(one["message"] and one["remedy"] for one in problems)
    assert send(key, rows[-1:]).status_code == 200
    assert CriterionReading.objects.get().note == "月報 別紙"


def test_a_sender_is_told_no_names_and_no_codes(
    section: Department, town: Municipality, key: str
) -> None:
    for code in ("0102", "0103"):
        factories.department(town, "総務課", code=code)
    rows = [row(department="市民果"), row(department="総務課"), row(criterion="T1-1")]
    response = send(key, rows)
    assert len(response.json()["problems"]) == 3
    text = response.content.decode()
    for secret in ("市民課", "0102", "0103", "T1-4"):
        assert secret not in text


def test_the_trail_tells_which_key_sent_a_figure(section: Department, key: str) -> None:
    send(key, [row()])
    send(key, [row(value="64")])
    one = FeedToken.objects.get()
    for action in ("reading.entered", "reading.corrected"):
        event = Event.objects.get(action=action)
        assert (event.after["key"], event.after["key_id"]) == (one.name, one.pk)
        assert one.name in {change.after for change in changes(event)}
        assert "key_id" not in {change.label for change in changes(event)}


def test_1001_rows_or_a_megabyte_are_413(section: Department, key: str) -> None:
    days = [dt.date(2021, 1, 1) + dt.timedelta(days=number) for number in range(1001)]
    rows = [row(measured_on=day.isoformat()) for day in days]
    assert send(key, rows).status_code == 413
    big = json.dumps({"readings": [row(note="x" * 1_000_000)]}).encode()
    assert send(key, [], body=big).status_code == 413
    assert send(key, rows[:1000]).json()["created"] == 1000


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (415, b"{}", "text/plain"),
        (415, b"{}", "application/json; charset=shift_jis"),
        (415, json.dumps({"readings": []}).encode("utf-16"), "application/json"),
        (415, '{"readings": [{"department": "市民課"}]}'.encode("cp932"), "application/json"),
        (400, b"{", "application/json"),
        (400, b"[]", "application/json"),
        (400, b'{"readings": {}}', "application/json"),
        (400, b'{"readings": [{"value": NaN}]}', "application/json"),
        (400, b"[" * 100_000, "application/json"),
    ],
)
def test_what_is_no_json_in_utf8_is_refused(
    section: Department, key: str, status: int, body: bytes, kind: str
) -> None:
    assert send(key, [], body=body, content_type=kind).status_code == status


def test_too_many_requests_are_429(
    section: Department, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_REQUESTS", 2)
    statuses = [send(key, []).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert send(key, []).headers["Retry-After"] == "60"


def test_reading_it_is_not_allowed(key: str) -> None:
    assert Client().get(PATH).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_two_at_once_write_each_figure_once(section: Department, key: str) -> None:
    rows = [row(measured_on=f"2026-0{month}-01") for month in range(1, 10)]
    answers: list[dict[str, int]] = []
    ready = threading.Barrier(2)

    def work() -> None:
        ready.wait()
        answers.append(send(key, rows).json())
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one["created"] for one in answers) == [0, 9]
    assert sorted(one["unchanged"] for one in answers) == [0, 9]
    assert CriterionReading.objects.count() == 9


# The keys -----------------------------------------------------------------------------------------
def test_a_key_is_shown_once(admin: User, section: Department) -> None:
    client = Client()
    client.force_login(admin)
    here = reverse("roadmap:feed_key_list")
    made = client.post(here, {"name": "電子申請"}).content.decode()
    text = made.split('id="feed-key">')[1].split("<")[0]
    assert text.startswith("dxp_")
    assert send(text, [row()]).status_code == 200
    assert text not in client.get(here).content.decode()
    assert client.post(here, {"name": ""}).status_code == 422
    client.post(reverse("roadmap:feed_key_end", args=[FeedToken.objects.get().pk]))
    assert send(text, [row()]).status_code == 403
    actions = Event.objects.filter(object_type="feedtoken").values_list("action", flat=True)
    assert set(actions) == {"feed_key.made", "feed_key.used", "feed_key.ended"}


def test_the_same_request_again_makes_no_second_key(admin: User) -> None:
    client = Client()
    client.force_login(admin)
    here = reverse("roadmap:feed_key_list")
    assert client.post(here, {"name": "電子申請"}).status_code == 200
    again = client.post(here, {"name": " 電子申請 "})
    assert again.status_code == 422
    assert again.context["form"].errors["name"]
    assert 'id="feed-key"' not in again.content.decode()
    end_key(FeedToken.objects.get(), by=admin)
    assert client.post(here, {"name": "電子申請"}).status_code == 200
    assert FeedToken.objects.filter(revoked_at=None).count() == 1
