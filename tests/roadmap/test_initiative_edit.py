"""Creating and editing: once however often it is sent, and no edit is lost unseen."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connections

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event
from roadmap.actions.initiatives import (
    EditConflict,
    InitiativeFields,
    create_initiative,
    edit_initiative,
    fields_of,
)
from roadmap.actions.updates import report
from roadmap.choices import DepartmentRole, Phase
from roadmap.models import DirtyMark, Initiative
from roadmap.search import fold
from tests import factories
from tests.roadmap.board import latest, signed_in, town
from tests.roadmap.test_initiative_list import fields, made

pytestmark = pytest.mark.django_db


def posted(client: Any, initiative: Initiative) -> dict[str, Any]:
    """What a browser would send back untouched."""
    form = client.get(f"/initiatives/{initiative.pk}/edit/").context["form"]
    data = {name: form[name].value() for name in form.fields}
    return {**{k: v for k, v in data.items() if v is not None}, "version": initiative.version}


def test_create_form_needs_only_a_title() -> None:
    place = town()
    client = signed_in(place.office)
    assert client.get("/initiatives/new/").status_code == 200
    data = {"title": "窓口の電子化", "phase": "idea", "token": "t1"}
    response = client.post("/initiatives/new/", data)
    made_one = Initiative.objects.get()
    assert response.status_code == 302
    assert response["Location"] == made_one.get_absolute_url()
    assert latest(made_one).phase == Phase.IDEA
    assert made_one.search_text == fold("窓口の電子化")
    assert Event.objects.get(action="initiative.created").actor_id == place.office.pk


def test_create_form_sent_twice_adds_one() -> None:
    place = town()
    client = signed_in(place.office)
    data = {"title": "窓口の電子化", "phase": "idea", "token": "same"}
    addresses = {client.post("/initiatives/new/", data)["Location"] for _again in range(2)}
    assert len(addresses) == 1
    assert Initiative.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_create_sent_twice_at_once_adds_one() -> None:
    place = town()
    barrier = threading.Barrier(2)
    values = InitiativeFields(title="窓口の電子化")

    def run() -> None:
        barrier.wait()
        create_initiative(place.municipality, by=place.office, fields=values, token="same")
        connections.close_all()

    threads = [threading.Thread(target=run) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert Initiative.objects.count() == 1


@pytest.mark.parametrize(
    ("phase", "status"), [("", 302), ("stopped", 422), ("established", 422), ("checking", 422)]
)
def test_create_form_with_a_phase_that_cannot_begin_is_answered_in_words(
    phase: str, status: int
) -> None:
    place = town()
    data = {"title": "題名", "kind": "subtract", "phase": phase, "token": "a\x00b"}

    response = signed_in(place.office).post("/initiatives/new/", data)

    assert response.status_code == status
    assert Initiative.objects.exists() == (status == 302)


def test_create_form_without_a_title_keeps_what_was_typed() -> None:
    place = town()
    data = {"title": "", "purpose": "転記をなくす", "phase": "idea", "token": "t"}
    response = signed_in(place.office).post("/initiatives/new/", data)
    html = response.content.decode()
    assert response.status_code == 422
    assert "転記をなくす" in html
    assert "data-error-summary" in html
    assert 'name="token" value="t"' in html


def test_create_form_refuses_what_belongs_to_others() -> None:
    place, elsewhere = town(), town("別の市")
    data = {
        "title": "甲",
        "phase": "idea",
        "lead": elsewhere.section.pk,
        "contact": elsewhere.office.email,
    }
    response = signed_in(place.office).post("/initiatives/new/", data)
    assert response.status_code == 422
    assert {"lead", "contact"} == set(response.context["form"].errors)


def test_quarter_needs_its_year() -> None:
    place = town()
    data = {"title": "甲", "phase": "idea", "target_quarter": 2}
    response = signed_in(place.office).post("/initiatives/new/", data)
    assert "target_fy" in response.context["form"].errors


def test_edit_form_untouched_changes_nothing() -> None:
    place = town()
    initiative = made(place, "甲", contact=place.employee.pk, launched_on=dt.date(2026, 4, 1))
    before = fields_of(initiative)
    client = signed_in(place.office)
    response = client.post(f"/initiatives/{initiative.pk}/edit/", posted(client, initiative))
    assert response.status_code == 302
    initiative.refresh_from_db()
    assert fields_of(initiative) == before
    assert initiative.version == 1


def test_edit_writes_fields_links_history_and_marks() -> None:
    place = town()
    initiative = made(place, "甲")
    DirtyMark.objects.all().delete()
    client = signed_in(place.office)
    data = posted(client, initiative) | {
        "title": "テレワーク",
        "lead": place.other.pk,
        "users": [place.section.pk],
        "launched_on": "令和8年4月1日",
        "contact": place.employee.email,
    }
    client.post(f"/initiatives/{initiative.pk}/edit/", data)
    initiative.refresh_from_db()
    assert initiative.title == "テレワーク"
    assert initiative.launched_on == dt.date(2026, 4, 1)
    assert initiative.contact == place.employee
    assert initiative.parts.get(role=DepartmentRole.LEAD).department == place.other
    assert "てれわーく" in initiative.search_text
    assert "税務課" in initiative.search_text
    event = Event.objects.get(action="initiative.edited")
    assert event.before["title"] == "甲"
    assert event.after["lead"] == place.other.pk
    assert "purpose" not in event.after
    marked = set(DirtyMark.objects.filter(scope="department").values_list("scope_id", flat=True))
    assert marked == {place.section.pk, place.other.pk}


def test_edit_with_an_error_keeps_what_was_typed() -> None:
    place = town()
    initiative = made(place, "甲")
    client = signed_in(place.office)
    data = posted(client, initiative) | {"title": "", "launched_on": "いつか"}
    response = client.post(f"/initiatives/{initiative.pk}/edit/", data)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"title", "launched_on"}
    assert "いつか" in response.content.decode()


def test_edit_merges_changes_of_different_fields() -> None:
    place = town()
    initiative = made(place, "甲")
    edit_initiative(initiative, by=place.office, fields=fields(place, "乙"), version=1)
    mine = fields(place, "甲", purpose="別の目的")
    edit_initiative(initiative, by=place.office, fields=mine, version=1)
    initiative.refresh_from_db()
    assert (initiative.title, initiative.purpose) == ("乙", "別の目的")
    assert initiative.version == 3


def test_edit_does_not_undo_a_launch_in_between() -> None:
    place = town()
    initiative = made(place, "甲")
    report(initiative, by=place.head, phase=Phase.LIVE)
    edit_initiative(initiative, by=place.office, fields=fields(place, "乙"), version=1)
    initiative.refresh_from_db()
    assert initiative.launched_on is not None
    assert initiative.title == "乙"


def test_edit_of_the_same_field_conflicts_and_writes_nothing() -> None:
    place = town()
    initiative = made(place, "甲")
    edit_initiative(initiative, by=place.office, fields=fields(place, "乙"), version=1)
    with pytest.raises(EditConflict) as caught:
        edit_initiative(initiative, by=place.head, fields=fields(place, "丙"), version=1)
    conflict = caught.value
    assert conflict.names == ["title"]
    sides = (conflict.mine["title"], conflict.theirs["title"], conflict.base["title"])
    assert sides == ("丙", "乙", "甲")
    initiative.refresh_from_db()
    assert (initiative.title, initiative.version) == ("乙", 2)


@pytest.mark.parametrize(("side", "title"), [("mine", "丙"), ("theirs", "乙")])
def test_conflict_page_shows_both_sides_and_takes_the_chosen_one(side: str, title: str) -> None:
    place = town()
    initiative = made(place, "甲")
    client, address = signed_in(place.office), f"/initiatives/{initiative.pk}/edit/"
    data = posted(client, initiative) | {"title": "丙", "budget": "100千円"}
    theirs = fields(place, "乙", purpose="彼らの目的")
    edit_initiative(initiative, by=place.head, fields=theirs, version=1)
    response = client.post(address, data)
    html = response.content.decode()
    assert response.status_code == 409
    assert all(text in html for text in ("乙", "丙", "鈴木", "彼らの目的", "100千円"))
    again = response.context["form"].data.dict() | posted_lists(response.context["form"])
    undecided = client.post(address, again | {"conflict": "title", "their_version": 2})
    assert undecided.status_code == 409
    decided = {"conflict": "title", "their_version": 2, "choose_title": side}
    assert client.post(address, again | decided).status_code == 302
    initiative.refresh_from_db()
    assert initiative.title == title
    assert initiative.purpose == "彼らの目的"
    assert initiative.budget == "100千円"


def posted_lists(form: Any) -> dict[str, list[str]]:
    """The fields of a bound form that hold several values."""
    several = ("beneficiaries", "partners", "users", "themes", "criteria")
    return {name: form.data.getlist(name) for name in several}


@pytest.mark.parametrize(
    "role", [Role.EMPLOYEE, Role.PROMOTER, Role.HEAD, Role.CDO, Role.AUDITOR, Role.ADMIN]
)
def test_forms_are_for_the_office_only(role: Role) -> None:
    place = town()
    initiative = made(place, "甲")
    client = signed_in(factories.user(place.municipality, role=role, of=place.section))
    for address in ("/initiatives/new/", f"/initiatives/{initiative.pk}/edit/"):
        assert client.get(address).status_code == 403
        assert client.post(address, {"title": "乙", "version": 1}).status_code == 403
    assert list(Initiative.objects.values_list("title", flat=True)) == ["甲"]


def test_edit_in_another_municipality_does_not_exist() -> None:
    place, elsewhere = town(), town("別の市")
    initiative = made(elsewhere, "甲")
    client = signed_in(place.office)
    address = f"/initiatives/{initiative.pk}/edit/"
    assert client.get(address).status_code == 404
    assert client.post(address, {"title": "乙", "version": 1}).status_code == 404


def test_create_form_ticks_the_pain_point_that_it_comes_from() -> None:
    place = town()
    theme = place.office.municipality.themes.get(code="paper")
    client = signed_in(place.office)
    form = client.get("/initiatives/new/?theme=paper").context["form"]
    assert form["themes"].value() == [str(theme.pk)]
    data = {"title": "決裁の電子化", "phase": "idea", "token": "t9", "themes": [theme.pk]}
    client.post("/initiatives/new/?theme=paper", data)
    assert list(Initiative.objects.get().themes.all()) == [theme]
    unknown = client.get("/initiatives/new/?theme=%00nothing")
    assert unknown.status_code == 200


def test_optional_texts_are_kept_shown_and_remembered() -> None:
    place = town()
    initiative = made(place, "甲")
    client = signed_in(place.office)
    data = posted(client, initiative) | {"safeguard": "窓口でも受け付ける", "risks": "契約の遅れ"}
    assert client.post(f"/initiatives/{initiative.pk}/edit/", data).status_code == 302
    page = client.get(initiative.get_absolute_url()).content.decode()
    assert "窓口でも受け付ける" in page
    assert "契約・調達の方式" not in page, "an empty one takes no room"
    event = Event.objects.filter(action="initiative.edited").latest("id")
    assert event.after["risks"] == "契約の遅れ"
