"""An update costs at most three interactions: in the row, through a link, on a phone, for many."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from dxportal.accounts.choices import Role
from dxportal.accounts.models import User
from roadmap.choices import Progress
from roadmap.models import Initiative, Update
from roadmap.signed_links import token_for
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST = 3
SIZES = pytest.mark.parametrize("width", [1280, 375], ids=["desk", "phone"])


@pytest.fixture(autouse=True)
def clean() -> None:
    """A throttle of this test's own."""
    cache.clear()


@pytest.fixture
def promoter() -> User:
    """Somebody who updates three initiatives of one section."""
    town = factories.municipality()
    section = factories.department(town, "市民課")
    day = timezone.localdate() - dt.timedelta(days=40)
    for title in ("電子申請", "書かない窓口", "空き家台帳"):
        factories.initiative(town, title, lead=section, reported_on=day)
    return factories.user(town, of=section, role=Role.PROMOTER, name="高橋 推進")


class Counted:
    """A page on which every interaction of a person is counted."""

    def __init__(self, page: Page) -> None:
        """Nothing was done yet."""
        self.page, self.interactions = page, 0

    def click(self, selector: str) -> None:
        """One press."""
        self.interactions += 1
        self.page.locator(selector).first.click()

    def choose(self, selector: str, value: str) -> None:
        """One choice in a select."""
        self.interactions += 1
        self.page.locator(selector).first.focus()
        self.page.locator(selector).first.select_option(value)

    def write(self, selector: str, text: str) -> None:
        """One line, ended by Enter."""
        self.interactions += 1
        self.page.locator(selector).first.fill(text)
        self.page.keyboard.press("Enter")


def latest(initiative: Initiative) -> Update:
    """Its newest report."""
    return Update.objects.filter(initiative=initiative).latest("pk")


def saved(page: Page, number: int = 1) -> None:
    """Wait for that many toasts."""
    page.wait_for_function(
        "(n) => document.querySelectorAll('[data-toasts] > [data-toast]').length >= n", arg=number
    )


@SIZES
def test_row_is_updated_with_one_choice_and_late_with_three(
    page: Page, promoter: User, sign_in: Any, width: int
) -> None:
    initiative = Initiative.objects.get(title="電子申請")
    sign_in(promoter)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(reverse("roadmap:initiative_list"), wait_until="networkidle")
    hand = Counted(page)
    hand.choose(f"#progress-{initiative.pk}", "late")
    saved(page)
    assert (hand.interactions, latest(initiative).progress) == (1, Progress.LATE)
    hand.choose(f"#cause-{initiative.pk}", "law")
    hand.write(f"#note-{initiative.pk}", "条例の改正待ち")
    saved(page, 2)
    update = latest(initiative)
    assert (update.cause, update.note) == ("law", "条例の改正待ち")
    assert hand.interactions <= MOST
    assert all(row.seconds for row in Update.objects.filter(by=promoter))


@SIZES
def test_no_change_is_one_press_in_the_row(
    page: Page, promoter: User, sign_in: Any, width: int
) -> None:
    initiative = Initiative.objects.get(title="書かない窓口")
    sign_in(promoter)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(reverse("roadmap:initiative_list"), wait_until="networkidle")
    hand = Counted(page)
    hand.click(f"#initiative-row-{initiative.pk} button[name=unchanged]")
    saved(page)
    assert latest(initiative).unchanged
    assert latest(initiative).seconds == 1
    assert hand.interactions == 1


@SIZES
@pytest.mark.parametrize("press", ["[name=unchanged]", "[value=ahead]"])
def test_link_is_answered_with_one_press_and_taken_back_with_another(
    page: Page, promoter: User, width: int, press: str
) -> None:
    initiative = Initiative.objects.get(title="空き家台帳")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(reverse("roadmap:status_link", args=[token_for(initiative.pk, promoter.pk)]))
    hand = Counted(page)
    hand.click(f".linkform {press}")
    page.wait_for_selector("#link-thanks")
    assert latest(initiative).channel == "link"
    assert latest(initiative).seconds
    assert hand.interactions <= MOST
    hand.click("#link-thanks button")
    page.wait_for_url("**?undone=1")
    assert latest(initiative).undoes_id
    assert [cookie["name"] for cookie in page.context.cookies()] == ["csrftoken"]


def test_late_through_the_link_asks_the_rest_after_saving(page: Page, promoter: User) -> None:
    initiative = Initiative.objects.get(title="空き家台帳")
    page.goto(reverse("roadmap:status_link", args=[token_for(initiative.pk, promoter.pk)]))
    hand = Counted(page)
    hand.click(".linkform [value=late]")
    page.wait_for_selector("#cause-link")
    assert latest(initiative).progress == Progress.LATE
    hand.choose("#cause-link", "vendor")
    hand.write("#note-link", "納品が遅れています")
    page.wait_for_function("document.querySelector('#note-link')?.value === '納品が遅れています'")
    page.wait_for_selector("#link-thanks")
    assert (latest(initiative).cause, hand.interactions) == ("vendor", MOST)


@SIZES
def test_many_rows_are_ticked_changed_and_brought_back(
    page: Page, promoter: User, sign_in: Any, width: int
) -> None:
    sign_in(promoter)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(reverse("roadmap:initiative_list"), wait_until="networkidle")
    assert page.locator("#bulk").is_hidden()
    hand = Counted(page)
    hand.click("[data-tick-all]")
    assert page.locator("[data-tick-count]").inner_text() == "3"
    assert page.locator("#bulk").is_visible()
    assert page.locator("#bulk-note").is_hidden()
    hand.choose("#bulk-progress", "ahead")
    with page.expect_navigation():
        hand.click("#bulk button.btn")
    rows = list(Initiative.objects.all())
    assert {latest(row).progress for row in rows} == {Progress.AHEAD}
    assert hand.interactions == MOST
    with page.expect_navigation():
        page.locator("[data-toast-undo] button").click()
    assert {latest(row).progress for row in rows} == {Progress.ON_TRACK}


def test_stopping_many_asks_for_the_reason_in_the_bar(
    page: Page, promoter: User, sign_in: Any
) -> None:
    sign_in(promoter)
    page.goto(reverse("roadmap:initiative_list"), wait_until="networkidle")
    page.locator("[data-tick]").first.check()
    page.locator("#bulk-phase").select_option("stopped")
    assert page.locator("#bulk-note").is_visible()


def test_many_rows_without_scripts(browser: Any, live_server: Any, promoter: User) -> None:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(promoter)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto(reverse("roadmap:initiative_list"))
    assert page.locator("#bulk").is_visible()
    for tick in page.locator("[name=rows]").all()[:2]:
        tick.check()
    page.locator("#bulk-progress").select_option("late")
    page.locator("#bulk button.btn").click()
    assert Update.objects.filter(progress=Progress.LATE).count() == 2
    page.locator("[data-toast-undo] button").click()
    assert Update.objects.filter(undoes__isnull=False).count() == 2
    context.close()
