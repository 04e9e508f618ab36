"""Moving start and target by a quarter: a form, a way back, and nobody's change is lost."""

import re

import pytest
from django.test import Client

from dxportal.accounts.models import Event
from roadmap.actions.initiatives import edit_initiative, fields_of
from roadmap.actions.moves import move_quarter
from roadmap.models import DirtyMark, Initiative
from tests.roadmap.board import Town, signed_in, town
from tests.roadmap.test_initiative_list import made, open_list

pytestmark = pytest.mark.django_db


def planned(place: Town, **more: object) -> Initiative:
    """From the second quarter of 2026 to the first of 2027."""
    ends = {"start_fy": 2026, "start_quarter": 2, "target_fy": 2027, "target_quarter": 1}
    return made(place, "書かない窓口", **{**ends, **more})


def ends(initiative: Initiative) -> tuple[int | None, ...]:
    """As they stand in the database."""
    initiative.refresh_from_db()
    return (
        initiative.start_fy,
        initiative.start_quarter,
        initiative.target_fy,
        initiative.target_quarter,
    )


def move(client: Client, initiative: Initiative, to: str, version: int) -> object:
    """One press of a button."""
    url = f"/initiatives/{initiative.pk}/move/{to}/{version}/"
    return client.post(url, {"next": "/initiatives/?view=timeline"})


def test_buttons_of_the_timeline_move_and_can_be_undone() -> None:
    place = town()
    initiative = planned(place)
    client = signed_in(place.office)
    html = open_list(client, "?view=timeline&from=2026")
    urls = re.findall(r'formaction="([^"]*)"', html)
    assert len(urls) == 2 * len(set(urls)) == 8
    later = next(url for url in urls if "/target/2027-2/" in url)
    response = client.post(later, {"next": "/initiatives/?view=timeline"}, follow=True)
    assert ends(initiative) == (2026, 2, 2027, 2)
    page = response.content.decode()
    undo = re.search(r'action="([^"]*/move/target/2027-1/\d+/)"[^>]*data-toast-undo', page)
    assert undo
    client.post(undo[1])
    assert ends(initiative) == (2026, 2, 2027, 1)
    assert [e.action for e in Event.objects.about("initiative", initiative.pk)][:2] == [
        "initiative.edited",
        "initiative.edited",
    ]


def test_double_click_moves_once() -> None:
    place = town()
    initiative = planned(place)
    client = signed_in(place.office)
    for _click in range(2):
        assert move(client, initiative, "target/2027-2", 1).status_code == 302  # type: ignore[attr-defined]
    assert ends(initiative) == (2026, 2, 2027, 2)
    assert initiative.version == 2


def test_a_stale_move_is_a_conflict_and_the_choice_stands() -> None:
    place = town()
    initiative = planned(place)
    move_quarter(initiative, by=place.office, which="target", fy=2028, quarter=1, version=1)
    client = signed_in(place.office)
    response = move(client, initiative, "target/2027-2", 1)
    assert response.status_code == 409  # type: ignore[attr-defined]
    assert ends(initiative) == (2026, 2, 2028, 1)
    page = response.content.decode()  # type: ignore[attr-defined]
    assert 'href="/initiatives/?view=timeline"' in page
    mine = re.search(r'action="(/initiatives/\d+/move/[^"]*)"', page)
    assert mine
    assert client.post(mine[1]).status_code == 302
    assert ends(initiative) == (2026, 2, 2027, 2)


def test_a_change_of_another_field_in_between_stays() -> None:
    place = town()
    initiative = planned(place)
    fields = fields_of(initiative)
    renamed = type(fields)(**{**fields.__dict__, "title": "新しい名前"})
    edit_initiative(initiative, by=place.office, fields=renamed, version=1)
    move(signed_in(place.office), initiative, "start/2026-1", 1)
    assert ends(initiative)[:2] == (2026, 1)
    assert initiative.title == "新しい名前"


def test_start_never_passes_the_target() -> None:
    place = town()
    initiative = planned(place, target_fy=2026, target_quarter=2)
    html = open_list(signed_in(place.office), "?view=timeline&from=2026")
    assert "/move/start/2026-3/" not in html
    assert "/move/target/2026-1/" not in html
    response = move(signed_in(place.office), initiative, "start/2026-3", 1)
    assert response.status_code == 302  # type: ignore[attr-defined]
    assert ends(initiative) == (2026, 2, 2026, 2)


def test_a_year_alone_moves_and_comes_back_as_a_year() -> None:
    place = town()
    initiative = planned(place, target_quarter=None)
    client = signed_in(place.office)
    move(client, initiative, "target/2027-3", 1)
    assert ends(initiative)[2:] == (2027, 3)
    move(client, initiative, "target/2027-0", 2)
    assert ends(initiative)[2:] == (2027, None)


def test_moving_marks_for_the_roll_up() -> None:
    place = town()
    initiative = planned(place)
    DirtyMark.objects.all().delete()
    move_quarter(initiative, by=place.office, which="target", fy=2027, quarter=3, version=1)
    assert DirtyMark.objects.filter(scope="initiative", scope_id=initiative.pk).exists()


@pytest.mark.parametrize(
    "to", ["end/2026-1", "start/2026-5", "start/9999-1", "start/x", "start/2026-11"]
)
def test_an_address_that_nobody_was_given_is_not_there(to: str) -> None:
    place = town()
    initiative = planned(place)
    assert move(signed_in(place.office), initiative, to, 1).status_code == 404  # type: ignore[attr-defined]
    assert ends(initiative) == (2026, 2, 2027, 1)


def test_only_who_may_edit_moves() -> None:
    place, elsewhere = town(), town("別の市")
    initiative = planned(place)
    for user, status in ((place.head, 403), (place.employee, 403), (elsewhere.office, 404)):
        response = move(signed_in(user), initiative, "target/2027-2", 1)
        assert response.status_code == status  # type: ignore[attr-defined]
    html = open_list(signed_in(place.head), "?view=timeline&from=2026")
    assert "/move/" not in html
    assert ends(initiative) == (2026, 2, 2027, 1)
