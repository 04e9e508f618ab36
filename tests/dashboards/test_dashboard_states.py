"""Edge states of the staircase page: a clear state each, never 0 for no data, never a division."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from dxportal.accounts.choices import DepartmentKind
from dxportal.accounts.models import Department, Municipality, User
from dxportal.dashboards.board import moments
from dxportal.dashboards.board.decisions import rows_of as rows_of_kind
from dxportal.dashboards.board.decisions import wanted
from dxportal.dashboards.board.department_rows import rows_of
from dxportal.dashboards.board.headline import headline
from dxportal.dashboards.board.headline_facts import facts_of
from dxportal.dashboards.board.look import look
from dxportal.dashboards.board.panels import dashboard
from dxportal.dashboards.board.picture import MOST_CHIPS, MOST_DEPARTMENTS
from dxportal.shared.fiscal import add_months
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
    StageSnapshot,
    StageSum,
    StaircaseVersion,
)
from tests import factories
from tests.dashboards.cdo_town import confirm
from tests.dashboards.test_figures import check, figures, read

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


def _round(
    city: Municipality, department: Department, by: User, staircase: str = "昔の版"
) -> ReportingRound:
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
            staircase=staircase,
            method="2026.2",
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


def english(data: Any) -> str:
    """The headline of the page."""
    with translation.override("en"):
        drawn, found = data.picture, data.scenes
        rows = rows_of(found, data.health[0], with_culture=data.with_culture)
        facts = facts_of(found, drawn, rows, data.health[0].whole, [], names=data.with_names)
        return " ".join(phrase.text for phrase in headline(facts))


@pytest.mark.parametrize("same", [True, False])
def test_a_round_by_the_same_staircase_is_no_change_of_it(
    client: Client, city: Municipality, cdo: User, same: bool
) -> None:
    made = section(city, "市民課", by=cdo)
    count(city)
    label = client.get(PATH).context["data"].scenes.now.version[1]
    closed = _round(city, made, cdo, label if same else "昔の版")
    data = client.get(f"{PATH}?compare=round-{closed.pk}").context["data"]
    assert ("The staircase was changed" in english(data)) == (not same)


def test_technology_alone_has_its_headline(client: Client, city: Municipality, cdo: User) -> None:
    today = timezone.localdate()
    for name in ("市民課", "税務課"):
        confirm(factories.department(city, name), {"T1-1": 1}, by=cdo, on=today)
    factories.department(city, "会計課")
    count(city)
    page = read(client, PATH)
    data = client.get(PATH).context["data"]
    assert "The positions of 2 of 3 departments are known on one axis at least." in english(data)
    assert [phrase.figure for phrase, _figure in data.phrases][:1] == ["known"]
    (known,) = [shown for shown in figures(page) if shown.name == "known"]
    check(client, known)


def test_departments_that_fell_are_named_before_there_is_culture(
    client: Client, city: Municipality, cdo: User
) -> None:
    made = factories.department(city, "税務課")
    last_month = timezone.localdate().replace(day=1) - dt.timedelta(days=1)
    confirm(made, {"T1-1": 3}, by=cdo, on=last_month)
    rollups.roll_up(city.pk, as_of=last_month, history=True)
    PositionSnapshot.objects.filter(axis="technology").update(current=2, reached=1)
    count(city)
    data = client.get(PATH).context["data"]
    assert "moved down (税務課)" in english(data)


def test_the_newest_month_tells_what_waits_after_it_has_ended(
    city: Municipality, cdo: User
) -> None:
    made = section(city, "市民課", by=cdo)
    count(city)
    known = moments.known(cdo, timezone.localdate())
    (month,) = known.months
    # The lock of the count is held until the test ends.
    nothing = replace(known.waiting, running=False)
    assert moments.counted(cdo, month, nothing, timezone.now()).complete
    mark(city.pk, DEPARTMENT, [made.pk])
    later = timezone.now() + dt.timedelta(days=35)
    data = dashboard(look(cdo, {}, later))
    counted = data.counted
    assert (data.moment, counted.waiting, counted.old) == (
        replace(month, day=add_months(month.period, 1) - dt.timedelta(days=1)),
        1,
        True,
    )
    assert not counted.complete
    rollups.roll_up(city.pk, as_of=timezone.localdate(later))
    past = dashboard(look(cdo, {"period": month.key}, later)).counted
    assert (past.waiting, past.old, past.complete) == (0, False, False)


def test_what_cannot_be_compared_is_not_called_unchanged(
    client: Client, city: Municipality, cdo: User
) -> None:
    section(city, "市民課", by=cdo)
    factories.department(city, "会計課")
    count(city)
    page = read(client, PATH)
    told = page.xpath("//*[@id='department-rows']//tbody/tr/td[@data-label='前回から']")
    assert [cell.text_content().strip() for cell in told] == ["–", "–"]


def test_nobody_has_no_share_of_a_step(client: Client, city: Municipality, cdo: User) -> None:
    section(city, "市民課", by=cdo)
    count(city)
    assert client.get(PATH).context["data"].spread
    StageSum.objects.filter(municipality=city).update(
        **dict.fromkeys(
            ("departments", "here", "reached", "seeds", "level_sum", "answered", "total"), 0
        )
    )
    assert client.get(PATH).context["data"].spread == []


def test_who_has_reached_a_step_is_not_at_work_on_it(
    client: Client, city: Municipality, cdo: User
) -> None:
    stages = Stage.objects.filter(municipality=city, axis="technology").order_by("step")
    last = stages.count()
    codes = [
        row.code
        for row in Criterion.objects.filter(stage__municipality=city, source="declared")
        if row.code.startswith("T")
    ]
    top, gap, low = (factories.department(city, name) for name in ("市民課", "税務課", "会計課"))
    for one in (top, gap, low):
        confirm(one, dict.fromkeys(codes, 1), by=cdo, on=timezone.localdate())
    count(city)
    positions = PositionSnapshot.objects.filter(axis="technology")
    positions.filter(department=top).update(current=last, reached=last, all_reached=True, seeds=[])
    positions.filter(department=gap).update(current=1, reached=0, seeds=[last])
    positions.filter(department=low).update(current=1, reached=0, seeds=[last])
    rows = StageSnapshot.objects.filter(stage__axis="technology")
    rows.filter(department=top).update(reached=True)
    rows.filter(department=gap, stage__step=last).update(reached=True)
    StageSum.objects.filter(municipality=city).delete()
    step = client.get(PATH).context["data"].picture.columns[-1]
    assert (step.here, step.seeds, step.tally.reached, step.begun) == (1, 2, 2, 1)
    page = read(client, PATH)
    for shown in figures(page):
        if shown.name == "begun":
            check(client, shown)


def test_figures_of_a_bureau_are_those_of_its_departments_of_today(
    client: Client, city: Municipality, cdo: User
) -> None:
    full, other = (
        factories.department(city, name, kind=DepartmentKind.BUREAU)
        for name in ("市民部", "財務部")
    )
    stays = section(city, "市民課", by=cdo, parent=full)
    moves = section(city, "税務課", by=cdo, level=3, parent=full)
    last_month = timezone.localdate().replace(day=1) - dt.timedelta(days=1)
    rollups.roll_up(city.pk, as_of=last_month, history=True)
    Department.objects.filter(pk=moves.pk).update(parent=other, bureau=other)
    count(city)
    for bureau, own in ((full, stays), (other, moves)):
        query = f"?period={last_month:%Y-%m}&bureau={bureau.pk}"
        data = client.get(PATH + query).context["data"]
        assert set(data.scenes.now.places) == {own.pk}
        tallies = data.scenes.now.tallies
        assert {tally.departments for tally in tallies.values()} == {1}
        stage = client.get(reverse("dashboards:stage_detail", args=["technology", 1]) + query)
        assert [row.pk for row in stage.context["stage"].rows] == [own.pk]
        assert not stage.context["stage"].differs
        assert set(data.scenes.history.months) == {
            last_month.replace(day=1),
            timezone.localdate().replace(day=1),
        }


def test_the_method_is_that_of_the_month_or_round(
    client: Client, city: Municipality, cdo: User
) -> None:
    made = section(city, "市民課", by=cdo)
    count(city)
    PositionSnapshot.objects.filter(municipality=city).update(method="2026.3")
    closed = _round(city, made, cdo)
    for page in (
        reverse("dashboards:stage_detail", args=["technology", 1]),
        reverse("dashboards:figure_detail", args=["topped"]),
    ):
        for query, method in (("", "2026.3"), (f"?round={closed.pk}", "2026.2")):
            told = read(client, page + query).xpath("//*[@id='provenance']//dd[@class='num']")
            assert [node.text for node in told] == [method]


def test_the_card_of_a_department_shows_the_month_of_the_page(
    client: Client, city: Municipality, cdo: User
) -> None:
    made = section(city, "市民課", by=cdo)
    count(city)
    closed = _round(city, made, cdo)
    query = f"?department={made.pk}"
    now = client.get(PATH + query).context["chosen"]
    then = client.get(f"{PATH}{query}&round={closed.pk}").context["chosen"]
    assert [stair.current for stair in now.stairs] == [1, 1]
    assert [stair.current for stair in then.stairs] == [2, 1]
    assert then.stairs[0].current_stage.stage == "昔の2段"
    assert then.stairs[0].levels[:2] == [25, 25]
    assert then.now.current == 1, "what comes next is that of today"
    card = read(client, f"{PATH}{query}&round={closed.pk}").xpath("//*[@id='chosen']//h3/small")
    assert [node.text for node in card] == ["いまの状態"]


def test_the_oldest_that_waits_has_its_own_day(city: Municipality, cdo: User) -> None:
    today = timezone.localdate()
    made = factories.department(city, "市民課")
    long_ago = today - dt.timedelta(days=300)
    factories.initiative(city, "報告が古い取組", lead=made, reported_on=long_ago)
    found = {row.kind: row for row in wanted(cdo, today)}
    assert (found["lost"].oldest, found["lost"].since) == ("報告が古い取組", long_ago)
    factories.initiative(city, "報告のない取組", lead=made)
    for kind in ("lost", "unowned"):
        row = {row.kind: row for row in wanted(cdo, today)}[kind]
        assert (row.count, row.oldest, row.since) == (2, "報告のない取組", None)
        assert row.oldest == rows_of_kind(cdo, kind, today)[0].title


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
