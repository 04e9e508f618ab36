"""A page without referrers names its origin "null": its menu works, and its token still counts."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict():
    """A browser that is asked for tokens, with somebody signed in."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.user(factories.municipality()))
    client.get(reverse("accounts:notice_list"))
    return client


@pytest.mark.parametrize("name", ["accounts:sign_out", "set_language"])
def test_an_unnamed_origin_with_the_token_is_taken(strict, name):
    token = strict.cookies["csrftoken"].value
    data = {"csrfmiddlewaretoken": token, "language": "en"}

    assert strict.post(reverse(name), data, headers={"Origin": "null"}).status_code == 302


@pytest.mark.parametrize("name", ["accounts:sign_out", "set_language"])
@pytest.mark.parametrize("origin", ["null", "https://elsewhere.example", "http://testserver"])
def test_without_the_token_nothing_is_taken(strict, name, origin):
    headers = {"Origin": origin}

    assert strict.post(reverse(name), {"language": "en"}, headers=headers).status_code == 403


@pytest.mark.parametrize("name", ["accounts:sign_out", "accounts:notice_read_all"])
def test_another_origin_is_refused_even_with_the_token(strict, name):
    data = {"csrfmiddlewaretoken": strict.cookies["csrftoken"].value}
    headers = {"Origin": "https://elsewhere.example"}

    assert strict.post(reverse(name), data, headers=headers).status_code == 403
