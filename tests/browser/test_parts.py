"""Milestones and measurements in a real browser: the card is swapped, the way back is offered."""

from __future__ import annotations

import datetime as dt
import os
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from dxportal.accounts.choices import Role
from roadmap.actions.indicators import IndicatorFields, add_indicator
from roadmap.actions.milestones import add_milestone
from roadmap.models import Initiative, Measurement
from tests import factories
from tests.axe import axe_complaints
from tests.browser.pictures import TOO_WIDE
from tests.browser.test_every_page import AXE, FAULTS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def initiative(page: Page) -> Initiative:
    """One with an overdue milestone and an indicator, opened by the DX office."""
    town = factories.municipality()
    section = factories.department(town, "市民課")
    today = timezone.localdate()
    made = factories.initiative(town, "電子申請", lead=section, reported_on=today)
    add_milestone(made, by=None, title="契約", due_on=today - dt.timedelta(days=3))
    values = IndicatorFields(name="利用率", kind="use", unit="%", next_due=today)
    add_indicator(made, by=None, values=values)
    office = factories.user(town, of=section, role=Role.DX_OFFICE, name="事務 局")
    page.goto("/accounts/sign-in/")
    page.fill("[name=email]", office.email)
    page.fill("[name=password]", factories.PASSWORD)
    page.click("main button[type=submit]")
    page.goto(made.get_absolute_url())
    return made


def test_milestone_that_is_done_changes_the_card_and_what_the_facts_say(
    page: Page, initiative: Initiative
) -> None:
    expect(page.locator("#derived")).to_contain_text("節目の期日を過ぎています")
    page.get_by_role("button", name="済みにする 契約").click()
    expect(page.locator("#derived")).not_to_contain_text("節目の期日を過ぎています")
    expect(page.locator("#milestones h2")).to_contain_text("1件中1件が済み")
    page.locator("#milestones summary", has_text="変える").click()
    page.get_by_role("button", name="外す 契約").click()
    expect(page.locator("#milestones")).not_to_contain_text("契約")
    page.locator("[data-toast-undo] button").last.click()
    expect(page.locator("#milestones")).to_contain_text("契約")
    assert initiative.milestones.get().done_on == timezone.localdate()


def test_measurement_takes_one_value_and_one_button(page: Page, initiative: Initiative) -> None:
    field = page.get_by_label("値")
    expect(field).to_be_visible()
    field.fill("８５．５％")
    page.locator("#indicators form button", has_text="保存する").first.click()
    expect(page.locator("#indicators .now")).to_contain_text("85.5")
    assert Measurement.objects.get(indicator__initiative=initiative).value == Decimal("85.5")


@pytest.mark.parametrize("width", [1280, 375, 320])
def test_every_folded_form_is_sound_when_it_is_open(
    page: Page, initiative: Initiative, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("document.querySelectorAll('main details').forEach((d) => { d.open = true; })")
    if folder := os.environ.get("DXPORTAL_SHOTS"):
        page.screenshot(path=f"{folder}/parts-open-{width}.png", full_page=True)
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate(FAULTS) == []
    found = axe_complaints(page, AXE)
    assert found.violations_count == 0, found.generate_report()
