"""Answering in a real browser without scripts: taps, width, and axe on every page."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from surveys.models import SealedBallot
from tests.surveys import boxes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESK = {"width": 375, "height": 812}, {"width": 1280, "height": 800}


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


class Finger:
    """Counts what a person taps."""

    def __init__(self, page: Page) -> None:
        """Nothing tapped yet."""
        self.page, self.taps = page, 0

    def tap(self, selector: str) -> None:
        """One tap on the first thing that fits."""
        self.page.locator(selector).first.click()
        self.taps += 1


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A phone without scripts."""
    return {**browser_context_args, "viewport": PHONE, "java_script_enabled": False}


def test_answering_takes_at_most_twenty_taps(page: Page, sign_in: Any) -> None:
    town = boxes.open_town()
    sign_in(town.staff[0])
    finger = Finger(page)
    page.goto(f"/answer/{town.wave.pk}/")

    finger.tap(".act .btn.fill")
    finger.tap(".opts summary")
    finger.tap(".opts details .opt")
    finger.tap(".act .btn.fill")
    finger.tap(".opts summary")
    finger.tap(".opt >> nth=0")
    finger.tap(".opts details .opt")
    finger.tap(".act .btn.fill")
    for has_choice in (False, True, True, True, False, False, True):
        if has_choice:
            finger.tap(".opt")
        finger.tap(".act .btn.fill")
    assert page.url.endswith("/check/")
    finger.tap(".act .btn.fill")

    assert page.url.endswith("/thanks/")
    assert finger.taps <= 20
    assert SealedBallot.objects.get().submitted


def test_nothing_is_wider_than_a_narrow_phone(page: Page, sign_in: Any) -> None:
    town = boxes.open_town()
    sign_in(town.staff[0])
    page.set_viewport_size({"width": 320, "height": 640})

    for path in ("", "Q1/", "Q2/", "check/"):
        page.goto(f"/answer/{town.wave.pk}/{path}")
        tile = page.locator("main").bounding_box()
        assert tile is not None
        assert tile["x"] + tile["width"] <= 320
