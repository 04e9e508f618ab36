"""「自分の取組」: what waits for me, with why, reported where it stands."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from roadmap.models import Digest, Initiative, Milestone, ReportingRound, RoundReturn, StatusWord
from tests import factories
from tests.roadmap.board import Town, latest, signed_in, town

pytestmark = pytest.mark.django_db

PAGE = "/initiatives/mine/"
PAGE_QUERIES = 29


@pytest.fixture
def place() -> Town:
    return town()


def mine(place: Town, title: str, days: int = 70, **fields: object) -> Initiative:
    fields.setdefault("contact", place.employee)
    day = timezone.localdate() - dt.timedelta(days=days)
    return factories.initiative(
        place.municipality, title, lead=place.section, reported_on=day, **fields
    )


@pytest.mark.parametrize("number", [1, 3])
def test_rows_cost_the_same_for_any_number(
    place: Town, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for index in range(number):
        found = mine(place, f"取組{index}")
        Milestone.objects.create(initiative=found, title="契約", due_on=timezone.localdate())
    client = signed_in(place.employee)
    with django_assert_num_queries(PAGE_QUERIES):
        html = client.get(PAGE).content.decode()
    assert html.count('<li id="mine-') == number


def test_what_waits_comes_first_with_its_reasons(place: Town) -> None:
    mine(place, "報告ずみの取組", days=2)
    waiting = mine(place, "待っている取組")
    Milestone.objects.create(initiative=waiting, title="契約", due_on=timezone.localdate())
    html = signed_in(place.employee).get(PAGE).content.decode()
    assert "1件の取組が待っています。" in html
    assert html.index("待っている取組") < html.index("報告ずみの取組")
    assert "70日間報告がありません" in html
    assert "節目「契約」は今日が期日です" in html


def test_no_change_is_one_press_and_comes_back_here(place: Town) -> None:
    found = mine(place, "窓口")
    client = signed_in(place.employee)
    data = {"expected": latest(found).pk, "next": PAGE, "unchanged": "1"}
    response = client.post(f"/initiatives/{found.pk}/status/", data)
    assert response.headers["Location"] == PAGE
    assert latest(found).unchanged
    assert "待っているものはありません。" in client.get(PAGE).content.decode()


def test_only_those_that_i_answer_for_stand_here(place: Town) -> None:
    post = factories.post(place.section, "主査", held_by=place.employee)
    mine(place, "職の取組", contact=None, accountable_post=post)
    mine(place, "他人の取組", contact=place.promoter)
    mine(place, "担当のない取組", contact=None)
    mine(place, "やめた取組", phase="stopped")
    html = signed_in(place.employee).get(PAGE).content.decode()
    assert "職の取組" in html
    for absent in ("他人の取組", "担当のない取組", "やめた取組"):
        assert absent not in html
    assert "担当のない取組" in signed_in(place.head).get(PAGE).content.decode()


def test_the_return_of_a_department_stands_above(place: Town) -> None:
    today = timezone.localdate()
    opened = ReportingRound.objects.create(
        municipality=place.municipality,
        label="上半期の進捗報告",
        fiscal_year=2026,
        number=1,
        state="open",
        opens_on=today,
        due_on=today,
    )
    RoundReturn.objects.create(round=opened, department=place.section)
    assert "上半期の進捗報告" in signed_in(place.head).get(PAGE).content.decode()
    assert "上半期の進捗報告" not in signed_in(place.employee).get(PAGE).content.decode()


def test_the_words_are_the_municipalitys_own(place: Town) -> None:
    StatusWord.objects.create(
        municipality=place.municipality, word="B 目標どおり", progress="on_track", shown=True
    )
    mine(place, "窓口")
    assert "B 目標どおり" in signed_in(place.employee).get(PAGE).content.decode()


def test_what_came_up_to_the_head_stands_below(place: Town) -> None:
    found = mine(place, "上がってきた取組")
    Digest.objects.create(
        municipality=place.municipality,
        user=place.head,
        day=timezone.localdate() - dt.timedelta(days=3),
        items=[{"key": "report-1", "reason": "stale", "initiative": found.pk, "level": 1}],
    )
    html = signed_in(place.head).get(PAGE).content.decode()
    assert "上がってきた取組" in html[html.index("h-besides") :]
    assert "上がってきた取組" not in signed_in(place.promoter).get(PAGE).content.decode()


def test_whoever_answers_for_nothing_reads_why(place: Town) -> None:
    html = signed_in(place.office).get(PAGE).content.decode()
    assert "担当している取組はありません" in html
