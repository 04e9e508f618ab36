"""The staircase page: who sees which names, what is counted, and in how many statements."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import DepartmentKind
from dxportal.accounts.models import Department, Municipality, User
from roadmap import rollups
from roadmap.actions.assessments import Claim, confirm_criteria
from roadmap.marks import DEPARTMENT, mark
from roadmap.models import Assessment, Criterion, MeasuredValue
from tests import factories

pytestmark = pytest.mark.django_db
PATH = "/dashboard/"


@pytest.fixture
def city() -> Municipality:
    return factories.municipality("青空市")


def place(
    city: Municipality, name: str, *, technology: int, culture: int | None, head: User
) -> Department:
    """A department that stands on the given steps (1 or 2)."""
    section = factories.department(city, name)
    today = timezone.localdate()
    level = 3 if technology == 2 else 1
    for criterion in Criterion.objects.filter(stage__municipality=city, stage__axis="technology"):
        if criterion.stage.step == 1 and criterion.mandatory and criterion.source == "declared":
            confirm_criteria(section, {criterion.pk: Claim(level, "根拠")}, by=head, on=today)
    measured = ["T1-3"] if technology == 2 else []
    measured += ["C1-1", "C1-2"] if culture == 2 else []
    for code in measured:
        MeasuredValue.objects.create(
            criterion=Criterion.objects.get(stage__municipality=city, code=code),
            department=section,
            level=3,
            measured_on=today,
            expires_on=today + dt.timedelta(days=300),
        )
    if culture is not None:
        code, level = ("C1-3", 3 if culture == 2 else 1)
        criterion = Criterion.objects.get(stage__municipality=city, code=code)
        confirm_criteria(section, {criterion.pk: Claim(level, "根拠")}, by=head, on=today)
    return section


def count(city: Municipality) -> None:
    rollups.roll_up(city.pk, as_of=timezone.localdate(), full=True)


def sign_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def test_cdo_sees_departments_by_name_on_both_axes(client: Client, city: Municipality) -> None:
    cdo = factories.user(city, role="cdo")
    place(city, "市民課", technology=2, culture=2, head=cdo)
    place(city, "農政課", technology=1, culture=1, head=cdo)
    count(city)
    response = sign_in(client, cdo).get(PATH)
    rows = response.context["data"].picture.rows
    where = {
        chip.name: (cell.technology, row.step.step)
        for row in rows
        for cell in row.cells
        for chip in cell.chips
    }
    assert where == {"市民課": (2, 2), "農政課": (1, 1)}
    assert "市民課" in response.content.decode()


@pytest.mark.parametrize("role", ["auditor", "head", "employee"])
def test_others_see_culture_as_numbers_only(client: Client, city: Municipality, role: Any) -> None:
    four_places(city)
    viewer = factories.user(city, role=role, of=factories.department(city, "自分の課"))
    response = sign_in(client, viewer).get(PATH)
    data = response.context["data"]
    assert len(data.picture.rows) == 1, "no name stands on a culture step"
    assert [step.here for step in data.picture.culture] == [2, 2, 0]
    assert ("市民課" in response.content.decode()) == (role != "employee")


def four_places(city: Municipality) -> None:
    """Two on each step of culture: so many that the numbers tell of none of them."""
    cdo = factories.user(city, role="cdo")
    for name, culture in (("市民課", 2), ("農政課", 1), ("税務課", 1), ("福祉課", 2)):
        place(city, name, technology=1, culture=culture, head=cdo)
    count(city)


@pytest.mark.parametrize("role", ["auditor", "head", "employee"])
def test_others_get_no_sum_of_culture_from_which_one_could_be_taken_away(
    client: Client, city: Municipality, role: Any
) -> None:
    four_places(city)
    sign_in(client, factories.user(city, role=role, of=factories.department(city, "自分の課")))
    page = client.get(reverse("dashboards:stage_detail", args=["culture", 1]))
    stage, text = page.context["stage"], page.content.decode()
    assert (stage.veiled, stage.told, stage.here) == (True, True, 2)
    assert stage.step.firmness != stage.firmness == 5 * round(stage.step.firmness / 5)
    tally = stage.step.tally
    for exact in (f"{stage.step.firmness}%", f"{tally.level_sum} /", f'"{tally.level_sum}"'):
        assert exact not in text
    technology = client.get(reverse("dashboards:stage_detail", args=["technology", 1]))
    assert not technology.context["stage"].veiled


@pytest.mark.parametrize("role", ["auditor", "head", "employee"])
def test_culture_that_would_tell_of_single_departments_is_told_to_nobody_else(
    client: Client, city: Municipality, role: Any
) -> None:
    cdo = factories.user(city, role="cdo")
    place(city, "市民課", technology=1, culture=2, head=cdo)
    place(city, "農政課", technology=1, culture=1, head=cdo)
    count(city)
    viewer = factories.user(city, role=role, of=factories.department(city, "自分の課"))
    page = sign_in(client, viewer).get(PATH)
    assert page.context["data"].picture.culture == []
    assert 'id="culture-not-told"' in page.content.decode()
    stage = client.get(reverse("dashboards:stage_detail", args=["culture", 1]))
    assert 'id="parts"' not in stage.content.decode()
    assert stage.context["stage"].firmness is None


def test_head_cannot_ask_for_the_culture_of_a_colleague(client: Client, city: Municipality) -> None:
    own = factories.department(city, "自分の課")
    head = factories.user(city, role="head", of=own)
    other = place(city, "市民課", technology=1, culture=2, head=head)
    count(city)
    sign_in(client, head)
    page = client.get(PATH, {"department": other.pk, "culture": "2"})
    assert [stair.axis for stair in page.context["chosen"].stairs] == ["technology"]
    listed = client.get(reverse("dashboards:department_list"), {"culture": "1"})
    assert "市民課" in listed.content.decode(), "the culture filter is ignored"
    detail = client.get(other.get_absolute_url())
    assert [stair.axis for stair in detail.context["stairs"]] == ["technology"]


def test_department_without_data_is_named_below_and_never_on_a_step(
    client: Client, city: Municipality
) -> None:
    cdo = factories.user(city, role="cdo")
    place(city, "市民課", technology=1, culture=1, head=cdo)
    factories.department(city, "会計課")
    count(city)
    data = sign_in(client, cdo).get(PATH).context["data"]
    (missing,) = data.picture.missing
    assert (missing.reason, [place.name for place in missing.places]) == (
        "technology",
        ["会計課"],
    )


def test_empty_portal_offers_ways_in(client: Client, city: Municipality) -> None:
    page = sign_in(client, factories.user(city, role="dx_office")).get(PATH)
    assert page.context["data"].moment is None
    assert "/initiatives/import/" in page.content.decode()


IMPORTS = {"/departments/import/", "/accounts/people/import/", "/initiatives/import/"}


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("dx_office", {"/departments/import/", "/initiatives/import/"}),
        ("admin", {"/departments/import/", "/accounts/people/import/"}),
        ("cdo", set()),
        (None, set()),
    ],
)
@pytest.mark.parametrize("counted", [False, True])
def test_imports_are_offered_to_those_who_may_until_there_is_an_initiative(
    client: Client, city: Municipality, role: Any, offered: set[str], counted: bool
) -> None:
    sign_in(client, factories.user(city, role=role))
    if counted:
        count(city)

    def shown() -> set[str]:
        html = client.get(PATH).content.decode()
        return {path for path in IMPORTS if f'href="{path}"' in html}

    assert shown() == offered
    factories.initiative(city, "電子申請")
    count(city)
    assert shown() == set()


def test_page_says_how_many_changes_are_not_in_it(client: Client, city: Municipality) -> None:
    cdo = factories.user(city, role="cdo")
    section = place(city, "市民課", technology=1, culture=1, head=cdo)
    count(city)
    mark(city.pk, DEPARTMENT, [section.pk])
    data = sign_in(client, cdo).get(PATH).context["data"]
    assert data.counted.waiting == 1


def test_movers_are_marked_against_the_compared_month(client: Client, city: Municipality) -> None:
    cdo = factories.user(city, role="cdo")
    section = place(city, "市民課", technology=2, culture=1, head=cdo)
    earlier = timezone.localdate().replace(day=1) - dt.timedelta(days=1)
    first = Criterion.objects.get(stage__municipality=city, code="T1-1")
    Assessment.objects.create(
        department=section,
        criterion=first,
        level=1,
        confirmed_by=cdo,
        confirmed_on=earlier,
        expires_on=earlier + dt.timedelta(days=300),
    )
    rollups.roll_up(city.pk, as_of=earlier, history=True)
    count(city)
    data = sign_in(client, cdo).get(PATH).context["data"]
    assert [(row.place.name, row.move) for row in data.table.rows] == [("市民課", "up")]
    assert [move.text for move in data.table.rows[0].moves] == ["技術 1→2"]
    assert data.phrases[0][1].value == 1


@pytest.mark.parametrize("sections", [1, 3])
def test_dashboard_takes_a_fixed_number_of_statements(
    client: Client, city: Municipality, sections: int
) -> None:
    cdo = factories.user(city, role="cdo")
    for number in range(sections):
        bureau = factories.department(city, f"{number}部", kind=DepartmentKind.BUREAU)
        section = place(city, f"{number}課", technology=1, culture=1, head=cdo)
        Department.objects.filter(pk=section.pk).update(parent=bureau, bureau=bureau)
    count(city)
    sign_in(client, cdo)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(PATH)
    assert len(queries) == QUERIES


#: Person, scope, roles, notices: 4. The panels: 22 (and at most 14 more with surveys).
QUERIES = 27


def test_head_confirms_what_changed_and_the_rest_in_one_click(
    client: Client, city: Municipality
) -> None:
    section = factories.department(city, "市民課")
    head = factories.user(city, role="head", of=section)
    one, two = (
        Criterion.objects.get(stage__municipality=city, code=code) for code in ("T1-1", "T1-2")
    )
    long_ago = timezone.localdate() - dt.timedelta(days=100)
    confirm_criteria(
        section, {one.pk: Claim(1, ""), two.pk: Claim(2, "共有")}, by=head, on=long_ago
    )
    sign_in(client, head)
    path = reverse("dashboards:department_assess", args=[section.pk])
    assert client.get(path).status_code == 200
    answer = {
        f"level_{one.pk}": "3",
        f"evidence_{one.pk}": "帳票一覧",
        f"level_{two.pk}": "2",
        f"evidence_{two.pk}": "共有",
    }
    assert client.post(path, answer).status_code == 302
    latest = {
        row.criterion_id: (row.level, row.confirmed_on)
        for row in section.assessments.latest_on(timezone.localdate())
    }
    today = timezone.localdate()
    assert latest == {one.pk: (3, today), two.pk: (2, today)}


def test_firm_without_evidence_is_refused_and_the_choice_stays(
    client: Client, city: Municipality
) -> None:
    section = factories.department(city, "市民課")
    head = factories.user(city, role="head", of=section)
    one = Criterion.objects.get(stage__municipality=city, code="T1-1")
    sign_in(client, head)
    path = reverse("dashboards:department_assess", args=[section.pk])
    response = client.post(path, {f"level_{one.pk}": "3"})
    assert response.status_code == 422
    assert not section.assessments.exists()
    form = response.context["form"]
    assert form[f"level_{one.pk}"].value() == "3"
    assert form.errors.keys() == {f"evidence_{one.pk}"}


def test_colleagues_and_strangers_cannot_confirm(client: Client, city: Municipality) -> None:
    section = factories.department(city, "市民課")
    path = reverse("dashboards:department_assess", args=[section.pk])
    other = factories.user(city, role="head", of=factories.department(city, "農政課"))
    stranger = factories.user(factories.municipality("よそ市"), role="dx_office")
    office = factories.user(city, role="dx_office")
    assert sign_in(client, other).get(path).status_code == 403
    assert sign_in(client, office).get(path).status_code == 403
    assert sign_in(client, stranger).get(path).status_code == 404


def test_bureau_head_confirms_for_the_sections_below(client: Client, city: Municipality) -> None:
    bureau = factories.department(city, "市民部", kind=DepartmentKind.BUREAU)
    section = factories.department(city, "市民課", parent=bureau)
    director = factories.user(city, role="head", of=bureau)
    path = reverse("dashboards:department_assess", args=[section.pk])
    assert sign_in(client, director).get(path).status_code == 200
