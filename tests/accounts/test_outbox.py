"""Messages: written once, sent once, read in the portal."""

import datetime as dt
import smtplib
import threading

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from dxportal.accounts.actions import messages
from dxportal.accounts.actions.messages import deliver_waiting, notify
from dxportal.accounts.models import Outbox, User
from dxportal.accounts.tasks import send_outbox
from tests import factories

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 7, 1, 9, 0, tzinfo=dt.UTC)


class DeadServer(BaseEmailBackend):
    """Nobody listens."""

    def send_messages(self, email_messages: object) -> int:
        raise ConnectionRefusedError(111, "refused")


class PickyServer(BaseEmailBackend):
    """Refuses one recipient and accepts the others."""

    def send_messages(self, email_messages) -> int:
        for message in email_messages:
            if message.to == ["refused@mihon.example"]:
                raise smtplib.SMTPRecipientsRefused({message.to[0]: (550, b"no such user")})
            mail.outbox.append(message)
        return len(email_messages)


@pytest.fixture(autouse=True)
def _mail(settings) -> None:
    settings.MAIL_ENABLED = True
    settings.SITE_URL = "http://portal.example"


@pytest.fixture
def person() -> User:
    return factories.user(factories.municipality("見本市", staircase=False))


def tell(*people: User, key: str = "reply-1", **fields: object) -> None:
    given = {"subject": "お返事が届きました", "body": "二重入力について", "path": "/voices/"}
    notify(
        people,
        **{**given, **fields},
        key=key,
        municipality=people[0].municipality,
        now=NOW,
    )


def test_message_is_written_once_for_each_channel(person):
    tell(person)
    tell(person)
    tell(person, key="reply-2")
    assert Outbox.objects.count() == 4


def test_message_stays_in_the_portal_without_mail(person, settings):
    settings.MAIL_ENABLED = False
    tell(person)
    assert Outbox.objects.get().channel == "in_app"


def test_message_never_goes_to_the_disabled_or_elsewhere(person):
    gone = factories.user(person.municipality, is_active=False)
    away = factories.user(factories.municipality(staircase=False))
    tell(person, gone, away)
    assert set(Outbox.objects.values_list("recipient", flat=True)) == {person.pk}


def test_mail_is_sent_once_with_its_address(person):
    tell(person, subject="一行目\n二行目")

    assert deliver_waiting(NOW) == (1, 0)
    assert deliver_waiting(NOW) == (0, 0)

    (sent,) = mail.outbox
    assert sent.to == [person.email]
    assert sent.subject == "一行目 二行目"
    assert sent.body.endswith("http://portal.example/voices/\n")
    assert Outbox.objects.get(channel="email").sent_at == NOW


def test_mail_waits_for_its_time(person):
    tell(person)
    assert deliver_waiting(NOW - dt.timedelta(minutes=1)) == (0, 0)


def test_dead_server_delays_and_ten_failures_park(person, settings):
    settings.EMAIL_BACKEND = f"{__name__}.DeadServer"
    tell(person)
    tell(factories.user(person.municipality))
    now = NOW
    for _ in range(30):
        deliver_waiting(now)
        now += dt.timedelta(hours=2)

    rows = Outbox.objects.filter(channel="email")
    assert set(rows.values_list("attempts", flat=True)) == {10}
    assert "refused" in rows[0].last_error
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert deliver_waiting(now) == (0, 0)


def test_refused_recipient_does_not_stop_the_others(person, settings):
    settings.EMAIL_BACKEND = f"{__name__}.PickyServer"
    tell(factories.user(person.municipality, email="refused@mihon.example"), person)
    assert deliver_waiting(NOW) == (1, 1)
    assert [sent.to for sent in mail.outbox] == [[person.email]]


def test_person_who_left_meanwhile_gets_no_mail(person):
    tell(person)
    User.objects.update(is_active=False)
    assert deliver_waiting(NOW) == (0, 0)
    assert mail.outbox == []
    assert Outbox.objects.get(channel="email").sent_at is None


def test_task_sends(person):
    tell(person)
    send_outbox()
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_the_same_mail(person, monkeypatch):
    people = [factories.user(person.municipality) for _ in range(6)]
    tell(*people)
    meet = threading.Barrier(2, timeout=10)
    real = messages._send

    def slow(row: Outbox) -> bool:
        if row.recipient_id in {people[0].pk, people[1].pk}:
            meet.wait()
        return real(row)

    monkeypatch.setattr(messages, "_send", slow)
    totals: list[tuple[int, int]] = []

    def work() -> None:
        try:
            totals.append(deliver_waiting(NOW))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)

    assert sum(sent for sent, _ in totals) == 6
    assert sorted(sent.to[0] for sent in mail.outbox) == sorted(p.email for p in people)


@pytest.mark.django_db(transaction=True)
def test_message_goes_with_the_facts_when_the_transaction_fails(person):
    with transaction.atomic():
        tell(person)
        transaction.set_rollback(True)
    assert not Outbox.objects.exists()
    assert not connection.in_atomic_block


# In the portal -----------------------------------------------------------------------------------
@pytest.fixture
def reader(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_notices_show_mine_unread_first(person, reader):
    other = factories.user(person.municipality)
    tell(person, key="a", subject="古いお知らせ")
    Outbox.objects.update(read_at=NOW)
    tell(person, key="b", subject="<b>新しいお知らせ</b>")
    tell(other, key="c", subject="他人のお知らせ")

    text = reader.get(reverse("accounts:notice_list")).content.decode()

    assert text.index("新しいお知らせ") < text.index("古いお知らせ")
    assert "<b>新しい" not in text
    assert "他人のお知らせ" not in text


def test_opening_marks_as_read_and_leads_on(person, reader):
    tell(person, path="/accounts/roles/")
    notice = Outbox.objects.visible_to(person).get()
    url = reverse("accounts:notice_open", args=[notice.pk])

    assert reader.get(url).status_code == 405
    assert reader.post(url).headers["Location"] == "/accounts/roles/"
    assert not Outbox.objects.visible_to(person).unread().exists()


def test_opening_never_leads_to_another_host(person, reader):
    tell(person, path="//evil.example/")
    notice = Outbox.objects.visible_to(person).get()
    response = reader.post(reverse("accounts:notice_open", args=[notice.pk]))
    assert response.headers["Location"] == reverse("accounts:notice_list")


def test_notice_of_another_person_is_not_found(person, reader):
    other = factories.user(person.municipality)
    tell(other)
    notice = Outbox.objects.visible_to(other).get()
    assert reader.post(reverse("accounts:notice_open", args=[notice.pk])).status_code == 404
    assert Outbox.objects.visible_to(other).unread().exists()


def test_all_are_read_at_once_and_only_mine(person, reader):
    other = factories.user(person.municipality)
    tell(person, other)
    tell(person, key="b")
    reader.post(reverse("accounts:notice_read_all"))
    assert not Outbox.objects.visible_to(person).unread().exists()
    assert Outbox.objects.visible_to(other).unread().exists()
