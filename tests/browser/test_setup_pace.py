"""From the first sign-in to an open survey link within ten minutes of a person's pace.

The pace is worked out, not measured: every interaction costs stated seconds (PACE), every page is
read. The clock of this machine says nothing about people, so it is not asserted.
"""

from __future__ import annotations

import re
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from dxportal.accounts.models import Department, User
from surveys.actions.tickets import places, print_tickets
from surveys.models import Wave
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Seconds that one interaction costs. Reading is counted for each page that opens; a paste
#: includes going to the spreadsheet, marking the rows and copying them.
PACE = {"read": 20, "click": 4, "choose": 6, "type": 10, "paste": 20}
LIMIT = 600
EMAIL = "admin@town.example"
BUREAUS = 8


def sixty_departments() -> str:
    """60 rows as Excel copies them: 部, 課 and the number of staff without an account."""
    rows = [
        f"第{number % BUREAUS + 1}部\t第{number}課\t{number % 4 * 2}"
        for number in range(1, 61 - BUREAUS)
    ]
    heads = [f"第{number}部\t\t" for number in range(1, BUREAUS + 1)]
    return "\r\n".join(["部\t課\tアカウントのない職員数", *heads, *rows])


class Person:
    """Somebody at a page, whose interactions are counted by kind."""

    def __init__(self, page: Page) -> None:
        """Nothing was done yet."""
        self.page, self.done = page, Counter[str]()

    def reads(self) -> None:
        """A page has opened."""
        self.page.wait_for_load_state("load")
        self.done["read"] += 1

    def presses(self, name: str) -> None:
        """A button that leads to another page, which is read."""
        self.done["click"] += 1
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button", name=name, exact=True).click()
        self.reads()

    def types(self, selector: str, text: str) -> None:
        """One field."""
        self.done["type"] += 1
        self.page.fill(selector, text)

    def pastes(self, selector: str, text: str) -> None:
        """A range from the clipboard."""
        self.done["paste"] += 1
        self.page.fill(selector, text)

    def chooses(self, selector: str, label: str) -> None:
        """One choice in a select."""
        self.done["choose"] += 1
        self.page.locator(selector).select_option(label=label)

    def ticks(self, selector: str) -> None:
        """One box."""
        self.done["click"] += 1
        self.page.check(selector)

    @property
    def seconds(self) -> int:
        """The pace of all of it."""
        return sum(PACE[kind] * number for kind, number in self.done.items())


@pytest.fixture
def password(tmp_path: Path, settings: Any, live_server: Any) -> str:
    """A municipality that was just founded; the password that its administrator was given."""
    settings.KEY_DIR, settings.SITE_URL = tmp_path / "keys", live_server.url
    cache.clear()
    out = StringIO()
    names = ("--admin-email", EMAIL, "--admin-name", "管理 花子")
    call_command("found_municipality", "131121", "世田谷区", *names, stdout=out)
    (line,) = [line for line in out.getvalue().splitlines() if line.count("-") == 3]
    return line.split()[-1].removeprefix("パスワード：")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_sign_in_to_survey_link_within_ten_minutes(
    browser: Browser, browser_context_args: dict[str, Any], password: str, scripts: bool
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=scripts)
    page = context.new_page()
    person = Person(page)
    page.goto("/")
    person.reads()
    person.types("#id_email", EMAIL)
    person.types("#id_password", password)
    person.presses("ログイン")
    # 1 the municipality: proposed from the code
    assert page.url.endswith("/setup/municipality/")
    expect(page.locator("#id_name")).to_have_value("世田谷区")
    person.presses("保存して次へ")
    # 2 departments: sixty rows from a spreadsheet
    person.pastes("#id_text", sixty_departments())
    person.presses("行を読む")
    expect(page.locator(".setup-tree li")).to_have_count(60)
    assert not Department.objects.exists()
    person.presses("この60件を登録する")
    assert Department.objects.count() == 60
    # 3 names of the steps: as they are
    person.presses("この名前で次へ")
    # 4 oneself, with the role of the DX office
    person.chooses("#id_department", "第2部 第1課")
    person.ticks("#id_office")
    person.presses("保存して次へ")
    # 5 the survey
    person.presses("始まる前に確かめる")
    person.presses("開始してリンクを出す")
    link = page.locator("#link").input_value()
    assert link in page.locator("#chat").input_value()
    assert person.seconds <= LIMIT, person.done
    assert person.done["click"] <= 10
    context.close()
    _check_that_it_opens(browser, browser_context_args, link)


def _check_that_it_opens(browser: Browser, arguments: dict[str, Any], link: str) -> None:
    """A stranger with a ticket answers; without one there is the sign-in, and after it the link."""
    wave = Wave.objects.get()
    stranger = browser.new_context(**arguments)
    page = stranger.new_page()
    page.goto(link)
    assert urlsplit(page.url).path == reverse("accounts:sign_in")
    admin = User.objects.get(email=EMAIL)
    place = next(place for place in places(wave) if place.staff)
    with transaction.atomic():
        (token,) = print_tickets(
            wave, segment=place.segment, number=1, seen=0, by=admin, now=timezone.now()
        )
    answer = page.goto(reverse("surveys:ticket_scan", args=[wave.pk, token]))
    assert answer is not None
    assert answer.status == 200
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"**/answer/{wave.pk}/**")
    stranger.close()
    # Whoever had an account in a department when it opened answers by the link itself.
    signed_in = browser.new_context(**arguments)
    admin.set_password(factories.PASSWORD)
    admin.save()
    page = signed_in.new_page()
    page.goto(link)
    page.fill("#id_email", EMAIL)
    page.fill("#id_password", factories.PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(link)
    expect(page.locator("h1")).to_be_visible()
    signed_in.close()


def sheets(page: Page) -> int:
    """How many sheets of paper the page takes."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


def test_check_list_prints_on_one_sheet(page: Page, password: str, sign_in: Any) -> None:
    admin = User.objects.get(email=EMAIL)
    sign_in(admin)
    page.goto(reverse("dashboards:procedure"))
    assert sheets(page) == 1
