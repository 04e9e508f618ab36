"""Lists of tags: bundled once, own ones kept, new versions as data; used ones stay."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.models import Event
from roadmap.actions.content import ensure_tags, missing_tags
from roadmap.actions.tags import add_tags, edit_tag, end_tag, move_tag, restore_tag
from roadmap.choices import TagScheme
from roadmap.content import TAGS
from roadmap.models import Tag
from tests import factories
from tests.roadmap.board import Town, signed_in, town
from tests.roadmap.test_initiative_list import made

pytestmark = pytest.mark.django_db

TAG_QUERIES = 8


def labels(place: Town, scheme: str, day: dt.date) -> list[str]:
    """What can be chosen from a list on a day."""
    rows = Tag.objects.visible_to(place.office).on(day).filter(scheme=scheme)
    return list(rows.values_list("label", flat=True))


def pillars(place: Town, *names: str) -> list[Tag]:
    return add_tags(place.municipality, scheme="pillar", labels=names, by=place.office)


def test_bundled_lists_are_whole_and_have_codes_of_their_own() -> None:
    counts = Counter((tag.scheme, tag.version) for tag in TAGS)
    assert counts[TagScheme.STANDARD_WORK, "2022"] == 20
    assert counts[TagScheme.PROCEDURE, "R5"] == 52
    assert counts[TagScheme.NATIONAL, "3.0"] == counts[TagScheme.NATIONAL, "2.3"] == 14
    assert len({(tag.scheme, tag.version, tag.code) for tag in TAGS}) == len(TAGS)
    assert max(len(tag.label_ja) for tag in TAGS) <= 120


def test_bundled_lists_come_once() -> None:
    place = town()
    assert Tag.objects.visible_to(place.office).count() == len(TAGS)
    assert ensure_tags(place.municipality, by=place.office) == 0
    assert missing_tags(place.municipality) == []


def test_versions_follow_each_other_by_day() -> None:
    place = town()
    before, after = dt.date(2024, 3, 31), dt.date(2024, 4, 1)
    for day in (before, after):
        assert len(labels(place, "national", day)) == 14
    versions = Tag.objects.visible_to(place.office).on(before).filter(scheme="national")
    assert set(versions.values_list("version", flat=True)) == {"2.3"}


def test_new_version_is_added_as_data_and_ends_the_old_one() -> None:
    place, begin = town(), dt.date(2027, 4, 1)
    made_tags = add_tags(
        place.municipality,
        scheme="national",
        labels=["新しい重点一", "新しい重点二"],
        version="4.0",
        valid_from=begin,
        end_others=True,
        by=place.office,
    )
    assert len(made_tags) == 2
    assert "新しい重点一" not in labels(place, "national", dt.date(2027, 3, 31))
    assert labels(place, "national", begin) == ["新しい重点一", "新しい重点二"]
    with pytest.raises(ValidationError):
        add_tags(
            place.municipality, scheme="national", labels=["三"], end_others=True, by=place.office
        )


def test_same_names_are_added_once() -> None:
    place = town()
    assert len(pillars(place, "待たせない", "待たせない", "書かせない")) == 2
    assert pillars(place, "待たせない") == []
    assert Event.objects.filter(action="tag.added").count() == 2


def test_own_entries_are_renamed_moved_ended_and_brought_back() -> None:
    place, day = town(), timezone.localdate()
    first, second = pillars(place, "一", "二")
    assert edit_tag(first, label="壱", by=place.office)
    assert not edit_tag(first, label="壱", by=place.office)
    with pytest.raises(ValidationError):
        edit_tag(second, label="壱", by=place.office)
    assert move_tag(second, up=True, by=place.office)
    assert not move_tag(second, up=True, by=place.office)
    assert labels(place, "pillar", day) == ["二", "壱"]
    assert end_tag(second, on=day, by=place.office)
    assert not end_tag(second, on=day, by=place.office)
    assert labels(place, "pillar", day) == ["壱"]
    assert restore_tag(second, by=place.office)
    assert labels(place, "pillar", day) == ["二", "壱"]
    bundled = Tag.objects.visible_to(place.office).filter(scheme="standard_work")[0]
    with pytest.raises(ValidationError):
        edit_tag(bundled, label="別の名", by=place.office)


def test_ended_tag_stays_on_its_initiative_and_in_its_form() -> None:
    place = town()
    (tag,) = pillars(place, "待たせない窓口")
    initiative, other = made(place, "甲", tags=(tag.pk,)), made(place, "乙")
    end_tag(tag, on=timezone.localdate(), by=place.office)
    client = signed_in(place.office)
    assert tag.label in client.get(initiative.get_absolute_url()).content.decode()
    assert tag.label in client.get(f"/initiatives/{initiative.pk}/edit/").content.decode()
    assert tag.label not in client.get(f"/initiatives/{other.pk}/edit/").content.decode()


def test_form_refuses_tags_of_others() -> None:
    place, elsewhere = town(), town("別の市")
    (tag,) = pillars(elsewhere, "よその柱")
    data = {"title": "甲", "phase": "idea", "token": "t", "tags": [tag.pk]}
    response = signed_in(place.office).post("/initiatives/new/", data)
    assert "tags" in response.context["form"].errors


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_any_number_of_entries(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = town()
    pillars(place, *(f"柱{index}" for index in range(number)))
    client = signed_in(place.office)
    with django_assert_num_queries(TAG_QUERIES):
        assert client.get("/settings/tags/").status_code == 200


def test_page_adds_renames_ends_and_brings_back() -> None:
    place = town()
    client = signed_in(place.office)
    data = {"scheme": "pillar", "labels": "待たせない\n\n 書かせない \n"}
    assert client.post("/settings/tags/", data).status_code == 302
    tag = Tag.objects.get(label="書かせない")
    assert client.post(f"/settings/tags/{tag.pk}/", {"label": "待たせない"}).status_code == 422
    assert client.post(f"/settings/tags/{tag.pk}/", {"label": "書かない窓口"}).status_code == 302
    ended: Any = client.post(f"/settings/tags/{tag.pk}/end/", follow=True)
    assert f"/settings/tags/{tag.pk}/restore/" in ended.content.decode()
    tag.refresh_from_db()
    assert (tag.label, tag.valid_to) == ("書かない窓口", timezone.localdate())
    client.post(f"/settings/tags/{tag.pk}/restore/")
    tag.refresh_from_db()
    assert tag.valid_to is None


def test_municipality_of_before_takes_the_lists_over_by_one_button() -> None:
    place = town()
    Tag.objects.all().delete()
    client = signed_in(place.office)
    assert "/settings/tags/bundle/" in client.get("/settings/tags/").content.decode()
    client.post("/settings/tags/bundle/")
    assert Tag.objects.visible_to(place.office).count() == len(TAGS)
    assert "/settings/tags/bundle/" not in client.get("/settings/tags/").content.decode()


def test_tags_of_another_municipality_do_not_exist() -> None:
    place, elsewhere = town(), factories.municipality("別の市")
    foreign = Tag.objects.filter(municipality=elsewhere)[0]
    client = signed_in(place.office)
    for what in ("", "end/", "restore/", "move/"):
        assert client.post(f"/settings/tags/{foreign.pk}/{what}").status_code == 404
