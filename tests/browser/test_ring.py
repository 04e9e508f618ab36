"""The whole ring once, as people go through it, on the real stack: the product's main job."""

import datetime as dt
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dxportal.accounts.models import User
from roadmap.models import Initiative
from surveys.actions.ballots import ByAccount, save_ballot
from surveys.models import SealedBallot, SegmentGroup, Wave
from tests.conftest import PageErrors
from tests.stack import Stack

PASSWORD = "staircase-up-2026"
DATA = Path(__file__).resolve().parent.parent / "data"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.redis,
    pytest.mark.slow,
    pytest.mark.xdist_group("redis"),
    pytest.mark.django_db(transaction=True),
]


class Town:
    """A running installation with nothing but accounts, and a browser for each person."""

    def __init__(self, stack: Stack, browser: Browser, errors: PageErrors) -> None:
        self.stack, self.browser, self.errors = stack, browser, errors
        self.contexts: list[BrowserContext] = []

    def as_person(self, name: str, *, width: int = 1280, **options: Any) -> Page:
        """Sign somebody in by the sign-in page."""
        context = self.browser.new_context(
            base_url=self.stack.url,
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            viewport={"width": width, "height": 812},
            **options,
        )
        self.errors.watch(context)
        self.contexts.append(context)
        page = context.new_page()
        page.goto("/accounts/sign-in/")
        page.fill("input[name=email]", f"{name}@mihon.example")
        page.fill("input[name=password]", PASSWORD)
        page.locator("main button[type=submit]").click()
        expect(page.locator("main")).not_to_contain_text("パスワード")
        return page


@pytest.fixture
def town(stack: Stack, browser: Browser, page_errors: PageErrors, settings: Any) -> Iterator[Town]:
    settings.KEY_DIR = stack.folder / "keys"
    stack.manage("seed_demo", "--municipality", "999997", "--empty", "--password", PASSWORD)
    stack.start_web()
    stack.start_worker()
    stack.start_beat()
    made = Town(stack, browser, page_errors)
    yield made
    for context in made.contexts:
        context.close()


def test_ring_closes_once_from_files_to_reply(town: Town) -> None:
    office = town.as_person("dx")
    import_file(office, "/departments/import/", "org_charts_published.csv")
    import_file(office, "/initiatives/import/", "initiatives_published.csv")
    assert Initiative.objects.count() == 45

    title = change_a_status(office)
    see_it_on_the_dashboard(town)

    wave = open_a_survey(office)
    taps = answer(town.as_person("staff1", width=375, java_script_enabled=False))
    assert taps <= 20
    assert SealedBallot.objects.filter(wave=wave, submitted=True).count() == 1
    others_answer(wave)
    town.stack.manage("close_wave", str(wave.pk))

    see_tallies(town, wave)
    reply_to_a_theme(office, title)
    read_the_reply(town)
    town.stack.manage("anonymity_audit")
    town.stack.manage("rollup", "--check")


def import_file(page: Page, address: str, name: str) -> None:
    """Upload, take all municipalities of the file with their names as tags, confirm."""
    page.goto(address)
    page.set_input_files("input[type=file]", DATA / name)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile("/imports/"))
    page.select_option("select[name=origin]", index=1)
    page.locator("form[action$='/columns/'] button[type=submit]").click()
    page.locator("form[action$='/confirm/'] button.fill").click()
    expect(page.locator(".notice.ok").first).to_be_visible(timeout=20_000)


def change_a_status(page: Page) -> str:
    """One choice in the row; saved at once."""
    page.goto("/initiatives/")
    row = page.locator("tbody tr").first
    title = row.locator("th a").first.inner_text()
    row.locator("select[name=progress]").select_option("late")
    expect(page.locator("tbody tr", has_text=title).first).to_contain_text("保存しました")
    return title


def see_it_on_the_dashboard(town: Town) -> None:
    """The CDO reloads until it is there, for two seconds at most."""
    page = town.as_person("cdo")
    late = page.locator("#kpi-late [data-figure=late]")
    started = time.monotonic()
    while time.monotonic() - started < 2:
        page.goto("/dashboard/")
        said = late.all_inner_texts()
        if said == ["1"]:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the dashboard still says {said!r} after two seconds")


def open_a_survey(page: Page) -> Wave:
    """The pain survey from its template, planned as proposed, opened."""
    page.goto("/surveys/new/")
    page.check("input[name=template][value=pain]")
    page.locator("main form button[type=submit]").click()
    page.locator("main .head a.btn.fill").click()
    page.fill("input[name=label]", "2026年 秋")
    page.locator("main form button[type=submit]").click()
    wave = Wave.objects.get()
    page.goto(f"/surveys/waves/{wave.pk}/open/")
    page.locator("main form:not([action]) button[type=submit]").click()
    wave.refresh_from_db()
    assert wave.state == "open"
    return wave


def answer(page: Page) -> int:
    """Answer everything that can be tapped, on a phone, without JavaScript; count the taps."""
    taps = 0
    page.goto("/surveys/")
    page.locator("main a.btn", has_text="回答する").first.click()
    for _step in range(30):
        button = page.locator(".act button.fill, .act a.btn.fill, main form button.fill").first
        if "/thanks/" in page.url:
            return taps
        option = page.locator("label.opt:visible").first
        if option.count():
            option.click()
            taps += 1
        button.click()
        taps += 1
    raise AssertionError(f"no end in sight at {page.url}")


def others_answer(wave: Wave) -> None:
    """The other people of the office send their ballots."""
    for number, person in enumerate(
        User.objects.filter(email__startswith="staff").exclude(email__startswith="staff1@")
    ):
        save_ballot(
            wave,
            ByAccount(person.pk),
            answers={"Q1": ["paper", "phone"][number % 2], "Q3": "daily", "Q4": "to_15"},
            submit=True,
            draft_binding=b"",
            now=timezone.now() + dt.timedelta(0),
        )


def see_tallies(town: Town, wave: Wave) -> None:
    """The head sees results, and no group of fewer than five."""
    page = town.as_person("head1")
    page.goto(f"/surveys/waves/{wave.pk}/results/")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("main table").first).to_be_visible()
    assert not SegmentGroup.objects.filter(wave=wave, n__lt=5).exists()
    assert not SealedBallot.objects.filter(wave=wave).exists()


def reply_to_a_theme(page: Page, title: str) -> None:
    """We do it: a sentence, until when, and the post that answers for it."""
    page.goto("/voices/")
    page.locator("main a", has_text="お返事を書く").first.click()
    page.locator("input[name=state][value=do]").check()
    page.fill("[name=sentence]", "休暇届を電子申請にします。")
    page.fill("[name=due_on]", (timezone.localdate() + dt.timedelta(days=90)).isoformat())
    page.locator("[name=owner]").select_option(index=1)
    page.locator("main form button.fill").click()
    page.locator("main nav a[href='?tab=answered']").click()
    expect(page.locator("main")).to_contain_text("休暇届を電子申請にします。")


def read_the_reply(town: Town) -> None:
    page = town.as_person("staff1", width=375)
    page.goto("/voices/")
    expect(page.locator("main")).to_contain_text("休暇届を電子申請にします。")
