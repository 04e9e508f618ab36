"""`found_municipality`: the first step of an installation, as the application's own role."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.access import roles_of
from dxportal.accounts.choices import Role, SizeBand
from dxportal.accounts.models import Event, Municipality, RoleGrant, User
from roadmap.content import CRITERIA, STAGES, THEMES
from roadmap.models import Criterion, DirtyMark, Stage, Theme
from tests import factories

pytestmark = pytest.mark.django_db

CODE, NAME = "131016", "千代田区"
EMAIL = "taro@city.example"
PASSWORD = re.compile(r"[a-z0-9]{4}(?:-[a-z0-9]{4}){3}")


def found(code: str = CODE, name: str = NAME, email: str = EMAIL, *more: str) -> str:
    """Run it and return what it printed."""
    out = StringIO()
    who = ["--admin-email", email, "--admin-name", "山田太郎"]
    call_command("found_municipality", code, name, *who, *more, stdout=out)
    return out.getvalue()


def refusal(*arguments: str) -> str:
    """What it says when it refuses; nothing is left behind."""
    before = counts()
    with pytest.raises(CommandError) as error:
        found(*arguments)
    assert counts() == before
    return str(error.value)


def counts() -> list[int]:
    """How much there is of everything that the command writes."""
    models = (Municipality, User, RoleGrant, Stage, Criterion, Theme, Event, DirtyMark)
    return [model.objects.count() for model in models]


def test_founds_a_municipality_with_its_staircases_and_one_administrator() -> None:
    printed = found(CODE, NAME, " Taro@City.example ", "--size", "ward")
    place = Municipality.objects.get()
    assert (place.code, place.name, place.size_band) == (CODE, NAME, SizeBand.WARD)
    assert Stage.objects.filter(municipality=place).count() == len(STAGES)
    assert Criterion.objects.filter(stage__municipality=place).count() == len(CRITERIA)
    assert Theme.objects.filter(municipality=place).count() == len(THEMES)
    admin = User.objects.get()
    assert (admin.email, admin.name, admin.municipality) == (EMAIL, "山田太郎", place)
    assert roles_of(admin).keys() == {Role.ADMIN, Role.EMPLOYEE}
    grant = RoleGrant.objects.get()
    assert (grant.valid_from, grant.valid_to) == (timezone.localdate(), None)
    assert CODE in printed
    assert EMAIL in printed
    assert len(PASSWORD.findall(printed)) == 1


def test_administrator_signs_in_with_the_printed_password_and_makes_a_dx_office() -> None:
    (password,) = PASSWORD.findall(found())
    desk = Client()
    signed_in = desk.post(
        reverse("accounts:sign_in"), {"email": EMAIL, "password": password}, follow=True
    )
    assert signed_in.status_code == 200
    assert signed_in.context["user"].email == EMAIL
    new = {"name": "鈴木", "email": "dx@city.example", "employment": "regular", "is_active": "on"}
    assert desk.post(reverse("accounts:person_create"), new).status_code == 200
    office = User.objects.get(email="dx@city.example")
    role = {"role": "dx_office", "valid_from": str(timezone.localdate()), "how": "辞令"}
    answer = desk.post(reverse("accounts:person_roles", args=[office.pk]), role)
    assert answer.status_code == 302
    assert Role.DX_OFFICE in roles_of(User.objects.get(pk=office.pk))


def test_everything_is_audited_as_done_by_a_command_in_that_municipality() -> None:
    password = PASSWORD.findall(found())[0]
    place = Municipality.objects.get()
    events = Event.objects.order_by("pk")
    assert [event.action for event in events] == [
        "municipality.created",
        "staircase.copied",
        "themes.copied",
        "tags.copied",
        "set_up.begun",
        "person.created",
        "role.granted",
    ]
    assert {event.channel for event in events} == {"command"}
    assert {event.municipality_id for event in events} == {place.pk}
    assert {event.actor_id for event in events} == {None}
    assert not any(password in f"{event.before}{event.after}" for event in events)


def test_works_in_the_scope_of_the_new_municipality() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found()
    place = Municipality.objects.get()
    written = [query["sql"] for query in queries.captured_queries]
    scope = next(i for i, sql in enumerate(written) if "set_config('app.municipality'" in sql)
    assert f"'{place.pk}'" in written[scope]
    for table in ("roadmap_stage", "roadmap_theme", "accounts_user", "accounts_rolegrant"):
        assert scope < next(i for i, sql in enumerate(written) if f'INSERT INTO "{table}"' in sql)


def test_second_call_says_that_it_exists_and_changes_nothing() -> None:
    (password,) = PASSWORD.findall(found())
    before, hashed = counts(), User.objects.get().password
    again = found(CODE, NAME, EMAIL, "--size", "city_150k")
    assert CODE in again
    assert not PASSWORD.search(again)
    assert counts() == before
    assert Municipality.objects.get().size_band == SizeBand.CITY_SMALL
    assert User.objects.get().password == hashed
    assert User.objects.get().check_password(password)


@pytest.mark.parametrize(
    ("name", "email"), [("別の区", EMAIL), (NAME, "other@city.example")], ids=["name", "e-mail"]
)
def test_taken_code_is_refused_for_another_name_or_administrator(name: str, email: str) -> None:
    found()
    text = refusal(CODE, name, email)
    assert CODE in text
    assert NAME in text


@pytest.mark.parametrize("code", ["131017", "13101", "１３１０１６", "abcdef", ""])
def test_code_with_a_wrong_check_digit_is_refused(code: str) -> None:
    assert code in refusal(code)
    assert not Municipality.objects.exists()


def test_taken_email_founds_nothing() -> None:
    factories.user(factories.municipality(), email=EMAIL)
    assert EMAIL in refusal(CODE, NAME, "TARO@city.example")
    assert not Municipality.objects.filter(code=CODE).exists()


@pytest.mark.parametrize(("name", "email"), [(NAME, "no-address"), ("", EMAIL), ("市" * 61, EMAIL)])
def test_name_and_email_are_checked_as_on_the_pages(name: str, email: str) -> None:
    refusal(CODE, name, email)
    assert not Municipality.objects.exists()


def test_second_municipality_on_the_same_installation_keeps_to_itself() -> None:
    found()
    found("132012", "八王子市", "jiro@hachioji.example")
    first, second = Municipality.objects.order_by("pk")
    assert User.objects.get(email=EMAIL).municipality == first
    assert User.objects.get(email="jiro@hachioji.example").municipality == second
    assert Stage.objects.filter(municipality=second).count() == len(STAGES)
