"""The mapping screen: the municipality's own words and what they mean."""

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event
from roadmap.actions.words import map_status_word
from roadmap.choices import Channel, Phase, Progress
from roadmap.models import StatusWord, Update
from tests import factories
from tests.roadmap.board import Town, signed_in, town

pytestmark = pytest.mark.django_db

PAGE = "/settings/status-words/"
PAGE_QUERIES = 7


def word(place: Town, text: str, **meaning: str) -> StatusWord:
    """A word of the municipality."""
    return StatusWord.objects.create(municipality=place.municipality, word=text, **meaning)


@pytest.mark.parametrize("number", [1, 3])
def test_words_cost_the_same_for_any_number(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = town()
    for index in range(number):
        word(place, f"言葉{index}")
    client = signed_in(place.office)
    with django_assert_num_queries(PAGE_QUERIES):
        html = client.get(PAGE).content.decode()
    assert html.count('<tr id="status-word-') == number


def test_unmapped_words_come_first_with_their_uses() -> None:
    place = town()
    word(place, "A", progress=Progress.AHEAD)
    word(place, "実施済")
    word(place, "検討中")
    for _number in range(2):
        initiative = factories.initiative(place.municipality)
        Update.objects.create(
            initiative=initiative,
            phase=Phase.IDEA,
            note="検討中",
            channel=Channel.IMPORT,
            reported_on=dt.date(2026, 9, 1),
        )
    rows = signed_in(place.office).get(PAGE).context["rows"]
    assert [(row.word.word, row.uses) for row in rows] == [("検討中", 2), ("実施済", 0), ("A", 0)]


def test_all_words_are_saved_in_one_form() -> None:
    place = town()
    one, two = word(place, "C"), word(place, "実施済")
    data = {
        f"phase-{one.pk}": "",
        f"progress-{one.pk}": "late",
        f"phase-{two.pk}": "live",
        f"progress-{two.pk}": "",
    }
    response = signed_in(place.office).post(PAGE, data)
    assert response.status_code == 302
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.phase, one.progress) == ("", "late")
    assert (two.phase, two.progress) == ("live", "")
    assert Event.objects.filter(action="status_word.mapped").count() == 2


def test_saving_the_same_meaning_writes_no_history() -> None:
    place = town()
    one = word(place, "C", progress=Progress.LATE)
    assert not map_status_word(one, by=place.office, phase="", progress=Progress.LATE)
    assert not Event.objects.filter(action="status_word.mapped").exists()


@pytest.mark.parametrize("phase", ["established", "checking", "done"])
def test_words_never_mean_what_nobody_may_choose(phase: str) -> None:
    place = town()
    one = word(place, "完了")
    response = signed_in(place.office).post(PAGE, {f"phase-{one.pk}": phase})
    one.refresh_from_db()
    assert response.status_code == 422
    assert one.phase == ""


def test_words_of_another_municipality_stay_out_of_reach() -> None:
    place, elsewhere = town(), town("別の市")
    word(place, "ここの言葉")
    theirs = word(elsewhere, "よその言葉")
    client = signed_in(place.office)
    assert "よその言葉" not in client.get(PAGE).content.decode()
    client.post(PAGE, {f"progress-{theirs.pk}": "late"})
    theirs.refresh_from_db()
    assert theirs.progress == ""


def test_no_word_yet_says_where_they_come_from() -> None:
    place = town()
    html = signed_in(place.office).get(PAGE).content.decode()
    assert 'class="empty"' in html


@pytest.mark.parametrize(
    "role", [Role.EMPLOYEE, Role.PROMOTER, Role.HEAD, Role.CDO, Role.AUDITOR, Role.ADMIN]
)
def test_words_are_for_the_office_only(role: Role) -> None:
    place = town()
    client = signed_in(factories.user(place.municipality, role=role, of=place.section))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {}).status_code == 403


def test_mapping_a_word_gives_imported_initiatives_their_status() -> None:
    place = town()
    late = word(place, "C")
    waiting, reported = (factories.initiative(place.municipality) for _ in range(2))
    for initiative in (waiting, reported):
        Update.objects.create(
            initiative=initiative,
            phase=Phase.IDEA,
            note="C",
            channel=Channel.IMPORT,
            is_report=False,
            reported_on=dt.date(2026, 9, 1),
        )
    Update.objects.create(
        initiative=reported,
        phase=Phase.BUILDING,
        progress=Progress.ON_TRACK,
        reported_on=dt.date(2026, 9, 2),
    )
    client = signed_in(place.office)
    answer = client.post(
        PAGE, {f"phase-{late.pk}": "", f"progress-{late.pk}": Progress.LATE}, follow=True
    )
    assert "1件" in answer.content.decode()
    newest = waiting.updates.latest("id")
    assert (newest.progress, newest.channel, newest.is_report) == ("late", "import", True)
    assert newest.reported_on == dt.date(2026, 9, 1)
    assert reported.updates.latest("id").progress == Progress.ON_TRACK, "a report is never undone"
