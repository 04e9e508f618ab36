"""Free texts in a real browser: one click swaps a row, nothing in a text runs, both widths fit."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from surveys.actions.theming import sort_texts
from surveys.actions.voices import approve_wording, propose_wording
from surveys.models import PublishedVoice, VoiceTheme
from tests.axe import axe_complaints
from tests.surveys.readers import NOTHING, PAPER, Read, closed
from tests.surveys.test_wordings import DAY

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EVIL = (
    "<script>window.hit=1</script><img src=x onerror='window.hit=1'>"
    "<button hx-get='/healthz' hx-trigger='load' hx-on:click='window.hit=1'>押印</button>"
    "<a href='javascript:window.hit=1'>押印</a>{{ 7*7 }}"
)


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> None:
    """A key folder of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"


def row(page: Page, read: Read, body: str = PAPER) -> Any:
    """The row of one text."""
    return page.locator(f"#text-{read.voice(body).pk}")


def test_one_click_sorts_a_text_and_one_takes_it_back(page: Page, sign_in: Any) -> None:
    read = closed((PAPER,) * 10 + (NOTHING,) * 2)
    sign_in(read.first)
    page.goto(read.url())
    expect(page.locator("#text-tabs a").nth(1)).to_contain_text("12")

    row(page, read).locator(".pick").first.click()

    expect(row(page, read).locator(".filed")).to_contain_text(str(read.theme("paper")))
    expect(page.locator("#text-tabs a").nth(1)).to_contain_text("11")
    expect(page.locator("[data-toast-text]").first).to_contain_text(str(read.theme("paper")))
    expect(page.locator("#announcer")).to_contain_text(str(read.theme("paper")))
    assert page.evaluate("document.activeElement.className") == "filed"
    assert VoiceTheme.objects.get().by == read.first
    swapped = row(page, read).locator("form").inner_text()

    page.reload()
    assert row(page, read).locator("form").inner_text() == swapped
    row(page, read).get_by_role("button").last.click()
    expect(row(page, read).locator(".pick").first).to_be_visible()
    assert not VoiceTheme.objects.exists()
    page.locator("[data-toast-undo] button").last.click()
    expect(row(page, read).locator(".filed")).to_contain_text(str(read.theme("paper")))


def test_another_theme_and_several_at_once(page: Page, sign_in: Any) -> None:
    read = closed((PAPER,) * 10 + (NOTHING,) * 2)
    sign_in(read.first)
    page.goto(read.url())
    bar = page.locator("[data-tick-bar]")
    expect(bar).to_be_hidden()
    first = row(page, read, NOTHING)
    first.locator("select").select_option(str(read.theme("staffing").pk))
    first.locator("button[value=other]").click()
    expect(first.locator(".filed")).to_contain_text(str(read.theme("staffing")))

    for number in range(2):
        page.locator("[data-tick]").nth(number).check()
    expect(bar).to_be_visible()
    bar.locator("select").select_option(str(read.theme("rules").pk))
    bar.locator("button").click()

    expect(page.locator("[data-toast-text]").first).to_contain_text("2")
    assert VoiceTheme.objects.filter(theme=read.theme("rules")).count() == 2


def test_a_text_runs_nothing_in_the_browser(page: Page, sign_in: Any) -> None:
    read = closed((EVIL,) + (PAPER,) * 11)
    sign_in(read.first)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
    propose_wording(read.wave, read.theme("paper"), EVIL[:400], by=read.second, on=DAY)
    approve_wording(PublishedVoice.objects.get(), by=read.first, on=DAY, seen=EVIL[:400])
    sort_texts(read.wave, [read.voice(EVIL).pk], read.theme("paper"), by=read.first)
    paths = [
        read.url(),
        read.url("wording_create") + f"?theme={read.theme('paper').pk}",
        read.url("wording_list"),
        reverse("surveys:wave_results", args=[read.wave.pk]),
    ]
    for path in paths:
        page.goto(path)
        expect(page.locator("main")).to_contain_text("<script>window.hit=1</script>")
    page.goto(read.url())
    one = row(page, read, EVIL)
    one.get_by_role("button").last.click()
    expect(one.locator(".pick").first).to_be_visible()
    one.locator(".pick").first.click()
    expect(one.locator(".filed")).to_be_visible()
    one.locator(".said").click()
    page.wait_for_timeout(300)

    assert page.evaluate("window.hit") is None
    assert not [url for url in asked if "healthz" in url or "dialog" in url]
    assert one.locator("[hx-get], .said script, .said img, .said button").count() == 0


def test_pages_of_readers_are_accessible_at_both_widths(page: Page, sign_in: Any) -> None:
    read = closed((PAPER,) * 6 + (NOTHING,) * 5 + ("x" * 120,))
    sign_in(read.first)
    sort_texts(read.wave, [read.voice().pk], read.theme("paper"), by=read.second)
    propose_wording(read.wave, read.theme("paper"), "紙での決裁が重い", by=read.first, on=DAY)
    theme = read.theme("paper").pk
    paths = [
        read.url(),
        read.url("wording_list"),
        read.url("wording_create") + f"?theme={theme}",
        reverse("surveys:theme_list"),
        reverse("surveys:theme_split", args=[theme]),
    ]
    for path in paths:
        for width in (375, 320, 1280):
            page.set_viewport_size({"width": width, "height": 812})
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        found = axe_complaints(page)
        assert found.violations_count == 0, found.generate_report()


def test_signing_out_works_from_a_page_without_referrers(page: Page, sign_in: Any) -> None:
    read = closed()
    sign_in(read.first)
    page.goto(read.url())
    page.locator("details.who summary").click()
    page.locator(f"form[action='{reverse('accounts:sign_out')}'] button").first.click()
    page.wait_for_url("**" + reverse("accounts:sign_in") + "*")
