"""Signing in, guessing, leaving, and a form whose session ended."""

import re

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from dxportal.accounts.carry import LAST_USER
from dxportal.accounts.models import Event, User
from tests import factories

pytestmark = pytest.mark.django_db

SIGN_IN = "/accounts/sign-in/"
PASSWORD_PAGE = "/accounts/password/"


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture
def person() -> User:
    return factories.user(factories.municipality(staircase=False))


def enter(client: Client, person: User, password: str = factories.PASSWORD, **more: str):
    """One try."""
    return client.post(SIGN_IN, {"email": person.email, "password": password, **more})


def actions_of(person: User) -> list[str]:
    """What was recorded about a person, oldest first."""
    return list(
        Event.objects.about("user", person.pk).order_by("id").values_list("action", flat=True)
    )


def hidden(response, name: str) -> str:
    """The value of the last hidden field of that name on a page."""
    found = re.findall(rf'name="{name}" value="([^"]*)"', response.content.decode())
    return found[-1] if found else ""


def test_page_asks_strangers_to_sign_in_and_then_leads_on(client, person):
    response = client.get(PASSWORD_PAGE)
    assert response.headers["Location"] == f"{SIGN_IN}?next={PASSWORD_PAGE}"
    assert hidden(client.get(response.headers["Location"]), "next") == PASSWORD_PAGE

    response = enter(client, person, next=PASSWORD_PAGE)

    assert response.headers["Location"] == PASSWORD_PAGE
    assert client.get(PASSWORD_PAGE).status_code == 200
    assert client.session["draft_binding"] == person.get_session_auth_hash()
    assert actions_of(person) == ["sign_in"]


def test_sign_in_ignores_the_case_of_an_email(client, person):
    response = client.post(SIGN_IN, {"email": person.email.upper(), "password": factories.PASSWORD})
    assert response.status_code == 302


@pytest.mark.parametrize(
    "wish",
    [
        *("https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"),
        *("a\x00b", "-1", "[]", "no-such-name"),
    ],
)
def test_sign_in_never_leads_to_another_host(client, person, wish):
    assert enter(client, person, next=wish).headers["Location"] == "/"


def test_wrong_password_and_unknown_email_look_the_same(client, person):
    wrong = enter(client, person, "not the password")
    unknown = client.post(SIGN_IN, {"email": "nobody@test.example", "password": "x"})

    assert wrong.status_code == unknown.status_code == 422
    text = "メールアドレスかパスワードが違います"
    assert (text in wrong.content.decode()) == (text in unknown.content.decode())
    event = Event.objects.get()
    assert (event.action, event.object_id, event.actor_id) == (
        "sign_in.failed",
        str(person.pk),
        None,
    )
    assert "not the password" not in str(event.__dict__)
    assert "not the password" not in wrong.content.decode()


def test_disabled_account_cannot_sign_in_and_its_session_ends_at_once(client, person):
    client.force_login(person)
    assert client.get(PASSWORD_PAGE).status_code == 200

    User.objects.update(is_active=False)

    assert client.get(PASSWORD_PAGE).status_code == 302
    assert enter(client, person).status_code == 422


def test_guessing_stops_after_ten_tries_whatever_the_address(person):
    statuses = [
        Client(REMOTE_ADDR=f"10.0.0.{n}", HTTP_X_FORWARDED_FOR=f"192.0.2.{n}")
        .post(SIGN_IN, {"email": person.email, "password": f"guess {n}"})
        .status_code
        for n in range(30)
    ]

    assert statuses == [422] * settings.SIGN_IN_ATTEMPTS + [429] * 20
    assert enter(Client(), person).status_code == 429
    assert actions_of(person) == ["sign_in.failed"] * 10 + ["sign_in.blocked"]


def test_neighbours_behind_one_address_are_not_locked_out(person):
    town = person.municipality
    for _ in range(15):
        enter(Client(), person, "wrong")

    for _ in range(30):
        neighbour = factories.user(town)
        assert enter(Client(), neighbour).status_code == 302


def test_right_password_forgets_earlier_wrong_ones(client, person):
    for _ in range(9):
        enter(client, person, "wrong")
    assert enter(client, person).status_code == 302
    for _ in range(9):
        enter(client, person, "wrong")
    assert enter(client, person).status_code == 302


def test_tries_are_let_through_when_the_counter_is_away(client, person, settings, caplog):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",
        }
    }
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"

    assert enter(client, person).status_code == 302
    assert "the cache is away" in caplog.text


def test_sign_in_says_so_when_sessions_cannot_be_kept(client, person, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",
        }
    }

    response = enter(client, person)

    assert response.status_code == 503
    assert isinstance(redis.ConnectionError(), redis.RedisError)
    assert actions_of(person) == []


def test_sign_out_ends_the_session_and_needs_a_post(client, person):
    enter(client, person)
    assert client.get("/accounts/sign-out/").status_code == 405

    assert client.post("/accounts/sign-out/").status_code == 302

    assert client.get(PASSWORD_PAGE).status_code == 302
    assert actions_of(person) == ["sign_in", "sign_out"]


def test_own_password_change_keeps_this_session_and_ends_others(client, person):
    enter(client, person)
    elsewhere = Client()
    enter(elsewhere, person)
    binding = client.session["draft_binding"]
    new = "another long sentence"
    fields = {"old_password": factories.PASSWORD, "new_password1": new, "new_password2": new}

    assert client.post(PASSWORD_PAGE, {**fields, "old_password": "x"}).status_code == 422
    assert client.post(PASSWORD_PAGE, fields).status_code == 302

    assert client.get(PASSWORD_PAGE).status_code == 200
    assert client.session["draft_binding"] == binding
    assert elsewhere.get(PASSWORD_PAGE).status_code == 302
    assert actions_of(person)[-1] == "password.changed"
    assert new not in str(list(Event.objects.values()))


# A form whose session ended --------------------------------------------------------------------
FORM = {"note": ["一行目\n二行目", "もう一つ"], "email": ["<b>x</b>"], "old_password": ["secret"]}


def lose_session(client: Client) -> None:
    """What an emptied cache does."""
    cache.clear()


def test_post_without_session_is_carried_and_sent_again_by_the_same_person(client, person):
    enter(client, person)
    lose_session(client)

    page = client.post(f"{PASSWORD_PAGE}?from=here", FORM)
    assert page.status_code == 401
    token = hidden(page, "carried")
    assert token
    assert "一行目" not in page.content.decode()
    again = enter(client, person, "wrong", carried=token)
    assert hidden(again, "carried") == token

    confirm = enter(client, person, carried=token)

    text = confirm.content.decode()
    assert confirm.status_code == 200
    assert f'action="{PASSWORD_PAGE}?from=here"' in text
    assert "一行目\n二行目" in text
    assert "もう一つ" in text
    assert 'name="email" value="&lt;b&gt;x&lt;/b&gt;"' in text
    assert "secret" not in text


def test_carried_form_is_dropped_for_another_person(client, person):
    enter(client, person)
    lose_session(client)
    token = hidden(client.post(PASSWORD_PAGE, FORM), "carried")
    other = factories.user(person.municipality)

    response = client.post(
        SIGN_IN,
        {"email": other.email, "password": factories.PASSWORD, "carried": token},
    )

    assert response.headers["Location"] == "/"
    assert "一行目" not in client.get(PASSWORD_PAGE).content.decode()


def test_carried_form_is_dropped_when_the_password_was_reset_meanwhile(client, person):
    enter(client, person)
    lose_session(client)
    token = hidden(client.post(PASSWORD_PAGE, FORM), "carried")
    person.set_password("set by somebody else")
    person.save()

    response = enter(client, person, "set by somebody else", carried=token)

    assert response.status_code == 302


@pytest.mark.parametrize("token", ["forged", "日本語", "gAAAAA" + "x" * 50])
def test_forged_token_carries_nothing(client, person, token):
    assert enter(client, person, carried=token).status_code == 302


def test_stranger_carries_nothing(client):
    page = client.post(PASSWORD_PAGE, FORM)
    assert page.status_code == 401
    assert hidden(page, "carried") == ""


def test_fragment_without_session_gets_401_and_no_page(client):
    response = client.post(PASSWORD_PAGE, FORM, headers={"HX-Request": "true"})
    assert (response.status_code, response.content) == (401, b"")


def test_same_person_keeps_the_forms_of_other_tabs_and_another_does_not(person):
    client = Client(enforce_csrf_checks=True)

    def enter_checked(who: User) -> None:
        token = hidden(client.get(SIGN_IN), "csrfmiddlewaretoken")
        fields = {"email": who.email, "password": factories.PASSWORD}
        response = client.post(SIGN_IN, {**fields, "csrfmiddlewaretoken": token})
        assert response.status_code == 302

    enter_checked(person)
    old_tab = hidden(client.get(PASSWORD_PAGE), "csrfmiddlewaretoken")
    lose_session(client)
    enter_checked(person)
    assert client.post(PASSWORD_PAGE, {"csrfmiddlewaretoken": old_tab}).status_code == 422

    lose_session(client)
    enter_checked(factories.user(person.municipality))
    refused = client.post(PASSWORD_PAGE, {"csrfmiddlewaretoken": old_tab})
    assert refused.status_code == 403
    assert (
        "送られていません" in refused.content.decode()
        or "Nothing was sent" in refused.content.decode()
    )


def test_cookie_of_the_last_person_tells_a_reader_nothing(client, person):
    enter(client, person)
    cookie = client.cookies[LAST_USER]
    assert cookie["httponly"]
    assert cookie["max-age"] == ""
    assert re.fullmatch(r"[0-9a-f]{64}", cookie.value)


def test_sign_in_page_leads_on_who_is_in_already(client, person):
    client.force_login(person)
    assert client.get(reverse("accounts:sign_in")).status_code == 302
