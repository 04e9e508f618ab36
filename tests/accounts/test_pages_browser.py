"""Pages of accounts in a browser: axe finds nothing, nothing overflows, typed text survives."""

import os
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from dxportal.accounts.actions.messages import notify
from dxportal.accounts.actions.people import edit_person
from dxportal.accounts.choices import DepartmentKind, Role
from dxportal.accounts.models import User
from tests import factories
from tests.axe import axe_complaints

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (375, 1280)


@pytest.fixture
def admin() -> User:
    """An administrator among bureaus, posts and people."""
    town = factories.municipality("見本市", staircase=False)
    bureau = factories.department(town, "市民生活部", kind=DepartmentKind.BUREAU)
    sections = [factories.department(town, name, parent=bureau) for name in ("市民課", "税務課")]
    factories.post(sections[0], "市民課長", is_head=True)
    for number, section in enumerate(sections):
        role = (Role.HEAD, Role.PROMOTER)[number]
        person = factories.user(
            town, of=section, role=role, name=("佐藤 一郎", "鈴木 花子")[number]
        )
        factories.post(section, f"{section}係長", held_by=person)
    return factories.user(town, of=sections[1], role=Role.ADMIN, name="管理 太郎")


def check(page: Page, name: str) -> None:
    """axe and the page's width, at both sizes."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 812})
        found = axe_complaints(page)
        assert found.violations_count == 0, f"{name} {width}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} {width}"
        if folder := os.environ.get("DXPORTAL_SHOTS"):
            page.screenshot(path=f"{folder}/{name}_{width}.png", full_page=True)


def enter(page: Page, person: User, password: str = factories.PASSWORD) -> None:
    """Sign in as a person does."""
    page.fill("[name=email]", person.email)
    page.fill("[name=password]", password)
    page.click("main form button")


def test_sign_in_pages(page: Page, admin: User) -> None:
    cache.clear()
    page.goto("/accounts/password/")
    check(page, "sign_in")
    enter(page, admin, "wrong password")
    check(page, "sign_in_wrong")
    enter(page, admin)
    assert page.url.endswith("/accounts/password/")
    check(page, "password_change")
    page.click("main form button")
    check(page, "password_change_errors")


def test_typed_text_survives_the_end_of_a_session(page: Page, admin: User) -> None:
    cache.clear()
    person = User.objects.get(name="佐藤 一郎")
    page.goto(reverse("accounts:person_edit", args=[person.pk]))
    enter(page, admin)
    page.fill("[name=name]", "佐藤 二郎")
    cache.clear()
    page.click("form.form.card >> text=保存")
    check(page, "session_ended")
    enter(page, admin)
    check(page, "replay")
    page.click("main form button")
    page.wait_for_url("**/accounts/people/")
    person.refresh_from_db()
    assert person.name == "佐藤 二郎"


@pytest.mark.parametrize(
    "name",
    [
        "people_list",
        "person_create",
        "post_list",
        "post_create",
        "department_list",
        "department_create",
        "municipality_edit",
        "role_table",
        "event_list",
        "notice_list",
    ],
)
def test_page_of_the_administrator(page: Page, admin: User, sign_in: Any, name: str) -> None:
    person = User.objects.get(name="佐藤 一郎")
    edit_person(person, by=admin, name="佐藤 次郎", is_active=False)
    for key, path in (("a", "/accounts/roles/"), ("b", "")):
        notify(
            [admin],
            subject="困りごとにお返事が届きました",
            body="「二重入力」に返事をしました。",
            path=path,
            key=key,
            municipality=admin.municipality or 0,
            now=timezone.now(),
        )
    sign_in(admin)
    page.goto(reverse(f"accounts:{name}"))
    check(page, name)


def test_pages_of_one_thing(page: Page, admin: User, sign_in: Any) -> None:
    person = User.objects.get(name="鈴木 花子")
    sign_in(admin)
    post = person.assignments.get().post
    for name, pk in (
        ("person_roles", person.pk),
        ("post_edit", post.pk),
        ("department_edit", post.department_id),
        ("person_edit", person.pk),
    ):
        page.goto(reverse(f"accounts:{name}", args=[pk]))
        check(page, name)
    page.click("text=新しいパスワードを出す")
    check(page, "person_password")


def test_search_swaps_the_table_and_keeps_the_address(
    page: Page, admin: User, sign_in: Any
) -> None:
    sign_in(admin)
    page.goto(reverse("accounts:people_list"))
    page.fill("#q", "鈴木")
    page.wait_for_url("**?q=*")
    page.wait_for_function("!document.querySelector('#people-table').innerText.includes('佐藤')")
    swapped = page.inner_text("#people-table")
    page.reload()
    assert page.inner_text("#people-table") == swapped


def test_page_of_the_host(page: Page, admin: User, sign_in: Any) -> None:
    sign_in(factories.user(None, role=Role.HOST))
    page.goto(reverse("accounts:installation"))
    check(page, "installation")
