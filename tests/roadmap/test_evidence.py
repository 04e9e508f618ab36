"""Evidence: asked for, asked back, answered by confirming, accepted, taken back."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import DepartmentKind, Role
from dxportal.accounts.models import Department, Event, Outbox, User
from dxportal.dashboards.cells.states import stage_states
from dxportal.shared.workdays import on_or_after
from roadmap.actions import evidence
from roadmap.actions.assessments import Claim, confirm_criteria, confirm_unchanged
from roadmap.actions.evidence import EvidenceConflict
from roadmap.choices import CriterionSource
from roadmap.evidence_queue import open_requests, to_review
from roadmap.models import Assessment, Criterion, EvidenceAcceptance, EvidenceRequest
from roadmap.rollups import roll_up
from tests import factories
from tests.roadmap.test_rollups import stage_of

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 9, 1)
DUE = dt.date(2026, 9, 15)
LIST_QUERIES = 10


@pytest.fixture
def section() -> Department:
    town = factories.municipality()
    bureau = factories.department(town, "市民部", kind=DepartmentKind.BUREAU)
    return factories.department(town, "市民課", parent=bureau)


@pytest.fixture
def head(section: Department) -> User:
    return factories.user(section.municipality, role=Role.HEAD, of=section)


@pytest.fixture
def office(section: Department) -> User:
    return factories.user(section.municipality, role=Role.DX_OFFICE)


def criterion(section: Department, code: str = "T1-1") -> Criterion:
    rows = Criterion.objects.select_related("stage")
    found: Criterion = rows.get(stage__municipality=section.municipality, code=code)
    return found


def firm(section: Department, head: User, code: str = "T1-1", **more: Any) -> Assessment:
    more.setdefault("on", DAY)
    claim = Claim(3, more.pop("evidence", "台帳"))
    (made,) = confirm_criteria(section, {criterion(section, code).pk: claim}, by=head, **more)
    return made


def asked_back(assessment: Assessment, office: User, on: dt.date = DAY) -> EvidenceRequest:
    return evidence.ask_back(assessment, text="どの文書ですか", due_on=DUE, by=office, today=on)


def level_sum(section: Department, day: dt.date = DAY) -> int:
    roll_up(section.municipality_id, as_of=day, full=True)
    live = stage_states(section, as_of=day)["technology"][0].result.level_sum
    assert stage_of(section, "technology", 1).level_sum == live
    return live


def test_asked_back_does_not_count_until_answered(
    section: Department, head: User, office: User
) -> None:
    made = firm(section, head)
    assert level_sum(section) == 3
    request = asked_back(made, office)
    assert level_sum(section) == 0
    later = DAY + dt.timedelta(days=3)
    firm(section, head, on=later, evidence="文書管理規程 第3条")
    request.refresh_from_db()
    assert (request.answered_on, request.answer_id) == (later, Assessment.objects.latest("pk").pk)
    assert level_sum(section, later) == 3
    told = Outbox.objects.filter(key=f"evidence-answered-{request.pk}")
    assert {row.recipient for row in told} == {office}
    events = Event.objects.filter(action__startswith="evidence").order_by("pk")
    actions = list(events.values_list("action", flat=True))
    assert actions == ["evidence.asked_back", "evidence.answered"]


def test_withdrawing_makes_it_count_again(section: Department, head: User, office: User) -> None:
    request = asked_back(firm(section, head), office)
    assert evidence.withdraw_request(request, by=office, today=DAY)
    assert not evidence.withdraw_request(request, by=office, today=DAY)
    assert level_sum(section) == 3


def test_heads_are_told_and_those_of_the_bureau_where_there_is_none(
    section: Department, head: User, office: User
) -> None:
    assert section.bureau is not None
    above = factories.user(section.municipality, role=Role.HEAD, of=section.bureau)
    other = factories.department(section.municipality, parent=section.bureau)
    for place in (section, other):
        evidence.ask_for_evidence(
            place, criterion(section), text="根拠を", due_on=DUE, by=office, today=DAY
        )
    told = Outbox.objects.filter(key__startswith="evidence-asked", channel="in_app")
    assert sorted(row.recipient_id for row in told) == sorted([head.pk, above.pk])


def test_unchanged_leaves_out_what_is_asked(section: Department, head: User, office: User) -> None:
    earlier = DAY - dt.timedelta(days=30)
    made = firm(section, head, on=earlier)
    firm(section, head, "T1-2", on=earlier)
    asked_back(made, office)
    rows = confirm_unchanged(section, by=head, on=DAY)
    assert [row.criterion.code for row in rows] == ["T1-2"]
    assert EvidenceRequest.objects.open_on(DAY).count() == 1


@pytest.mark.parametrize("due", [DAY, dt.date(2026, 9, 12), dt.date(2026, 9, 21)])
def test_a_day_that_nobody_can_meet_is_refused(
    section: Department, office: User, due: dt.date
) -> None:
    with pytest.raises(ValidationError):
        evidence.ask_for_evidence(
            section, criterion(section), text="根拠を", due_on=due, by=office, today=DAY
        )


def test_measured_criteria_and_a_second_request_are_refused(
    section: Department, office: User
) -> None:
    ask: Any = {"text": "根拠を", "due_on": DUE, "by": office, "today": DAY}
    with pytest.raises(ValidationError):
        evidence.ask_for_evidence(section, criterion(section, "C1-1"), **ask)
    evidence.ask_for_evidence(section, criterion(section), **ask)
    with pytest.raises(EvidenceConflict):
        evidence.ask_for_evidence(section, criterion(section), **ask)


def test_what_was_confirmed_anew_is_not_asked_back(
    section: Department, head: User, office: User
) -> None:
    old = firm(section, head)
    firm(section, head, on=DAY + dt.timedelta(days=1))
    with pytest.raises(EvidenceConflict):
        asked_back(old, office, DAY + dt.timedelta(days=1))


def test_accepting_empties_the_queue_and_undo_fills_it(
    section: Department, head: User, office: User
) -> None:
    rows = [firm(section, head), firm(section, head, "T1-2")]
    assert list(to_review(office, DAY)) == rows
    made, batch = evidence.accept_evidence(to_review(office, DAY), by=office, today=DAY)
    assert len(made) == 2
    assert not to_review(office, DAY)
    assert evidence.accept_evidence(rows, by=office, today=DAY)[0] == []
    town = section.municipality_id
    assert evidence.take_back_acceptance(batch, municipality_id=town, by=office) == 2
    assert evidence.take_back_acceptance(batch, municipality_id=town, by=office) == 0
    assert len(to_review(office, DAY)) == 2


def test_an_old_undo_leaves_what_somebody_else_accepted(
    section: Department, head: User, office: User
) -> None:
    made, town = firm(section, head), section.municipality_id
    _rows, first = evidence.accept_evidence([made], by=office, today=DAY)
    evidence.take_back_acceptance(first, municipality_id=town, by=office)
    other = factories.user(section.municipality, role=Role.DX_OFFICE)
    (kept,), second = evidence.accept_evidence([made], by=other, today=DAY)
    assert evidence.take_back_acceptance(first, municipality_id=town, by=office) == 0
    assert list(EvidenceAcceptance.objects.all()) == [kept]
    assert evidence.take_back_acceptance(second, municipality_id=town, by=other) == 1


def test_taking_back_waits_for_the_department(
    section: Department, head: User, office: User
) -> None:
    _rows, batch = evidence.accept_evidence([firm(section, head)], by=office, today=DAY)
    with CaptureQueriesContext(connection) as queries:
        evidence.take_back_acceptance(batch, municipality_id=section.municipality_id, by=office)
    locks = [row["sql"] for row in queries if "FOR NO KEY UPDATE" in row["sql"]]
    assert len(locks) == 1
    assert "accounts_department" in locks[0]


def test_what_nobody_can_confirm_is_not_asked_about(
    section: Department, head: User, office: User
) -> None:
    made, one = firm(section, head), criterion(section)
    for change in ({"retired": True}, {"retired": False, "source": CriterionSource.SURVEY}):
        Criterion.objects.filter(pk=one.pk).update(**change)
        with pytest.raises(ValidationError):
            asked_back(Assessment.objects.get(pk=made.pk), office)
    Criterion.objects.filter(pk=one.pk).update(source=CriterionSource.DECLARED)
    Department.objects.filter(pk=section.pk).update(valid_to=DAY)
    ask: Any = {"text": "根拠を", "due_on": DUE, "by": office, "today": DAY}
    with pytest.raises(ValidationError):
        asked_back(made, office)
    with pytest.raises(ValidationError):
        evidence.ask_for_evidence(section, one, **ask)
    assert not EvidenceRequest.objects.exists()


def test_the_queue_repeats_only_what_is_new(section: Department, head: User, office: User) -> None:
    evidence.accept_evidence([firm(section, head)], by=office, today=DAY)
    later = DAY + dt.timedelta(days=40)
    confirm_unchanged(section, by=head, on=later)
    assert not to_review(office, later)
    firm(section, head, on=later, evidence="別の台帳")
    assert [row.evidence for row in to_review(office, later)] == ["別の台帳"]
    evidence.accept_evidence(to_review(office, later), by=office, today=later)
    newest = Assessment.objects.latest("pk")
    evidence.ask_back(newest, text="場所は", due_on=dt.date(2026, 11, 2), by=office, today=later)
    answered = firm(section, head, on=later + dt.timedelta(days=1), evidence="別の台帳")
    assert list(to_review(office, later + dt.timedelta(days=1))) == [answered]


def test_not_in_the_queue(section: Department, head: User, office: User) -> None:
    """Lower levels, expired ones, replaced ones, asked back ones and other municipalities'."""
    one = criterion(section, "T1-2")
    confirm_criteria(section, {one.pk: Claim(2, "途中")}, by=head, on=DAY)
    firm(section, head, on=dt.date(2025, 8, 1))
    asked_back(firm(section, head, "T1-6"), office)
    stranger = factories.user(factories.municipality("よそ市"), role=Role.DX_OFFICE)
    firm(section, head, "T1-5")
    assert [row.criterion.code for row in to_review(office, DAY)] == ["T1-5"]
    assert not to_review(stranger, DAY)
    assert [one.overdue for one in open_requests(office, DAY)] == [False]
    assert [one.late_by for one in open_requests(office, DUE + dt.timedelta(days=2))] == [2]


# The pages ----------------------------------------------------------------------------------------
@pytest.fixture
def screen(office: User) -> Client:
    client = Client()
    client.force_login(office)
    return client


def today_firm(section: Department, head: User, code: str = "T1-1") -> Assessment:
    return firm(section, head, code, on=timezone.localdate())


def test_accept_many_and_take_it_back(screen: Client, section: Department, head: User) -> None:
    rows = [today_firm(section, head), today_firm(section, head, "T1-2")]
    url = reverse("roadmap:evidence_accept")
    response = screen.post(url, {"assessment": [row.pk for row in rows]}, follow=True)
    assert EvidenceAcceptance.objects.count() == 2
    undo = response.content.decode().split('action="/evidence/accept/undo/')[1].split('"')[0]
    screen.post(f"/evidence/accept/undo/{undo}")
    assert not EvidenceAcceptance.objects.exists()
    page = screen.get(reverse("roadmap:evidence_list")).content.decode()
    assert page.count('name="assessment"') == 2


def test_ask_back_on_the_page(screen: Client, section: Department, head: User) -> None:
    made = today_firm(section, head)
    url = reverse("roadmap:evidence_ask_back", args=[made.pk])
    assert screen.post(url, {"text": "", "due_on": ""}).status_code == 422
    due = on_or_after(timezone.localdate() + dt.timedelta(days=10))
    response = screen.post(url, {"text": "どの文書ですか", "due_on": due.isoformat()})
    assert response.status_code == 302
    assert EvidenceRequest.objects.get().assessment == made
    assert screen.post(url, {"text": "もう一度", "due_on": due.isoformat()}).status_code == 409
    page = screen.get(reverse("roadmap:evidence_list")).content.decode()
    assert "どの文書ですか" in page


def test_the_list_narrows_by_bureau(screen: Client, section: Department, head: User) -> None:
    other = factories.department(section.municipality, "税務課")
    today_firm(section, head)
    firm(other, head, on=timezone.localdate())
    url = reverse("roadmap:evidence_list")
    assert "税務課" in screen.get(url).content.decode()
    narrowed = screen.get(url, {"bureau": section.bureau_id}).content.decode()
    assert "市民課" in narrowed
    assert "税務課" not in narrowed


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_number(
    section: Department,
    head: User,
    office: User,
    count: int,
    django_assert_num_queries: Any,
) -> None:
    for _ in range(count):
        place = factories.department(section.municipality, parent=section.bureau)
        firm(place, head, on=timezone.localdate())
        evidence.ask_for_evidence(
            place,
            criterion(section, "T1-2"),
            text="根拠を",
            due_on=on_or_after(timezone.localdate() + dt.timedelta(days=9)),
            by=office,
            today=timezone.localdate(),
        )
    url, screen = reverse("roadmap:evidence_list"), Client()
    screen.force_login(office)
    screen.get(url)
    with django_assert_num_queries(LIST_QUERIES):
        screen.get(url)
