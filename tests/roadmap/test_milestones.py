"""Milestones: their actions, their card, and two people at the same one."""

import datetime as dt
import re
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.models import Event
from roadmap.actions import milestones as actions
from roadmap.actions.parts import PART, PartConflict
from roadmap.models import DirtyMark, Initiative, Milestone, MilestoneMove
from tests import factories
from tests.roadmap.board import HTMX, signed_in, town
from tests.roadmap.test_initiative_list import made

pytestmark = pytest.mark.django_db

DUE = dt.date(2026, 9, 1)
LATER = dt.date(2026, 12, 1)


@pytest.fixture
def initiative() -> Initiative:
    city = factories.municipality(staircase=False)
    return factories.initiative(city, "電子申請", lead=factories.department(city))


def point(initiative: Initiative, title: str = "契約", due_on: dt.date = DUE) -> Milestone:
    return actions.add_milestone(initiative, by=None, title=title, due_on=due_on)


def test_milestone_is_there_once_when_it_is_sent_twice(initiative: Initiative) -> None:
    assert point(initiative, " 契約  締結 ") == point(initiative, "契約 締結")
    assert Event.objects.filter(action=actions.ADDED).count() == 1
    event = Event.objects.get(action=actions.ADDED)
    assert (event.object_type, event.object_id) == ("initiative", str(initiative.pk))
    assert event.after[PART][2] == "契約 締結"
    assert DirtyMark.objects.filter(scope="initiative", scope_id=initiative.pk).exists()


def test_date_moves_with_a_reason_that_is_kept(initiative: Initiative) -> None:
    milestone = point(initiative)
    change = {"by": None, "title": "契約", "due_on": LATER, "done_on": None, "version": 1}
    with pytest.raises(ValidationError) as refused:
        actions.edit_milestone(milestone, **change)
    assert list(refused.value.message_dict) == ["reason"]
    for _twice in range(2):
        actions.edit_milestone(milestone, **change, reason="入札が不調だったため")
    move = MilestoneMove.objects.get()
    assert (move.from_on, move.to_on, move.reason) == (DUE, LATER, "入札が不調だったため")
    milestone.refresh_from_db()
    assert (milestone.due_on, milestone.version) == (LATER, 2)


def test_renaming_needs_no_reason(initiative: Initiative) -> None:
    milestone = point(initiative)
    actions.edit_milestone(
        milestone, by=None, title="契約締結", due_on=DUE, done_on=None, version=1
    )
    assert not MilestoneMove.objects.exists()
    assert Milestone.objects.get().title == "契約締結"


def test_stale_change_is_refused_and_shows_theirs(initiative: Initiative) -> None:
    milestone = point(initiative)
    actions.edit_milestone(milestone, by=None, title="甲", due_on=DUE, done_on=None, version=1)
    with pytest.raises(PartConflict) as conflict:
        actions.edit_milestone(milestone, by=None, title="乙", due_on=DUE, done_on=None, version=1)
    assert str(conflict.value.theirs) == "甲"
    with pytest.raises(PartConflict):
        actions.remove_milestone(milestone, by=None, version=1)


def test_done_and_not_done_are_said_once(initiative: Initiative) -> None:
    milestone, today = point(initiative), timezone.localdate()
    with pytest.raises(ValidationError):
        actions.mark_milestone_done(milestone, by=None, on=today + dt.timedelta(days=1))
    actions.mark_milestone_done(milestone, by=None, on=today - dt.timedelta(days=3))
    done = actions.mark_milestone_done(milestone, by=None, on=today)
    assert (done.done_on, done.version) == (today - dt.timedelta(days=3), 2)
    with pytest.raises(PartConflict):
        actions.reopen_milestone(milestone, by=None, version=1)
    for _twice in range(2):
        actions.reopen_milestone(milestone, by=None, version=2)
    assert Milestone.objects.get().done_on is None
    assert Event.objects.filter(action=actions.REOPENED).count() == 1


def test_removed_milestone_comes_back_with_its_moves(initiative: Initiative) -> None:
    milestone = point(initiative)
    actions.edit_milestone(
        milestone, by=None, title="契約", due_on=LATER, done_on=None, reason="r", version=1
    )
    event = actions.remove_milestone(milestone, by=None, version=2)
    assert not initiative.milestones.exists()
    with pytest.raises(Milestone.DoesNotExist):
        actions.remove_milestone(milestone, by=None, version=3)
    for _twice in range(2):
        back = actions.restore_milestone(event, by=None)
    assert (back.pk, back.due_on, back.moves.count()) == (milestone.pk, LATER, 1)
    assert Event.objects.filter(action=actions.RESTORED).count() == 1
    with pytest.raises(ValueError, match="removed no milestone"):
        actions.restore_milestone(Event.objects.filter(action=actions.ADDED).get(), by=None)


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_at_once_one_is_told_of_the_other() -> None:
    city = factories.municipality(staircase=False)
    milestone = point(factories.initiative(city))
    barrier, told = threading.Barrier(2), []

    def edit(title: str) -> None:
        try:
            barrier.wait(10)
            actions.edit_milestone(
                milestone, by=None, title=title, due_on=DUE, done_on=None, version=1
            )
        except PartConflict as conflict:
            told.append((title, str(conflict.theirs)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=edit, args=[title]) for title in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    kept = Milestone.objects.get()
    assert kept.version == 2
    assert told == [({"甲": "乙", "乙": "甲"}[kept.title], kept.title)]


# The card -----------------------------------------------------------------------------------------
def card(html: str) -> str:
    """The card without what differs by request."""
    found = re.search(r'<section class="card parts" id="milestones".*?</section>', html, re.S)
    assert found
    plain = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", found[0])
    return re.sub(r"\s+", " ", plain).replace("> <", "><")


def page(client: Client, initiative: Initiative) -> str:
    return client.get(f"/initiatives/{initiative.pk}/").content.decode()


def test_card_is_what_a_fresh_page_shows_after_each_step() -> None:
    place = town()
    initiative, client = made(place, "電子申請"), signed_in(place.head)
    base = f"/initiatives/{initiative.pk}/milestones/"
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    added = client.post(base, {"title": "契約", "due_on": yesterday}, headers=HTMX)
    one = initiative.milestones.get()
    steps = [
        added,
        client.post(
            f"{base}{one.pk}/",
            {"title": "契約", "due_on": "令和8年4月1日", "reason": "前倒し", "version": 1},
            headers=HTMX,
        ),
        client.post(f"{base}{one.pk}/done/", headers=HTMX),
    ]
    assert [step.status_code for step in steps] == [200, 200, 200]
    assert card(steps[-1].content.decode()) == card(page(client, initiative))
    assert "前倒し" in page(client, initiative)
    assert 'id="derived" hx-swap-oob="true"' in steps[0].content.decode()
    assert "milestone_passed" not in steps[0].content.decode()
    one.refresh_from_db()
    removed = client.post(f"{base}{one.pk}/remove/", {"version": one.version}, headers=HTMX)
    undo = re.search(r"milestones/restore/\d+/", removed.headers["HX-Trigger"])
    assert undo
    assert not initiative.milestones.exists()
    client.post(f"/initiatives/{initiative.pk}/{undo[0]}")
    assert initiative.milestones.get() == one


def test_overdue_milestone_changes_what_the_facts_say() -> None:
    place = town()
    initiative, client = made(place, "電子申請"), signed_in(place.head)
    point(initiative, due_on=timezone.localdate() - dt.timedelta(days=1))
    response = client.get(f"/initiatives/{initiative.pk}/")
    assert response.context["row"].rule == "milestone_passed"


def test_forms_work_without_scripts() -> None:
    place = town()
    initiative, client = made(place, "電子申請"), signed_in(place.head)
    base = f"/initiatives/{initiative.pk}/milestones/"
    refused = client.post(base, {"title": "", "due_on": "いつか"})
    assert refused.status_code == 422
    assert "<h1>" in refused.content.decode()
    saved = client.post(base, {"title": "契約", "due_on": "2026-09-01"})
    assert saved.url == f"/initiatives/{initiative.pk}/#milestones"
    one = initiative.milestones.get()
    moved = client.post(f"{base}{one.pk}/", {"title": "契約", "due_on": LATER, "version": 1})
    assert moved.status_code == 422
    assert initiative.milestones.get().due_on == DUE


def test_stale_form_gets_both_sides_and_may_replace_theirs() -> None:
    place = town()
    initiative, client = made(place, "電子申請"), signed_in(place.head)
    one = point(initiative)
    actions.edit_milestone(
        one, by=place.office, title="相手の題", due_on=DUE, done_on=None, version=1
    )
    base = f"/initiatives/{initiative.pk}/milestones/{one.pk}/"
    typed = {"title": "自分の題", "due_on": DUE, "version": "1"}
    for headers in (HTMX, {}):
        told = client.post(base, typed, headers=headers)
        html = told.content.decode()
        assert told.status_code == 409
        assert "相手の題" in html
        assert "自分の題" in html
        assert "佐藤" in html
    assert 'name="version" value="2"' in html
    assert client.post(base, {**typed, "version": "2"}).status_code == 302
    assert initiative.milestones.get().title == "自分の題"


def test_change_of_a_removed_milestone_keeps_what_was_typed() -> None:
    place = town()
    initiative, client = made(place, "電子申請"), signed_in(place.head)
    one = point(initiative)
    actions.remove_milestone(one, by=place.office, version=1)
    base = f"/initiatives/{initiative.pk}/milestones/{one.pk}/"
    told = client.post(base, {"title": "自分の題", "due_on": DUE, "version": 1}, headers=HTMX)
    assert told.status_code == 409
    assert "自分の題" in told.content.decode()
    assert client.post(f"{base}done/", headers=HTMX).status_code == 409
    assert client.post(f"{base}remove/", {"version": 1}, headers=HTMX).status_code == 200


def test_user_text_of_milestones_is_out_of_reach_of_htmx() -> None:
    place = town()
    initiative = made(place, "電子申請")
    point(initiative, '<b hx-get="/x">題</b>')
    html = page(signed_in(place.employee), initiative)
    assert "&lt;b hx-get" in html
    assert "milestones/" not in html


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_any_number_of_parts(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    from tests.roadmap.test_initiative_detail import DETAIL_QUERIES

    place = town()
    initiative = made(place, "電子申請")
    for count in range(number):
        one = point(initiative, f"節目{count}")
        MilestoneMove.objects.create(milestone=one, from_on=DUE, to_on=LATER, reason="r")
    client = signed_in(place.head)
    with django_assert_num_queries(DETAIL_QUERIES + 3):  # the moves, and what one may do
        client.get(f"/initiatives/{initiative.pk}/")


def test_version_of_thousands_of_digits_is_none_and_no_error() -> None:
    place = town()
    initiative = made(place, "甲")
    digits = "9" * 5000
    sent = {"version": digits, "their_version": digits, "conflict": "title", "title": "乙"}
    client = signed_in(place.office)
    assert client.post(f"/initiatives/{initiative.pk}/edit/", sent).status_code in {409, 422}
    sent = {"version": digits, "stops_task": "紙の台帳"}
    response = client.post(f"/initiatives/{initiative.pk}/launch-plan/", sent)
    assert response.status_code in {302, 409}  # and no ValueError: int() refuses so many digits
