"""The channels page: what is set up, the secret once, and a trial of each."""

from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event, Outbox, User, Webhook
from tests import factories
from tests.accounts.test_webhooks import Gateway, gateway  # noqa: F401

pytestmark = pytest.mark.django_db

PAGE = "/settings/channels/"


class DeadServer(BaseEmailBackend):
    """Nobody listens."""

    def send_messages(self, email_messages: object) -> int:
        raise ConnectionRefusedError(111, "refused")


@pytest.fixture
def admin() -> User:
    here = factories.municipality("見本市", staircase=False)
    return factories.user(here, role=Role.ADMIN)


@pytest.fixture
def client(admin: User) -> Client:
    made = Client()
    made.force_login(admin)
    return made


def trial(client: Client, channel: str) -> str:
    return client.post(f"{PAGE}{channel}/try/", follow=True).content.decode()


def test_mail_says_whether_it_is_set_up_and_never_its_password(
    client: Client, settings: Any
) -> None:
    settings.MAIL_ENABLED = False
    assert "未設定" in client.get(PAGE).content.decode()
    settings.MAIL_ENABLED = True
    settings.EMAIL_HOST, settings.EMAIL_HOST_PASSWORD = "mail.city.example", "open-sesame"
    html = client.get(PAGE).content.decode()
    assert "mail.city.example" in html
    assert "open-sesame" not in html


def test_a_trial_mail_goes_to_the_own_address(client: Client, admin: User, settings: Any) -> None:
    settings.MAIL_ENABLED = True
    assert admin.email in trial(client, "email")
    assert [sent.to for sent in mail.outbox] == [[admin.email]]
    settings.EMAIL_BACKEND = f"{__name__}.DeadServer"
    assert "受け付けませんでした（ConnectionRefusedError）" in trial(client, "email")
    settings.MAIL_ENABLED = False
    assert "EMAIL_URLが空です" in trial(client, "email")
    assert len(mail.outbox) == 1


def test_a_trial_notice_stands_in_the_list(client: Client, admin: User) -> None:
    trial(client, "in_app")
    assert Outbox.objects.get().recipient == admin
    assert "試しのお知らせ" in client.get("/accounts/notices/").content.decode()


def test_the_secret_is_shown_once(client: Client, admin: User) -> None:
    data = {"url": "http://gw.example/hook", "active": "on", "seen": ""}
    first = client.post(PAGE, data)
    secret = Webhook.objects.get(municipality=admin.municipality).secret
    assert secret in first.content.decode()
    assert secret not in client.get(PAGE).content.decode()
    again = client.post(PAGE, {**data, "seen": data["url"]})
    assert again.status_code == 302
    renewed = client.post(f"{PAGE}secret/").content.decode()
    fresh = Webhook.objects.get().secret
    assert fresh != secret
    assert fresh in renewed
    assert "gw.example" in renewed
    actions = list(
        Event.objects.filter(object_type="webhook").order_by("id").values_list("action", flat=True)
    )
    assert actions == ["webhook.saved", "webhook.secret_renewed"]


def test_a_trial_of_the_webhook_says_the_status_in_words(
    client: Client,
    admin: User,
    gateway: Gateway,  # noqa: F811
) -> None:
    assert "先にWebhookのアドレスを保存" in trial(client, "webhook")
    Webhook.objects.create(municipality=admin.municipality, url=gateway.url, secret="s" * 43)
    assert "受け取られました（204）" in trial(client, "webhook")
    gateway.status = 500
    assert "受け取る側でエラーが起きました（500）" in trial(client, "webhook")
    html = client.get(PAGE).content.decode()
    assert html.count("受け取る側でエラーが起きました（500）") == 1
    assert len(gateway.got) == 2


@pytest.mark.parametrize("url", ["", "ftp://gw.example/", "http://", "http://a:b@gw.example/"])
def test_what_is_no_address_is_refused_and_kept(client: Client, url: str) -> None:
    response = client.post(PAGE, {"url": url, "seen": ""})
    assert response.status_code == 422
    assert not Webhook.objects.exists()


def test_two_administrators_see_each_others_address(client: Client, admin: User) -> None:
    Webhook.objects.create(municipality=admin.municipality, url="http://a.example/", secret="s")
    data = {"url": "http://mine.example/", "active": "on", "seen": "http://old.example/"}
    response = client.post(PAGE, data)
    html = response.content.decode()
    assert response.status_code == 409
    assert "http://a.example/" in html
    assert 'value="http://mine.example/"' in html
    assert Webhook.objects.get().url == "http://a.example/"
    assert client.post(PAGE, {**data, "seen": "http://a.example/"}).status_code == 302


def test_an_unknown_channel_is_not_found(client: Client) -> None:
    assert client.post(f"{PAGE}pigeon/try/").status_code == 404
