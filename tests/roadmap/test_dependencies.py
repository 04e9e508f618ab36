"""Dependencies: no circle, not even between two people at once; both ends see them."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.models import Event, Municipality
from roadmap.actions import dependencies as actions
from roadmap.actions.dependencies import CircleRefused, add_dependency, remove_dependency
from roadmap.models import Dependency, Initiative
from tests import factories
from tests.roadmap.board import HTMX, signed_in, town
from tests.roadmap.test_initiative_list import made

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Municipality:
    return factories.municipality(staircase=False)


def initiatives(city: Municipality, titles: str) -> list[Initiative]:
    return [factories.initiative(city, title) for title in titles]


def test_dependency_is_there_once_and_in_both_histories(city: Municipality) -> None:
    a, b = initiatives(city, "AB")
    assert add_dependency(a, b, by=None) == add_dependency(a, b, by=None)
    events = Event.objects.filter(action=actions.ADDED)
    assert {event.object_id for event in events} == {str(a.pk), str(b.pk)}


def test_circle_is_refused_and_named(city: Municipality) -> None:
    a, b, c = initiatives(city, "ABC")
    add_dependency(a, b, by=None)
    add_dependency(b, c, by=None)
    with pytest.raises(CircleRefused) as refused:
        add_dependency(c, a, by=None)
    assert refused.value.titles == ["A", "B", "C", "A"]
    assert "「A」 → 「B」 → 「C」 → 「A」" in refused.value.messages[0]
    assert Dependency.objects.count() == 2


def test_itself_and_another_municipality_are_refused(city: Municipality) -> None:
    (a,) = initiatives(city, "A")
    (other,) = initiatives(factories.municipality("別の市", staircase=False), "B")
    for one in (a, other):
        with pytest.raises(ValidationError):
            add_dependency(a, one, by=None)


def test_way_of_two_branches_is_found_by_its_shortest(city: Municipality) -> None:
    a, b, c, d = initiatives(city, "ABCD")
    for first, then in ((a, b), (b, c), (c, d), (a, d)):
        add_dependency(first, then, by=None)
    with pytest.raises(CircleRefused) as refused:
        add_dependency(d, a, by=None)
    assert refused.value.titles == ["A", "D", "A"]


def test_removed_dependency_comes_back_unless_it_closes_a_circle_by_now(
    city: Municipality,
) -> None:
    a, b = initiatives(city, "AB")
    link = add_dependency(a, b, by=None, note="基盤が要る")
    events = remove_dependency(link, by=None)
    assert remove_dependency(link, by=None) == {}
    for _twice in range(2):
        back = actions.restore_dependency(events[a.pk], by=None)
    assert (back.predecessor, back.successor, back.note) == (a, b, "基盤が要る")
    remove_dependency(back, by=None)
    add_dependency(b, a, by=None)
    with pytest.raises(CircleRefused):
        actions.restore_dependency(events[b.pk], by=None)


def closes(links: set[tuple[int, int]], first: int, then: int) -> bool:
    """Whether `first` can be reached from `then`."""
    seen, waiting = set(), [then]
    while waiting:
        at = waiting.pop()
        if at == first:
            return True
        if at not in seen:
            seen.add(at)
            waiting.extend(b for a, b in links if a == at)
    return False


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=12))
def test_no_circle_ever_stands(wanted: list[tuple[int, int]]) -> None:
    city = factories.municipality(staircase=False)
    rows = initiatives(city, "ABCDE")
    kept: set[tuple[int, int]] = set()
    for first, then in wanted:
        if closes(kept, first, then):
            with pytest.raises(ValidationError):
                add_dependency(rows[first], rows[then], by=None)
        else:
            add_dependency(rows[first], rows[then], by=None)
            kept.add((first, then))
    assert Dependency.objects.filter(predecessor__municipality=city).count() == len(kept)


@pytest.mark.django_db(transaction=True)
def test_two_people_cannot_close_a_circle_between_them() -> None:
    city = factories.municipality(staircase=False)
    a, b, c, d = initiatives(city, "ABCD")
    add_dependency(a, b, by=None)
    add_dependency(c, d, by=None)
    barrier, told = threading.Barrier(2), []

    def add(first: Initiative, then: Initiative) -> None:
        try:
            barrier.wait(10)
            add_dependency(first, then, by=None)
        except CircleRefused as refused:
            told.append(refused.titles)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=add, args=pair) for pair in ((b, c), (d, a))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert Dependency.objects.count() == 3
    assert len(told) == 1
    assert len(told[0]) == 5


# The card and the page that adds ------------------------------------------------------------------
def test_both_ends_see_it_with_status_and_target() -> None:
    place = town()
    first, then = made(place, "共通基盤"), made(place, "電子申請")
    add_dependency(first, then, by=place.office)
    client = signed_in(place.employee)
    for one, key, other in ((first, "waiting", then), (then, "first", first)):
        card = client.get(f"/initiatives/{one.pk}/").context["dependencies"]
        (row,) = getattr(card, key)
        assert (row.initiative, row.target_end.year) == (other, 2028)
        assert row.phase_label
    then.removed_on = "2026-01-01"
    then.save()
    assert not client.get(f"/initiatives/{first.pk}/").context["dependencies"].waiting


def test_other_initiative_is_searched_and_chosen_without_scripts() -> None:
    place = town()
    mine, other = made(place, "電子申請"), made(place, "ﾏｲﾅﾝﾊﾞｰ基盤")
    made(place, "税の証明")
    client = signed_in(place.head)
    address = f"/initiatives/{mine.pk}/dependencies/first/new/"
    found = client.get(address, {"q": "まいなんばー"})
    assert found.context["form"].fields["other"].choices == [(other.pk, f"{other.title}（市民課）")]
    part = client.get(address, {"q": "まいなんばー"}, headers=HTMX).content.decode()
    assert part.lstrip().startswith("<form")
    assert client.post(address, {"q": ""}).status_code == 422
    saved = client.post(address, {"q": "", "other": other.pk, "note": "番号が要る"})
    assert saved.url == f"/initiatives/{mine.pk}/#dependencies"
    assert mine.predecessor_links.get().predecessor == other
    assert other.pk not in dict(client.get(address).context["form"].fields["other"].choices)
    refused = client.post(f"/initiatives/{mine.pk}/dependencies/waiting/new/", {"other": other.pk})
    assert refused.status_code == 422
    assert "「電子申請」" in refused.content.decode()
    assert client.get(f"/initiatives/{mine.pk}/dependencies/beside/new/").status_code == 404


def test_foreign_initiative_cannot_be_chosen() -> None:
    place, elsewhere = town(), town("別の市")
    mine, foreign = made(place, "電子申請"), made(elsewhere, "よその取組")
    client = signed_in(place.head)
    address = f"/initiatives/{mine.pk}/dependencies/first/new/"
    refused = client.post(address, {"other": foreign.pk})
    assert refused.status_code == 422
    assert "よその取組" not in refused.content.decode()


def test_removing_offers_the_way_back_at_the_end_where_it_was_removed() -> None:
    place = town()
    mine, other = made(place, "電子申請"), made(place, "共通基盤")
    link = add_dependency(other, mine, by=place.office)
    client = signed_in(place.head)
    base = f"/initiatives/{mine.pk}/dependencies/"
    removed = client.post(f"{base}{link.pk}/remove/", headers=HTMX)
    event = Event.objects.get(action=actions.REMOVED, object_id=mine.pk)
    assert f"{base}restore/{event.pk}/" in removed.headers["HX-Trigger"]
    assert client.post(f"{base}{link.pk}/remove/", headers=HTMX).status_code == 200
    assert client.post(f"{base}restore/{event.pk}/").status_code == 302
    assert Dependency.objects.get().successor == mine
    foreign = f"/initiatives/{other.pk}/dependencies/restore/{event.pk}/"
    assert client.post(foreign).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_neighbours_cost_the_same_for_any_number(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    from tests.roadmap.test_initiative_detail import DETAIL_QUERIES

    place = town()
    mine = made(place, "電子申請")
    for count in range(number):
        add_dependency(made(place, f"基盤{count}"), mine, by=None)
        add_dependency(mine, made(place, f"後{count}"), by=None)
    client = signed_in(place.head)
    with django_assert_num_queries(
        DETAIL_QUERIES + 5
    ):  # the neighbours, their words, and what one may do here
        client.get(f"/initiatives/{mine.pk}/")
