"""A round from its plan to its end: who may take which step, and what each step does once."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event, Outbox
from roadmap.actions import closing, returns, rounds
from roadmap.actions.updates import report
from roadmap.choices import Cause, Progress, ReturnState, RoundKind, RoundState
from roadmap.models import Initiative, ReportingRound, RoundReturn
from roadmap.round_calendar import Period
from roadmap.rounds import waiting_returns
from roadmap.tasks import turn_round_clock
from tests import factories
from tests.roadmap.board import HTMX, signed_in
from tests.roadmap.reporting import Reporting, closed, led, opened, planned

pytestmark = pytest.mark.django_db

TABLE_QUERIES = 9


def url(found: Reporting, tail: str = "") -> str:
    """An address of the round."""
    return f"/rounds/{found.round.pk}/{tail}"


def own(found: Reporting, tail: str = "") -> str:
    """An address of the section's return."""
    return url(found, f"returns/{found.place.section.pk}/{tail}")


def version(found: Reporting) -> int:
    """The step that stands now."""
    return found.returned().version


def submit(found: Reporting, client: Client, note: str = "") -> Any:
    """Press the button of the head's page."""
    return client.post(own(found, "submit/"), {"version": version(found), "note": note})


# Planning and opening ---------------------------------------------------------------------------
def test_round_is_planned_with_the_days_of_the_calendar() -> None:
    found = planned()
    client = signed_in(found.place.office)
    page = client.get("/rounds/new/?period=half-2026-2").content.decode()
    assert 'value="half-2026-2" selected' in page
    response = client.post("/rounds/new/", {"period": "half-2026-2", "note": "下期です"})
    made = ReportingRound.objects.exclude(pk=found.round.pk).get()
    assert response.status_code == 302
    assert (made.kind, made.fiscal_year, made.number) == (RoundKind.HALF, 2026, 2)
    assert made.label.endswith("下期")
    assert made.opens_on <= made.due_on
    assert made.note == "下期です"


def test_same_plan_sent_twice_is_one_round_and_another_one_is_refused() -> None:
    found = planned()
    client = signed_in(found.place.office)
    data = {
        "period": "half-2026-2",
        "opens_on": "2026-12-01",
        "due_on": "令和8年12月25日",
        "note": "",
    }
    assert [client.post("/rounds/new/", data).status_code for _ in range(2)] == [302, 302]
    assert ReportingRound.objects.count() == 2
    refused = client.post("/rounds/new/", data | {"due_on": "2026-12-24"})
    assert refused.status_code == 422
    assert ReportingRound.objects.count() == 2


@pytest.mark.parametrize(
    ("opens_on", "due_on"),
    [("2026-12-05", "2026-12-25"), ("2026-12-25", "2026-12-01"), ("2026-12-01", "2027-01-02")],
)
def test_plan_is_refused_on_days_off_and_backwards(opens_on: str, due_on: str) -> None:
    client = signed_in(planned().place.office)
    data = {"period": "half-2026-2", "opens_on": opens_on, "due_on": due_on}
    assert client.post("/rounds/new/", data).status_code == 422


def test_two_people_change_the_plan_and_the_second_one_sees_both() -> None:
    found = planned()
    client = signed_in(found.place.office)
    data = {"period": "half-2026-1", "opens_on": "2026-12-01", "due_on": "2026-12-24", "note": "甲"}
    first = client.post(url(found, "edit/"), data | {"version": 1})
    second = client.post(url(found, "edit/"), data | {"version": 1, "note": "乙"})
    assert (first.status_code, second.status_code) == (302, 409)
    assert "乙" in second.content.decode()
    assert found.fresh().note == "甲"
    third = client.post(url(found, "edit/"), data | {"version": 2, "note": "乙"})
    assert third.status_code == 302
    assert found.fresh().note == "乙"


def test_open_round_keeps_its_period_and_lets_the_deadline_move() -> None:
    found = opened()
    client = signed_in(found.place.office)
    data = {"period": "half-2027-2", "opens_on": "2027-12-01", "due_on": "2027-01-29"}
    assert client.post(url(found, "edit/"), data | {"version": 2}).status_code == 302
    fresh = found.fresh()
    assert (fresh.number, fresh.due_on) == (1, dt.date(2027, 1, 29))
    assert fresh.opens_on == found.round.opens_on


def test_opening_asks_every_department_and_tells_the_heads_once() -> None:
    found = planned()
    place = found.place
    bureau = factories.department(place.municipality, "部だけ", stands=False)
    gone = factories.department(place.municipality, "終わった課", valid_to=dt.date(2026, 4, 1))
    lone = factories.department(place.municipality, "率いる部", stands=False)
    factories.initiative(place.municipality, lead=lone)
    client = signed_in(place.office)
    assert [client.post(url(found, "open/")).status_code for _ in range(2)] == [302, 302]
    owing = set(found.round.returns.values_list("department_id", flat=True))
    assert owing == {place.section.pk, place.other.pk, lone.pk}
    assert bureau.pk not in owing
    assert gone.pk not in owing
    assert Outbox.objects.filter(key=f"round-{found.round.pk}-opened").count() == 1
    notice = Outbox.objects.get(recipient=place.head)
    assert "半期のまとめです" in notice.body
    assert Event.objects.filter(action="round.opened").count() == 1


def test_clock_opens_on_the_day_and_asks_departments_that_came_later() -> None:
    found = planned()
    place = found.place
    ReportingRound.objects.update(opens_on=timezone.localdate() + dt.timedelta(days=1))
    turn_round_clock()
    assert found.fresh().state == RoundState.PLANNED
    ReportingRound.objects.update(opens_on=timezone.localdate())
    turn_round_clock()
    turn_round_clock()
    assert found.fresh().state == RoundState.OPEN
    assert Event.objects.filter(action="round.opened", channel="system").count() == 1
    factories.department(place.municipality, "新しい課")
    turn_round_clock()
    assert found.round.returns.count() == 3
    assert Event.objects.filter(action="round.joined").count() == 1


def test_plan_is_discarded_and_an_open_round_is_not() -> None:
    found, other = planned(), opened(2)
    client = signed_in(found.place.office)
    assert client.post(url(found, "drop/")).status_code == 302
    assert not ReportingRound.objects.filter(pk=found.round.pk).exists()
    client = signed_in(other.place.office)
    assert client.post(url(other, "drop/")).status_code == 409
    assert Event.objects.filter(action="round.dropped").count() == 1


# Returning --------------------------------------------------------------------------------------
def test_department_sees_what_is_missing_and_submits_when_it_is_done() -> None:
    found = opened()
    place = found.place
    late, fine = led(place, "遅れる取組"), led(place, "進む取組")
    page = signed_in(place.promoter).get(own(found)).content.decode()
    assert page.count('href="#initiative-row-') == 2
    assert "return-submit" not in page
    report(late, by=place.promoter, progress=Progress.LATE)
    report(fine, by=place.promoter, unchanged=True)
    head = signed_in(place.head)
    page = head.get(own(found)).content.decode()
    assert page.count('href="#initiative-row-') == 1
    assert submit(found, head).status_code == 422
    report(late, by=place.promoter, cause=Cause.BUDGET, next_step="財政課と話す")
    assert submit(found, head).status_code == 302
    row = found.returned()
    assert (row.state, row.submitted_by) == (ReturnState.SUBMITTED, place.head)
    assert Outbox.objects.filter(recipient=place.office, key__startswith="return-").count() == 1


def test_something_missing_needs_a_note_and_no_initiative_needs_nothing() -> None:
    found = opened()
    led(found.place)
    head = signed_in(found.place.head)
    assert submit(found, head).status_code == 422
    assert submit(found, head, "担当者が休んでいます").status_code == 302
    other = factories.user(found.place.municipality, role=Role.HEAD, of=found.place.other)
    row = found.returned(found.place.other)
    address = url(found, f"returns/{found.place.other.pk}/submit/")
    assert signed_in(other).post(address, {"version": row.version}).status_code == 302
    event = Event.objects.filter(action="return.submitted").latest("id")
    assert event.after["initiatives"] == 0


def test_row_of_the_return_page_is_saved_there_and_the_list_above_follows() -> None:
    found = opened()
    initiative = led(found.place)
    head = signed_in(found.place.head)
    data = {"unchanged": "1", "next": own(found), "expected": initiative.updates.get().pk}
    plain = head.post(f"/initiatives/{initiative.pk}/status/", data)
    assert plain.headers["Location"] == own(found)
    part = head.get(own(found), headers=HTMX).content.decode()
    assert part.strip().startswith('<section class="card" id="return-gaps"')
    assert "#initiative-row-" not in part


def test_office_accepts_sends_back_and_opens_again() -> None:
    found = opened()
    head, office = signed_in(found.place.head), signed_in(found.place.office)
    submit(found, head)
    empty = {"version": version(found), "answer": "send_back", "comment": " "}
    assert office.post(own(found, "decide/"), empty).status_code == 422
    data = empty | {"comment": "効果を書いてください"}
    assert office.post(own(found, "decide/"), data).status_code == 302
    assert found.returned().state == ReturnState.RETURNED
    assert (
        "効果を書いてください" in signed_in(found.place.promoter).get(own(found)).content.decode()
    )
    submit(found, head, "書きました")
    office.post(own(found, "decide/"), {"version": version(found), "answer": "accept"})
    assert found.returned().state == ReturnState.ACCEPTED
    again = {"version": version(found), "answer": "send_back", "comment": "もう一度"}
    office.post(own(found, "decide/"), again)
    assert found.returned().state == ReturnState.RETURNED
    told = Outbox.objects.filter(recipient=found.place.head, key__startswith="return-")
    assert told.count() == 3
    actions = Event.objects.filter(object_type="roundreturn").order_by("id")
    assert [event.action for event in actions] == [
        "return.submitted",
        "return.sent_back",
        "return.submitted",
        "return.accepted",
        "return.sent_back",
    ]


def test_steps_sent_again_write_nothing_more() -> None:
    found = opened()
    head, office = signed_in(found.place.head), signed_in(found.place.office)
    data = {"version": version(found), "note": ""}
    assert [head.post(own(found, "submit/"), data).status_code for _ in range(2)] == [302, 302]
    decided = {"version": version(found), "answer": "accept", "comment": ""}
    assert [office.post(own(found, "decide/"), decided).status_code for _ in range(2)] == [302, 302]
    assert version(found) == 3
    assert Event.objects.filter(object_type="roundreturn").count() == 2


def test_step_after_somebody_elses_step_is_a_conflict_with_words() -> None:
    found = opened()
    head, office = signed_in(found.place.head), signed_in(found.place.office)
    submit(found, head)
    seen = version(found)
    head.post(own(found, "take-back/"), {"version": seen})
    stale = {"version": seen, "answer": "send_back", "comment": "書いた言葉"}
    response = office.post(own(found, "decide/"), stale)
    assert response.status_code == 409
    assert found.returned().state == ReturnState.FILLING
    again = {"version": seen - 1, "note": "古いページから"}
    conflict = head.post(own(found, "submit/"), again)
    assert conflict.status_code == 409
    assert "古いページから" in conflict.content.decode()


def test_head_of_another_department_submits_nothing_here() -> None:
    found = opened()
    other = factories.user(found.place.municipality, role=Role.HEAD, of=found.place.other)
    client = signed_in(other)
    assert client.get(own(found)).status_code == 403
    assert client.post(own(found, "submit/"), {"version": 1}).status_code == 403
    assert found.returned().state == ReturnState.FILLING


def test_open_return_is_seen_by_its_people_and_by_those_who_see_all() -> None:
    found = opened()
    place = found.place
    contact = factories.user(place.municipality, of=place.other, name="担当")
    initiative = led(place)
    Initiative.objects.filter(pk=initiative.pk).update(contact=contact)
    stranger = factories.user(place.municipality, of=place.other)
    may = [place.head, place.promoter, place.employee, contact, place.office]
    for person in [*may, found.cdo, found.auditor]:
        assert signed_in(person).get(own(found)).status_code == 200, person
    for person in (stranger, found.admin):
        assert signed_in(person).get(own(found)).status_code == 403, person


# Who is missing ---------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [1, 3, 40])
def test_live_table_costs_the_same_for_any_number_of_departments(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found = planned()
    for index in range(number):
        section = factories.department(found.place.municipality, f"第{index}の課")
        factories.initiative(found.place.municipality, lead=section)
    rounds.open_round(found.round, by=found.place.office, now=timezone.now())
    client = signed_in(found.place.office)
    with django_assert_num_queries(TABLE_QUERIES):
        page = client.get(url(found, "missing/"), headers=HTMX).content.decode()
    assert page.count("<tr>") == number + 3


def test_live_table_stops_asking_when_the_round_is_closed() -> None:
    found = opened()
    client = signed_in(found.place.office)
    first = client.get(url(found, "missing/"), headers=HTMX)
    assert first.status_code == 200
    assert "every 30s" in first.content.decode()
    everybody = found.round.returns.values_list("department_id", flat=True)
    closing.close_round(
        found.round, by=found.place.office, named=list(everybody), now=timezone.now()
    )
    last = client.get(url(found, "missing/"), headers=HTMX)
    assert last.status_code == 286
    assert "every 30s" not in last.content.decode()


def test_those_who_are_missing_are_told_at_most_once_a_day() -> None:
    found = opened()
    place = found.place
    other = factories.user(place.municipality, role=Role.HEAD, of=place.other)
    submit(found, signed_in(place.head))
    client = signed_in(place.office)
    for _ in range(2):
        assert client.post(url(found, "tell/")).status_code == 302
    key = rounds.told_key(found.round, timezone.localdate())
    assert [row.recipient for row in Outbox.objects.filter(key=key)] == [other]
    assert Event.objects.filter(action="round.told").count() == 1
    tomorrow = timezone.now() + dt.timedelta(days=1)
    assert rounds.tell_waiting(found.round, by=place.office, now=tomorrow) == 1


def test_reminders_learn_who_waits_in_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    found = opened()
    submit(found, signed_in(found.place.head))
    planned(2, place=found.place)
    with django_assert_num_queries(1):
        waiting = waiting_returns(found.place.municipality.pk, timezone.localdate())
        assert [(one.department.name, one.days_left) for one in waiting] == [("税務課", 14)]
    closed(1)
    assert len(waiting_returns(found.place.municipality.pk, timezone.localdate())) == 1


def test_line_says_what_is_left_to_whoever_it_concerns() -> None:
    found = opened()
    led(found.place)
    due = found.round.due_on
    words = {
        found.place.head: "あと1件",
        found.place.promoter: "あと1件",
        found.place.office: "2部署",
        found.cdo: "2部署",
        found.admin: "",
    }
    for person, word in words.items():
        page = signed_in(person).get("/initiatives/").content.decode()
        assert ('id="round-line"' in page) is bool(word), person
        assert word in page
    page = signed_in(found.place.head).get(f"/departments/{found.place.section.pk}/")
    assert f"あと1件、{due.month}月{due.day}日まで" in page.content.decode()


# Roles ------------------------------------------------------------------------------------------
def test_only_the_office_runs_rounds() -> None:
    found, plan = opened(), planned(2)
    for person in (found.place.head, found.place.employee, found.cdo, found.auditor, found.admin):
        client = signed_in(person)
        assert client.get("/rounds/new/").status_code == 403
        for tail in ("open/", "drop/", "tell/", "close/"):
            assert client.post(url(found, tail)).status_code == 403, (person, tail)
        assert client.post(own(found, "decide/"), {"answer": "accept"}).status_code == 403
    assert signed_in(plan.place.employee).get(url(plan)).status_code == 403
    assert signed_in(plan.cdo).get(url(plan)).status_code == 200
    assert signed_in(plan.place.office).get(url(found)).status_code == 404


def test_everybody_reads_what_a_closed_round_kept() -> None:
    found = closed()
    for person in (found.place.employee, found.place.head, found.cdo, found.auditor):
        client = signed_in(person)
        assert client.get(url(found)).status_code == 200
        assert client.get(url(found, "report.csv")).status_code == 200
        assert "令和8年度" in client.get("/rounds/").content.decode()


def test_step_of_a_closed_round_is_refused_with_words() -> None:
    found = closed()
    row = found.returned()
    with pytest.raises(rounds.RoundRefused, match="令和8年度"):
        returns.submit_return(row, by=found.place.head, version=1, now=timezone.now())
    answer = signed_in(found.place.head).post(own(found, "submit/"), {"version": 1})
    assert answer.status_code == 409
    office = signed_in(found.place.office)
    assert office.get(url(found, "edit/")).status_code == 409
    assert office.post(url(found, "tell/")).status_code == 409
    assert office.post(url(found, "open/")).status_code == 409
    assert RoundReturn.objects.exclude(state=ReturnState.FILLING).count() == 0


def test_note_is_asked_for_by_the_action_too() -> None:
    found = opened()
    led(found.place)
    with pytest.raises(ValidationError):
        returns.submit_return(found.returned(), by=found.place.head, version=1, now=timezone.now())


def test_period_of_a_quarter_is_named() -> None:
    place = planned().place
    made = rounds.plan_round(
        place.municipality,
        by=place.office,
        period=Period(RoundKind.QUARTER, 2026, 3),
        opens_on=dt.date(2026, 12, 1),
        due_on=dt.date(2026, 12, 28),
    )
    assert made.label.endswith("第3四半期")
