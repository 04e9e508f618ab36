"""The administrator's pages: people, roles, posts, departments."""

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from dxportal.accounts import hooks
from dxportal.accounts.access import Permission, can
from dxportal.accounts.actions.organisation import ParentBelow, save_department
from dxportal.accounts.actions.roles import LastAdministrator, end_role, grant_role
from dxportal.accounts.choices import DepartmentKind, Role
from dxportal.accounts.models import Assignment, Department, Event, Post, RoleGrant, User
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture
def admin() -> User:
    town = factories.municipality("見本市", staircase=False)
    return factories.user(town, role=Role.ADMIN, name="管理 者")


@pytest.fixture
def desk(admin) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def url(name: str, *args: object) -> str:
    return reverse(f"accounts:{name}", args=args)


def one_time(response) -> str:
    """The password that a page shows."""
    found = re.search(r'id="one-time-password">([^<]+)<', response.content.decode())
    return found.group(1) if found else ""


def person_fields(**fields: object) -> dict[str, object]:
    return {
        "name": "山田 花子",
        "email": "Hanako@mihon.example",
        "employment": "regular",
        "department": "",
        **fields,
    }


def test_list_finds_by_name_mail_and_department_and_never_elsewhere(admin, desk):
    town = admin.municipality
    section = factories.department(town, "市民課")
    factories.user(town, of=section, name="佐藤 一郎", email="ichiro@mihon.example")
    factories.user(factories.municipality("余所市", staircase=False), name="佐藤 余所")

    for wish in ("佐藤", "ICHIRO", "市民"):
        text = desk.get(url("people_list"), {"q": wish}).content.decode()
        assert "佐藤 一郎" in text
        assert "佐藤 余所" not in text
        assert "管理 者" not in text.split('id="people-table"')[1]
    assert "佐藤" not in desk.get(url("people_list"), {"q": "鈴木"}).content.decode()


@pytest.mark.parametrize("number", [1, 60])
def test_list_asks_the_database_the_same_number_of_times(
    admin, desk, number, django_assert_num_queries
):
    section = factories.department(admin.municipality)
    for _ in range(number):
        factories.user(admin.municipality, of=section, role=Role.HEAD)
    desk.get(url("people_list"))  # warm what is asked once a process

    with django_assert_num_queries(11):
        text = desk.get(url("people_list")).content.decode()

    assert text.count('id="person-row-') == min(number + 1, 50)


def test_search_by_htmx_draws_only_the_table(desk):
    response = desk.get(url("people_list"), headers={"HX-Request": "true"})
    assert response.content.decode().lstrip().startswith('<div id="people-table">')


def test_new_person_can_sign_in_with_the_password_shown_once(admin, desk):
    section = factories.department(admin.municipality)
    page = desk.post(url("person_create"), person_fields(department=section.pk))

    person = User.objects.get(email="hanako@mihon.example")
    password = one_time(page)
    assert (person.department, person.municipality) == (section, admin.municipality)
    assert person.check_password(password)
    assert "no-store" in page.headers["Cache-Control"]
    assert f'href="{url("person_roles", person.pk)}"' in page.content.decode()
    assert password not in desk.get(url("person_edit", person.pk)).content.decode()
    event = Event.objects.get(action="person.created")
    assert (event.actor_id, event.object_id) == (admin.pk, str(person.pk))
    assert password not in str(event.__dict__)


def test_mail_of_another_municipality_is_refused_in_the_words_used_at_home(admin, desk):
    factories.user(factories.municipality(staircase=False), email="away@mihon.example")
    factories.user(admin.municipality, email="home@mihon.example")

    pages = [
        desk.post(url("person_create"), person_fields(email=f"{where}@mihon.example"))
        for where in ("away", "home")
    ]

    assert [page.status_code for page in pages] == [422, 422]
    errors = [re.findall(r'<ul class="errorlist".*?</ul>', p.content.decode()) for p in pages]
    assert errors[0] == errors[1] != []
    assert User.objects.count() == 3


def test_department_of_another_municipality_is_no_choice(desk):
    away = factories.department(factories.municipality(staircase=False), "余所課")
    assert "余所課" not in desk.get(url("person_create")).content.decode()
    response = desk.post(url("person_create"), person_fields(department=away.pk))
    assert response.status_code == 422


def test_edit_changes_and_tells_before_and_after(admin, desk):
    person = factories.user(admin.municipality, name="旧姓 花子")
    fields = person_fields(email=person.email, is_active="on")
    assert desk.post(url("person_edit", person.pk), fields).status_code == 302

    event = Event.objects.get(action="person.edited")
    assert event.before == {"name": "旧姓 花子"}
    assert event.after == {"name": "山田 花子"}


def test_saving_without_a_change_leaves_no_event(admin, desk):
    person = factories.user(admin.municipality)
    fields = person_fields(name=person.name, email=person.email, is_active="on")
    desk.post(url("person_edit", person.pk), fields)
    assert not Event.objects.filter(action="person.edited").exists()


def test_disabled_person_is_out_at_the_next_request(admin, desk):
    person = factories.user(admin.municipality)
    theirs = Client()
    theirs.force_login(person)
    assert theirs.get(url("password_change")).status_code == 200

    desk.post(url("person_edit", person.pk), person_fields(email=person.email))

    assert theirs.get(url("password_change")).status_code == 302


def test_nobody_disables_themselves(admin, desk):
    desk.post(url("person_edit", admin.pk), person_fields(email=admin.email))
    admin.refresh_from_db()
    assert admin.is_active


def test_password_reset_ends_every_session_and_the_old_password(admin, desk):
    person = factories.user(admin.municipality)
    theirs = Client()
    theirs.force_login(person)

    password = one_time(desk.post(url("person_reset_password", person.pk)))

    assert theirs.get(url("password_change")).status_code == 302
    person.refresh_from_db()
    assert person.check_password(password)
    assert not person.check_password(factories.PASSWORD)
    assert Event.objects.get(action="person.password_reset").after == {}


def test_own_password_is_changed_elsewhere(admin, desk):
    response = desk.post(url("person_reset_password", admin.pk))
    assert response.headers["Location"] == url("password_change")
    admin.refresh_from_db()
    assert admin.check_password(factories.PASSWORD)


# Roles -------------------------------------------------------------------------------------------
def test_role_given_and_ended_counts_at_the_next_request(admin, desk):
    section = factories.department(admin.municipality)
    person = factories.user(admin.municipality)
    fields = {"role": "head", "department": section.pk, "valid_from": "2026-04-01", "how": "辞令"}

    assert desk.post(url("person_roles", person.pk), fields).status_code == 302
    grant = RoleGrant.objects.get(user=person)
    assert can(User.objects.get(pk=person.pk), Permission.CONFIRM_CRITERIA, section.pk)
    assert "辞令" in desk.get(url("person_roles", person.pk)).content.decode()
    assert desk.post(url("person_roles", person.pk), fields).status_code == 422

    assert desk.post(url("role_end", grant.pk), {"on": "2026-05-01"}).status_code == 302
    assert not can(User.objects.get(pk=person.pk), Permission.CONFIRM_CRITERIA, section.pk)
    actions = list(Event.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["role.granted", "role.ended"]


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "head", "valid_from": "2026-04-01"},
        {"role": "host", "valid_from": "2026-04-01"},
        {"role": "employee", "valid_from": "2026-04-01"},
        {"role": "cdo", "valid_from": "2026-04-01", "valid_to": "2026-04-01"},
        {"role": "cdo", "valid_from": "昨日"},
        {},
    ],
)
def test_role_that_makes_no_sense_is_refused(admin, desk, fields):
    person = factories.user(admin.municipality)
    assert desk.post(url("person_roles", person.pk), fields).status_code == 422
    assert not RoleGrant.objects.filter(user=person).exists()


def test_role_ended_before_it_began_is_gone(admin):
    grant = grant_role(
        factories.user(admin.municipality),
        Role.CDO,
        department=None,
        valid_from=TODAY,
        valid_to=None,
        how="",
        by=admin,
    )
    end_role(grant, on=TODAY, by=admin)
    assert not RoleGrant.objects.filter(role=Role.CDO).exists()


def test_last_administrator_stays(admin, desk):
    grant = admin.grants.get()
    other = factories.user(admin.municipality, role=Role.ADMIN, is_active=False)
    with pytest.raises(LastAdministrator):
        end_role(grant, on=TODAY, by=admin)
    desk.post(url("role_end", grant.pk), {"on": "2026-07-01"})
    assert RoleGrant.objects.filter(pk=grant.pk, valid_to=None).exists()

    User.objects.filter(pk=other.pk).update(is_active=True)
    end_role(grant, on=TODAY, by=other)
    assert not RoleGrant.objects.filter(pk=grant.pk, valid_to=None).exists()


def test_role_table_is_the_table_that_is_obeyed(desk):
    text = desk.get(url("role_table")).content.decode()
    assert text.count("<tr>") == len(Permission) + 1


# Posts -------------------------------------------------------------------------------------------
def test_post_is_created_taken_and_left(admin, desk):
    section = factories.department(admin.municipality, "市民課")
    person = factories.user(admin.municipality, name="佐藤 一郎")
    fields = {"department": section.pk, "name": "市民課長", "is_head": "on"}

    assert desk.post(url("post_create"), fields).status_code == 302
    assert desk.post(url("post_create"), fields).status_code == 422
    post = Post.objects.get()
    seat = {"email": person.email, "valid_from": "2026-04-01"}
    assert desk.post(url("assignment_create", post.pk), seat).status_code == 302
    assert desk.post(url("assignment_create", post.pk), seat).status_code == 422
    assert "佐藤 一郎" in desk.get(url("post_list")).content.decode()

    seated = Assignment.objects.get()
    desk.post(url("assignment_end", seated.pk), {"on": "2026-05-01"})
    seated.refresh_from_db()
    assert seated.valid_to == dt.date(2026, 5, 1)
    actions = list(Event.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["post.created", "post.assigned", "post.vacated"]
    assert set(Event.objects.values_list("municipality_id", flat=True)) == {admin.municipality_id}


def test_post_is_not_given_to_somebody_elsewhere(admin, desk):
    post = factories.post(factories.department(admin.municipality))
    away = factories.user(factories.municipality(staircase=False))
    seat = {"email": away.email, "valid_from": "2026-04-01"}
    assert desk.post(url("assignment_create", post.pk), seat).status_code == 422
    assert not Assignment.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_post_list_asks_the_same_number_of_times(admin, desk, number, django_assert_num_queries):
    for _ in range(number):
        section = factories.department(admin.municipality)
        factories.post(section, held_by=factories.user(admin.municipality, of=section))
    desk.get(url("post_list"))
    with django_assert_num_queries(10):
        desk.get(url("post_list"))


# Departments -------------------------------------------------------------------------------------
def department_fields(**fields: object) -> dict[str, object]:
    return {
        "name": "市民課",
        "code": "010",
        "kind": "section",
        "parent": "",
        "stands": "on",
        "valid_from": "2026-04-01",
        **fields,
    }


def test_department_is_created_and_listeners_hear_of_it(admin, desk, monkeypatch):
    heard: list[int] = []
    monkeypatch.setattr(hooks, "organisation_changed", [heard.append])
    bureau = factories.department(admin.municipality, "市民部", kind=DepartmentKind.BUREAU)

    response = desk.post(url("department_create"), department_fields(parent=bureau.pk))

    assert response.status_code == 302
    made = Department.objects.get(code="010")
    assert (made.bureau, made.stands) == (bureau, True)
    assert heard == [admin.municipality_id]
    assert desk.post(url("department_create"), department_fields()).status_code == 422
    assert Event.objects.get().action == "department.created"


def test_staff_without_an_account_stay_as_they_are_where_nothing_is_typed(admin, desk):
    section = factories.department(admin.municipality, "清掃事務所")
    fields = department_fields(code=section.code)

    desk.post(url("department_edit", section.pk), {**fields, "without_account": "6"})
    desk.post(url("department_edit", section.pk), {**fields, "without_account": ""})

    section.refresh_from_db()
    assert section.without_account == 6
    wrong = {**fields, "without_account": "-1"}
    assert desk.post(url("department_edit", section.pk), wrong).status_code == 422


def test_department_moved_takes_those_below_to_the_new_bureau(admin):
    town = admin.municipality
    old, new = (
        factories.department(town, name, kind=DepartmentKind.BUREAU) for name in ("旧部", "新部")
    )
    section = factories.department(town, parent=old)
    team = factories.department(town, parent=section, kind=DepartmentKind.TEAM)

    save_department(section, municipality=town, by=admin, parent=new)

    for moved in (section, team):
        moved.refresh_from_db()
        assert moved.bureau == new


def test_department_never_lies_below_itself(admin):
    town = admin.municipality
    section = factories.department(town)
    team = factories.department(town, parent=section, kind=DepartmentKind.TEAM)
    with pytest.raises(ParentBelow):
        save_department(section, municipality=town, by=admin, parent=team)


def test_municipality_is_edited(admin, desk):
    fields = {"name": "新見本市", "size_band": "city_100k", "calendar_style": "both"}
    assert desk.post(url("municipality_edit"), fields).status_code == 302
    admin.municipality.refresh_from_db()
    assert admin.municipality.name == "新見本市"
    assert Event.objects.get().before["name"] == "見本市"
    assert desk.post(url("municipality_edit"), {**fields, "name": ""}).status_code == 422
