"""Tickets, paper and a shared PC in a real browser: sheets, widths, axe, and what Back shows."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from playwright.sync_api import Page

from surveys.models import SealedBallot, Ticket
from surveys.tickets import read_token
from tests import factories
from tests.axe import axe_complaints
from tests.surveys import boxes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECRET = "検診車の鍵が一つしかありません"
WIDTHS = (320, 375, 1280)
#: What the browser still holds of us.
STORED = """async () => [
  ...[localStorage, sessionStorage].flatMap((kept) =>
    Object.entries(kept).map(([name, value]) => `${name}=${value}`)),
  ...(await indexedDB.databases()).map((one) => one.name),
]"""


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    cache.clear()
    return boxes.own_key_dir(settings, tmp_path)


def _check(page: Page, name: str) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 812})
        found = axe_complaints(page)
        assert found.violations_count == 0, f"{name} {width}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} {width}"
        if folder := os.environ.get("DXPORTAL_SHOTS"):
            page.screenshot(path=f"{folder}/{name}_{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 812})


def _next(page: Page) -> None:
    page.locator(".act .btn.fill").first.click()


def _tap_through(page: Page) -> None:
    """From the first question to the check page, with a text on the way."""
    while not page.url.endswith("/check/"):
        if page.locator("textarea").count():
            assert page.locator("form[autocomplete=off] textarea").count() == 1
            page.locator("textarea").fill(SECRET)
        elif page.locator(".opt").count():
            page.locator(".opt").first.click()
        _next(page)


def _sheets(page: Page, town: boxes.Town, number: int) -> list[str]:
    page.goto(f"/surveys/waves/{town.wave.pk}/tickets/")
    page.locator("input[name=number]").fill(str(number))
    page.locator(".print-form button").click()
    page.locator(".sheets").wait_for()
    return page.locator(".sheets .code").all_inner_texts()


def _nothing_of_the_person(page: Page, name: str) -> None:
    text = page.content()
    assert SECRET not in text
    assert name not in text
    stored = page.evaluate(STORED)
    if "/accounts/sign-in/" in page.url:  # where the script notes the address of this very page
        stored = [entry for entry in stored if not entry.endswith("=/accounts/sign-in/")]
        stored = [entry for entry in stored if "=/accounts/sign-in/?next=/answer/" not in entry]
    assert stored == []


def test_sheets_are_printed_eight_to_a_page_and_gone_afterwards(page: Page, sign_in: Any) -> None:
    town = boxes.open_town(without_account=30)
    sign_in(town.office)
    page.goto(f"/surveys/waves/{town.wave.pk}/tickets/")
    _check(page, "tickets")

    codes = _sheets(page, town, 17)

    assert len({read_token(code) for code in codes} - {None}) == 17
    _check(page, "sheets")
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 3
    if folder := os.environ.get("DXPORTAL_SHOTS"):
        Path(folder, "sheets.pdf").write_bytes(pdf)
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 726, "height": 1054})
        page.screenshot(path=f"{folder}/sheets_printed.png", full_page=True)
        page.emulate_media(media="screen")
    page.goto(f"/surveys/waves/{town.wave.pk}/tickets/")
    assert not [code for code in codes if code in page.content()]
    page.go_back()
    assert not [code for code in codes if code in page.content()]
    assert Ticket.objects.count() == 17


def test_a_ticket_is_typed_answered_and_leaves_nothing(page: Page, sign_in: Any) -> None:
    town = boxes.open_town(without_account=2)
    sign_in(town.office)
    (code,) = _sheets(page, town, 1)
    page.context.clear_cookies()

    page.goto(f"/answer/{town.wave.pk}/ticket/")
    _check(page, "ticket_code")
    page.locator("input[name=code]").fill("0" * 26)
    _next(page)
    _check(page, "ticket_wrong")
    page.locator("input[name=code]").fill(code.lower().replace("-", "　"))
    _next(page)
    _check(page, "ticket_in")
    _next(page)
    _tap_through(page)
    assert SECRET in page.content()
    _next(page)
    _check(page, "ticket_thanks")

    assert SealedBallot.objects.get().submitted
    assert page.locator("[data-receipt]").count() == 1
    names = {cookie["name"] for cookie in page.context.cookies()}
    assert django_settings.SESSION_COOKIE_NAME not in names
    for _step in range(3):
        page.go_back()
        _nothing_of_the_person(page, town.office.name)


def test_a_scanned_ticket_goes_straight_to_the_first_question(page: Page, sign_in: Any) -> None:
    town = boxes.open_town(without_account=1)
    sign_in(town.office)
    (code,) = _sheets(page, town, 1)
    page.context.clear_cookies()

    page.goto(f"/answer/{town.wave.pk}/ticket/{code.replace('-', '')}/")
    _check(page, "ticket_scan")
    _next(page)

    assert page.url.endswith("/Q1/")
    assert "/ticket/" not in page.evaluate("document.referrer")


def test_on_a_shared_pc_back_shows_neither_answer_nor_name(page: Page) -> None:
    town = boxes.open_town()
    person = town.staff[0]
    page.goto("/accounts/sign-in/")
    page.locator("input[name=email]").fill(person.email)
    page.locator("input[name=password]").fill(factories.PASSWORD)
    page.locator("input[name=shared_pc]").check()
    page.locator("main form button[type=submit]").click()
    page.goto(f"/answer/{town.wave.pk}/")
    _next(page)
    _tap_through(page)
    assert SECRET in page.content()

    _next(page)

    assert page.locator("[data-receipt]").count() == 1
    _nothing_of_the_person(page, person.name)
    for _step in range(4):
        page.go_back()
        _nothing_of_the_person(page, person.name)
    names = {cookie["name"] for cookie in page.context.cookies()}
    assert not names & {django_settings.SESSION_COOKIE_NAME, "last-user"}


def test_without_the_tick_back_does_show_the_own_answers(page: Page, sign_in: Any) -> None:
    """The control: an ordinary PC keeps the session, so the test above can fail."""
    town = boxes.open_town()
    sign_in(town.staff[0])
    page.goto(f"/answer/{town.wave.pk}/")
    _next(page)
    _tap_through(page)
    page.goto(f"/answer/{town.wave.pk}/")

    page.go_back()

    assert SECRET in page.content()


def test_paper_is_marked_and_leads_to_the_next_sheet(page: Page, sign_in: Any) -> None:
    town = boxes.open_town(without_account=2)
    sign_in(town.office)
    page.goto(f"/surveys/waves/{town.wave.pk}/")
    assert page.locator(f"a[href='/surveys/waves/{town.wave.pk}/paper/']").count() == 1
    page.goto(f"/surveys/waves/{town.wave.pk}/paper/")
    _check(page, "paper")
    page.locator("main form .btn.fill").click()
    assert page.locator(".ctx.paper").count() == 1
    _check(page, "paper_question")
    page.goto(f"/surveys/waves/{town.wave.pk}/paper/")
    _check(page, "paper_begun")
    page.goto(f"/surveys/waves/{town.wave.pk}/paper/q/Q1/")
    _tap_through(page)
    assert page.locator(".ctx.paper").count() == 1
    _next(page)

    assert "/paper/?section=" in page.url
    _check(page, "paper_next")
    assert SealedBallot.objects.filter(submitted=True).count() == 1
