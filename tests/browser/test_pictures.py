"""The pages that people show around, where it is narrow, large, in forced colours and on paper.

Each is kept as a picture below test-results/pictures/, for somebody to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.core.cache import cache
from django.db import connections
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Browser, Page

from roadmap.models import Stage
from tests.browser.example_town import DESK, HEIGHT, NARROW, ExampleTown, example_town
from tests.browser.test_every_page import TOO_WIDE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pictures")]
PICTURES = Path(__file__).resolve().parents[2] / "test-results" / "pictures"

#: Name of the picture → address, who looks, and the thing that the address needs.
SHOWN = {
    "dashboard": ("dashboards:dashboard", "cdo", ""),
    "dashboard-auditor": ("dashboards:dashboard", "auditor", ""),
    "departments": ("dashboards:department_list", "cdo", ""),
    "department": ("dashboards:department_detail", "head", "department"),
    "value": ("dashboards:value", "dx", ""),
    "painpoints": ("dashboards:painpoint_list", "dx", ""),
}
#: What has to stay readable: names of steps, percentages, counts of things with their unit.
SAID = """(steps) => {
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (!/^rgba\\(.*, 0\\)$|^transparent$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const light = (colour) => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((v) => {
      const share = Number(v) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const contrast = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const found = { readable: [], faint: [] };
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim().replace(/\\s+/g, " ");
    if (!/\\d\\s*(%|件|課)/.test(text) && !steps.includes(text)) continue;
    const e = walker.currentNode.parentElement;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    const seen = e.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!seen || box.width < 2 || e.closest("button, select, .vh, svg")) continue;
    const enough = contrast(getComputedStyle(e).color, ground(e)) >= 4.5;
    found[enough ? "readable" : "faint"].push(text);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def site(
    django_db_setup: Any,
    django_db_blocker: Any,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ExampleTown]:
    """The example town for all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    keys = tmp_path_factory.mktemp("keys")
    with django_db_blocker.unblock(), override_settings(KEY_DIR=keys):
        cache.clear()
        with example_town(browser) as town:
            yield town
        connections.close_all()
        django_db_setup.empty()


@pytest.fixture
def page(site: ExampleTown, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window of that person's browser, as the page asks for it; nothing is left of it."""
    site.errors.found.clear()
    _name, who, _thing = SHOWN[request.getfixturevalue("shown")]
    page = site.page(who)
    yield page
    page.emulate_media(media="screen", forced_colors="none")
    assert not site.errors.found, "\n".join(site.errors.found)


def opened(site: ExampleTown, page: Page, shown: str, width: int = DESK) -> Page:
    """The page in a window of that width."""
    name, _who, thing = SHOWN[shown]
    page.set_viewport_size({"width": width, "height": HEIGHT})
    response = page.goto(reverse(name, args=site.things[thing] if thing else []))
    assert response is not None
    assert response.status == 200
    return page


def said(page: Page, *, faint: bool = False) -> list[str]:
    """Steps, percentages and counts that can be read; nothing of it is faint unless allowed."""
    steps = {name for stage in Stage.objects.all() for name in (stage.name, stage.short)}
    found: dict[str, list[str]] = page.evaluate(SAID, sorted(steps))
    assert faint or found["faint"] == []
    assert found["readable"]
    return sorted(found["readable"])


@pytest.mark.parametrize("shown", SHOWN)
def test_narrow_page_does_not_scroll_sideways(site: ExampleTown, page: Page, shown: str) -> None:
    opened(site, page, shown, NARROW)
    assert page.evaluate(TOO_WIDE) == []
    said(page)
    page.screenshot(path=PICTURES / f"{shown}-320.png", full_page=True)


@pytest.mark.parametrize("shown", SHOWN)
def test_page_at_twice_its_size_does_not_scroll_sideways(
    site: ExampleTown, page: Page, shown: str
) -> None:
    """Chromium at 200 %: a window of 1280 has 640 pixels of its style sheets, each drawn twice."""
    devtools = page.context.new_cdp_session(page)
    opened(site, page, shown)
    usual = said(page)
    size = {"width": DESK // 2, "height": HEIGHT // 2, "deviceScaleFactor": 2, "mobile": False}
    devtools.send("Emulation.setDeviceMetricsOverride", size)
    try:
        assert page.evaluate("[innerWidth, devicePixelRatio]") == [DESK // 2, 2]
        assert page.evaluate(TOO_WIDE) == []
        assert set(steps_in(usual)) <= set(said(page))
        page.screenshot(path=PICTURES / f"{shown}-200-percent.png", full_page=True)
    finally:
        devtools.send("Emulation.clearDeviceMetricsOverride")
        devtools.detach()


@pytest.mark.parametrize("shown", SHOWN)
def test_forced_colours_leave_every_step_and_figure_readable(
    site: ExampleTown, page: Page, shown: str
) -> None:
    opened(site, page, shown)
    usual = said(page)
    page.emulate_media(forced_colors="active")
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    assert said(page) == usual
    page.screenshot(path=PICTURES / f"{shown}-forced-colours.png", full_page=True)


@pytest.mark.parametrize("shown", SHOWN)
def test_paper_holds_every_step_and_figure(site: ExampleTown, page: Page, shown: str) -> None:
    opened(site, page, shown)
    usual = said(page)
    page.emulate_media(media="print")
    assert said(page) == usual
    printed = page.pdf(format="A4", print_background=False)
    (PICTURES / f"{shown}.pdf").write_bytes(printed)
    read = pypdf.PdfReader(BytesIO(printed))
    text = "".join(sheet.extract_text() for sheet in read.pages)
    assert percentages("".join(usual)) <= percentages(text)


def steps_in(texts: list[str]) -> list[str]:
    """Those without a digit: names of steps."""
    return [text for text in texts if not re.search(r"\d", text)]


def percentages(text: str) -> set[str]:
    """Each percentage once."""
    return {found.replace(" ", "") for found in re.findall(r"\d+\s*%", text)}
