"""Reminders: nobody but those who can still answer, and no trace of who they are."""

import datetime as dt
import smtplib
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.hooks import what_to_remember
from surveys import tasks, vault
from surveys.actions.reminders import send_reminders
from surveys.models import Wave, WaveReminder
from surveys.workdays import is_workday, reminder_days
from tests.surveys import boxes
from tests.surveys.towns import Town, answer, open_wave, pain, town

ZONE = timezone.get_default_timezone()
#: Tuesday 1 September to Tuesday 15 September 2026: reminders on the 8th and on the 14th.
HALFWAY, LAST = dt.date(2026, 9, 8), dt.date(2026, 9, 14)


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own, and mail that is set up."""
    settings.MAIL_ENABLED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return boxes.own_key_dir(settings, tmp_path)


@pytest.fixture
def clock(monkeypatch: Any) -> Any:
    """Sets what time it is."""
    return lambda now: monkeypatch.setattr(timezone, "now", lambda: now)


def at(day: dt.date, hour: int = 10) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), ZONE)


def half_answered() -> tuple[Town, Wave]:
    """Six people: two have sent, one has a draft, three have nothing; a mail was sent to nobody."""
    place = town([6])
    wave = open_wave(place)
    for number, person in enumerate(place.everybody[:3]):
        answer(wave, person, pain(), submit=number < 2)
    return place, wave


def mailed() -> list[str]:
    return sorted(address for message in mail.outbox for address in message.to)


def everything() -> dict[str, list[Any]]:
    """Every row of every table but the one that may change."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = {}
        for table in tables:
            if table != "surveys_wavereminder":
                cursor.execute(f'SELECT * FROM "{table}"')
                found[table] = sorted(map(repr, cursor.fetchall()))
    return found


# The days ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("opens", "closes", "days"),
    [
        ("2026-09-01", "2026-09-15", ["2026-09-08", "2026-09-14"]),
        # 5 and 6 May are holidays; halfway falls on 3 May, a Sunday and a holiday
        ("2026-04-20", "2026-05-16", ["2026-05-07", "2026-05-15"]),
        # over the year's end
        ("2026-12-21", "2027-01-05", ["2026-12-28", "2027-01-04"]),
        ("2026-09-01", "2026-09-03", ["2026-09-02"]),
        ("2026-09-01", "2026-09-02", []),
        # opened on Friday, due on Monday
        ("2026-09-04", "2026-09-07", []),
    ],
)
def test_reminder_days(opens: str, closes: str, days: list[str]) -> None:
    found = reminder_days(dt.date.fromisoformat(opens), dt.date.fromisoformat(closes))

    assert [day.isoformat() for day in found] == days


def test_reminder_days_are_always_working_days_inside_the_wave() -> None:
    first = dt.date(2026, 1, 1)
    for start in range(0, 400, 3):
        opens = first + dt.timedelta(days=start)
        for length in range(1, 40):
            closes = opens + dt.timedelta(days=length)
            for day in reminder_days(opens, closes):
                assert opens < day < closes
                assert is_workday(day)


# The mails ---------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_only_those_without_a_sent_ballot_are_mailed_and_nothing_is_kept() -> None:
    place, wave = half_answered()
    before = everything()
    assert any(before.values())

    sent = send_reminders(wave.pk, now=at(HALFWAY))

    assert mailed() == sorted(person.email for person in place.everybody[2:])
    assert sent == len(mail.outbox) == 4
    assert all(len(message.to) == 1 for message in mail.outbox)
    assert reverse("surveys:answer_start", args=[wave.pk]) in mail.outbox[0].body
    assert everything() == before
    assert WaveReminder.objects.values_list("wave", "day").get() == (wave.pk, HALFWAY)


@pytest.mark.django_db
def test_a_day_reminds_once_and_the_next_day_again() -> None:
    place, wave = half_answered()

    first = send_reminders(wave.pk, now=at(HALFWAY))
    again = send_reminders(wave.pk, now=at(HALFWAY, 11))
    answer(wave, place.everybody[5], pain())
    last = send_reminders(wave.pk, now=at(LAST))

    assert (first, again, last) == (4, 0, 3)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "now",
    [at(dt.date(2026, 9, 9)), at(dt.date(2026, 9, 13)), at(dt.date(2026, 9, 15)), at(LAST, 10)],
)
def test_other_days_and_closed_waves_remind_nobody(now: dt.datetime) -> None:
    _place, wave = half_answered()
    if now.date() == LAST:
        Wave.objects.filter(pk=wave.pk).update(closes_at=at(LAST, 9))

    assert send_reminders(wave.pk, now=now) == 0
    assert mail.outbox == []
    assert not WaveReminder.objects.exists()


@pytest.mark.django_db
def test_a_lost_key_and_an_unset_mail_server_remind_nobody(key_dir: Path, settings: Any) -> None:
    _place, wave = half_answered()
    settings.MAIL_ENABLED = False
    assert send_reminders(wave.pk, now=at(HALFWAY)) == 0
    settings.MAIL_ENABLED = True
    vault.destroy(key_dir, wave.key_id)

    assert send_reminders(wave.pk, now=at(HALFWAY)) == 0
    assert mail.outbox == []
    assert not WaveReminder.objects.exists()


@pytest.mark.django_db
def test_people_who_have_left_are_not_mailed() -> None:
    place, wave = half_answered()
    gone = place.everybody[4]
    gone.is_active = False
    gone.save()

    send_reminders(wave.pk, now=at(HALFWAY))

    assert gone.email not in mailed()
    assert len(mail.outbox) == 3


class Stumbling(EmailBackend):
    """Refuses one address; `gone`: refuses every connection."""

    refused = ""
    gone = False
    tried = 0

    def open(self) -> bool:
        if self.gone:
            type(self).tried += 1
            raise ConnectionRefusedError("nobody@example.jp")
        return True

    def send_messages(self, messages: Any) -> int:
        if messages[0].to == [self.refused]:
            raise smtplib.SMTPRecipientsRefused({self.refused: (550, b"no such user")})
        return super().send_messages(messages)


@pytest.mark.django_db
def test_one_refused_address_stops_no_other_and_is_not_logged(
    settings: Any, monkeypatch: Any, caplog: Any
) -> None:
    place, wave = half_answered()
    settings.EMAIL_BACKEND = f"{__name__}.Stumbling"
    monkeypatch.setattr(Stumbling, "refused", place.everybody[3].email)

    with caplog.at_level("DEBUG"):
        sent = send_reminders(wave.pk, now=at(HALFWAY))

    assert sent == 3
    assert place.everybody[5].email in mailed()
    assert "1-9" in caplog.text
    for person in place.everybody:
        assert person.email not in caplog.text


@pytest.mark.django_db
def test_a_mail_server_that_is_gone_is_not_asked_for_everybody(
    settings: Any, monkeypatch: Any, caplog: Any
) -> None:
    place = town([12])
    wave = open_wave(place)
    settings.EMAIL_BACKEND = f"{__name__}.Stumbling"
    monkeypatch.setattr(Stumbling, "gone", True)
    monkeypatch.setattr(Stumbling, "tried", 0)

    assert send_reminders(wave.pk, now=at(HALFWAY)) == 0

    assert Stumbling.tried == 5
    assert "nobody@example.jp" not in caplog.text


@pytest.mark.django_db
def test_the_task_reminds_every_open_wave(clock: Any) -> None:
    half_answered()
    clock(at(HALFWAY))

    tasks.send_wave_reminders()

    assert len(mail.outbox) == 4


# The pages ---------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "shown"),
    [(at(HALFWAY, 9), 0), (at(HALFWAY), 1), (at(dt.date(2026, 9, 9)), 0), (at(LAST, 15), 1)],
)
def test_the_portal_reminds_from_the_hour_on_a_reminder_day(now: dt.datetime, shown: int) -> None:
    place, _wave = half_answered()

    assert len(what_to_remember(place.everybody[5], now)) == shown
    assert what_to_remember(place.everybody[0], now) == []
    assert what_to_remember(place.office, now) == []


@pytest.mark.django_db
def test_the_pages_of_one_person_say_so_to_that_person_alone(clock: Any) -> None:
    place, _wave = half_answered()
    clock(at(HALFWAY))
    sent, silent = place.everybody[0], place.everybody[5]
    pages = [reverse(name) for name in ("accounts:notice_list", "surveys:survey_list")]
    pages.append(reverse("dashboards:dashboard"))

    for person, shown in ((sent, False), (silent, True), (place.office, False)):
        client = Client()
        client.force_login(person)
        before = everything()
        for page in pages:
            assert ("まだ間に合います" in client.get(page).content.decode()) is shown
        assert everything() == before


@pytest.mark.django_db
def test_a_key_that_cannot_be_read_shows_nothing(key_dir: Path) -> None:
    place, wave = half_answered()
    vault.destroy(key_dir, wave.key_id)

    assert what_to_remember(place.everybody[5], at(HALFWAY)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("hour", [9, 11])
def test_looking_costs_the_same_at_any_hour(hour: int, django_assert_num_queries: Any) -> None:
    place, _wave = half_answered()

    with django_assert_num_queries(2):  # the reader's roles, which every page asks for; the waves
        what_to_remember(place.everybody[5], at(dt.date(2026, 9, 9), hour))
