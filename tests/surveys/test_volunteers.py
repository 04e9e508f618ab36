"""「解決に加わる」: by name, on its own page, tied to no answer, and never offered on a ballot."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event
from roadmap.models import Theme
from surveys.actions.volunteering import offer, restore, withdraw
from surveys.models import Volunteer
from tests import factories
from tests.surveys import boxes, towns
from tests.surveys.towns import town

TODAY = timezone.localdate()
PAGE = "surveys:volunteer_list"

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> towns.Town:
    """A town of six."""
    return town([6])


def _theme(place: towns.Town, code: str = "paper") -> Theme:
    return Theme.objects.get(municipality=place.municipality, code=code)


def _offer(place: towns.Town, person: int = 0, code: str = "paper", note: str = "") -> Volunteer:
    return offer(_theme(place, code), note=note, by=place.everybody[person], on=TODAY)


def test_an_offer_is_by_name_with_a_note_and_audited(place: towns.Town) -> None:
    made = _offer(place, note="  表計算が得意です  ")

    assert (made.user, made.note, made.offered_on) == (
        place.everybody[0],
        "表計算が得意です",
        TODAY,
    )
    event = Event.objects.get(action="volunteer.offered")
    assert (event.actor_id, event.after) == (place.everybody[0].pk, {"theme": "paper"})


def test_one_standing_offer_a_theme(place: towns.Town) -> None:
    first = _offer(place)
    _offer(place, 1)
    _offer(place, 0, "phone")

    with pytest.raises(ValidationError) as refused:
        _offer(place)
    withdraw(first, by=place.everybody[0], on=TODAY)
    again = _offer(place)

    assert set(refused.value.message_dict) == {"theme"}
    assert Volunteer.objects.standing().filter(theme=again.theme).count() == 2


def test_taking_back_is_undone_and_repeating_it_changes_nothing(place: towns.Town) -> None:
    row, who = _offer(place), place.everybody[0]

    withdraw(row, by=who, on=TODAY)
    withdraw(row, by=who, on=TODAY + dt.timedelta(days=1))
    assert Volunteer.objects.get().withdrawn_on == TODAY
    restore(row, by=who)
    restore(row, by=who)

    assert Volunteer.objects.standing().count() == 1
    words = Event.objects.filter(object_type="volunteer").order_by("id")
    assert [event.action.split(".")[1] for event in words] == ["offered", "withdrawn", "restored"]


def test_nothing_comes_back_beside_a_newer_offer(place: towns.Town) -> None:
    old, who = _offer(place), place.everybody[0]
    withdraw(old, by=who, on=TODAY)
    _offer(place)

    with pytest.raises(ValidationError):
        restore(old, by=who)

    assert Volunteer.objects.standing().count() == 1


def test_only_the_own_offer_is_taken_back(place: towns.Town, client: Any) -> None:
    row = _offer(place)

    with pytest.raises(PermissionDenied):
        withdraw(row, by=place.office, on=TODAY)
    client.force_login(place.office)
    assert client.post(reverse("surveys:volunteer_withdraw", args=[row.pk])).status_code == 404
    assert Volunteer.objects.standing().exists()


def test_themes_out_of_use_and_of_others_are_refused(place: towns.Town) -> None:
    old, merged, target = (_theme(place, code) for code in ("phone", "meetings", "paper"))
    Theme.objects.filter(pk=old.pk).update(active=False)
    Theme.objects.filter(pk=merged.pk).update(merged_into=target)
    elsewhere = factories.municipality("隣市")
    who = place.everybody[0]

    for theme in (
        Theme.objects.get(pk=old.pk),
        Theme.objects.get(pk=merged.pk),
        Theme.objects.filter(municipality=elsewhere)[0],
    ):
        with pytest.raises(ValidationError):
            offer(theme, by=who, on=TODAY)
    with pytest.raises(ValidationError):
        offer(target, note="あ" * 201, by=who, on=TODAY)
    assert not Volunteer.objects.exists()


# The page -----------------------------------------------------------------------------------------
def test_somebody_offers_takes_back_and_undoes_on_the_page(place: towns.Town, client: Any) -> None:
    client.force_login(place.everybody[0])
    theme = _theme(place)

    long = client.post(reverse(PAGE), {"theme": theme.pk, "note": "あ" * 201})
    none = client.post(reverse(PAGE), {})
    sent = client.post(reverse(PAGE), {"theme": theme.pk, "note": "週に一時間"})
    twice = client.post(reverse(PAGE), {"theme": theme.pk})
    row = Volunteer.objects.get()
    page = client.get(reverse(PAGE)).content.decode()

    assert (long.status_code, none.status_code, sent.status_code) == (422, 422, 302)
    assert twice.status_code == 422
    assert "週に一時間" in page
    for name, standing in (("volunteer_withdraw", 0), ("volunteer_restore", 1)):
        assert client.post(reverse(f"surveys:{name}", args=[row.pk])).status_code == 302
        assert Volunteer.objects.standing().count() == standing


def test_names_are_for_the_office_and_others_see_their_own(place: towns.Town, client: Any) -> None:
    one, two = place.everybody[:2]
    _offer(place, 0, note="一人目の言葉")
    _offer(place, 1, note="二人目の言葉")
    withdrawn = _offer(place, 2, note="取り下げた言葉")
    withdraw(withdrawn, by=place.everybody[2], on=TODAY)
    elsewhere = factories.municipality("隣市")
    stranger = factories.user(elsewhere, role=Role.DX_OFFICE)

    def seen(who: Any) -> str:
        client.force_login(who)
        return str(client.get(reverse(PAGE)).content.decode())

    office, own, strange = seen(place.office), seen(one), seen(stranger)

    assert all(text in office for text in ("一人目の言葉", "二人目の言葉", one.name, two.name))
    assert str(one.department) in office
    assert "取り下げた言葉" not in office
    assert "一人目の言葉" in own
    assert "二人目の言葉" not in own
    assert two.name not in own
    assert "目の言葉" not in strange


@pytest.mark.parametrize("offers", [1, 3])
def test_the_list_costs_the_same_for_one_and_three_offers(
    place: towns.Town, offers: int, client: Any, django_assert_num_queries: Any
) -> None:
    for person in range(offers):
        _offer(place, person)
    client.force_login(place.office)

    with django_assert_num_queries(10):
        page = client.get(reverse(PAGE)).content.decode()

    assert page.count("課</td>") == offers


def test_no_ballot_page_leads_to_it(client: Any, tmp_path: Path, settings: Any) -> None:
    boxes.own_key_dir(settings, tmp_path)
    asked = boxes.open_town()
    wave, who = asked.wave, asked.staff[0]
    client.force_login(who)
    pages = [
        client.get(reverse("surveys:answer_start", args=[wave.pk])),
        *(
            client.get(reverse("surveys:answer_question", args=[wave.pk, question["code"]]))
            for question in wave.frozen_definition["questions"]
        ),
        client.get(reverse("surveys:answer_check", args=[wave.pk])),
        client.get(reverse("surveys:voice_list")),
    ]
    link = reverse(PAGE)

    found = [link in page.content.decode() for page in pages]

    assert {page.status_code for page in pages} == {200}
    assert found == [False] * (len(pages) - 1) + [True]  # the last one is where it belongs
