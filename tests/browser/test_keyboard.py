"""With the keyboard alone: sign in, change a status and take it back, open, export, answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from dxportal.accounts.choices import Role
from dxportal.accounts.models import User
from roadmap.actions.updates import report
from roadmap.choices import Channel, Progress
from roadmap.models import Initiative, Update
from roadmap.rollups import roll_up
from roadmap.signed_links import token_for
from tests import factories
from tests.surveys import boxes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Where the focus is: what it says, its outline, and whether it can be seen.
FOCUS = """() => {
  const e = document.activeElement;
  const tile = e.closest("label.opt") || e.closest("label") || e;
  const outline = (part) => getComputedStyle(part).outlineStyle === "none" ? 0
    : parseFloat(getComputedStyle(part).outlineWidth);
  const box = tile.getBoundingClientRect();
  const x = Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1);
  const seen = [0.15, 0.5, 0.85]
    .map((part) => document.elementFromPoint(x, box.y + box.height * part));
  return {
    tag: e.tagName, id: e.id, href: e.getAttribute("href") || "",
    text: (e.innerText || e.value || "").trim(), kind: e.type || "",
    outline: Math.max(outline(e), outline(tile)),
    hidden: seen.every((found) => !found || !(tile.contains(found) || found.contains(tile))),
    cut: box.bottom > innerHeight + 1 || box.top < -1,
  };
}"""


@pytest.fixture(autouse=True)
def clean(settings: Any, tmp_path: Path) -> None:
    """A key folder and a throttle of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"
    cache.clear()


@pytest.fixture
def office() -> User:
    """The DX office of a town with a department and an initiative."""
    town = factories.municipality()
    section = factories.department(town, "市民課")
    factories.initiative(town, "電子申請", lead=section, reported_on=timezone.localdate())
    return factories.user(town, of=section, role=Role.DX_OFFICE, name="事務 局")


def tab_to(page: Page, selector: str, most: int = 60) -> dict[str, Any]:
    """Press Tab until the focus is there; every stop on the way can be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focus: dict[str, Any] = page.evaluate(FOCUS)
        if focus["tag"] == "BODY":
            continue
        assert focus["outline"] > 0, focus
        assert not focus["hidden"], focus
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return focus
    raise AssertionError(f"{selector} is not reached with {most} tabs")


def test_sign_in_by_keyboard(page: Page, office: User) -> None:
    page.goto(reverse("accounts:sign_in"))
    tab_to(page, "[name=email]")
    page.keyboard.type(office.email)
    tab_to(page, "[name=password]")
    page.keyboard.type(factories.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard/")


def test_skip_link_leads_to_the_content(page: Page, office: User, sign_in: Any) -> None:
    sign_in(office)
    page.goto(reverse("roadmap:initiative_list"))
    tab_to(page, "a.skip", most=1)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_status_is_changed_and_taken_back_by_keyboard(
    page: Page, office: User, sign_in: Any
) -> None:
    initiative = Initiative.objects.get()
    sign_in(office)
    page.goto(reverse("roadmap:initiative_list"))
    tab_to(page, f"#progress-{initiative.pk}")
    page.keyboard.press("ArrowUp")
    page.locator("[data-toasts] > [data-toast]").wait_for()
    changed = Update.objects.filter(initiative=initiative).latest("pk")
    assert changed.progress != Progress.ON_TRACK
    assert page.evaluate("document.activeElement.id") == f"progress-{initiative.pk}"
    page.keyboard.press("Control+Home")
    tab_to(page, "[data-toast-undo] button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    last = Update.objects.filter(initiative=initiative).latest("pk")
    assert (last.progress, last.undoes_id) == (Progress.ON_TRACK, changed.pk)


def test_department_and_exports_are_reached_by_keyboard(
    page: Page, office: User, sign_in: Any
) -> None:
    department = office.department
    assert department is not None
    roll_up(department.municipality_id, as_of=timezone.localdate())
    sign_in(office)
    page.goto(reverse("dashboards:department_list"))
    tab_to(page, f'a[href="{department.get_absolute_url()}"]')
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(department.get_absolute_url())
    page.goto(reverse("roadmap:initiative_list"))
    focus = tab_to(page, 'a[href*="export.xlsx"]')
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert "export.xlsx" in focus["href"]
    assert download.value.suggested_filename.endswith(".xlsx")


#: Where Japanese is typed: the page (by its function below), the field.
COMPOSED = {
    "department search": (lambda _row, _who: reverse("dashboards:department_list"), "[name=q]"),
    "initiative search": (lambda _row, _who: reverse("roadmap:initiative_list"), "#id_q"),
    "new initiative": (lambda _row, _who: reverse("roadmap:initiative_create"), "[name=title]"),
    "edit form": (
        lambda row, _who: reverse("roadmap:initiative_edit", args=[row.pk]),
        "[name=title]",
    ),
    "reason in the row": (
        lambda _row, _who: reverse("roadmap:initiative_list"),
        "input[id^=note-]",
    ),
    "reason through the link": (
        lambda row, who: (
            reverse("roadmap:status_link", args=[token_for(row.pk, who.pk)])
            + f"?done={row.updates.latest('pk').pk}"
        ),
        "#note-link",
    ),
    "status word": (lambda _row, _who: reverse("roadmap:status_word_list"), "#id_word"),
}


@pytest.mark.parametrize("where", COMPOSED)
def test_enter_that_ends_a_conversion_sends_nothing(
    page: Page, office: User, sign_in: Any, where: str
) -> None:
    """Composition events as an input method sends them; a search that follows typing may look."""
    row = Initiative.objects.get()
    report(row, by=office, progress=Progress.LATE, channel=Channel.LINK)
    address, field = COMPOSED[where]
    sign_in(office)
    page.goto(address(row, office), wait_until="networkidle")
    before = page.url
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    page.focus(field)
    page.locator(field).first.evaluate("(e) => e.select()")
    keyboard = page.context.new_cdp_session(page)
    for text in ("し", "しみ", "しみん"):
        end = len(text)
        composed = {"text": text, "selectionStart": end, "selectionEnd": end}
        keyboard.send("Input.imeSetComposition", composed)
    assert page.input_value(field) == "しみん"
    page.wait_for_timeout(500)
    asked.clear()
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert [request for request in asked if "/static/" not in request] == []
    assert page.url.partition("?")[0] == before.partition("?")[0]
    keyboard.send("Input.insertText", {"text": "市民"})
    assert page.input_value(field) == "市民"
    page.wait_for_timeout(600)
    with page.expect_request(lambda request: "/static/" not in request.url):
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)


def test_focus_is_never_under_the_bar_of_a_question_on_a_phone(page: Page, sign_in: Any) -> None:
    town = boxes.open_town()
    sign_in(town.staff[0])
    page.set_viewport_size({"width": 375, "height": 667})
    page.goto(reverse("surveys:answer_question", args=[town.wave.pk, "Q1"]))
    tab_to(page, ".opts input")
    for _ in range(6):
        page.keyboard.press("ArrowDown")
        focus = page.evaluate(FOCUS)
        assert focus["outline"] > 0
        assert not focus["hidden"], focus
        assert not focus["cut"], focus
    tab_to(page, ".act .btn.fill")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert not page.url.endswith("/Q1/")
