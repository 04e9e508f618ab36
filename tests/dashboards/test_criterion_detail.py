"""One criterion of one department: its source in words, what changes it, who may act, history."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Department, User
from dxportal.dashboards.cells.change import what_changes
from dxportal.dashboards.cells.states import criterion_state, position, stage_states
from dxportal.shared.fiscal import format_date
from dxportal.shared.workdays import on_or_after
from roadmap.actions.assessments import Claim, confirm_criteria
from roadmap.actions.evidence import ask_back, ask_for_evidence
from roadmap.actions.readings import enter_readings, remove_reading
from roadmap.choices import CriterionSource, InitiativeMeasure, Phase
from roadmap.models import (
    Assessment,
    Criterion,
    CriterionReading,
    CriterionVersion,
    EvidenceRequest,
    MeasuredValue,
    PositionSnapshot,
    StageSnapshot,
    Update,
)
from roadmap.reading_rows import Figure
from roadmap.rollups import roll_up
from tests import factories
from tests.roadmap.feeding import fed
from tests.roadmap.test_rollup_replay import HAPPENS, Town

pytestmark = pytest.mark.django_db
DETAIL_QUERIES = 19


@pytest.fixture
def section() -> Department:
    return factories.department(factories.municipality(), "市民課")


@pytest.fixture
def head(section: Department) -> User:
    return factories.user(section.municipality, role=Role.HEAD, of=section, name="山田 花子")


@pytest.fixture
def office(section: Department) -> User:
    return factories.user(section.municipality, role=Role.DX_OFFICE)


def screen(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(section: Department, code: str, name: str = "criterion_detail") -> str:
    return reverse(f"dashboards:{name}", args=[section.pk, code])


def criterion(section: Department, code: str) -> Criterion:
    rows = Criterion.objects.select_related("stage")
    found: Criterion = rows.get(stage__municipality=section.municipality, code=code)
    return found


def words(section: Department, code: str) -> str:
    state = criterion_state(section, criterion(section, code), as_of=timezone.localdate())
    return what_changes(state, lambda day: day.isoformat())


def test_the_head_confirms_and_answers_here(section: Department, head: User, office: User) -> None:
    today = timezone.localdate()
    one = criterion(section, "T1-1")
    (made,) = confirm_criteria(
        section, {one.pk: Claim(3, "台帳")}, by=head, on=today - dt.timedelta(days=9)
    )
    due = on_or_after(today + dt.timedelta(days=9))
    ask_back(made, text="どの文書ですか", due_on=due, by=office, today=today)
    client = screen(head)
    page = client.get(address(section, "T1-1")).content.decode()
    assert "どの文書ですか" in page
    confirm = address(section, "T1-1", "criterion_confirm")
    assert client.post(confirm, {"level": 3, "evidence": " "}).status_code == 422
    assert client.post(confirm, {"level": 3, "evidence": "規程第3条"}).status_code == 302
    assert EvidenceRequest.objects.get().answered_on == today
    page = client.get(address(section, "T1-1")).content.decode()
    for text in ("規程第3条", "台帳", "どの文書ですか", "山田 花子"):
        assert text in page


def test_an_ended_department_confirms_nothing_by_post(section: Department, head: User) -> None:
    one, client = criterion(section, "T1-1"), screen(head)
    Department.objects.filter(pk=section.pk).update(valid_to=timezone.localdate())
    for name, args, values in (
        ("criterion_confirm", [section.pk, "T1-1"], {"level": 1, "evidence": ""}),
        ("department_assess", [section.pk], {f"level_{one.pk}": 1, f"evidence_{one.pk}": ""}),
        ("department_unchanged", [section.pk], {}),
    ):
        page = client.post(reverse(f"dashboards:{name}", args=args), values, follow=True)
        assert "この部署はなくなりました。基準の確認はできません。" in page.content.decode(), name
    assert not Assessment.objects.filter(department=section).exists()


def test_the_head_enters_the_own_figure_and_takes_it_away(section: Department, head: User) -> None:
    fed(section.municipality)
    client = screen(head)
    data = {"value": "６３", "measured_on": timezone.localdate().isoformat(), "note": "月報"}
    figure = address(section, "T1-4", "criterion_reading")
    assert client.post(figure, {**data, "value": "多い"}).status_code == 422
    assert client.post(figure, data).status_code == 302
    assert "63%" in client.get(address(section, "T1-4")).content.decode()
    row = CriterionReading.objects.get()
    here = {"next": address(section, "T1-4")}
    response = client.post(reverse("roadmap:reading_remove", args=[row.pk]), here, follow=True)
    assert not CriterionReading.objects.exists()
    undo = response.content.decode().split('action="/criteria/readings/restore/')[1].split('"')[0]
    client.post(f"/criteria/readings/restore/{undo}", here)
    assert CriterionReading.objects.get().value == 63


def test_nobody_types_a_level_that_is_measured(section: Department, head: User) -> None:
    fed(section.municipality)
    client = screen(head)
    for code in ("T1-3", "T1-4", "C3-3"):
        page = client.get(address(section, code)).content.decode()
        assert 'name="level"' not in page
        data = {"level": 3, "evidence": "x"}
        assert client.post(address(section, code, "criterion_confirm"), data).status_code == 422
    refused = client.post(address(section, "T1-1", "criterion_reading"), {"value": "1"})
    assert refused.status_code == 403
    assert not Assessment.objects.exists()


def test_requests_are_for_those_who_take_part(
    section: Department, head: User, office: User
) -> None:
    today = timezone.localdate()
    one = criterion(section, "T1-1")
    (made,) = confirm_criteria(section, {one.pk: Claim(3, "台帳")}, by=head, on=today)
    due = on_or_after(today + dt.timedelta(days=9))
    ask_back(made, text="どの文書ですか", due_on=due, by=office, today=today)
    other = factories.department(section.municipality)
    stranger = factories.user(section.municipality, role=Role.HEAD, of=other)
    for person, sees in ((head, True), (office, True), (stranger, False)):
        page = screen(person).get(address(section, "T1-1")).content.decode()
        assert ("どの文書ですか" in page) == sees
        assert "台帳" in page


def test_culture_of_others_is_for_cdo_and_office(section: Department, office: User) -> None:
    other = factories.department(section.municipality)
    stranger = factories.user(section.municipality, role=Role.HEAD, of=other)
    assert screen(stranger).get(address(section, "C1-3")).status_code == 403
    assert screen(stranger).get(address(other, "C1-3")).status_code == 200
    assert screen(office).get(address(section, "C1-3")).status_code == 200
    assert screen(office).get(address(section, "Z9")).status_code == 404


def test_an_answer_counts_until_the_day_before_it_expires(section: Department, head: User) -> None:
    one = criterion(section, "T1-1")
    today = timezone.localdate()
    confirm_criteria(section, {one.pk: Claim(3, "台帳")}, by=head, on=today)
    first = criterion_state(section, one, as_of=today)
    assert first.last_day is not None
    assert criterion_state(section, one, as_of=first.last_day).counts
    assert not criterion_state(section, one, as_of=first.last_day + dt.timedelta(days=1)).counts
    page = screen(head).get(address(section, "T1-1")).content.decode()
    style = section.municipality.calendar_style
    assert f"<dt>数える期限</dt><dd>{format_date(first.last_day, style)}</dd>" in page


def test_the_staffs_answer_stands_beside_the_heads(section: Department, head: User) -> None:
    one = criterion(section, "T1-1")
    Criterion.objects.filter(pk=one.pk).update(question="P8")
    today = timezone.localdate()
    confirm_criteria(section, {one.pk: Claim(3, "台帳")}, by=head, on=today)
    MeasuredValue.objects.create(
        criterion=one,
        department=section,
        wave_label="風土アンケート",
        share_band="40–49%",
        n_band="20–49",
        level=1,
        measured_on=today,
        expires_on=today + dt.timedelta(days=365),
    )
    page = screen(head).get(address(section, "T1-1")).content.decode()
    assert "40–49%" in page
    roll_up(section.municipality_id, as_of=today, full=True)
    snapshot = StageSnapshot.objects.get(department=section, stage=one.stage)
    assert snapshot.level_sum == 3, "it decides nothing"


def test_what_would_change_it_is_said_for_every_source(section: Department, head: User) -> None:
    today = timezone.localdate()
    one = fed(section.municipality)
    assert words(section, "T1-4")
    enter_readings(
        section.municipality,
        [Figure(one.pk, section.pk, today, Decimal(62))],
        by=None,
        today=today,
    )
    assert "62%" in words(section, "T1-4")
    assert "70%" in words(section, "T1-4")
    Criterion.objects.filter(pk=one.pk).update(
        threshold={"firm": "10", "partly": "50", "started": "90", "direction": "down"}
    )
    assert "50%" in words(section, "T1-4").replace("最大", "")
    made = [
        factories.initiative(
            section.municipality,
            lead=section,
            launched_on=today - dt.timedelta(days=100),
            reported_on=today,
            phase=Phase.LIVE,
        )
        for _ in range(2)
    ]
    Criterion.objects.filter(code="C3-3").update(measure=InitiativeMeasure.ESTABLISHED)
    assert "2" in words(section, "C3-3")
    Update.objects.create(initiative=made[0], phase=Phase.ESTABLISHED, reported_on=today)
    state = criterion_state(section, criterion(section, "C3-3"), as_of=today)
    assert state.count is not None
    assert (state.count.part, state.count.whole, state.level) == (1, 2, 2)
    page = screen(head).get(address(section, "C3-3")).content.decode()
    assert made[0].get_absolute_url() in page


def english(person: User) -> Client:
    client = screen(person)
    client.cookies["django_language"] = "en"
    return client


def measured(section: Department, code: str, band: str, on: dt.date) -> None:
    MeasuredValue.objects.create(
        criterion=criterion(section, code),
        department=section,
        wave_label="風土アンケート",
        share_band=band,
        n_band="20–49",
        level=1,
        measured_on=on,
        expires_on=on + dt.timedelta(days=365),
    )


def test_what_staff_answered_is_for_those_who_may_see_culture(
    section: Department, head: User, office: User
) -> None:
    """Also where the criterion is one of the technology axis."""
    today = timezone.localdate()
    one = criterion(section, "T1-1")
    Criterion.objects.filter(pk=one.pk).update(question="P8")
    confirm_criteria(section, {one.pk: Claim(3, "台帳")}, by=head, on=today)
    for code in ("T1-1", "T1-3"):
        measured(section, code, "30–39%", today - dt.timedelta(days=180))
        measured(section, code, "40–49%", today)
    other = factories.department(section.municipality)
    stranger = factories.user(section.municipality, role=Role.HEAD, of=other)
    auditor = factories.user(section.municipality, role=Role.AUDITOR)
    cdo = factories.user(section.municipality, role=Role.CDO)
    places = [address(section, "T1-1"), address(section, "T1-3"), section.get_absolute_url()]
    for person in (head, office, cdo):
        pages = [english(person).get(place).content.decode() for place in places]
        assert all("40–49%" in text for text in pages)
        assert "30–39%" in pages[0]
    for person in (stranger, auditor):
        pages = [english(person).get(place).content.decode() for place in places]
        for secret in ("40–49%", "30–39%", "20–49"):
            assert not any(secret in text for text in pages)
    text = english(stranger).get(address(section, "T1-3")).content.decode()
    assert "Level 1:" in text
    assert "have to agree" in text
    assert "風土アンケート" in text


def test_requests_are_not_told_to_other_departments(
    section: Department, head: User, office: User
) -> None:
    today = timezone.localdate()
    claims = {criterion(section, "T1-1").pk: Claim(3, "台帳")}
    (made,) = confirm_criteria(section, claims, by=head, on=today)
    due = on_or_after(today + dt.timedelta(days=9))
    ask_back(made, text="どの文書ですか", due_on=due, by=office, today=today)
    ask_for_evidence(
        section, criterion(section, "T1-2"), text="規程は", due_on=due, by=office, today=today
    )
    other = factories.department(section.municipality)
    stranger = factories.user(section.municipality, role=Role.HEAD, of=other)
    places = [section.get_absolute_url(), address(section, "T1-1"), address(section, "T1-2")]
    said = ("evidence asked for", "asks back", "asked back", "asks for evidence", "is answered")
    for place in places:
        text = english(head).get(place).content.decode()
        assert any(word in text for word in said)
        text = english(stranger).get(place).content.decode()
        assert not any(word in text for word in said)
        assert due.isoformat() not in text
    text = english(stranger).get(places[0]).content.decode()
    assert "does not count now" in text
    assert "does not count now" in english(stranger).get(places[1]).content.decode()
    theirs = english(stranger).get(places[0]).context["stairs"][0].stages[0].result
    assert theirs == english(head).get(places[0]).context["stairs"][0].stages[0].result


def test_figures_of_a_namesake_stay_there_and_a_new_name_keeps_the_own(
    section: Department, office: User
) -> None:
    today = timezone.localdate()
    one = fed(section.municipality)
    namesake = factories.department(section.municipality, section.name)
    for place, values in ((section, (11, 12)), (namesake, (21, 22))):
        for value in values:
            figure = Figure(one.pk, place.pk, today, Decimal(value))
            enter_readings(section.municipality, [figure], by=office, today=today)
    gone = CriterionReading.objects.get(department=section)
    remove_reading(gone, by=office)
    figure = Figure(one.pk, section.pk, today, Decimal(13))
    enter_readings(section.municipality, [figure], by=office, today=today)
    section.name = "市民窓口課"
    section.save()
    history = english(office).get(address(section, "T1-4")).context["history"]
    told = {entry.what for entry in history}
    assert told == {"Figure: 13%", "Figure removed: 12", "Figure corrected: 11 → 12"}
    history = english(office).get(address(namesake, "T1-4")).context["history"]
    assert {entry.what for entry in history} == {"Figure: 22%", "Figure corrected: 21 → 22"}


def test_wrong_thresholds_give_no_level_and_say_so(section: Department, head: User) -> None:
    one = fed(section.municipality)
    today = timezone.localdate()
    figure = Figure(one.pk, section.pk, today, Decimal(62))
    enter_readings(section.municipality, [figure], by=None, today=today)
    Criterion.objects.filter(pk=one.pk).update(threshold={"firm": "viel"})
    state = criterion_state(section, criterion(section, "T1-4"), as_of=today)
    assert (state.level, state.broken) == (None, True)
    assert screen(head).get(address(section, "T1-4")).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_number(
    section: Department, office: User, count: int, django_assert_num_queries: Any
) -> None:
    one = fed(section.municipality)
    today = timezone.localdate()
    days = [today - dt.timedelta(days=number) for number in range(count)]
    figures = [Figure(one.pk, section.pk, day, Decimal(number)) for number, day in enumerate(days)]
    enter_readings(section.municipality, figures, by=office, today=today)
    client = screen(office)
    client.get(address(section, "T1-4"))
    with django_assert_num_queries(DETAIL_QUERIES):
        client.get(address(section, "T1-4"))


@pytest.mark.parametrize("count", [0, 3])
def test_all_criteria_take_seven_statements(
    section: Department, head: User, count: int, django_assert_num_queries: Any
) -> None:
    codes = ["T1-1", "T1-2", "T1-5"][:count]
    claims = {criterion(section, code).pk: Claim(3, "台帳") for code in codes}
    if claims:
        confirm_criteria(section, claims, by=head, on=timezone.localdate())
    with django_assert_num_queries(7):
        stage_states(section, as_of=timezone.localdate())


# The live page and the snapshots ------------------------------------------------------------------
def bring_living_rows(town: Town) -> None:
    """The living rows say what the version in force says."""
    asked = {row.criterion_id: row for row in town.version.criteria.all()}
    for row in Criterion.objects.filter(stage__municipality=town.place):
        said: CriterionVersion | None = asked.get(row.pk)
        row.retired = said is None
        if said is not None:
            for name in ("mandatory", "source", "measure", "threshold"):
                setattr(row, name, getattr(said, name))
        row.save()


@settings(max_examples=15)
@given(data=st.data())
def test_the_live_page_is_the_roll_up_whatever_happens(data: st.DataObject) -> None:
    with transaction.atomic():
        town = Town(data.draw)
        for name in data.draw(st.lists(st.sampled_from(HAPPENS), min_size=4, max_size=14)):
            getattr(town, name)()
        town.count()
        bring_living_rows(town)
        month = town.today.replace(day=1)
        for where in town.sections:
            for axis, stages in stage_states(where, as_of=town.today).items():
                kept = PositionSnapshot.objects.get(department=where, axis=axis, period=month)
                stood = position(stages)
                assert (stood.current if stood else None) == kept.current
                for state in stages:
                    row = StageSnapshot.objects.get(
                        department=where, stage=state.stage, period=month
                    )
                    live = state.result
                    assert (live.reached, live.level_sum, live.answered, live.total) == (
                        row.reached,
                        row.level_sum,
                        row.answered,
                        row.total,
                    )
        assert {row.source for row in town.version.criteria.all()} >= {
            CriterionSource.INDICATOR,
            CriterionSource.INITIATIVE,
        }
        transaction.set_rollback(True)
