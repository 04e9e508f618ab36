"""Edge states of the staircase page: a clear state each, never 0 for no data, never a division."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import DepartmentKind
from dxportal.accounts.models import Department, Municipality, User
from dxportal.dashboards.board.picture import MOST_CHIPS, MOST_DEPARTMENTS
from roadmap import rollups
from roadmap.marks import DEPARTMENT, mark
from roadmap.models import (
    Criterion,
    CriterionVersion,
    PositionSnapshot,
    ReportingRound,
    RollupRun,
    RoundStage,
    Stage,
    StageSum,
    StaircaseVersion,
)
from tests import factories
from tests.dashboards.cdo_town import confirm
from tests.dashboards.test_figures import figures, read

pytestmark = pytest.mark.django_db
PATH = "/dashboard/"


@pytest.fixture
def city() -> Municipality:
    return factories.municipality("青空市")


@pytest.fixture
def cdo(city: Municipality, client: Client) -> User:
    user = factories.user(city, role="cdo")
    client.force_login(user)
    return user


def section(city: Municipality, name: str, *, by: User, level: int = 1, **more: Any) -> Department:
    """A section with one confirmed criterion of technology and of culture."""
    made = factories.department(city, name, **more)
    confirm(made, {"T1-1": level, "C1-3": level}, by=by, on=timezone.localdate())
    return made


def count(city: Municipality) -> None:
    rollups.roll_up(city.pk, as_of=timezone.localdate(), full=True)


def words(client: Client, query: str = "") -> str:
    """What the page says, without its markup."""
    return " ".join(read(client, f"{PATH}{query}").text_content().split())


def test_nothing_counted_offers_no_figure(client: Client, cdo: User) -> None:
    page = read(client, PATH)
    assert figures(page) == []
    assert "まだ集計していません" in page.text_content()


def test_first_month_has_nothing_to_compare(client: Client, city: Municipality, cdo: User) -> None:
    section(city, "市民課", by=cdo)
    count(city)
    page = read(client, PATH)
    assert "2回目の集計からお知らせします" in page.text_content()
    assert page.xpath("//select[@id='compare']") == []
    assert page.xpath("//optgroup") == [], "no round is closed yet"


def test_a_step_without_criteria_says_so_and_has_no_share(
    client: Client, city: Municipality, cdo: User
) -> None:
    section(city, "市民課", by=cdo)
    last = Stage.objects.get(municipality=city, axis="technology", step=4)
    CriterionVersion.objects.filter(stage=last).delete()
    Criterion.objects.filter(stage=last).update(retired=True)
    count(city)
    page = read(client, PATH)
    base = page.xpath("//tfoot//th")[3].text_content()
    assert "基準がありません" in base
    assert "%" not in base
    detail = client.get(reverse("dashboards:stage_detail", args=["technology", 4]))
    assert "この段には基準がありません" in detail.content.decode()


def test_a_bureau_with_nothing_answered_is_no_nought(
    client: Client, city: Municipality, cdo: User
) -> None:
    full, bare = (
        factories.department(city, name, kind=DepartmentKind.BUREAU)
        for name in ("市民部", "財務部")
    )
    section(city, "市民課", by=cdo, parent=full)
    factories.department(city, "税務課", parent=bare)
    count(city)
    page = read(client, f"{PATH}?bureau={bare.pk}")
    assert "1部署の立ち位置は、まだ分かりません" in page.text_content()
    assert "回答はまだありません" in page.xpath("//tfoot")[0].text_content()
    assert [f.name for f in figures(page) if f.name == "firmness"] == []
    assert "市民課" not in page.xpath("//*[@id='staircase']")[0].text_content()
    other = read(client, f"{PATH}?bureau={full.pk}")
    assert "市民課" in other.xpath("//*[@id='staircase']")[0].text_content()


def test_a_department_founded_after_the_count_is_named_with_its_reason(
    client: Client, city: Municipality, cdo: User
) -> None:
    section(city, "市民課", by=cdo)
    count(city)
    new = factories.department(city, "新設課", valid_from=timezone.localdate())
    data = client.get(PATH).context["data"]
    assert [(m.reason, [p.pk for p in m.places]) for m in data.picture.missing] == [
        ("new", [new.pk])
    ]
    assert "集計のあとにできました" in words(client)


def test_waiting_marks_say_how_many_and_since_when(
    client: Client, city: Municipality, cdo: User
) -> None:
    made = section(city, "市民課", by=cdo)
    count(city)
    assert "まだこの数字に入っていません" not in words(client)
    mark(city.pk, DEPARTMENT, [made.pk])
    assert "からの変更1件が、まだこの数字に入っていません" in words(client)


def stand(city: Municipality, *sections: Department) -> None:
    """What a count leaves of departments on the first steps, without counting."""
    today = timezone.localdate()
    PositionSnapshot.objects.bulk_create(
        PositionSnapshot(
            municipality=city,
            period=today.replace(day=1),
            as_of=today,
            department=one,
            axis=axis,
            current=1,
            reached=0,
            method="1",
            input_hash="x",
        )
        for one in sections
        for axis in ("technology", "culture")
    )


def test_a_count_that_runs_is_said(client: Client, city: Municipality, cdo: User) -> None:
    stand(city, factories.department(city, "市民課"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [rollups.LOCK, city.pk + 1])
        assert "集計中です" not in words(client), "another municipality is counted"
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [rollups.LOCK, city.pk])
    assert "集計中です" in words(client)


def test_a_count_older_than_a_day_is_said(client: Client, city: Municipality, cdo: User) -> None:
    section(city, "市民課", by=cdo)
    count(city)
    assert "最後の集計は" not in words(client)
    RollupRun.objects.update(finished_at=timezone.now() - dt.timedelta(days=2))
    assert "最後の集計は" in words(client)


def test_another_version_of_the_staircase_is_named(
    client: Client, city: Municipality, cdo: User
) -> None:
    section(city, "市民課", by=cdo)
    count(city)
    today = timezone.localdate()
    assert "いまの版とは違います" not in words(client)
    StaircaseVersion.objects.filter(municipality=city, valid_to=None).exclude(
        valid_from=None
    ).update(valid_to=today)
    StaircaseVersion.objects.create(municipality=city, label="新しい版", valid_from=today)
    old = StageSum.objects.filter(municipality=city).first()
    assert old is not None
    label = old.staircase.label if old.staircase else ""
    assert label
    assert f"階段の版「{label}」で数えています" in words(client)


def test_sums_that_were_not_kept_are_added_up_and_said(
    client: Client, city: Municipality, cdo: User
) -> None:
    section(city, "市民課", by=cdo, level=3)
    section(city, "税務課", by=cdo)
    count(city)
    before = client.get(PATH).context["data"].picture.columns[0].tally
    StageSum.objects.filter(municipality=city).delete()
    response = client.get(PATH)
    assert response.context["data"].picture.columns[0].tally == before
    assert "部署ごとの記録から足し上げています" in response.content.decode()


def _round(city: Municipality, department: Department, by: User) -> ReportingRound:
    today = timezone.localdate()
    closed = ReportingRound.objects.create(
        municipality=city,
        label="上半期",
        fiscal_year=2026,
        number=1,
        state="closed",
        opens_on=today - dt.timedelta(days=90),
        due_on=today - dt.timedelta(days=60),
        closed_at=timezone.now() - dt.timedelta(days=50),
        closed_by=by,
        as_of=today - dt.timedelta(days=50),
    )
    for stage in Stage.objects.filter(municipality=city):
        at = {"technology": 2, "culture": 1}[stage.axis]
        RoundStage.objects.create(
            round=closed,
            department_key=department.pk,
            department="昔の課",
            unit_key=department.pk,
            axis=stage.axis,
            step=stage.step,
            name=f"昔の{stage.step}段",
            reached=stage.step < at,
            level_sum=3,
            answered=2,
            total=4,
            contributing=0,
            here=stage.step == at,
            seed=stage.step == 3 and stage.axis == "technology",
            staircase="昔の版",
        )
    return closed


def test_a_closed_round_shows_its_own_names_sums_and_version(
    client: Client, city: Municipality, cdo: User
) -> None:
    made = section(city, "市民課", by=cdo)
    count(city)
    closed = _round(city, made, cdo)
    page = read(client, f"{PATH}?round={closed.pk}")
    stair = page.xpath("//*[@id='staircase']")[0].text_content()
    assert "昔の課" in stair
    assert "昔の2段" in stair
    assert "25%" in stair
    assert "階段の版「昔の版」で数えています" in page.text_content()
    assert page.xpath("//select[@id='period']/optgroup/option[@selected]")[0].text == "上半期"
    detail = read(
        client, reverse("dashboards:stage_detail", args=["technology", 2]) + f"?round={closed.pk}"
    )
    assert "3 / 12" in detail.text_content()
    listed = read(client, reverse("dashboards:department_list") + f"?round={closed.pk}")
    assert "昔の課" in listed.text_content()


def test_a_month_is_compared_with_a_round(client: Client, city: Municipality, cdo: User) -> None:
    made = section(city, "市民課", by=cdo)
    count(city)
    closed = _round(city, made, cdo)
    data = client.get(f"{PATH}?compare=round-{closed.pk}").context["data"]
    assert data.compare.round == closed.pk
    assert [row.move for row in data.table.rows] == ["down"], "a step was reached in the round"
    assert data.phrases[0][0].figure == "down"


def test_many_departments_stand_bureau_by_bureau(
    client: Client, city: Municipality, cdo: User
) -> None:
    bureaus = [
        factories.department(city, f"{n}部", kind=DepartmentKind.BUREAU)
        for n in range(MOST_CHIPS + 1)
    ]
    sections = [
        factories.department(city, f"{n}課", parent=bureaus[n % len(bureaus)])
        for n in range(MOST_DEPARTMENTS + 1)
    ]
    stand(city, *sections)
    page = read(client, PATH)
    chips = page.xpath("//*[@id='staircase']//a[contains(@class, 'chip')]")
    assert len(chips) == 10, "nine bureaus and the rest"
    assert chips[-1].text_content().strip() == f"ほか{MOST_CHIPS + 1 - 9}件"
    (whole,) = page.xpath("//a[@class='cnt']")
    assert whole.get("data-value") == str(MOST_DEPARTMENTS + 1)
    opened = read(client, chips[0].get("href"))
    rows = opened.xpath("//tr[@data-part='cell']")
    assert len(rows) == int(chips[0].get("data-value"))
    one = read(client, f"{PATH}?bureau={bureaus[0].pk}")
    names = [chip.text_content() for chip in one.xpath("//a[contains(@class, 'chip')]")]
    assert any("課" in name for name in names), "one bureau shows its departments"


def test_the_address_keeps_the_whole_state(client: Client, city: Municipality, cdo: User) -> None:
    bureau = factories.department(city, "市民部", kind=DepartmentKind.BUREAU)
    made = section(city, "市民課", by=cdo, parent=bureau)
    count(city)
    month = f"{timezone.localdate():%Y-%m}"
    query = f"?period={month}&bureau={bureau.pk}&department={made.pk}&sort=-technology"
    page = read(client, PATH + query)
    head = page.xpath("//th[@aria-sort='descending']/a/@href")[0]
    for part in (f"period={month}", f"bureau={bureau.pk}", f"department={made.pk}"):
        assert part in head
    hidden = {f.get("name"): f.get("value") for f in page.xpath("//form[@id='moments']//input")}
    assert hidden == {"department": str(made.pk), "sort": "-technology"}
    assert page.xpath("//*[@id='chosen']//h2/text()") == ["市民課"]
