"""The webhook against a real server on this machine: signature, retry, what is refused."""

import datetime as dt
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any

import pytest
from django.core import mail
from django.db import connections

from dxportal.accounts.actions.messages import deliver_waiting, notify
from dxportal.accounts.actions.webhooks import deliver_webhooks, save_webhook, try_webhook
from dxportal.accounts.models import Event, Outbox, User, Webhook
from dxportal.accounts.tasks import send_webhooks
from dxportal.shared import outgoing
from tests import factories

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 7, 1, 9, 0, tzinfo=dt.UTC)
SECRET = "s" * 43


@dataclass
class Gateway:
    """What came in, and what is answered."""

    server: HTTPServer
    status: int = 204
    wait: float = 0
    drip: bool = False
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hooks/dx?room=1"


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A receiver in a thread."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append((self.path, dict(self.headers), body))
            time.sleep(made.wait)
            if made.drip:
                self.drip()
                return
            self.send_response(made.status)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def drip(self) -> None:
            """One byte at a time, for ever."""
            for byte in b"HTTP/1.0 204 " + b"x" * 200:
                try:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(0.05)

        def log_message(self, *_args: Any) -> None:
            pass

    made = Gateway(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join(5)


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.SITE_URL = "http://portal.example"
    settings.MAIL_ENABLED = True


@pytest.fixture
def person() -> User:
    return factories.user(factories.municipality("見本市", staircase=False))


def hook(person: User, url: str, **fields: Any) -> Webhook:
    return Webhook.objects.create(
        municipality=person.municipality, url=url, secret=SECRET, **fields
    )


def tell(*people: User, key: str = "a", **fields: Any) -> None:
    given = {"subject": "3件あります", "body": "・「窓口」", "path": "/initiatives/mine/"}
    notify(people, **{**given, **fields}, key=key, municipality=people[0].municipality, now=NOW)


def test_a_message_arrives_signed_and_once(person: User, gateway: Gateway) -> None:
    hook(person, gateway.url)
    tell(person)
    assert deliver_webhooks(NOW) == (1, 0)
    assert deliver_webhooks(NOW) == (0, 0)

    ((path, headers, body),) = gateway.got
    assert path == "/hooks/dx?room=1"
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-DXPortal-Signature"] == f"sha256={expected}"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    row = Outbox.objects.get(channel="webhook")
    assert json.loads(body) == {
        "id": str(row.pk),
        "municipality": person.municipality.code if person.municipality else "",
        "recipient": person.email,
        "subject": "3件あります",
        "text": "・「窓口」",
        "url": "http://portal.example/initiatives/mine/",
        "sent_at": "2026-07-01T18:00:00+09:00",
    }
    assert row.sent_at == NOW
    kept = Webhook.objects.get()
    assert (kept.last_ok_at, kept.last_error) == (NOW, "")


def test_a_failure_is_tried_again_later_and_ten_park(person: User, gateway: Gateway) -> None:
    hook(person, gateway.url)
    gateway.status = 500
    tell(person)
    now = NOW
    assert deliver_webhooks(now) == (0, 1)
    row = Outbox.objects.get(channel="webhook")
    assert row.not_before == NOW + dt.timedelta(minutes=2)
    assert deliver_webhooks(now) == (0, 0), "it waits"
    for _ in range(15):
        now += dt.timedelta(hours=2)
        deliver_webhooks(now)
    row.refresh_from_db()
    assert (row.attempts, row.last_error) == (10, "status 500")
    assert len(gateway.got) == 10
    kept = Webhook.objects.get()
    assert kept.last_failed_at is not None
    assert kept.last_error == "status 500"


def test_it_arrives_once_the_gateway_is_back(person: User, gateway: Gateway) -> None:
    hook(person, gateway.url)
    gateway.status = 503
    tell(person)
    deliver_webhooks(NOW)
    gateway.status = 200
    assert deliver_webhooks(NOW + dt.timedelta(minutes=3)) == (1, 0)
    assert Webhook.objects.get().last_error == ""
    ids = [json.loads(body)["id"] for _path, _headers, body in gateway.got]
    assert ids[0] == ids[1], "the receiver can tell a repetition"


@pytest.mark.parametrize("way", ["wait", "drip"])
def test_a_gateway_that_hangs_is_cut_off(
    person: User, gateway: Gateway, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "TIMEOUT", 0.4)
    hook(person, gateway.url)
    setattr(gateway, way, 1.5 if way == "wait" else True)
    tell(person)
    begun = time.monotonic()
    assert deliver_webhooks(NOW) == (0, 1)
    assert time.monotonic() - begun < 1.2
    assert Webhook.objects.get().last_error == "timeout"


def test_redirects_are_not_followed(person: User, gateway: Gateway) -> None:
    hook(person, gateway.url)
    gateway.status = 302
    tell(person)
    assert deliver_webhooks(NOW) == (0, 1)
    assert len(gateway.got) == 1
    assert Webhook.objects.get().last_error == "status 302"


def test_one_dead_gateway_stops_neither_mails_nor_other_municipalities(
    person: User, gateway: Gateway
) -> None:
    other = factories.user(factories.municipality("隣の市", staircase=False))
    hook(person, "http://127.0.0.1:9/")
    hook(other, gateway.url)
    tell(person, factories.user(person.municipality))
    tell(other)
    assert deliver_webhooks(NOW) == (1, 1), "the second message of the dead one is not tried"
    assert deliver_waiting(NOW) == (3, 0)
    assert len(mail.outbox) == 3
    assert Webhook.objects.get(municipality=person.municipality).last_error == "refused"


def test_a_webhook_switched_off_meanwhile_gets_nothing_late(person: User, gateway: Gateway) -> None:
    made = hook(person, gateway.url)
    tell(person)
    Webhook.objects.update(active=False)
    assert deliver_webhooks(NOW) == (0, 0)
    Webhook.objects.update(active=True)
    assert deliver_webhooks(NOW) == (0, 0)
    tell(person, key="b")
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert deliver_webhooks(NOW) == (0, 0)
    assert gateway.got == []
    assert made.active


def test_without_a_webhook_no_row_is_written(person: User) -> None:
    hook(person, "http://127.0.0.1:9/", active=False)
    tell(person)
    assert set(Outbox.objects.values_list("channel", flat=True)) == {"in_app", "email"}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://0.0.0.0:{port}/",
        "http://2130706433:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://224.0.0.1/",
    ],
)
def test_in_production_it_never_leads_to_this_machine(
    person: User, gateway: Gateway, url: str, settings: Any
) -> None:
    settings.WEBHOOK_MAY_BE_LOCAL = False
    hook(person, url.format(port=gateway.server.server_port))
    tell(person)
    assert deliver_webhooks(NOW) == (0, 1)
    assert gateway.got == []
    assert Webhook.objects.get().last_error == "local"


@pytest.mark.parametrize("address", ["10.1.2.3", "172.16.0.9", "192.168.1.2", "203.0.113.7"])
def test_addresses_of_closed_networks_are_allowed(address: str) -> None:
    import ipaddress

    assert not outgoing.is_own(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://gw.example/", "file:///etc/passwd", "gw.example/hook", "http://", "http://:80/"),
        *("http://user:word@gw.example/", "http://gw.example:0/", "http://gw.example:x/"),
        *("http://gw.example/a b", "http://gw.example/\r\nX: 1", "javascript:alert(1)"),
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(outgoing.AddressRefused):
        outgoing.check_address(url)


@pytest.mark.django_db(transaction=True)
def test_two_workers_hand_each_message_over_once(person: User, gateway: Gateway) -> None:
    hook(person, gateway.url)
    gateway.wait = 0.05
    tell(*(factories.user(person.municipality) for _ in range(8)))
    totals: list[tuple[int, int]] = []

    def work() -> None:
        try:
            totals.append(deliver_webhooks(NOW))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert sum(sent for sent, _failed in totals) == 8
    assert len({json.loads(body)["id"] for _p, _h, body in gateway.got}) == len(gateway.got) == 8


def test_the_task_hands_over(person: User, gateway: Gateway) -> None:
    hook(person, gateway.url)
    tell(person)
    Outbox.objects.update(not_before=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    send_webhooks()
    assert len(gateway.got) == 1


def test_a_trial_goes_out_at_once_and_tells_the_status(person: User, gateway: Gateway) -> None:
    made = hook(person, gateway.url, active=False)
    gateway.status = 403
    answer = try_webhook(made, by=person, now=NOW)
    assert not answer.accepted
    assert "403" in outgoing.words_of(answer.code)
    assert json.loads(gateway.got[0][2])["recipient"] == person.email
    assert not Outbox.objects.exists()


def test_the_secret_is_made_once_and_never_in_the_trail(person: User) -> None:
    assert person.municipality is not None
    save = {"by": person, "active": True}
    first = save_webhook(person.municipality, url="http://a.example/", seen_url="", **save)
    assert first is not None
    assert len(first) >= 40
    again = save_webhook(
        person.municipality, url="http://b.example/", seen_url="http://a.example/", **save
    )
    assert again is None
    assert Webhook.objects.get().secret == first
    assert first not in str(list(Event.objects.values_list("before", "after")))
