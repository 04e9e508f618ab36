"""Every page at every width, in both languages and without scripts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client, override_settings
from django.urls import get_resolver, reverse
from playwright.sync_api import Browser, Page, Response, expect

from tests.axe import axe_complaints
from tests.browser import pictures
from tests.browser.example_town import DESK, HEIGHT, NARROW, PHONE, ExampleTown, example_town
from tests.browser.pages import LEFT_OUT, PAGES, POST_ONLY, Visit
from tests.browser.pictures import too_wide
from tests.test_access import named

pytestmark = pytest.mark.browser
SHARED = pytest.mark.xdist_group("every_page_0")

AXE = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}
#: What every page must be, told as a list of what it is not.
FAULTS = """() => {
  const faults = [];
  const headings = [...document.querySelectorAll("h1")].filter((h) => h.checkVisibility());
  if (headings.length !== 1) faults.push(`${headings.length} visible h1`);
  if (!document.title.trim() || document.title.startsWith("｜")) faults.push("no title");
  for (const field of document.querySelectorAll("input, select, textarea")) {
    const named = [...(field.labels || [])].some((label) => label.textContent.trim());
    const said = field.getAttribute("aria-label") || field.getAttribute("aria-labelledby");
    if (field.type !== "hidden" && !named && !said) faults.push(`no label: ${field.outerHTML}`);
  }
  return faults;
}"""
#: The parts of a page that scripts may not be needed for; what is fetched later is a link then.
OUTLINE = """(document) => {
  const parts = {};
  for (const tag of ["h1, main h2, main h3", "tr", "a", "form"])
    parts[tag] = [...document.querySelectorAll(`main ${tag}`)]
      .filter((e) => !e.closest("#staircase-outlook")).length;
  return parts;
}"""
#: Words of the interface, without those that are in another language on purpose, and without the
#: columns of an imported file, which are named as in the file.
SPOKEN = """(document) => [...document.querySelectorAll(
    "nav a, button, h1, h2, h3, th, label, legend, summary, dt, .btn, caption, title")]
  .filter((e) => !e.closest("[lang]:not(html), #import-rows, form[action$='/columns/']"))
  .flatMap((e) => [...e.childNodes].filter((n) => n.nodeType === 3))
  .map((n) => n.textContent.trim().replace(/\\s+/g, " ")).filter(Boolean)"""
#: What both languages are compared by: of the open page, or of a page that comes as text, which
#: the same parser reads as a browser without scripts does.
PARTS = f"""(html) => {{
  const read = html === null ? document : new DOMParser().parseFromString(html, "text/html");
  return {{
    language: read.documentElement.lang,
    outline: ({OUTLINE})(read),
    spoken: ({SPOKEN})(read),
  }};
}}"""
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(
    django_db_setup: Any,
    django_db_blocker: Any,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ExampleTown]:
    """The example town for all tests of this file; what they change stays small."""
    keys = tmp_path_factory.mktemp("keys")
    with django_db_blocker.unblock(), override_settings(KEY_DIR=keys):
        cache.clear()
        with example_town(browser) as town:
            yield town
        connections.close_all()
        django_db_setup.empty()


@pytest.fixture
def town(site: ExampleTown) -> Iterator[ExampleTown]:
    """The example town; fails when a page broke the policy, threw, or called another host."""
    site.errors.found.clear()
    yield site
    assert not site.errors.found, "\n".join(site.errors.found)


def _cases() -> Iterator[Any]:
    """Every visit with a readable name, dealt to two groups so that two workers share them."""
    visits = [(name, visit) for name, visits in PAGES.items() for visit in visits]
    for number, (name, visit) in enumerate(visits):
        sent = "sent" if visit.send else ""
        parts = (name or visit.path, visit.who, visit.thing, visit.query, sent)
        group = pytest.mark.xdist_group(f"every_page_{number % 2}")
        yield pytest.param(name, visit, id="-".join(filter(None, parts)), marks=group)


def address(town: ExampleTown, name: str, visit: Visit) -> str:
    """The path of a visit."""
    if visit.path:
        return visit.path
    one = {kind: found[0] for kind, found in town.things.items()}
    path = reverse(name, args=town.things[visit.thing] if visit.thing else [])
    return path + visit.query.format(**one)


def go(town: ExampleTown, name: str, visit: Visit, **how: Any) -> Page:
    """Open a page as somebody; its status is as expected."""
    page = town.page(visit.who, **how)
    page.set_viewport_size({"width": DESK, "height": HEIGHT})
    response = page.goto(address(town, name, visit))
    assert response is not None
    assert response.status == visit.status, page.inner_text("body")[:200]
    if visit.send:
        assert send(page).status in {422, 200}
    return page


def send(page: Page) -> Response:
    """Press the main button of the page's form as it stands."""
    page.evaluate("document.querySelectorAll('form').forEach((f) => { f.noValidate = true; })")
    with page.expect_navigation() as arrived:
        page.locator("main form button[type=submit]:visible").last.click()
    return arrived.value


def without_scripts(town: ExampleTown, page: Page, name: str, visit: Visit) -> dict[str, Any]:
    """The parts of the page in English; a form is sent by a browser that runs no scripts."""
    if visit.send:
        plain = go(town, name, visit, language="en", scripts=False)
        return plain.evaluate(PARTS, None)
    answer = town.client(visit.who, "en").get(address(town, name, visit), follow=True)
    assert answer.status_code == visit.status
    return page.evaluate(PARTS, answer.content.decode())


def check_axe(page: Page) -> None:
    """No rule of accessibility is broken."""
    found = axe_complaints(page, AXE)
    assert found.violations_count == 0, found.generate_report()


def shoot(page: Page, request: pytest.FixtureRequest, width: int) -> None:
    """Keep a picture where the environment names a folder."""
    if folder := os.environ.get("DXPORTAL_SHOTS"):
        name = re.sub(r"[^\w-]+", "_", request.node.callspec.id)
        page.screenshot(path=f"{folder}/{name}_{width}.png", full_page=True)


def test_every_address_is_opened_or_left_out_for_a_reason() -> None:
    names = set(named())
    assert names - PAGES.keys() - LEFT_OUT.keys() == set()
    assert (PAGES.keys() | LEFT_OUT.keys()) - names == {""}
    assert PAGES.keys() & LEFT_OUT.keys() == set()


@pytest.mark.parametrize(("name", "visit"), _cases())
def test_page_is_sound_in_every_form(
    town: ExampleTown, name: str, visit: Visit, request: pytest.FixtureRequest
) -> None:
    """Japanese with scripts at every width; then in English without them: the same parts.

    What a page shows to further readers is asked of axe where it is narrowest.
    """
    page = go(town, name, visit)
    expect(page.locator("main [hx-trigger=load]")).to_have_count(0)
    assert page.evaluate(FAULTS) + english_in(page) == []
    parts = page.evaluate(PARTS, None)
    assert parts["language"] == "ja"
    first = PAGES[name][0] is visit
    for width in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        if first or width == PHONE:
            check_axe(page)
        assert too_wide(page) == [], width
        shoot(page, request, width)
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    assert too_wide(page) == [], NARROW

    plain = without_scripts(town, page, name, visit)
    assert plain["language"] == "en"
    assert plain["outline"] == parts["outline"]
    assert sorted(JAPANESE & set(plain["spoken"])) == []


@SHARED
@pytest.mark.parametrize("shown", pictures.cases())
def test_picture_is_readable_narrow_large_in_forced_colours_and_on_paper(
    town: ExampleTown, shown: str
) -> None:
    pictures.look(town, shown)


# Words ------------------------------------------------------------------------------------------
def catalogue() -> list[polib.POEntry]:
    """The Japanese catalogue, without what is the same in both languages."""
    path = ROOT / "dxportal" / "locale" / "ja" / "LC_MESSAGES" / "django.po"
    return [entry for entry in polib.pofile(str(path)) if entry.msgid not in entry.msgstr]


def fixed_parts(text: str) -> list[str]:
    """A message without what is filled in and without marks."""
    return re.split(r"%\(\w+\)[sd]|%[sd]|\{\w+\}|<[^>]+>", text)


ENGLISH = {
    part.strip()
    for entry in catalogue()
    for text in (entry.msgid, entry.msgid_plural)
    for part in fixed_parts(text)
    if len(part.strip()) > 12
}
JAPANESE = {
    text
    for entry in catalogue()
    for text in (entry.msgstr, *entry.msgstr_plural.values())
    if re.search(r"[ぁ-ん一-龥ァ-ヶ]", text)
}


#: Everything on the page that is read or read out, but what is in another language on purpose.
SAID = """() => {
  document.querySelectorAll("body [lang=en]").forEach((e) => e.remove());
  const told = [...document.querySelectorAll("[aria-label], [placeholder], [title]")]
    .flatMap((e) => ["aria-label", "placeholder", "title"].map((a) => e.getAttribute(a) || ""));
  return [document.title, document.body.innerText, ...told].join("\\n");
}"""
#: Three English words in a row, or the name of something inside the program.
FOREIGN = re.compile(r"[A-Za-z]+(?: [a-z]+){2,}|(?<![@\w.])[a-z]+[._][a-z_]+(?![@\w.])")


def english_in(page: Page) -> list[str]:
    """English sentences and code names on a Japanese page."""
    said = page.evaluate(SAID)
    return sorted(part for part in ENGLISH if part in said) + FOREIGN.findall(said)


# Without scripts --------------------------------------------------------------------------------
@SHARED
def test_sign_in_works_without_scripts(town: ExampleTown) -> None:
    page = town.browser.new_page(base_url=town.url, java_script_enabled=False)
    page.goto("/accounts/sign-in/")
    page.fill("[name=email]", town.people["cdo"].email)
    page.fill("[name=password]", "staircase-up-2026")
    page.click("main form button")
    assert page.url == f"{town.url}{reverse('dashboards:dashboard')}"
    page.close()


@SHARED
def test_status_is_changed_without_scripts(town: ExampleTown) -> None:
    page = town.page("dx", scripts=False)
    page.goto(reverse("roadmap:initiative_list"))
    form = page.locator("form.inline").filter(has=page.locator("option[value=on_track]")).first
    form.locator("[name=progress]").select_option("ahead")
    form.locator("button").click()
    assert page.locator("[data-toast]").count() == 1
    page.locator("[data-toast-undo] button").click()
    assert page.locator("[data-toast]").count() == 1


@SHARED
def test_question_is_answered_without_scripts(town: ExampleTown) -> None:
    page = town.page("staff", scripts=False)
    page.goto(reverse("surveys:answer_question", args=town.things["question"]))
    page.locator(".opt:visible").first.click()
    page.locator(".act .btn.fill").click()
    assert (
        page.url != f"{town.url}{reverse('surveys:answer_question', args=town.things['question'])}"
    )
    assert page.locator("h1").count() == 1


@SHARED
@pytest.mark.parametrize("name", [name for name, why in LEFT_OUT.items() if why == POST_ONLY])
def test_address_that_is_left_out_because_it_is_posted_to_cannot_be_read(
    town: ExampleTown, name: str
) -> None:
    client = Client()
    client.force_login(town.people["admin"])
    written = re.sub(r"\(\?P<\w+>(\w+)\|[^)]*\)", r"\1", route(name).strip("^$"))
    key = str(town.things["import"][0])
    path = re.sub(r"<uuid:[^>]+>|\(\?P<pk>[^)]*\)", key, "/" + written)
    path = re.sub(r"<[^>]+>", "1", path)
    assert client.get(path).status_code == 405


def route(name: str) -> str:
    """The pattern of an address, as written."""
    *space, last = name.split(":")
    found = get_resolver()
    for part in space:
        found = found.namespace_dict[part][1]
    return next(str(p.pattern) for p in found.url_patterns if getattr(p, "name", "") == last)
