"""A head reports on the page of a return, and what is missing follows without a reload."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from dxportal.accounts.models import User
from tests.roadmap.reporting import led, opened

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_list_of_what_is_missing_shrinks_while_rows_are_saved(
    page: Page, sign_in: Callable[[User], None]
) -> None:
    found = opened()
    for title in ("窓口の予約", "電子申請"):
        led(found.place, title)
    sign_in(found.place.head)
    page.goto(reverse("roadmap:return_detail", args=[found.round.pk, found.place.section.pk]))
    owed = page.locator("#return-gaps > ul > li")
    expect(owed).to_have_count(2)
    page.fill("#id_note", "書きかけの一言")
    page.get_by_role("button", name="変わりなし 窓口の予約").click()
    expect(owed).to_have_count(1)
    page.locator("[id^=progress-]").nth(1).select_option("ahead")
    expect(owed).to_have_count(0)
    assert page.input_value("#id_note") == "書きかけの一言"
    page.fill("#id_note", "")
    page.locator("#return-steps .btn.fill").click()
    expect(page.locator("h1 .tag")).to_have_text("提出ずみ")
    assert found.returned().state == "submitted"
