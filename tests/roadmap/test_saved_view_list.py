"""Saved views: an address under a name, own or shared, and nothing but an address of the list."""

import re

import pytest

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event
from roadmap.actions.saved_views import MOST, save_view
from roadmap.models import SavedView
from tests import factories
from tests.roadmap.board import signed_in, town
from tests.roadmap.test_initiative_list import made, open_list

pytestmark = pytest.mark.django_db
VIEWS = "/initiatives/views/"


def test_a_view_is_saved_opened_and_named_above_the_queues() -> None:
    place = town()
    made(place, "甲")
    client = signed_in(place.office)
    html = open_list(client, "?queue=late&view=board&page=2")
    query = re.search(r'name="query" value="([^"]*)"', html)
    assert query
    sent = {"name": " 遅れの  一覧 ", "query": query[1].replace("&amp;", "&")}
    response = client.post(VIEWS, sent)
    assert response["Location"] == "/initiatives/?queue=late&view=board"
    view = SavedView.objects.get()
    assert (view.name, view.query, view.shared) == ("遅れの 一覧", "queue=late&view=board", False)
    page = open_list(client, "?view=board&queue=late")
    link = 'href="/initiatives/?queue=late&amp;view=board" aria-current="page">遅れの 一覧'
    assert link in page
    assert page.index("遅れの 一覧") < page.index('id="queue-tabs"')


def test_the_same_name_again_points_to_the_new_address_and_writes_once() -> None:
    place = town()
    client = signed_in(place.office)
    for query in ("queue=late", "queue=stale", "queue=stale"):
        client.post(VIEWS, {"name": "いつもの", "query": query})
    assert SavedView.objects.get().query == "queue=stale"
    actions = Event.objects.filter(object_type="savedview").order_by("id")
    assert [e.action for e in actions] == ["saved_view.saved", "saved_view.changed"]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("next=https://evil.example/&queue=late", "queue=late"),
        ("//evil.example/?queue=late", ""),
        ("https://evil.example/", ""),
        ("queue=nothing&view=x&sort=evil&from=1&page=9&department=999999", ""),
        ("?q=%3Cscript%3E&view=timeline", "q=%3Cscript%3E&view=timeline"),
        ("q=%00&view=board", "view=board"),
    ],
)
def test_only_what_the_list_understands_is_kept(query: str, kept: str) -> None:
    place = town()
    client = signed_in(place.office)
    response = client.post(VIEWS, {"name": "甲", "query": query})
    assert SavedView.objects.get().query == kept
    assert response["Location"] == "/initiatives/" + (f"?{kept}" if kept else "")
    assert client.get(response["Location"]).status_code == 200


@pytest.mark.parametrize(
    "sent", [{"name": "   "}, {"name": "あ" * 61}, {"name": "甲", "query": "q=" + "あ" * 1000}]
)
def test_a_view_without_a_name_or_too_long_is_refused(sent: dict[str, str]) -> None:
    place = town()
    response = signed_in(place.office).post(VIEWS, sent)
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert not SavedView.objects.exists()


def test_a_long_search_of_kanji_that_grows_when_written_as_an_address_is_refused() -> None:
    place = town()
    response = signed_in(place.office).post(VIEWS, {"name": "甲", "query": "q=" + "あ" * 200})
    assert response.status_code == 422
    assert not SavedView.objects.exists()


def test_nobody_keeps_more_than_can_be_found_again() -> None:
    place = town()
    for number in range(MOST):
        save_view(by=place.office, name=f"{number}", query="", shared=False)
    response = signed_in(place.office).post(VIEWS, {"name": "もう一つ"})
    assert response.status_code == 422
    assert SavedView.objects.count() == MOST


def test_shared_views_are_seen_by_all_and_private_ones_by_their_owner() -> None:
    place, elsewhere = town(), town("別の市")
    save_view(by=place.head, name="課の遅れ", query="queue=late", shared=True)
    save_view(by=place.head, name="自分だけ", query="queue=stale", shared=False)
    for user, seen in (
        (place.head, (True, True)),
        (place.employee, (True, False)),
        (place.office, (True, False)),
        (elsewhere.office, (False, False)),
    ):
        for url in ("/initiatives/", VIEWS):
            html = signed_in(user).get(url).content.decode()
            assert ("課の遅れ" in html, "自分だけ" in html) == seen


def test_only_those_who_report_or_decide_share() -> None:
    place = town()
    for user, may in (
        (place.employee, False),
        (factories.user(place.municipality, role=Role.AUDITOR), False),
        (place.promoter, True),
        (factories.user(place.municipality, role=Role.CDO), True),
    ):
        client = signed_in(user)
        assert ('name="shared"' in open_list(client)) is may
        client.post(VIEWS, {"name": "甲", "query": "", "shared": "on"})
        assert SavedView.objects.get(owner=user).shared is may


def test_a_view_is_renamed_and_a_taken_name_is_refused() -> None:
    place = town()
    view = save_view(by=place.head, name="甲", query="queue=late", shared=False)
    save_view(by=place.head, name="乙", query="", shared=False)
    client = signed_in(place.head)
    assert client.post(f"{VIEWS}{view.pk}/", {"name": "丙"}).status_code == 302
    view.refresh_from_db()
    assert (view.name, view.query) == ("丙", "queue=late")
    assert client.post(f"{VIEWS}{view.pk}/", {"name": "乙"}).status_code == 422
    view.refresh_from_db()
    assert view.name == "丙"


def test_a_deleted_view_comes_back_once() -> None:
    place = town()
    view = save_view(by=place.head, name="甲", query="queue=late", shared=True)
    client = signed_in(place.head)
    page = client.post(f"{VIEWS}{view.pk}/delete/", follow=True).content.decode()
    assert not SavedView.objects.exists()
    assert f'action="{VIEWS}{view.pk}/restore/"' in page
    for _click in range(2):
        client.post(f"{VIEWS}{view.pk}/restore/")
    found = SavedView.objects.get()
    assert (found.pk, found.name, found.query, found.shared, found.owner) == (
        view.pk,
        "甲",
        "queue=late",
        True,
        place.head,
    )
    assert signed_in(place.office).post(f"{VIEWS}{view.pk}/restore/").status_code == 404


def test_a_view_whose_name_is_taken_meanwhile_does_not_come_back_over_it() -> None:
    place = town()
    view = save_view(by=place.head, name="甲", query="queue=late", shared=False)
    client = signed_in(place.head)
    client.post(f"{VIEWS}{view.pk}/delete/")
    save_view(by=place.head, name="甲", query="queue=stale", shared=False)
    page = client.post(f"{VIEWS}{view.pk}/restore/", follow=True).content.decode()
    assert 'class="toast error"' in page
    assert SavedView.objects.get().query == "queue=stale"


def test_the_office_tidies_shared_views_and_nobody_touches_private_ones() -> None:
    place, elsewhere = town(), town("別の市")
    shared = save_view(by=place.head, name="課の遅れ", query="", shared=True)
    private = save_view(by=place.head, name="自分だけ", query="", shared=False)
    assert signed_in(place.employee).post(f"{VIEWS}{shared.pk}/delete/").status_code == 403
    assert signed_in(elsewhere.office).post(f"{VIEWS}{shared.pk}/delete/").status_code == 404
    assert signed_in(place.office).post(f"{VIEWS}{private.pk}/delete/").status_code == 404
    assert signed_in(place.office).post(f"{VIEWS}{shared.pk}/delete/").status_code == 302
    assert list(SavedView.objects.all()) == [private]
