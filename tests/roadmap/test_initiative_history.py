"""The history: kinds, people, fields and periods; parts in words; fields set back."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.models import Event
from roadmap.actions.initiatives import RESTORES, edit_initiative, fields_of
from roadmap.actions.parts import record_part
from roadmap.actions.setting_back import set_back
from roadmap.actions.updates import report, undo_update
from roadmap.choices import Channel, Progress
from roadmap.models import Blocker, Comment, Initiative, Milestone, Tag
from tests.roadmap.board import HTMX, Town, signed_in, town
from tests.roadmap.test_initiative_list import fields, made

pytestmark = pytest.mark.django_db

HISTORY_QUERIES = 11
DAY = dt.date(2027, 3, 31)


def grown(place: Town) -> Initiative:
    """One with a report, an edit, a milestone and a comment."""
    initiative = made(place, "甲")
    report(initiative, by=place.head, progress=Progress.LATE)
    edit_initiative(initiative, by=place.office, fields=fields(place, "乙"), version=1)
    milestone = Milestone.objects.create(initiative=initiative, title="契約", due_on=DAY)
    record_part(
        "milestone.moved",
        initiative,
        milestone,
        by=place.head,
        before={"due_on": DAY, "version": 1},
        after={"due_on": DAY + dt.timedelta(days=1), "version": 2},
    )
    comment = Comment.objects.create(initiative=initiative, text="急ぎます", by=place.promoter)
    record_part("comment.added", initiative, comment, by=place.promoter, after={"text": "急ぎます"})
    return initiative


def shown(place: Town, initiative: Initiative, query: str) -> list[str]:
    """Kinds of the entries that a filter shows."""
    address = f"/initiatives/{initiative.pk}/history/{query}"
    response = signed_in(place.employee).get(address)
    assert response.status_code == 200
    return [entry.kind for entry in response.context["entries"]]


def test_history_is_narrowed_by_kind() -> None:
    place = town()
    initiative = grown(place)
    everything = ["part", "part", "edited", "reported", "reported", "created"]
    assert shown(place, initiative, "") == everything
    assert shown(place, initiative, "?kind=status") == ["reported", "reported"]
    assert shown(place, initiative, "?kind=fields") == ["edited", "created"]
    assert shown(place, initiative, "?kind=parts") == ["part", "part"]
    assert shown(place, initiative, "?kind=no_comments") == everything[1:]
    assert shown(place, initiative, "?kind=nonsense") == everything


def test_history_is_narrowed_by_person_field_and_period() -> None:
    place = town()
    initiative = grown(place)
    assert shown(place, initiative, "?person=高橋") == ["part"]
    assert shown(place, initiative, "?field=title") == ["edited"]
    assert shown(place, initiative, "?field=progress") == ["reported"]
    today = timezone.localdate()
    tomorrow = today + dt.timedelta(days=1)
    assert len(shown(place, initiative, f"?since={today}&until={today}")) == 6
    assert shown(place, initiative, f"?since={tomorrow}") == []
    assert shown(place, initiative, "?person=高橋&kind=status") == []


def test_history_answers_htmx_with_the_list_alone() -> None:
    place = town()
    initiative = grown(place)
    client = signed_in(place.employee)
    html = client.get(f"/initiatives/{initiative.pk}/history/", headers=HTMX).content.decode()
    assert html.strip().startswith('<div id="history-list"')
    assert "<h1" not in html


def test_history_comes_in_pages_that_keep_the_filter() -> None:
    place = town()
    initiative = made(place, "甲")
    for _number in range(25):
        report(initiative, by=place.head, unchanged=True)
    client, address = signed_in(place.employee), f"/initiatives/{initiative.pk}/history/"
    first = client.get(f"{address}?kind=status")
    second = client.get(f"{address}?kind=status&page=2")
    assert (len(first.context["entries"]), len(second.context["entries"])) == (20, 6)
    assert "kind=status" in first.content.decode().split('class="pages"')[1]


@pytest.mark.parametrize("number", [1, 3])
def test_history_costs_the_same_for_any_number_of_entries(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = town()
    initiative = made(place, "甲")
    for index in range(number):
        milestone = Milestone.objects.create(initiative=initiative, title="契約", due_on=DAY)
        record_part("milestone.added", initiative, milestone, by=place.head, after={"due_on": DAY})
        values = fields(place, f"乙{index}", partners=(place.other.pk,) if index % 2 == 0 else ())
        edit_initiative(initiative, by=place.office, fields=values, version=1 + index)
        report(initiative, by=place.head, unchanged=True)
    client = signed_in(place.office)
    with django_assert_num_queries(HISTORY_QUERIES):
        assert client.get(f"/initiatives/{initiative.pk}/history/").status_code == 200


def test_part_is_told_in_the_words_of_its_model() -> None:
    place = town()
    initiative = made(place, "甲")
    blocker = Blocker.objects.create(
        initiative=initiative, category="law", text="条例の改正待ち", opened_on=DAY
    )
    record_part(
        "blocker.something",
        initiative,
        blocker,
        by=place.head,
        channel=Channel.LINK,
        before={"category": "budget", "escalated_on": None, "escalated_by": None, "version": 1},
        after={"category": "law", "escalated_on": DAY, "escalated_by": place.head.pk, "version": 2},
    )
    response = signed_in(place.employee).get(f"/initiatives/{initiative.pk}/history/")
    entry = response.context["entries"][0]
    assert "条例の改正待ち" in entry.sentence
    assert "鈴木" in entry.sentence
    assert "something" not in response.content.decode()
    told = {change.label: (change.old, change.new) for change in entry.changes}
    category = Blocker._meta.get_field("category")
    day = Blocker._meta.get_field("escalated_on")
    assert told[str(category.verbose_name)][1] == blocker.get_category_display()
    assert told[str(day.verbose_name)][0] == ""
    assert "3月31日" in told[str(day.verbose_name)][1]
    assert len(told) == 2, "what has no name for people is not told"


def test_only_the_office_is_offered_to_set_back() -> None:
    place = town()
    initiative = grown(place)
    page = f"/initiatives/{initiative.pk}/history/"
    event = Event.objects.filter(action="initiative.edited").latest("id")
    address = f"{page}{event.pk}/set-back/"
    assert address in signed_in(place.office).get(page).content.decode()
    assert address not in signed_in(place.head).get(page).content.decode()
    created = Event.objects.filter(action="initiative.created").latest("id")
    assert signed_in(place.office).get(f"{page}{created.pk}/set-back/").status_code == 404


def edited(initiative: Initiative, place: Town, **values: Any) -> Event:
    """The event of an edit of some fields."""
    now = Initiative.objects.get(pk=initiative.pk)
    changed = replace(fields_of(now), **values)
    edit_initiative(now, by=place.office, fields=changed, version=now.version)
    return Event.objects.filter(action="initiative.edited").latest("id")


def test_set_back_touches_exactly_the_fields_of_that_edit() -> None:
    place = town()
    tag = Tag.objects.visible_to(place.office)[0]
    initiative = made(place, "甲", tags=(tag.pk,), ask_again_on=DAY)
    event = edited(initiative, place, title="乙", tags=(), ask_again_on=None)
    edited(initiative, place, budget="100千円")
    before = Initiative.objects.get().version
    set_back(initiative, event, by=place.office, version=before)
    found = fields_of(Initiative.objects.get())
    assert (found.title, found.tags, found.ask_again_on) == ("甲", (tag.pk,), DAY)
    assert found.budget == "100千円"
    latest = Event.objects.filter(action="initiative.edited").latest("id")
    assert latest.after[RESTORES] == event.pk
    assert set(latest.after) == {"title", "tags", "ask_again_on", "version", RESTORES}


def test_set_back_page_marks_what_was_changed_since_and_covers_it_knowingly() -> None:
    place = town()
    initiative = made(place, "甲")
    event = edited(initiative, place, title="乙", purpose="別の目的")
    edited(initiative, place, title="丙")
    client = signed_in(place.office)
    address = f"/initiatives/{initiative.pk}/history/{event.pk}/set-back/"
    page = client.get(address)
    marked = {str(row["label"]): row["changed_since"] for row in page.context["rows"]}
    assert sorted(marked.values()) == [False, True]
    response = client.post(address, {"version": initiative.version + 2}, follow=True)
    found = fields_of(Initiative.objects.get())
    assert (found.title, found.purpose) == ("甲", "窓口で書かせない")
    undo = Event.objects.filter(action="initiative.edited").latest("id")
    assert f"/history/{undo.pk}/set-back/" in response.content.decode(), "itself taken back"


def test_set_back_without_a_look_never_covers_what_others_wrote() -> None:
    """The undo in the toast sends no version: it starts from the one that the edit made."""
    place = town()
    initiative = made(place, "甲")
    event = edited(initiative, place, title="乙", purpose="別の目的")
    edited(initiative, place, title="丙")
    client = signed_in(place.office)
    address = f"/initiatives/{initiative.pk}/history/{event.pk}/set-back/"
    response = client.post(address)
    assert response.status_code == 409
    assert len(response.context["conflict"]) == 1
    assert fields_of(Initiative.objects.get()).purpose == "別の目的"


def test_edit_offers_its_undo_at_once() -> None:
    place = town()
    initiative = made(place, "甲")
    client = signed_in(place.office)
    form = client.get(f"/initiatives/{initiative.pk}/edit/").context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {k: v for k, v in data.items() if v is not None} | {"title": "乙", "version": 1}
    page = client.post(f"/initiatives/{initiative.pk}/edit/", data, follow=True)
    event = Event.objects.filter(action="initiative.edited").latest("id")
    undo = f"/initiatives/{initiative.pk}/history/{event.pk}/set-back/"
    assert undo in page.content.decode()
    assert client.post(undo).status_code == 302
    assert Initiative.objects.get().title == "甲"


def test_set_back_leaves_out_what_does_not_exist_any_more() -> None:
    place = town()
    tag, other = Tag.objects.visible_to(place.office)[:2]
    initiative = made(
        place, "甲", tags=tuple(sorted((tag.pk, other.pk))), start_fy=2026, start_quarter=2
    )
    event = edited(initiative, place, tags=(), start_quarter=None)
    edited(initiative, place, start_fy=None)
    other.delete()
    set_back(initiative, event, by=place.office, version=Initiative.objects.get().version)
    found = fields_of(Initiative.objects.get())
    assert found.tags == (tag.pk,)
    assert found.start_quarter is None, "a quarter without its year says nothing"


def test_report_keeps_its_undo_on_both_pages() -> None:
    place = town()
    initiative = made(place, "甲")
    update = report(initiative, by=place.head, progress=Progress.LATE)
    client = signed_in(place.office)
    for page in (f"/initiatives/{initiative.pk}/", f"/initiatives/{initiative.pk}/history/"):
        assert f"/undo/{update.pk}/" in client.get(page).content.decode()
    undo_update(update, by=place.office)
    assert shown(place, initiative, "?kind=status")[0] == "undone"
