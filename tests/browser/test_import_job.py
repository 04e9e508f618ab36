"""A large table goes through the worker, while the page shows how far it is."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from roadmap.models import Initiative
from tests.browser.test_ring import Town, town  # noqa: F401 (a fixture)

ROWS = 4_000
pytestmark = [
    pytest.mark.browser,
    pytest.mark.redis,
    pytest.mark.slow,
    pytest.mark.xdist_group("redis"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def large_table(tmp_path: Path) -> Path:
    """More rows than are read while the page waits."""
    path = tmp_path / "進捗管理表.csv"
    with path.open("w", encoding="cp932", newline="") as file:
        table = csv.writer(file)
        table.writerow(["取組名", "担当課", "年度", "進捗状況"])
        table.writerows(
            [f"取組その{n}", "DX推進室", "令和8年度", "予定どおり"] for n in range(ROWS)
        )
    return path


def upload(page: Page, path: Path) -> None:
    page.goto("/initiatives/import/")
    page.set_input_files("input[type=file]", path)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile("/imports/"))


def test_large_table_is_read_and_written_by_the_worker(
    town: Town,  # noqa: F811
    large_table: Any,
) -> None:
    office = town.as_person("dx")
    upload(office, large_table)
    expect(office.locator("[role=progressbar], progress").first).to_be_visible()
    result = office.get_by_role("link", name="結果を開く")
    result.click(timeout=60_000)
    confirm = office.locator("form[action$='/confirm/'] button.fill")
    expect(confirm).to_be_visible()
    assert Initiative.objects.count() == 0, "nothing is written before somebody agrees"
    confirm.click()
    result.click(timeout=60_000)
    expect(office.locator(".notice.ok").first).to_be_visible(timeout=60_000)
    assert Initiative.objects.count() == ROWS
    office.goto("/initiatives/?q=取組その3999")
    expect(office.locator("tbody tr")).to_have_count(1)
