"""The form of an initiative in a browser: the question of its kind, folded lists, rows withheld."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Browser, Page

from tests.browser.example_town import DESK, HEIGHT, PHONE, ExampleTown, example_town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("fields")]


@pytest.fixture(scope="module")
def town(
    django_db_setup: Any,
    django_db_blocker: Any,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ExampleTown]:
    """The example town for all tests of this file."""
    keys = tmp_path_factory.mktemp("keys")
    with django_db_blocker.unblock(), override_settings(KEY_DIR=keys):
        cache.clear()
        with example_town(browser) as made:
            yield made
        connections.close_all()
        django_db_setup.empty()


def shoot(page: Page, name: str) -> None:
    """Keep pictures at both widths where the environment names a folder."""
    if folder := os.environ.get("DXPORTAL_SHOTS"):
        for width in (DESK, PHONE):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.screenshot(path=f"{folder}/{name}_{width}.png", full_page=True)
        page.set_viewport_size({"width": DESK, "height": HEIGHT})


def edit_form(town: ExampleTown, *, scripts: bool = True) -> Page:
    page = town.page("dx", scripts=scripts)
    page.goto(reverse("roadmap:initiative_edit", args=town.things["own_initiative"]))
    return page


def test_kind_decides_which_question_stands_first_and_the_other_is_folded(
    town: ExampleTown,
) -> None:
    page = town.page("dx")
    page.goto(reverse("roadmap:initiative_create"))
    assert page.locator("[name=stops]").is_visible()
    assert page.locator("[name=adds]").is_visible(), "without a kind both are asked"
    page.check("[name=kind][value=add]")
    assert page.locator("[name=adds]").is_visible()
    assert not page.locator("[name=stops]").is_visible()
    first = page.locator("[data-kind-line]").first
    assert first.get_attribute("data-kind-line") == "add"
    page.locator("[data-kind-line=subtract] [data-kind-more]").click()
    page.fill("[name=stops]", "紙の申請書")
    page.check("[name=kind][value=subtract]")
    page.check("[name=kind][value=add]")
    assert page.locator("[name=stops]").is_visible(), "what is written is never folded away"


def test_both_questions_stand_open_without_scripts(town: ExampleTown) -> None:
    page = edit_form(town, scripts=False)
    assert page.locator("[name=stops]").is_visible()
    assert page.locator("[name=adds]").is_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_tags_and_what_is_withheld_are_saved_from_the_form(
    town: ExampleTown, scripts: bool
) -> None:
    page = edit_form(town, scripts=scripts)
    for group in page.locator("form.form > details > summary").all():
        group.click()
    for group in page.locator("details.taglist > summary").all():
        group.click()
    tag = page.locator("[name=tags]").nth(2)
    tag.check()
    name = page.locator(f"label[for={tag.get_attribute('id')}]").inner_text()
    page.locator("[name=disclosure][value=open]").check()
    page.locator("[name=withholdings_field]").first.select_option("budget")
    page.locator("[name=withholdings_reason]").first.fill("入札の前のため")
    page.locator("[name=withholdings_review_on]").first.fill("令和9年4月1日")
    if scripts:
        shoot(page, "fields_form")
    page.locator("form.form button.fill").click()
    text = page.inner_text("main")
    assert name.strip() in text
    assert "入札の前のため" in text


def test_history_is_narrowed_down_in_place(town: ExampleTown) -> None:
    page = town.page("dx")
    page.goto(reverse("roadmap:initiative_history", args=town.things["initiative"]))
    before = page.locator("ol.history > li").count()
    with page.expect_response(lambda response: "kind=fields" in response.url):
        page.select_option("[name=kind]", "fields")
    page.wait_for_function(f"document.querySelectorAll('ol.history > li').length < {before}")
    assert "kind=fields" in page.url


def test_removed_initiative_comes_back_with_the_toast(town: ExampleTown) -> None:
    page = town.page("dx")
    address = reverse("roadmap:initiative_detail", args=town.things["own_initiative"])
    page.goto(reverse("roadmap:initiative_remove", args=town.things["own_initiative"]))
    page.locator("main .btn.danger").click()
    assert page.goto(address).status == 404  # type: ignore[union-attr]
    page.goto(reverse("roadmap:removed_list"))
    page.locator(f"form[action$='/{town.things['own_initiative'][0]}/bring-back/'] button").click()
    assert page.url.endswith(address)
