"""Taking over: from town to town and back, unknown codes, twice, undo, hostile files, rights."""

import copy
import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.models import Event
from roadmap.actions.packs import KEPT_DAYS, receive_pack, take_over_pack, undo_pack
from roadmap.actions.removal import bring_back_initiative
from roadmap.actions.themes import split_theme
from roadmap.choices import Phase
from roadmap.models import DirtyMark, Initiative, PackOrigin, PackUpload, Theme
from roadmap.pack_format import written
from tests.roadmap.board import Town, latest, signed_in, town
from tests.roadmap.packs import IMPORT, exported, full, taken, upload
from tests.roadmap.test_pack_format import JSON, PACK, paths

pytestmark = pytest.mark.django_db

#: The page of a pack of one, and of one of three.
PREVIEW_QUERIES = 12
#: What is the sender's own and stays with the origin, and what stands in its place here.
NOT_OURS: dict[str, Any] = {
    "budget": "",
    "blockers": [],
    "delay_causes": [],
    "live_after_days": None,
    "verdicts": [],
    "year": 2027,
}
THEIRS = tuple(NOT_OURS)


def own_theme(place: Town, label: str) -> Theme:
    """A theme that came with no product."""
    first = place.municipality.themes.order_by("order")[0]
    return split_theme(first, label=label, label_en="", by=place.office)


def test_pack_of_one_town_becomes_the_same_template_in_another() -> None:
    here, there = town("甲市"), town("乙町")
    pack = exported(here, full(here), full(here, "二つめの取組", kind="add", purpose="別の目的"))
    made = taken(there, pack)
    assert {each.municipality_id for each in made} == {there.municipality.pk}
    assert [latest(each).phase for each in made] == [Phase.IDEA, Phase.IDEA]
    for each in made:
        Initiative.objects.filter(pk=each.pk).update(may_introduce=True)
    again = exported(there, *made)
    for old, new in zip(pack["initiatives"], again["initiatives"], strict=True):
        assert {name: new[name] for name in THEIRS} == NOT_OURS
        expected = {k: v for k, v in old.items() if k not in THEIRS}
        for indicator in expected["indicators"]:
            indicator |= {"baseline": None, "targets": [], "results": []}
        for milestone in expected["milestones"]:
            milestone["done_days"] = None
        assert {k: v for k, v in new.items() if k not in THEIRS} == expected


def test_what_is_theirs_is_shown_as_theirs_and_who_answers_for_it_is_missing() -> None:
    here, there = town("甲市"), town("乙町")
    (made,) = taken(there, exported(here, full(here)))
    assert (made.accountable_post, made.contact, made.budget, made.launched_on) == (None,) * 2 + (
        "",
        None,
    )
    assert made.source == "甲市（CC BY 4.0）"
    origin = made.pack_origin
    assert origin.municipality_code == here.municipality.code
    with override("ja"):
        client = signed_in(there.employee)
        client.cookies["django_language"] = "ja"
        html = client.get(made.get_absolute_url()).content.decode()
    assert "甲市" in html
    assert "初期費 1,200千円" in html
    assert "条例を改めた" in html
    assert "60" in html


def test_milestones_are_counted_from_the_chosen_day() -> None:
    here, there = town("甲市"), town("乙町")
    (made,) = taken(there, exported(here, full(here)), start="令和9年7月1日")
    days = list(made.milestones.order_by("due_on").values_list("due_on", flat=True))
    assert days == [dt.date(2027, 8, 31), dt.date(2027, 10, 31)]
    assert (made.start_fy, made.start_quarter) == (2027, 2)


def test_history_tells_of_everything_and_figures_are_marked() -> None:
    here, there = town("甲市"), town("乙町")
    DirtyMark.objects.all().delete()
    (made,) = taken(there, exported(here, full(here)))
    actions = Event.objects.filter(object_type="initiative", object_id=str(made.pk))
    assert sorted(actions.values_list("action", flat=True)) == [
        *("indicator.added", "initiative.created", "initiative.reported"),
        *("milestone.added", "milestone.added"),
    ]
    event = Event.objects.get(action="pack.taken_over")
    assert (event.actor_id, event.after["sender"]) == (there.office.pk, "甲市")
    assert DirtyMark.objects.filter(municipality=there.municipality).exists()


def test_unknown_codes_are_said_and_left_out() -> None:
    here, there = town("甲市"), town("乙町")
    own = own_theme(here, "独自の困りごと")
    first = here.municipality.themes.order_by("order")[0]
    pack = exported(here, full(here, themes=(first.pk, own.pk)))
    pack["initiatives"][0]["criteria"] = ["Z9-9"]
    pack["initiatives"][0]["tags"] = [{"scheme": "national", "version": "x", "code": "none"}]
    client = signed_in(there.office)
    html = client.get(upload(client, pack)["Location"]).content.decode()
    for word in ("独自の困りごと", "Z9-9", "national x none"):
        assert word in html
    (made,) = taken(there, pack)
    assert [theme.code for theme in made.themes.all()] == [first.code]
    assert (made.criteria.count(), made.tag_links.count()) == (0, 0)


def test_own_theme_of_the_same_words_is_found() -> None:
    here, there = town("甲市"), town("乙町")
    own_theme(there, "よその困りごと")
    own_theme(there, "独自の困りごと")
    own = own_theme(here, "独自の困りごと")
    (made,) = taken(there, exported(here, full(here, themes=(own.pk,))))
    assert [theme.label for theme in made.themes.all()] == ["独自の困りごと"]


def test_only_what_is_ticked_is_taken_and_a_second_press_takes_nothing() -> None:
    place = town()
    client = signed_in(place.office)
    page = upload(client, PACK)["Location"]
    data = {"places": ["1"], "start_on": "2027-04-01"}
    first, second = client.post(page, data), client.post(page, {**data, "places": ["0", "1"]})
    assert (first.status_code, second.status_code) == (302, 200)
    assert list(Initiative.objects.values_list("title", flat=True)) == ["乙"]
    assert PackUpload.objects.get().content == {}


def test_same_file_again_is_said_and_offered() -> None:
    place = town()
    (one, _two) = taken(place, PACK)
    client = signed_in(place.office)
    shuffled = json.dumps(dict(reversed(PACK.items())), indent=4).encode()
    page = client.get(upload(client, shuffled)["Location"])
    assert next(origin.initiative for origin in page.context["before"]) == one
    assert len(taken(place, PACK)) == 2
    other = town("別の市")
    client = signed_in(other.office)
    assert client.get(upload(client, PACK)["Location"]).context["before"] == []


def test_undo_takes_them_off_the_list_and_each_comes_back() -> None:
    place = town()
    made = taken(place, PACK)
    pk = made[0].pack_origin.upload_id
    client = signed_in(place.office)
    for _time in range(2):
        assert client.post(f"{IMPORT}{pk}/undo/").status_code == 302
    assert not Initiative.objects.standing().exists()
    assert Event.objects.filter(action="pack.undone").count() == 1
    assert client.get(f"{IMPORT}{pk}/").status_code == 200
    bring_back_initiative(made[0], by=place.office)
    assert client.get(made[0].get_absolute_url()).status_code == 200


def test_texts_are_texts() -> None:
    place = town()
    pack = copy.deepcopy(PACK)
    hostile = '<script>alert(1)</script>=HYPERLINK("http://x")'
    item: dict[str, Any] = {"title": hostile, "purpose": hostile, "budget": hostile}
    item["blockers"] = [{"category": "law", "text": hostile, "resolution": hostile}]
    pack["initiatives"] = [item]
    pack["made"]["municipality_name"] = "<b>隣</b>"
    client = signed_in(place.office)
    page = client.get(upload(client, pack, name="<i>.json")["Location"]).content.decode()
    (made,) = taken(place, pack)
    html = client.get(made.get_absolute_url()).content.decode()
    for text in (page, html):
        assert "<script>alert" not in text
        assert "<b>隣" not in text
        assert "<i>.json" not in text
    assert made.title == hostile
    csv = b"".join(client.get("/initiatives/export.csv")).decode("utf-8-sig")
    assert "\n=" not in csv


def test_refused_file_names_the_place_and_keeps_nothing() -> None:
    place = town()
    client = signed_in(place.office)
    pack = copy.deepcopy(PACK)
    pack["initiatives"][0]["milestones"][0]["days"] = "soon"
    response = upload(client, pack)
    assert response.status_code == 422
    assert "initiatives[0].milestones[0].days" in response.content.decode()
    assert not PackUpload.objects.exists()
    assert upload(client, b"").status_code == 422
    assert client.post(IMPORT).status_code == 422


def test_file_above_two_megabytes_is_refused_before_it_is_read() -> None:
    client = signed_in(town().office)
    assert upload(client, b" " * (2 * 1024 * 1024 + 1)).status_code == 422


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"places": ["9"], "start_on": "2027-04-01"},
        {"places": ["0"], "start_on": "いつか"},
        {"places": ["0"], "start_on": "1000-01-01"},
        {"places": ["0"], "start_on": "9999-12-31"},
    ],
)
def test_invalid_choice_writes_nothing(data: dict[str, Any]) -> None:
    client = signed_in(town().office)
    page = upload(client, PACK)["Location"]
    assert client.post(page, data).status_code == 422
    assert not Initiative.objects.exists()


def test_others_may_not_and_another_town_finds_nothing() -> None:
    place, elsewhere = town(), town("隣の市")
    page = upload(signed_in(place.office), PACK)["Location"]
    for person in (place.head, place.promoter, place.employee):
        client = signed_in(person)
        assert client.get(IMPORT).status_code == 403
        assert client.get(page).status_code == 403
        assert client.post(f"{page}undo/").status_code == 403
    stranger = signed_in(elsewhere.office)
    assert stranger.get(page).status_code == 404
    assert stranger.post(page, {"places": ["0"], "start_on": "2027-04-01"}).status_code == 404
    assert stranger.post(f"{page}undo/").status_code == 404


def test_file_that_nobody_took_over_goes_after_a_week() -> None:
    place = town()
    old = receive_pack(place.municipality, name="古い", content=written(PACK), by=place.office)
    week = timezone.now() - dt.timedelta(days=KEPT_DAYS, minutes=1)
    PackUpload.objects.filter(pk=old.pk).update(uploaded_at=week)
    new = receive_pack(place.municipality, name="", content=written(PACK), by=place.office)
    assert list(PackUpload.objects.all()) == [new]
    assert new.name == "pack.json"


def test_actions_are_safe_to_repeat() -> None:
    place = town()
    found = receive_pack(place.municipality, name="隣", content=written(PACK), by=place.office)
    day = dt.date(2027, 4, 1)
    made = take_over_pack(found, places=(0, 1), start_on=day, by=place.office)
    assert take_over_pack(found, places=(0,), start_on=day, by=place.office) == made
    assert [undo_pack(found, by=place.office) for _time in range(2)] == [2, 0]


def test_failing_in_between_leaves_nothing_half_done() -> None:
    place = town()
    pack = copy.deepcopy(PACK)
    pack["initiatives"].append({"title": "丙", "milestones": [{"title": "遠い", "days": 36500}]})
    found = receive_pack(place.municipality, name="隣", content=written(pack), by=place.office)
    with pytest.raises(OverflowError):
        take_over_pack(found, places=(0, 1, 2), start_on=dt.date(9999, 1, 1), by=place.office)
    assert not Initiative.objects.exists()
    found.refresh_from_db()
    assert (found.applied_at, found.content["format"]) == (None, "dxportal-pack")


@pytest.mark.parametrize("number", [1, 3])
def test_preview_costs_the_same_for_any_number(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = town()
    client = signed_in(place.office)
    pack = copy.deepcopy(PACK)
    pack["initiatives"] = [{**PACK["initiatives"][1], "title": f"取組{n}"} for n in range(number)]
    page = upload(client, pack)["Location"]
    client.get(page)
    with django_assert_num_queries(PREVIEW_QUERIES):
        assert client.get(page).status_code == 200


def everything() -> tuple[int, ...]:
    """How many rows stand in whatever a pack could touch."""
    return tuple(
        model.objects.count() for model in (PackUpload, PackOrigin, Initiative, Event, DirtyMark)
    )


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from(paths(PACK)), value=JSON)
def test_hostile_values_never_fail_and_are_written_whole_or_not_at_all(
    fuzzed: tuple[Town, Client], path: tuple[Any, ...], value: Any
) -> None:
    _place, client = fuzzed
    pack = copy.deepcopy(PACK)
    at: Any = pack
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    before = everything()
    response = upload(client, json.dumps(pack).encode("utf-8", "surrogatepass"))
    assert response.status_code in (302, 422)
    if response.status_code == 422:
        assert everything() == before
        return
    page = client.get(response["Location"])
    assert page.status_code == 200
    places = [str(number) for number in range(len(pack["initiatives"]))]
    done = client.post(response["Location"], {"places": places, "start_on": "2027-04-01"})
    assert done.status_code == 302
    assert PackOrigin.objects.count() == before[1] + len(places)
    for origin in PackOrigin.objects.order_by("-pk")[: len(places)]:
        assert client.get(origin.initiative.get_absolute_url()).status_code == 200


@pytest.fixture
def fuzzed() -> tuple[Town, Client]:
    """One town for all examples."""
    place = town()
    return place, signed_in(place.office)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=64))
def test_any_bytes_are_answered(fuzzed: tuple[Town, Client], content: bytes) -> None:
    before = everything()
    assert upload(fuzzed[1], content).status_code == 422
    assert everything() == before
