"""Pages of results of every kind: axe finds nothing with everything open, nothing overflows."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from tests.axe import axe_complaints
from tests.surveys import boxes
from tests.surveys.result_towns import Asked, intake, pain_twice, pulse_and_heads

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (1280, 375, 320)
OPEN = "document.querySelectorAll('main details').forEach((d) => { d.open = true; })"


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


@pytest.mark.parametrize(
    ("name", "asked"),
    [("results_pain", pain_twice), ("results_pulse", pulse_and_heads), ("results_intake", intake)],
)
def test_results_are_sound_with_everything_open(
    name: str, asked: Callable[[], Asked], page: Page, live_server: Any
) -> None:
    made = asked()
    client = Client()
    client.force_login(made.place.office)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.set_extra_http_headers({"Accept-Language": "ja"})
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))

    page.goto(live_server.url + reverse("surveys:wave_results", args=[made.wave.pk]))
    page.evaluate(OPEN)

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 812})
        found = axe_complaints(page)
        assert found.violations_count == 0, f"{width}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        if folder := os.environ.get("DXPORTAL_SHOTS"):
            page.screenshot(path=f"{folder}/{name}_{width}.png", full_page=True)
    regions = page.locator("main .scroll")
    assert all(regions.nth(n).get_attribute("tabindex") == "0" for n in range(regions.count()))
    assert noise == []
