"""In a browser: asking in two presses, one press for no change, a pause and its way back."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from dxportal.accounts.models import Outbox, User
from roadmap.models import Initiative, Snooze
from tests import factories
from tests.axe import axe_complaints
from tests.roadmap.board import Town, latest, town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: What the bar under the list sends: the ticked rows.
TICKED = """([ids, token]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/initiatives/remind/";
  const add = (name, value) => {
    const field = document.createElement("input");
    Object.assign(field, {type: "hidden", name, value});
    form.append(field);
  };
  ids.forEach((id) => add("ids", id));
  add("csrfmiddlewaretoken", token);
  document.body.append(form);
  form.requestSubmit();
}"""


@pytest.fixture
def place() -> Town:
    return town()


def sign_in(page: Page, user: User, url: str) -> None:
    client = Client()
    client.force_login(user)
    name = django_settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def some(place: Town, number: int, **fields: Any) -> list[Initiative]:
    day = timezone.localdate() - dt.timedelta(days=70)
    return [
        factories.initiative(
            place.municipality, f"取組{index}", lead=place.section, reported_on=day, **fields
        )
        for index in range(number)
    ]


def look(page: Page, name: str) -> None:
    """Sound at both widths; a picture where the environment names a folder."""
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 800})
        assert axe_complaints(page).violations_count == 0
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wide)
        if folder := os.environ.get("DXPORTAL_SHOTS"):
            page.screenshot(path=f"{folder}/{name}_{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})


def test_two_presses_ask_how_five_stand(
    page: Page, place: Town, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roadmap.actions.reminders.is_workday", lambda _day: True)
    monkeypatch.setattr("roadmap.views.reminders.is_workday", lambda _day: True)
    rows = [*some(place, 4, contact=place.employee), *some(place, 1, contact=None)]
    sign_in(page, place.office, live_server.url)
    page.goto("/initiatives/")
    token = page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value")
    with page.expect_navigation():
        page.evaluate(TICKED, [[row.pk for row in rows], token])
    expect(page.get_by_role("heading", level=1)).to_have_text("確認を送る")
    look(page, "remind_now")
    assert not Outbox.objects.exists()
    page.get_by_role("button", name="2人に送る").click()
    expect(page.get_by_text("2人に送りました。").first).to_be_visible()
    assert set(Outbox.objects.values_list("recipient__name", flat=True)) == {"田中", "鈴木"}


def test_no_change_is_one_press(page: Page, place: Town, live_server: Any) -> None:
    (mine,) = some(place, 1, contact=place.employee)
    sign_in(page, place.employee, live_server.url)
    page.goto("/initiatives/mine/")
    page.get_by_role("button", name="変わりなし").click()
    expect(page.get_by_text("待っているものはありません。")).to_be_visible()
    assert latest(mine).unchanged
    page.get_by_label("の進み具合").select_option("ahead")
    expect(page.get_by_text("予定より進んでいる").first).to_be_visible()
    page.wait_for_load_state()
    assert latest(mine).progress == "ahead"


def test_a_pause_is_taken_back_from_its_message(page: Page, place: Town, live_server: Any) -> None:
    sign_in(page, place.employee, live_server.url)
    page.goto("/reminders/pause/")
    last = timezone.localdate() + dt.timedelta(days=4)
    page.get_by_label("終了日").fill(last.isoformat())
    page.get_by_role("button", name="お知らせを休止する").click()
    expect(page.get_by_text("田中さんには確認のお知らせを送りません").first).to_be_visible()
    assert Snooze.objects.count() == 1
    look(page, "snooze_made")
    page.get_by_role("button", name="元に戻す").first.click()
    expect(page.get_by_text("田中さんへの確認のお知らせを再開します。").first).to_be_visible()
    assert not Snooze.objects.exists()
