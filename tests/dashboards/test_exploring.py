"""The exploring page: filters in the address, figures by value, who sees what, fixed queries."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.models import Department, Municipality, User
from dxportal.dashboards.explore import charts as exploring
from dxportal.dashboards.explore.choice import choose
from dxportal.dashboards.value_page import load_ledger
from dxportal.shared.fiscal import add_months, month_start
from roadmap.actions.assessments import Claim, confirm_criteria
from roadmap.choices import Measure, Standing
from roadmap.criterion_levels import criterion_levels
from roadmap.models import Criterion, Initiative, Stage, StageSum, ValueEntry
from roadmap.rollups import roll_up
from tests import factories

pytestmark = pytest.mark.django_db
PATH = "/dashboard/explore/"


class World:
    """Two bureaus over three months: four departments, one of them without any answer."""

    def __init__(self) -> None:
        self.today = timezone.localdate()
        self.months = [add_months(month_start(self.today), -n) for n in (2, 1, 0)]
        self.town = factories.municipality("青空市")
        self.bureaus = [
            factories.department(self.town, name, kind="bureau") for name in ("市民部", "産業部")
        ]
        self.office = factories.user(self.town, role="dx_office")
        names = (("市民課", 0), ("税務課", 0), ("福祉課", 0), ("農政課", 1))
        self.sections = {
            name: factories.department(self.town, name, parent=self.bureaus[at])
            for name, at in names
        }
        for number, (name, level) in enumerate((("市民課", 3), ("税務課", 1), ("農政課", 2))):
            self.confirm(name, "T1-1", level, self.months[min(number, 1)])
        for name in ("市民課", "税務課", "農政課"):
            self.confirm(name, "C1-3", 2, self.months[0])
        self.count()

    def confirm(self, name: str, code: str, level: int, on: dt.date) -> None:
        criterion = Criterion.objects.get(stage__municipality=self.town, code=code)
        claims = {criterion.pk: Claim(level, "根拠")}
        confirm_criteria(self.sections[name], claims, by=self.office, on=on)

    def count(self) -> None:
        """The past by its last days, then the present."""
        for month in self.months[:-1]:
            day = add_months(month, 1) - dt.timedelta(days=1)
            roll_up(self.town.pk, as_of=day, full=True, history=True)
        roll_up(self.town.pk, as_of=self.today, full=True)

    def head(self) -> User:
        return factories.user(self.town, role="head", of=self.sections["税務課"])

    def pictures(self, user: User, **told: Any) -> dict[str, Any]:
        query = {key: str(value) for key, value in told.items()}
        found = exploring.options(user, query, timezone.localdate())
        groups = exploring.board(user, found, timezone.now(), self.today)
        return {picture.name: picture for group in groups for picture in group.pictures}


@pytest.fixture
def world() -> World:
    return World()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def column(picture: Any, number: int) -> list[Any]:
    return [row[number].value for row in picture.rows]


# figures by value ---------------------------------------------------------------------------------
def test_trend_is_the_sums_of_the_snapshots(world: World) -> None:
    picture = world.pictures(world.office)["trend-technology"]
    stage = Stage.objects.get(municipality=world.town, axis="technology", step=1)
    asked = Criterion.objects.filter(stage=stage).count()
    sums = [3, 6, 6]
    expected = [round(100 * s / (3 * asked * 4)) for s in sums]
    assert column(picture, 1) == expected
    assert picture.figure["data"][0]["y"] == expected
    assert column(picture, 2) == [None, None, None], "nothing answered is never 0"
    assert column(picture, 0) == [f"{month:%Y-%m}" for month in world.months]
    assert f"{expected[0]}%から{expected[-1]}%へ" in picture.finding
    stored = StageSum.objects.get(
        municipality=world.town, period=world.months[-1], unit=0, stage=stage
    )
    assert (stored.level_sum, stored.total) == (6, 4 * asked)


def test_unit_step_and_months_narrow_every_chart(world: World) -> None:
    unit = world.bureaus[1].pk
    told = {"unit": unit, "step": "technology-1", "from": f"{world.months[1]:%Y-%m}"}
    pictures = world.pictures(world.office, **told)
    assert "trend-culture" not in pictures
    trend = pictures["trend-technology"]
    assert len(trend.columns) == 2
    assert column(trend, 0) == [f"{month:%Y-%m}" for month in world.months[1:]]
    assert column(pictures["spread"], 0) == ["農政課"]
    first = Criterion.objects.get(stage__municipality=world.town, code="T1-1")
    assert [[cell.value for cell in row[1:]] for row in pictures[f"criterion-{first.pk}"].rows] == [
        [0, 0, 1, 0, 0]
    ] * 2


def test_spread_has_a_dot_for_each_department_and_marks_the_own_one(world: World) -> None:
    month = f"{world.months[0]:%Y-%m}"
    picture = world.pictures(world.head(), step="technology-1", compare=month)["spread"]
    asked = Criterion.objects.filter(stage__municipality=world.town, code__startswith="T1").count()
    firm = {
        "市民課": round(100 * 3 / (3 * asked)),
        "税務課": round(100 * 1 / (3 * asked)),
        "福祉課": None,
        "農政課": round(100 * 2 / (3 * asked)),
    }
    assert dict(zip(column(picture, 0), column(picture, 2), strict=True)) == firm
    others, own = picture.figure["data"]
    assert (own["text"], own["x"]) == (["税務課"], [firm["税務課"]])
    assert sorted(others["text"]) == ["市民課", "農政課"]
    assert column(picture, 5) == [firm["市民課"], None, None, None], "税務課 answered later"
    assert picture.rows[0][0].url == world.sections["市民課"].get_absolute_url()
    assert "データなしは1部署です。" in picture.finding


def test_criteria_count_departments_at_each_level_month_by_month(world: World) -> None:
    first = Criterion.objects.get(stage__municipality=world.town, code="T1-1")
    picture = world.pictures(world.office)[f"criterion-{first.pk}"]
    assert [[cell.value for cell in row[1:]] for row in picture.rows] == [
        [0, 0, 0, 1, 3],
        [0, 1, 1, 1, 1],
        [0, 1, 1, 1, 1],
    ]
    firm = next(bar for bar in picture.figure["data"] if bar["customdata"][0] == "1")
    assert firm["y"] == [25, 25, 25]
    assert "4部署のうち1部署で定着" in picture.finding


def test_levels_of_criteria_are_those_that_the_snapshots_add_up(world: World) -> None:
    """Over all criteria of a step: Σ level × departments is the stored sum, for every month."""
    stage = Stage.objects.get(municipality=world.town, axis="technology", step=1)
    for month in world.months:
        day = min(add_months(month, 1) - dt.timedelta(days=1), world.today)
        rows = criterion_levels(world.town.pk, stage_id=stage.pk, days=[day])
        stored = StageSum.objects.get(municipality=world.town, period=month, unit=0, stage=stage)
        assert sum(n * level for row in rows for level, n in enumerate(row.at)) == stored.level_sum
        assert sum(sum(row.at) for row in rows) == stored.answered
        assert sum(row.departments for row in rows) == stored.total


def entry(world: World, lead: str, **fields: Any) -> None:
    initiative = factories.initiative(
        world.town, lead=world.sections[lead], reported_on=world.today
    )
    values = {"measure": Measure.HOURS, "standing": Standing.PROMISED, "source": "estimate"}
    ValueEntry.objects.create(initiative=initiative, basis="見積り", **{**values, **fields})


def test_effects_keep_standings_and_kinds_apart_and_end_at_the_ledger(world: World) -> None:
    first, _second, last = world.months
    entry(world, "市民課", low=60, high=120, on=first)
    entry(world, "農政課", low=30, high=30, on=last)
    entry(world, "市民課", low=600, high=600, on=last, standing=Standing.REPORTED)
    entry(
        world, "市民課", low=50, high=80, on=first, measure=Measure.NEW_VALUE, sentence="夜も出せる"
    )
    pictures = world.pictures(world.office)
    hours = pictures["hours"]
    assert [(row[1].value, row[2].value) for row in hours.rows] == [(1, 2), (1, 2), (1.5, 2.5)]
    assert column(hours, 3) == [None, None, 10]
    assert column(hours, 5) == [None, None, None]
    assert column(pictures["people"], 1) == [50, 50, 50]
    ledger = load_ledger(world.office)
    promised = [e for e in ledger.entries if (e.measure, e.standing) == ("hours", "promised")]
    assert sum(e.low for e in promised) == hours.rows[-1][1].value * 60
    assert hours.rows[-1][1].url == "/value/?measure=hours&standing=promised#rows"
    narrowed = world.pictures(world.office, unit=world.bureaus[1].pk)["hours"]
    assert column(narrowed, 1) == [None, None, 0.5]


def test_removed_samples_and_other_municipalities_count_nowhere(world: World) -> None:
    entry(world, "市民課", low=60, high=60, on=world.months[0])
    Initiative.objects.update(removed_on=world.today)
    other = World()
    entry(other, "市民課", low=600, high=600, on=world.months[0])
    assert column(world.pictures(world.office)["hours"], 1) == [None, None, None]
    assert column(other.pictures(other.office)["hours"], 1) == [10, 10, 10]


# who sees what ------------------------------------------------------------------------------------
def test_culture_of_a_bureau_is_for_cdo_and_office_and_of_three_or_more(world: World) -> None:
    big, small = world.bureaus[0].pk, world.bureaus[1].pk
    cdo = factories.user(world.town, role="cdo")
    readers = [world.head(), factories.user(world.town, role="auditor")]
    for reader in readers:
        assert "trend-culture" in world.pictures(reader)
        assert "trend-culture" not in world.pictures(reader, unit=big)
    for reader in (cdo, world.office):
        assert "trend-culture" in world.pictures(reader, unit=big)
        assert "trend-culture" not in world.pictures(reader, unit=small), "one department only"


def test_nothing_of_culture_stands_beside_a_name(world: World) -> None:
    words = set(
        Stage.objects.filter(municipality=world.town, axis="culture").values_list("name", flat=True)
    )
    page = signed_in(world.head()).get(PATH).content.decode()
    region = page[page.index('id="explore-spread"') : page.index('id="explore-value"')]
    assert "市民課" in region
    assert not [word for word in words if word in region]
    outside = page[: page.index('id="explore-spread"')].split('id="explore-charts"')[1]
    assert "市民課" not in outside


def test_employees_and_others_do_not_get_in(world: World) -> None:
    for role in ("employee", "promoter", "admin"):
        client = signed_in(factories.user(world.town, role=role, of=world.sections["市民課"]))
        assert client.get(PATH).status_code == 403
        assert client.get("/dashboard/explore/spread.csv").status_code == 403


# the address --------------------------------------------------------------------------------------
def test_address_holds_the_whole_state_and_nonsense_counts_as_not_said() -> None:
    months = [dt.date(2026, m, 1) for m in (9, 8, 7)]
    steps = [("technology", 1), ("culture", 2)]
    told = {"unit": "7", "step": "culture-2", "from": "2026-08", "to": "2026-09"}
    choice = choose({**told, "compare": "2026-07"}, months=months, units=[7], steps=steps)
    assert choice is not None
    assert choice.query == "unit=7&step=culture-2&from=2026-08&to=2026-09&compare=2026-07"
    odd = {"unit": "9", "step": "culture-9", "from": "x", "to": "2026-13", "compare": "2026-09"}
    choice = choose(odd, months=months, units=[7], steps=steps)
    assert choice is not None
    assert choice.query == "step=culture&from=2026-07&to=2026-09"
    turned = choose({"from": "2026-09", "to": "2026-07"}, months=months, units=[], steps=[])
    assert turned is not None
    assert (turned.first, turned.last) == (months[2], months[0])
    assert choose({}, months=[], units=[], steps=[]) is None


def test_page_works_without_scripts_and_htmx_gets_the_charts_alone(world: World) -> None:
    client = signed_in(world.office)
    query = {"unit": world.bureaus[0].pk, "step": "technology", "from": f"{world.months[1]:%Y-%m}"}
    page = client.get(PATH, query).content.decode()
    part = client.get(PATH, query, headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div id="explore-charts"')
    assert part.strip() in page
    assert f'<option value="{world.bureaus[0].pk}" selected>' in page
    assert "trend-culture" not in part


def test_file_has_the_numbers_of_the_table_for_the_same_filters(world: World) -> None:
    client = signed_in(world.office)
    page = client.get(PATH, {"unit": world.bureaus[1].pk}).content.decode()
    url = re.search(r'href="(/dashboard/explore/spread\.csv[^"]+)"', page)
    assert url is not None
    content = client.get(url[1].replace("&amp;", "&")).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content)))
    assert [row[0] for row in rows[1:]] == ["農政課"]
    assert client.get("/dashboard/explore/nothing.csv").status_code == 404


def test_nothing_counted_is_said(world: World) -> None:
    town = factories.municipality("白紙市")
    client = signed_in(factories.user(town, role="dx_office"))
    page = client.get(PATH)
    assert page.status_code == 200
    assert "canvas" not in page.content.decode()
    assert client.get("/dashboard/explore/spread.csv").status_code == 404


def test_page_takes_the_same_queries_whatever_the_size(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(world.office)
    client.get(PATH)
    counts = []
    for _round in range(2):
        with django_assert_max_num_queries(20) as context:
            client.get(PATH, {"unit": world.bureaus[0].pk})
        counts.append(len(context.captured_queries))
        for number in range(3):
            name = f"増えた課{number}{_round}"
            world.sections[name] = factories.department(world.town, name, parent=world.bureaus[0])
            world.confirm(name, "T1-1", 1, world.today)
            entry(world, name, low=60, high=60, on=world.today)
        world.count()
    assert counts[0] == counts[1]


# in a browser -------------------------------------------------------------------------------------
def everything(town: Municipality) -> list[Department]:
    return list(Department.objects.filter(municipality=town, kind="bureau").order_by("pk"))


@pytest.mark.django_db(transaction=True)
def test_hundred_swaps_leave_nothing_behind(page: Page, sign_in: Callable[[Any], None]) -> None:
    """Filters are turned a hundred times; drawings, nodes and listeners stay as many."""
    world = World()
    sign_in(world.office)
    page.goto(PATH)
    canvas = page.locator("#canvas-trend-technology svg.main-svg").first
    canvas.wait_for()
    page.evaluate("document.querySelector('#canvas-trend-technology').dataset.mine = 'kept'")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")
    steps = ["technology-1", "technology-2", "culture", ""]
    units = [str(world.bureaus[0].pk), ""]

    def swap(number: int) -> None:
        name, values = (("step", steps), ("unit", units))[number % 2]
        value = values[number // 2 % len(values)]
        if page.locator(f"select[name={name}]").input_value() == value:
            return
        with page.expect_response(lambda r: "explore" in r.url):
            page.select_option(f"select[name={name}]", value)
        expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)

    def settle() -> dict[str, float]:
        page.select_option("select[name=step]", "")
        page.select_option("select[name=unit]", "")
        page.wait_for_timeout(600)
        expect(page.locator("#canvas-trend-culture svg.main-svg").first).to_be_attached()
        cdp.send("HeapProfiler.collectGarbage")
        found = {m["name"]: m["value"] for m in cdp.send("Performance.getMetrics")["metrics"]}
        drawings = page.locator("svg.main-svg").count()
        return {
            "drawings": drawings,
            "nodes": found["Nodes"],
            "listeners": found["JSEventListeners"],
        }

    for number in range(16):
        swap(number)
    before = settle()
    for number in range(100):
        swap(number)
    after = settle()
    assert after["drawings"] == before["drawings"]
    assert after["nodes"] <= before["nodes"] * 1.1
    assert after["listeners"] <= before["listeners"] * 1.1
    assert page.evaluate("document.querySelectorAll('[id^=canvas-]').length") == len(
        set(page.evaluate("[...document.querySelectorAll('[id^=canvas-]')].map(e => e.id)"))
    )


@pytest.mark.django_db(transaction=True)
def test_same_canvas_is_drawn_again_and_the_address_follows(
    page: Page, sign_in: Callable[[Any], None]
) -> None:
    world = World()
    sign_in(world.office)
    page.goto(PATH)
    page.locator("#canvas-trend-technology svg.main-svg").first.wait_for()
    page.evaluate("document.querySelector('#canvas-trend-technology').mine = 'kept'")
    with page.expect_response(lambda r: "explore" in r.url):
        page.select_option("select[name=step]", "technology-1")
    page.wait_for_url("**step=technology-1**")
    expect(page.locator("#plot-trend-culture")).to_have_count(0)
    assert page.evaluate("document.querySelector('#canvas-trend-technology').mine") == "kept"
    drawn = "document.querySelector('#canvas-trend-technology').data"
    assert page.evaluate(f"{drawn}.length") == 1
    page.reload()
    assert page.locator("select[name=step]").input_value() == "technology-1"


@pytest.mark.django_db(transaction=True)
def test_arrow_keys_read_the_values(page: Page, sign_in: Callable[[Any], None]) -> None:
    world = World()
    sign_in(world.office)
    page.goto(PATH)
    page.locator("#canvas-trend-technology svg.main-svg").first.wait_for()
    page.locator("#plot-trend-technology [data-plot-reads]").focus()
    page.keyboard.press("ArrowRight")
    reading = page.locator("#plot-trend-technology [data-plot-reading]")
    picture = world.pictures(world.office)["trend-technology"]
    first = picture.rows[0]
    expect(reading).to_have_text(f"{first[0].text} {picture.columns[1]}: {first[1].text}")
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    last = picture.rows[-1]
    expect(reading).to_have_text(f"{last[0].text} {picture.columns[2]}: –")
    assert reading.get_attribute("aria-live") == "polite"
    page.keyboard.press("Tab")
    expect(reading).to_have_text("")


def test_figures_are_plain_and_small(world: World) -> None:
    for picture in world.pictures(world.office).values():
        text = json.dumps(picture.figure, ensure_ascii=False)
        assert picture.figure is None or "template" not in picture.figure["layout"]
        assert len(text) < 6000, picture.name
