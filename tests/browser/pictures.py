"""The pages that people show around, where it is narrow, large, in forced colours and on paper.

Each is kept as a picture below test-results/pictures/, for somebody to look at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
from django.urls import reverse
from playwright.sync_api import Page

from roadmap.models import Briefing, SharedPicture, Stage
from tests.browser.example_town import DESK, HEIGHT, NARROW, ExampleTown
from tests.test_access import named

PICTURES = Path(__file__).resolve().parents[2] / "test-results" / "pictures"

#: Name of the picture → address, who looks, and the thing that the address needs.
SHOWN = {
    "dashboard": ("dashboards:dashboard", "cdo", ""),
    "dashboard-auditor": ("dashboards:dashboard", "auditor", ""),
    "explore": ("dashboards:explore", "cdo", ""),
    "departments": ("dashboards:department_list", "cdo", ""),
    "department": ("dashboards:department_detail", "head", "department"),
    "painpoints": ("dashboards:painpoint_list", "dx", ""),
    "value": ("dashboards:value", "dx", ""),
    "briefing": ("dashboards:briefing_detail", "cdo", "briefing"),
    "shared": ("dashboards:shared_picture", "nobody", "shared"),
}
#: What is wider than the window, innermost first.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > width + 1)
    .map((e) => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 40)}`).slice(-6);
}"""
#: What has to stay readable: names of steps, percentages, counts of steps and departments.
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
    const named = steps.some((step) => text.includes(step));
    if (!named && !/\\d\\s*(%|課|件|時間)|段階\\s*\\d/.test(text)) continue;
    const e = walker.currentNode.parentElement;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    const seen = e.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    // Controls are not for paper, and the sheet of the dashboard leaves charts to their page.
    const apart = e.closest("button, select, summary, .vh, svg, .actions, .plot > figcaption");
    if (!seen || box.width < 2 || apart) continue;
    const enough = contrast(getComputedStyle(e).color, ground(e)) >= 4.5;
    found[enough ? "readable" : "faint"].push(text);
  }
  return found;
}"""


def cases() -> Iterator[str]:
    """Those whose address the site has."""
    return (name for name, (address, *_rest) in SHOWN.items() if address in named())


def look(town: ExampleTown, shown: str) -> None:
    """Each way in turn; what can be read at first can be read in each of them."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    address, who, thing = SHOWN[shown]
    page = town.page(who)
    page.set_viewport_size({"width": DESK, "height": HEIGHT})
    response = page.goto(reverse(address, args=_thing(town, thing)))
    assert response is not None
    assert response.status == 200
    usual = said(page)
    assert usual
    narrow(page, shown, usual)
    at_twice_its_size(page, shown, usual)
    in_forced_colours(page, shown, usual)
    on_paper(page, shown, usual)


def _thing(town: ExampleTown, thing: str) -> list[Any]:
    """What the address needs; a sheet and a shared picture are the newest of the demo."""
    if thing == "briefing":
        return [Briefing.objects.visible_to(town.people["cdo"])[0].pk]
    if thing == "shared":
        return [SharedPicture.objects.visible_to(town.people["dx"]).shown()[0].token]
    return list(town.things[thing]) if thing else []


def narrow(page: Page, shown: str, usual: Counter[str]) -> None:
    """320 pixels: nothing is cut off or scrolled to; names of steps may be their short ones."""
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    assert too_wide(page) == []
    assert steps_in(said(page)) == steps_in(usual)
    page.screenshot(path=PICTURES / f"{shown}-320.png", full_page=True)
    page.set_viewport_size({"width": DESK, "height": HEIGHT})


def at_twice_its_size(page: Page, shown: str, usual: Counter[str]) -> None:
    """Chromium at 200 %: a window of 1280 has 640 pixels of the style sheet, each drawn twice."""
    devtools = page.context.new_cdp_session(page)
    size = {"width": DESK // 2, "height": HEIGHT // 2, "deviceScaleFactor": 2, "mobile": False}
    devtools.send("Emulation.setDeviceMetricsOverride", size)
    try:
        assert page.evaluate("[innerWidth, devicePixelRatio]") == [DESK // 2, 2]
        assert too_wide(page) == []
        assert steps_in(said(page)) == steps_in(usual)
        page.screenshot(path=PICTURES / f"{shown}-200-percent.png", full_page=True)
    finally:
        devtools.send("Emulation.clearDeviceMetricsOverride")
        devtools.detach()
        page.set_viewport_size({"width": NARROW, "height": HEIGHT})
        page.set_viewport_size({"width": DESK, "height": HEIGHT})


def in_forced_colours(page: Page, shown: str, usual: Counter[str]) -> None:
    """The system's few colours: every word and figure stands, and stands out."""
    page.emulate_media(forced_colors="active")
    try:
        assert page.evaluate("matchMedia('(forced-colors: active)').matches")
        assert said(page) == usual
        page.screenshot(path=PICTURES / f"{shown}-forced-colours.png", full_page=True)
    finally:
        page.emulate_media(forced_colors="none")


def on_paper(page: Page, shown: str, usual: Counter[str]) -> None:
    """Black on white without grounds; tables that were folded are there as well."""
    page.emulate_media(media="print")
    try:
        assert not usual - said(page)
        printed = page.pdf(format="A4", print_background=False)
    finally:
        page.emulate_media(media="screen")
    (PICTURES / f"{shown}.pdf").write_bytes(printed)
    read = pypdf.PdfReader(BytesIO(printed))
    text = "".join(sheet.extract_text() for sheet in read.pages)
    assert percentages("".join(usual)) <= percentages(text)


def too_wide(page: Page) -> list[str]:
    """What is wider than the window, innermost first."""
    found: list[str] = page.evaluate(TOO_WIDE)
    return found


def said(page: Page) -> Counter[str]:
    """Steps, percentages and counts that can be read; nothing of it is faint."""
    names = {name for stage in Stage.objects.all() for name in (stage.name, stage.short_name)}
    found: dict[str, list[str]] = page.evaluate(SAID, sorted(names))
    assert found["faint"] == []
    return Counter(found["readable"])


def steps_in(texts: Counter[str]) -> set[tuple[str, int]]:
    """The steps that are named, whether by their long or their short names."""
    return {
        (stage.axis, stage.step)
        for stage in Stage.objects.all()
        if any(stage.name in text or stage.short_name in text for text in texts)
    }


def percentages(text: str) -> set[str]:
    """Each percentage once."""
    return {found.replace(" ", "") for found in re.findall(r"\d+\s*%", text)}
