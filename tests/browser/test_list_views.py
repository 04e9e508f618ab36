"""The views of the list in a browser: keys alone, the address, lines between what waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from dxportal.accounts.choices import Role
from dxportal.accounts.models import User
from dxportal.shared.fiscal import fiscal_year
from roadmap.models import Dependency, Initiative, SavedView
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def office(sign_in: Callable[[Any], None]) -> User:
    """The DX office, signed in; one initiative of this year waits for another."""
    town, this = factories.municipality(), fiscal_year(timezone.localdate())
    section = factories.department(town, "市民課")
    first, second = (
        factories.initiative(
            town,
            title,
            lead=section,
            reported_on=timezone.localdate(),
            search_text=title,
            start_fy=this,
            start_quarter=start,
            target_fy=this,
            target_quarter=start + 1,
        )
        for title, start in (("台帳の整備", 1), ("電子申請", 3))
    )
    Dependency.objects.create(predecessor=first, successor=second)
    person = factories.user(town, of=section, role=Role.DX_OFFICE, name="事務 局")
    sign_in(person)
    return person


def test_timeline_draws_lines_and_is_moved_by_keys(page: Page, office: User) -> None:
    page.goto("/initiatives/?view=timeline")
    expect(page.locator("[data-connectors] path.way")).to_have_count(1)
    last = Initiative.objects.get(title="電子申請")
    row = page.locator(f"#timeline-row-{last.pk}")
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    for _step in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("[data-toast]").wait_for()
    last.refresh_from_db()
    assert (last.target_quarter, last.version) == (1, 2)
    page.locator("[data-toast-undo] button").click()
    page.wait_for_load_state()
    last.refresh_from_db()
    assert (last.target_quarter, last.version) == (4, 3)


def test_timeline_is_a_list_by_quarter_on_a_phone(page: Page, office: User) -> None:
    page.set_viewport_size({"width": 375, "height": 812})
    page.goto("/initiatives/?view=timeline")
    expect(page.locator(".timebox")).to_be_hidden()
    expect(page.locator(".quarters section")).to_have_count(8)
    section = page.locator(".quarters section").nth(3)
    expect(section).to_contain_text("電子申請")
    expect(section).to_contain_text("台帳の整備")


def test_filter_changes_the_address_and_back_brings_it_back(page: Page, office: User) -> None:
    page.goto("/initiatives/?view=board")
    page.locator("summary", has_text="ほかの条件").click()
    page.select_option("#id_progress", "late")
    expect(page.locator("#list-tools .chip")).to_have_count(1)
    expect(page.locator(".empty")).to_be_visible()
    assert page.url.endswith("/initiatives/?progress=late&view=board")
    page.go_back()
    expect(page.locator(".pcard")).to_have_count(2)
    page.go_forward()
    expect(page.locator(".empty")).to_be_visible()
    page.locator("#list-tools .chip").click()
    expect(page.locator(".pcard")).to_have_count(2)


def test_slash_searches_in_every_view_and_hits_are_announced(page: Page, office: User) -> None:
    for view, hit in (("board", ".pcard"), ("timeline", "[data-line]")):
        page.goto(f"/initiatives/?view={view}")
        page.keyboard.press("/")
        page.keyboard.type("ﾃﾞﾝｼ")
        expect(page.locator(".empty")).to_be_visible()
        page.locator("#id_q").fill("電子 申請")
        expect(page.locator(hit)).to_have_count(1)
        expect(page.locator("#announcer")).to_contain_text("1")


def test_view_is_saved_with_what_was_filtered_without_a_reload(page: Page, office: User) -> None:
    page.goto("/initiatives/")
    page.select_option("#id_department", label="市民課")
    expect(page.locator("#list-tools .chip")).to_have_count(1)
    page.locator("summary", has_text="この表示を保存").click()
    page.fill("#view-name", "市民課の取組")
    page.keyboard.press("Enter")
    expect(page.locator(".savedviews a[aria-current]")).to_have_text("市民課の取組")
    view = SavedView.objects.get()
    assert view.query == f"department={office.department_id}"


def test_phases_fold_on_a_phone(page: Page, office: User) -> None:
    page.set_viewport_size({"width": 375, "height": 812})
    page.goto("/initiatives/?view=board")
    expect(page.locator(".pcard").first).to_be_visible()
    page.locator(".phase > summary").first.click()
    expect(page.locator(".pcard").first).to_be_hidden()
