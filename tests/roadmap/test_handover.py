"""The handover page of a post: who reads it, what it shows, the note, and taking over."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.models import Event, Outbox, User
from roadmap.actions import reorganisations as acts
from roadmap.actions.handovers import NoteConflict, save_note
from roadmap.models import Blocker, Handover, HandoverNote, Milestone, Update
from tests.roadmap import april
from tests.roadmap.april import Town

pytestmark = pytest.mark.django_db


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(post: Any, name: str = "detail") -> str:
    return reverse(f"roadmap:handover_{name}", args=[post.pk])


def swapped() -> Town:
    """The heads of 税務課 and 土木課 have changed places today."""
    town = april.build(staff=3)
    rows = [
        f"異動,,税務課,{town.heads['土木課'].email},○",
        f"異動,,土木課,{town.heads['税務課'].email},○",
    ]
    item = acts.draft_reorganisation(
        town.municipality,
        by=town.office,
        effective_on=timezone.localdate(),
        changes=april.read("種類,部署,あとの部署,メールアドレス,所属長\n" + "\n".join(rows)),
        file_name="四月.csv",
    )
    plan = acts.plan_of(item)
    assert not plan.problems
    acts.confirm(item, fingerprint=plan.fingerprint, by=town.office, now=timezone.now())
    return town


def test_predecessor_successor_head_and_office_read_it_nobody_else() -> None:
    town = swapped()
    post = town.posts["税務課"]
    for person in (town.heads["税務課"], town.heads["土木課"], town.office):
        assert browser(person).get(url(post)).status_code == 200
    for person in (town.staff["税務課"][2], town.heads["福祉課"]):
        assert browser(person).get(url(post)).status_code == 403


def test_it_shows_what_the_next_one_needs() -> None:
    town = swapped()
    today = timezone.localdate()
    mine = town.initiatives["税務課の電子申請"]
    Milestone.objects.create(initiative=mine, title="契約", due_on=today + dt.timedelta(days=20))
    Milestone.objects.create(initiative=mine, title="すんだ節目", due_on=today, done_on=today)
    Blocker.objects.create(
        initiative=mine, category="budget", text="予算が足りない", opened_on=today
    )
    Update.objects.create(
        initiative=mine,
        phase="trial",
        progress="on_track",
        next_step="説明会を開く",
        next_due=today + dt.timedelta(days=9),
        reported_on=today,
    )
    page = browser(town.heads["土木課"]).get(url(town.posts["税務課"])).content.decode()
    for words in (
        "税務課の電子申請",
        "契約",
        "予算が足りない",
        "説明会を開く",
        "税務課の長",
        "土木課の長",
    ):
        assert words in page
    assert "すんだ節目" not in page
    assert "税務課の様式" not in page  # that is the 係長's


def test_new_holder_is_told_and_takes_over_once() -> None:
    town = swapped()
    new, post = town.heads["土木課"], town.posts["税務課"]
    told = Outbox.objects.get(recipient=new)
    assert told.path == reverse("roadmap:handover_list")
    client = browser(new)
    assert post.name in client.get(told.path).content.decode()
    for _twice in range(2):
        client.post(url(post, "take"))
    assert Handover.objects.filter(assignment__post=post, assignment__user=new).count() == 1
    assert Event.objects.filter(action="handover.taken").count() == 1
    assert browser(town.heads["税務課"]).post(url(post, "take")).status_code == 403


def test_note_of_two_writers_is_never_lost() -> None:
    town = swapped()
    post = town.posts["税務課"]
    old, new = browser(town.heads["税務課"]), browser(town.heads["土木課"])
    assert old.post(url(post, "note"), {"text": "鍵は金庫", "version": 0}).status_code == 302
    again = new.post(url(post, "note"), {"text": "鍵は机", "version": 0})
    assert again.status_code == 409
    page = again.content.decode()
    assert "鍵は金庫" in page
    assert "鍵は机" in page
    assert HandoverNote.objects.get(post=post).text == "鍵は金庫"
    with pytest.raises(NoteConflict):
        save_note(post, "別のこと", version=0, by=town.office)
    assert new.post(url(post, "note"), {"text": "両方", "version": 1}).status_code == 302
    assert [
        e.after["text"] for e in Event.objects.filter(action="handover.noted").order_by("pk")
    ] == [
        "鍵は金庫",
        "両方",
    ]


def test_post_of_a_department_that_ended_leads_on_and_its_replies_too() -> None:
    town = april.build(staff=2)
    item = acts.draft_reorganisation(
        town.municipality,
        by=town.office,
        effective_on=timezone.localdate(),
        changes=april.read("種類,部署,あとの部署\n統合,市民課、国保年金課,市民保険課\n"),
    )
    owners = {str(o.initiative): o.suggested for o in acts.plan_of(item).undecided}
    item = acts.choose_owners(item, owners, by=town.office)
    seen = acts.plan_of(item).fingerprint
    acts.confirm(item, fingerprint=seen, by=town.office, now=timezone.now())
    old = town.posts["国保年金課"]
    new = old.successions.get().successor
    assert new.name == "市民保険課長"
    page = browser(town.heads["国保年金課"]).get(url(old)).content.decode()
    assert url(new) in page
    there = browser(town.heads["市民課"]).get(url(new)).content.decode()
    assert "国保年金課の長" in there
    assert "国保年金課の電子申請" in there


@pytest.mark.parametrize("number", [1, 3])
def test_pages_take_a_fixed_number_of_queries(number: int, django_assert_num_queries: Any) -> None:
    town = swapped()
    today, post = timezone.localdate(), town.posts["税務課"]
    for place in range(number):
        made = april.factories.initiative(
            town.municipality, accountable_post=post, reported_on=today
        )
        Milestone.objects.create(initiative=made, title=f"節目{place}", due_on=today)
    client = browser(town.office)
    with django_assert_num_queries(17):
        client.get(url(post))
    with django_assert_num_queries(9):
        client.get(reverse("roadmap:handover_list"))
