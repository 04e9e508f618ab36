"""Comments, mentions, links and decisions: once each, told to whom, removed and brought back."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from dxportal.accounts.models import Event, Outbox
from roadmap.actions.comments import add_comment, remove_comment
from roadmap.actions.decisions import (
    DecisionConflict,
    DecisionFields,
    edit_decision,
    record_decision,
    remove_decision,
    restore_decision,
)
from roadmap.actions.links import add_link, checked_address, remove_link, restore_link
from roadmap.models import Comment, Initiative
from tests import factories
from tests.roadmap.board import Town, signed_in, town

pytestmark = pytest.mark.django_db


def made(place: Town) -> Initiative:
    """An initiative of the section."""
    return factories.initiative(place.municipality, "電子申請", lead=place.section)


def told(person: object) -> int:
    """How many messages a person has."""
    return Outbox.objects.filter(recipient=person).count()


@pytest.mark.parametrize(
    "text", ["@山田太郎 さん、見てください", "お願いします＠山田太郎さん", "@山田太郎"]
)
def test_person_named_in_the_text_is_told(text: str) -> None:
    place = town()
    person = factories.user(place.municipality, name="山田 太郎")
    factories.user(place.municipality, name="山田")
    add_comment(made(place), text=text, by=place.head)
    assert told(person) == 1


def test_name_of_nobody_or_of_several_is_refused_and_nothing_is_written() -> None:
    place = town()
    for _number in range(2):
        factories.user(place.municipality, name="佐藤 花子")
    factories.user(town("別の市").municipality, name="余所 一郎")
    initiative = made(place)
    for text in ("@佐藤花子 さん", "@余所一郎 さん", "@だれか"):
        with pytest.raises(ValidationError):
            add_comment(initiative, text=text, by=place.head)
    assert not Comment.objects.exists()


def test_comment_sent_twice_is_one() -> None:
    place = town()
    initiative = made(place)
    client = signed_in(place.head)
    data = {"text": "確かめます", "token": "abc", "named": [place.promoter.pk]}
    for _time in range(2):
        client.post(f"/initiatives/{initiative.pk}/comments/new/", data)
    assert Comment.objects.count() == 1
    assert told(place.promoter) == 1


def test_removed_comment_leaves_its_place_and_no_word_anywhere() -> None:
    place = town()
    initiative = made(place)
    row = add_comment(initiative, text="ないしょの話", by=place.head)
    remove_comment(row, by=place.office, now=timezone.now())
    row.refresh_from_db()
    assert row.text == ""
    kept = str(list(Event.objects.values_list("before", "after", "object_label")))
    assert "ないしょ" not in kept
    page = signed_in(place.head).get(f"/initiatives/{initiative.pk}/").content.decode()
    assert "コメントは削除" in page


def test_comments_are_not_for_employees() -> None:
    place = town()
    initiative = made(place)
    add_comment(initiative, text="職員には見えない", by=place.head)
    url = f"/initiatives/{initiative.pk}/"
    assert "職員には見えない" not in signed_in(place.employee).get(url).content.decode()
    assert "職員には見えない" in signed_in(place.promoter).get(url).content.decode()


def test_empty_comment_is_asked_for_again() -> None:
    place = town()
    url = f"/initiatives/{made(place).pk}/comments/new/"
    assert signed_in(place.head).post(url, {"text": " "}).status_code == 422


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "//x", "ftp://x", "https://", "", "[", "x y"],
)
def test_address_that_leads_astray_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        checked_address(address)


def test_address_of_a_shared_folder_is_kept() -> None:
    assert checked_address(r"\\server\共有\計画.xlsx") == "file://server/共有/計画.xlsx"


def test_link_is_added_once_removed_and_brought_back_once() -> None:
    place = town()
    initiative = made(place)
    for _time in range(2):
        link = add_link(initiative, label="", url="https://x.example/1", by=place.head)
    event = remove_link(link, by=place.head)
    assert event is not None
    assert remove_link(link, by=place.head) is None
    for _time in range(2):
        restore_link(event, initiative, by=place.head)
    assert [row.url for row in initiative.link_rows.all()] == ["https://x.example/1"]
    other = made(place)
    with pytest.raises(ValidationError):
        restore_link(event, other, by=place.head)


def test_decision_is_recorded_once_corrected_removed_and_brought_back() -> None:
    place = town()
    initiative, today = made(place), timezone.localdate()
    fields = DecisionFields("進める", "CDO", today)
    for _time in range(2):
        row = record_decision(initiative, fields=fields, by=place.office)
    assert initiative.decisions.count() == 1
    better = DecisionFields("来年度に進める", "CDO", today, meeting="本部会議")
    row = edit_decision(row, fields=better, version=1, by=place.office)
    with pytest.raises(DecisionConflict):
        edit_decision(row, fields=fields, version=1, by=place.office)
    event = remove_decision(row, by=place.office)
    assert event is not None
    for _time in range(2):
        restore_decision(event, initiative, by=place.office)
    [back] = initiative.decisions.all()
    assert (back.text, back.meeting, back.decided_on) == ("来年度に進める", "本部会議", today)


def test_blocker_of_another_initiative_is_refused() -> None:
    place = town()
    today = timezone.localdate()
    other = made(place).blockers.create(category="law", text="別の", opened_on=today)
    fields = DecisionFields("進める", "CDO", today, blocker=other.pk)
    with pytest.raises(ValidationError):
        record_decision(made(place), fields=fields, by=place.office)


def test_page_of_an_initiative_costs_the_same_with_much_talk(
    django_assert_max_num_queries: object,
) -> None:
    place = town()
    initiative = made(place)
    client = signed_in(place.head)
    url = f"/initiatives/{initiative.pk}/"
    client.get(url)
    for number in range(3):
        add_comment(initiative, text=f"コメント{number}", by=place.promoter)
        add_link(initiative, label="", url=f"https://x.example/{number}", by=place.head)
        fields = DecisionFields(f"決定{number}", "CDO", timezone.localdate())
        record_decision(initiative, fields=fields, by=place.office)
        with django_assert_max_num_queries(40):  # type: ignore[operator]
            client.get(url)
