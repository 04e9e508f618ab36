"""The list of departments: order, filters, what htmx gets, files, and what is not for everybody."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from dxportal.accounts.models import Municipality, User
from dxportal.dashboards.board.department_rows import SORTS
from roadmap import rollups
from tests import factories
from tests.dashboards.cdo_town import confirm
from tests.dashboards.test_figures import read

pytestmark = pytest.mark.django_db
LIST = "/departments/"


@pytest.fixture
def city() -> Municipality:
    return factories.municipality("青空市")


def fill(city: Municipality, by: User, *names: str) -> None:
    """Sections whose steps of technology and initiatives differ."""
    today = timezone.localdate()
    for number, name in enumerate(names):
        made = factories.department(city, name)
        levels = {"T1-1": 1, "C1-3": 1} if number else {}
        if levels:
            confirm(made, levels, by=by, on=today)
        for _one in range(number):
            factories.initiative(city, lead=made, progress="late", reported_on=today)
    rollups.roll_up(city.pk, as_of=today, full=True)


def names(page: Any) -> list[str]:
    return page.xpath("//tr[@data-part='cell']//th/a[1]/text()")


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{name}" for name in SORTS)])
def test_every_heading_sorts_both_ways_and_says_so(
    client: Client, city: Municipality, sort: str
) -> None:
    cdo = factories.user(city, role="cdo")
    fill(city, cdo, "あ課", "い課", "う課")
    client.force_login(cdo)
    page = read(client, f"{LIST}?sort={sort}")
    assert sorted(names(page)) == ["あ課", "い課", "う課"]
    way = "descending" if sort.startswith("-") else "ascending"
    shown = page.xpath("//th[@aria-sort]/@aria-sort")
    assert shown == ([way] if sort.removeprefix("-") not in {"easier", "response", "pain"} else [])
    if sort == "-initiatives":
        assert names(page) == ["う課", "い課", "あ課"]
    if sort in {"technology", "-technology"}:
        assert names(page)[-1] == "あ課", "no data comes last both ways"


def test_a_heading_gets_the_table_alone(client: Client, city: Municipality) -> None:
    cdo = factories.user(city, role="cdo")
    fill(city, cdo, "あ課", "い課")
    client.force_login(cdo)
    part = client.get("/dashboard/?sort=department", headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith('<section class="card" id="department-rows"')
    assert part.headers["Vary"].count("HX-Request") == 1
    listed = client.get(f"{LIST}?sort=department", headers={"HX-Request": "true"})
    assert listed.content.decode().strip().startswith('<div id="department-table">')


def test_culture_neither_filters_nor_orders_for_those_who_may_not_see_it(
    client: Client, city: Municipality
) -> None:
    fill(city, factories.user(city, role="cdo"), "あ課", "い課")
    client.force_login(factories.user(city, role="auditor"))
    for query in ("culture=1", "sort=culture", "sort=-culture", "show=missing-culture"):
        page = read(client, f"{LIST}?{query}")
        assert "風土" not in " ".join(page.xpath("//table//text()"))
        if "missing" not in query:
            assert names(page) == ["あ課", "い課"], query


@pytest.mark.parametrize(("role", "sees"), [("cdo", True), ("dx_office", True), ("auditor", False)])
def test_files_hold_every_row_and_culture_only_for_those_who_may(
    client: Client, city: Municipality, role: Any, sees: bool
) -> None:
    fill(city, factories.user(city, role="cdo"), "あ課", "=い課")
    client.force_login(factories.user(city, role=role))
    url = reverse("dashboards:department_export", args=["csv"])
    text = client.get(url).content.decode("utf-8-sig")
    header, *rows = list(csv.reader(io.StringIO(text)))
    assert ("風土の段" in header) == sees
    assert [row[1] for row in rows] == ["あ課", "'=い課"], "no cell is a formula"
    assert rows[0][header.index("技術の段")] == "", "no data is empty, never 0"
    assert rows[1][header.index("技術の段")] == "1"
    book = load_workbook(
        io.BytesIO(client.get(reverse("dashboards:department_export", args=["xlsx"])).content)
    )
    sheet = book.worksheets[0]
    assert sheet.max_row == 3
    assert ("風土の段" in [cell.value for cell in sheet[1]]) == sees
    assert len(book.worksheets) == 2


@pytest.mark.parametrize("path", [LIST, "/stages/technology/1/", "/dashboard/figures/late/"])
def test_lists_take_a_fixed_number_of_statements(
    client: Client, city: Municipality, path: str
) -> None:
    cdo = factories.user(city, role="cdo")
    client.force_login(cdo)
    fill(city, cdo, "あ課", "い課")
    asked = []
    for more in ((), ("う課", "え課")):
        if more:
            fill(city, cdo, *more)
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        asked.append(len(queries))
    assert asked[0] == asked[1]
