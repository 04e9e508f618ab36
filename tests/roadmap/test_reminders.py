"""Reminders as they are sent: once, in one message a person, through the outbox."""

import datetime as dt
import threading
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connections
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.actions.messages import deliver_waiting
from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event, Outbox, User, Webhook
from roadmap.actions.reminders import (
    SettingsChanged,
    end_pause,
    pause,
    remind_now,
    send_digests,
    set_reminders,
    setting_of,
)
from roadmap.actions.updates import report
from roadmap.choices import Phase, Progress, RoundState
from roadmap.models import (
    Blocker,
    Digest,
    Indicator,
    Initiative,
    Milestone,
    ReminderSetting,
    ReportingRound,
    RoundReturn,
    Snooze,
    Update,
    Withholding,
)
from roadmap.notifications import has_address
from roadmap.tasks import send_all_digests
from tests import factories
from tests.roadmap.board import Town, town

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2026, 9, 7)
#: Everything of one municipality and day: settings, facts, what went out before, and writing.
DIGEST_QUERIES = 28
WEEK = dt.timedelta(days=7)
DAY = dt.timedelta(days=1)


def at(day: dt.date, hour: int = 9) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, 5), ZoneInfo("Asia/Tokyo"))


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    settings.MAIL_ENABLED = True
    settings.SITE_URL = "http://portal.example"


@pytest.fixture
def place() -> Town:
    return town()


def stale(place: Town, contact: User | None, title: str = "", days: int = 70) -> Initiative:
    """An initiative that was reported on so long before the Monday."""
    return factories.initiative(
        place.municipality,
        title,
        lead=place.section,
        contact=contact,
        reported_on=MONDAY - dt.timedelta(days=days),
    )


def send(place: Town, day: dt.date = MONDAY, hour: int = 9) -> int:
    return send_digests(place.municipality.pk, now=at(day, hour))


def notices(person: User) -> list[Outbox]:
    return list(Outbox.objects.visible_to(person).order_by("pk"))


# One message --------------------------------------------------------------------------------------
def test_a_digest_counts_first_and_says_why(place: Town) -> None:
    stale(place, place.employee, "窓口の書かない化")
    late = stale(place, place.employee, "公用車の予約", days=3)
    Milestone.objects.create(initiative=late, title="契約", due_on=MONDAY + 3 * DAY)

    assert send(place) == 1

    (notice,) = notices(place.employee)
    assert "2件" in notice.subject
    assert "「窓口の書かない化」: 70日間報告がありません" in notice.body
    assert "「公用車の予約」: 節目「契約」の期日は9月10日です" in notice.body
    assert notice.path == "/initiatives/mine/"
    assert "http" not in notice.body, "links that need no sign-in go to the own mailbox alone"
    deliver_waiting(at(MONDAY))
    (sent,) = mail.outbox
    assert sent.to == [place.employee.email]
    assert sent.body.startswith(notice.subject + "。\n\n・")
    assert sent.body.count("http://portal.example/") == 4
    assert "http://portal.example/reminders/pause/" in sent.body
    assert ("/u/" in sent.body) == has_address("status_link")


def test_more_than_ten_are_counted(place: Town) -> None:
    for number in range(13):
        stale(place, place.employee, f"取組{number:02}")
    send(place)
    (notice,) = notices(place.employee)
    assert "13件" in notice.subject
    assert notice.body.count("・") == 10
    assert "ほか3件は「自分の取組」にあります。" in notice.body


def test_every_source_of_a_reason_is_read(place: Town) -> None:
    """Each fact from its table to the person it is for."""
    post = factories.post(place.section, "主査", held_by=place.employee)
    own = factories.initiative(
        place.municipality,
        lead=place.section,
        accountable_post=post,
        phase=Phase.TRIAL,
        progress=Progress.LATE,
        reported_on=MONDAY - 3 * DAY,
        target_fy=2026,
        target_quarter=2,
    )
    Update.objects.create(
        initiative=own,
        phase=Phase.TRIAL,
        progress=Progress.LATE,
        reported_on=MONDAY - 3 * DAY,
        next_due=MONDAY + DAY,
    )
    Indicator.objects.create(initiative=own, name="利用率", kind="use", next_due=MONDAY)
    Withholding.objects.create(initiative=own, reason="契約中", review_on=MONDAY)
    Blocker.objects.create(
        initiative=own, category="budget", text="予算", opened_on=MONDAY - 40 * DAY
    )
    factories.initiative(place.municipality, lead=place.section, reported_on=MONDAY)
    gone = stale(place, place.employee)
    gone.removed_on = MONDAY
    gone.save()
    opened = ReportingRound.objects.create(
        municipality=place.municipality,
        label="上半期",
        fiscal_year=2026,
        number=1,
        state=RoundState.OPEN,
        opens_on=MONDAY - DAY,
        due_on=MONDAY + 4 * DAY,
    )
    RoundReturn.objects.create(round=opened, department=place.section)
    ReminderSetting.objects.create(municipality=place.municipality, days_before=30)

    send(place)

    reasons = {
        digest.user: {item["reason"] for item in digest.items} for digest in Digest.objects.all()
    }
    assert reasons == {
        place.employee: {"late_care", "next_step", "target", "measure", "launch_plan", "round"},
        place.head: {"unowned", "round"},
        place.promoter: {"round"},
        place.office: {"review", "blocker"},
    }


def test_twice_is_once(place: Town) -> None:
    stale(place, place.employee)
    assert [send(place), send(place, hour=10), send(place, MONDAY + DAY)] == [1, 0, 0]
    assert Digest.objects.count() == 1
    assert Outbox.objects.count() == 2


def test_the_task_reminds_everywhere_and_one_failure_stops_no_other(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = town("別の市")
    stale(place, place.employee)
    stale(elsewhere, elsewhere.employee)
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(MONDAY))
    from roadmap.actions import reminders

    real = reminders.load

    def broken(municipality_id: int, *args: Any) -> Any:
        if municipality_id == place.municipality.pk:
            raise RuntimeError("broken")
        return real(municipality_id, *args)

    monkeypatch.setattr(reminders, "load", broken)
    send_all_digests()
    assert {digest.user for digest in Digest.objects.all()} == {elsewhere.employee}
    monkeypatch.setattr(reminders, "load", real)
    send_all_digests()
    send_all_digests()
    assert {digest.user for digest in Digest.objects.all()} == {place.employee, elsewhere.employee}
    assert Digest.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_digest(place: Town) -> None:
    people = [factories.user(place.municipality) for _ in range(5)]
    for person in people:
        stale(place, person)
    meet = threading.Barrier(2, timeout=10)
    counts: list[int] = []

    def work() -> None:
        try:
            meet.wait()
            counts.append(send(place))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert sorted(counts) == [0, 5]
    assert Digest.objects.count() == 5
    assert Outbox.objects.count() == 10


@pytest.mark.parametrize("day", ["2026-09-12", "2026-09-21", "2026-05-05", "2026-12-31"])
def test_nothing_on_a_day_off(place: Town, day: str) -> None:
    stale(place, place.employee)
    assert send(place, dt.date.fromisoformat(day)) == 0
    assert not Outbox.objects.exists()


def test_a_week_that_was_switched_off_is_made_up_for_once(place: Town) -> None:
    stale(place, place.employee)
    send(place)
    late = MONDAY + 3 * WEEK + 2 * DAY  # two weekly days were missed
    assert send(place, late - 3 * WEEK) == 0
    assert send(place, late) == 1
    assert send(place, late + DAY) == 0
    assert send(place, MONDAY + 4 * WEEK) == 2, "the rhythm goes on, and now the head hears of it"


def test_what_is_too_old_to_count_goes(place: Town) -> None:
    for days in (100, 201):
        day = MONDAY - days * DAY
        Digest.objects.create(municipality=place.municipality, user=place.head, day=day)
    send(place)
    assert [digest.day for digest in Digest.objects.all()] == [MONDAY - 100 * DAY]


def test_switched_off_means_nothing_goes_out(place: Town) -> None:
    ReminderSetting.objects.create(municipality=place.municipality, active=False)
    stale(place, place.employee)
    assert send(place) == 0


def test_other_municipalities_are_left_alone(place: Town) -> None:
    elsewhere = town("別の市")
    stale(elsewhere, elsewhere.employee)
    assert send(place) == 0
    assert not Digest.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_digests_cost_the_same_for_any_number(
    place: Town, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for index in range(number):
        person = factories.user(place.municipality)
        stale(place, person, f"取組{index}")
        Milestone.objects.create(initiative=stale(place, person), title="節目", due_on=MONDAY)
    setting_of(place.municipality.pk).save()
    with django_assert_num_queries(DIGEST_QUERIES):
        assert send(place) == number


# Going further up ---------------------------------------------------------------------------------
def test_what_two_digests_did_not_move_goes_to_the_head_then_to_the_office(place: Town) -> None:
    stale(place, place.employee, "放置された取組")
    told: list[set[User]] = []
    for week in range(5):
        send(place, MONDAY + week * WEEK)
        told.append({digest.user for digest in Digest.objects.filter(day=MONDAY + week * WEEK)})
    own, head = {place.employee}, {place.employee, place.head}
    # The Monday of the third week is a holiday: those go out after it, and are no digest of it.
    assert told[:2] == [own, own]
    assert head in told[2:] or told[2] == set()
    notice = next(iter(notices(place.head)), None)
    assert notice is not None
    assert "「放置された取組」" in notice.body
    assert "田中さんに9月7日から知らせています" in notice.body


def test_a_report_keeps_it_from_going_up(place: Town) -> None:
    mine = stale(place, place.employee)
    send(place)
    send(place, MONDAY + WEEK)
    report(mine, by=place.employee, unchanged=True, on=MONDAY + WEEK + DAY)
    assert send(place, dt.date(2026, 9, 24)) == 0
    assert not notices(place.head)


# Pauses -------------------------------------------------------------------------------------------
def test_a_pause_is_silent_and_told_afterwards(place: Town) -> None:
    stale(place, place.employee)
    pause(
        place.employee,
        by=place.employee,
        valid_from=MONDAY,
        valid_to=MONDAY + 9 * DAY,
        today=MONDAY,
    )
    assert send(place) == 0
    assert send(place, MONDAY + WEEK) == 0
    assert [item["held"] for digest in Digest.objects.all() for item in digest.items] == [True] * 2
    assert not Outbox.objects.exists()

    back = MONDAY + 9 * DAY  # a Wednesday
    assert send(place, back) == 1
    (notice,) = notices(place.employee)
    assert "休止中に止めていた分も含みます。" in notice.body
    assert send(place, back + DAY) == 0


def test_the_head_stands_in_for_somebody_on_leave(place: Town) -> None:
    stale(place, place.employee)
    Snooze.objects.create(
        user=place.employee, by=place.head, valid_from=MONDAY, valid_to=MONDAY + 60 * DAY
    )
    send(place)
    send(place, MONDAY + WEEK)
    assert send(place, dt.date(2026, 9, 24)) == 1
    assert "田中さんに" in notices(place.head)[0].body
    assert not notices(place.employee)


@pytest.mark.parametrize(
    ("first", "end", "field"),
    [(-1, 5, "valid_from"), (3, 3, "last_day"), (0, 100, "last_day"), (4, 12, "__all__")],
)
def test_a_pause_that_cannot_be_says_why(place: Town, first: int, end: int, field: str) -> None:
    me = place.employee
    pause(me, by=me, valid_from=MONDAY + 5 * DAY, valid_to=MONDAY + 8 * DAY, today=MONDAY)
    with pytest.raises(ValidationError) as refused:
        pause(me, by=me, valid_from=MONDAY + first * DAY, valid_to=MONDAY + end * DAY, today=MONDAY)
    found = getattr(refused.value, "error_dict", {"__all__": 1})
    assert list(found) == [field]


def test_the_same_pause_twice_is_one_and_ends_once(place: Town) -> None:
    me = place.employee
    days = {"valid_from": MONDAY, "valid_to": MONDAY + WEEK, "today": MONDAY}
    made = pause(me, by=me, **days)
    assert pause(me, by=me, **days) == made
    end_pause(made, by=place.office, today=MONDAY + 2 * DAY)
    end_pause(made, by=place.office, today=MONDAY + 2 * DAY)
    made.refresh_from_db()
    assert made.valid_to == MONDAY + 2 * DAY
    actions = Event.objects.filter(object_type="user").values_list("action", flat=True)
    assert sorted(actions) == ["reminders.paused", "reminders.resumed"]


def test_a_pause_that_has_not_begun_goes(place: Town) -> None:
    me = place.employee
    made = pause(me, by=me, valid_from=MONDAY + DAY, valid_to=MONDAY + WEEK, today=MONDAY)
    end_pause(made, by=me, today=MONDAY)
    assert not Snooze.objects.exists()


# Asking by hand -----------------------------------------------------------------------------------
def test_asking_sends_one_message_a_person_and_no_second_one(place: Town) -> None:
    two = [stale(place, place.employee, days=1), stale(place, place.employee, days=1)]
    ids = [each.pk for each in two]
    tuesday = MONDAY + DAY
    assert remind_now(place.municipality, ids, by=place.office, now=at(tuesday)) == 1
    assert remind_now(place.municipality, ids, by=place.office, now=at(tuesday, 15)) == 0
    (notice,) = notices(place.employee)
    assert notice.body.count("事務局からの確認") == 2
    event = Event.objects.get(action="reminders.asked")
    assert event.after["people"] == ["田中"]


def test_asking_on_a_day_off_sends_nothing(place: Town) -> None:
    mine = stale(place, place.employee)
    sunday = MONDAY - DAY
    assert remind_now(place.municipality, [mine.pk], by=place.office, now=at(sunday)) == 0
    assert not Outbox.objects.exists()


def test_asked_early_on_the_weekly_day_the_rest_comes_the_next_day(place: Town) -> None:
    asked, other = stale(place, place.employee, days=1), stale(place, place.employee, "別の取組")
    factories.initiative(place.municipality)
    remind_now(place.municipality, [asked.pk], by=place.office, now=at(MONDAY, 8))
    send(place)
    assert len(notices(place.employee)) == 1
    send(place, MONDAY + DAY)
    assert [other.title in notice.body for notice in notices(place.employee)] == [False, True]
    send(place, MONDAY + 2 * DAY)
    assert len(notices(place.employee)) == 2


def test_initiatives_of_another_municipality_cannot_be_asked_about(place: Town) -> None:
    elsewhere = town("別の市")
    theirs = stale(elsewhere, elsewhere.employee)
    assert remind_now(place.municipality, [theirs.pk], by=place.office, now=at(MONDAY)) == 0
    assert not Outbox.objects.exists()


# Setting ------------------------------------------------------------------------------------------
def settings_of(place: Town) -> dict[str, Any]:
    found = setting_of(place.municipality.pk)
    return {
        name: getattr(found, name)
        for name in ("active", "weekday", "days_before", "escalate_after")
    }


def test_a_new_weekday_waits_for_its_day(place: Town) -> None:
    stale(place, place.employee)
    seen = settings_of(place)
    set_reminders(
        place.municipality,
        by=place.office,
        wanted={**seen, "weekday": 2},
        seen=seen,
        today=MONDAY + 3 * DAY,
    )
    assert send(place, MONDAY + 3 * DAY) == 0
    assert send(place, MONDAY + 9 * DAY) == 1


def test_settings_that_somebody_else_changed_are_not_overwritten(place: Town) -> None:
    seen = settings_of(place)
    wanted = {**seen, "days_before": 3}
    save = {"by": place.office, "today": MONDAY}
    set_reminders(place.municipality, wanted=wanted, seen=seen, **save)
    with pytest.raises(SettingsChanged):
        set_reminders(place.municipality, wanted={**seen, "weekday": 4}, seen=seen, **save)
    set_reminders(place.municipality, wanted=wanted, seen=seen, **save)
    assert Event.objects.filter(action="reminders.set").count() == 1


# Through the webhook ------------------------------------------------------------------------------
def test_the_webhook_gets_the_text_without_links_that_need_no_sign_in(place: Town) -> None:
    Webhook.objects.create(
        municipality=place.municipality, url="http://127.0.0.1:9/", secret="s" * 32
    )
    stale(place, place.employee)
    send(place)
    row = Outbox.objects.get(channel="webhook")
    assert row.recipient == place.employee
    assert "/u/" not in row.body
    assert row.body == notices(place.employee)[0].body


def test_office_staff_of_every_kind_is_found(place: Town) -> None:
    lost = factories.initiative(place.municipality, reported_on=MONDAY)
    second = factories.user(place.municipality, role=Role.DX_OFFICE)
    send(place)
    told = {digest.user for digest in Digest.objects.all()}
    assert told == {place.office, second}
    assert all(i["initiative"] == lost.pk for d in Digest.objects.all() for i in d.items)
