"""Trainings: numbers a section and never names, coverage, who enters what."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from dxportal.accounts.models import Event
from roadmap.actions.trainings import (
    TrainingExists,
    TrainingFields,
    bring_back_training,
    enter_attendance,
    remove_training,
    save_training,
)
from roadmap.models import Training, TrainingAttendance
from roadmap.training import reaches, read_numbers
from tests import factories
from tests.roadmap.board import signed_in, town

LIST = reverse("roadmap:training_list")
TODAY = timezone.localdate()


# Meaning ----------------------------------------------------------------------------------------
def test_reach_counts_offers_and_people_of_known_sections_only():
    found = reaches({1: 10, 2: 0}, [(1, 1), (1, 1), (9, 1)], [(1, 4), (1, 8), (9, 3)])
    assert (found[1].offered, found[1].came, found[1].share) == (2, 12, 100)
    assert (found[2].offered, found[2].came, found[2].share) == (0, 0, None)


@given(st.integers(1, 500), st.lists(st.integers(0, 400), max_size=5))
def test_share_is_never_above_everybody(staff, came):
    share = reaches({1: staff}, [], [(1, n) for n in came])[1].share
    assert share is not None
    assert 0 <= share <= 100


def test_pasted_lines_are_read_and_others_are_told():
    text = "部署\t人数\n市民課\t１２人\n税務課,3\n福祉課 7名\nだれか\n水道課 -1\n"
    found, unread = read_numbers(text)
    assert found == [("市民課", 12), ("税務課", 3), ("福祉課", 7)]
    assert unread == ["だれか", "水道課 -1"]


# Actions ----------------------------------------------------------------------------------------
def held(place, title="操作の研修", *, offered=(), on=TODAY, **more) -> Training:
    fields = TrainingFields(title, on, offered_to=tuple(sorted(d.pk for d in offered)), **more)
    return save_training(None, place.municipality, fields=fields, by=place.office)


@pytest.mark.django_db
def test_training_is_saved_once_a_day_and_told_in_the_trail():
    place = town()
    training = held(place, offered=[place.section], minutes=40)
    with pytest.raises(TrainingExists):
        held(place)
    same = TrainingFields("操作の研修", TODAY, 40, offered_to=(place.section.pk,))
    save_training(training, place.municipality, fields=same, by=place.office)
    (event,) = Event.objects.filter(action__startswith="training.")
    assert event.after["offered_to"] == ["市民課"]


@pytest.mark.django_db
def test_removed_training_counts_nowhere_until_it_comes_back():
    place = town()
    training = held(place, offered=[place.section])
    assert remove_training(training, by=place.office)
    assert not remove_training(training, by=place.office)
    twin = held(place)
    with pytest.raises(TrainingExists):
        bring_back_training(training, by=place.office)
    remove_training(twin, by=place.office)
    assert bring_back_training(training, by=place.office)
    assert [t.pk for t in Training.objects.visible_to(place.office)] == [training.pk]


@pytest.mark.django_db
def test_numbers_are_replaced_emptied_and_written_once():
    place = town()
    training = held(place, offered=[place.section, place.other])
    first = {place.section.pk: 5, place.other.pk: None}
    assert enter_attendance(training, people=first, by=place.office) == 1
    assert enter_attendance(training, people=first, by=place.office) == 0
    assert enter_attendance(training, people={place.section.pk: None}, by=place.office) == 1
    assert not TrainingAttendance.objects.exists()
    last = Event.objects.filter(action="training.counted").latest("id")
    assert (last.before, last.after) == ({"市民課": 5}, {"市民課": None})


# Pages ------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_office_adds_one_for_all_sections_and_enters_numbers_by_pasting():
    place = town()
    client = signed_in(place.office)
    sent = {"title": "体験会", "held_on": TODAY.isoformat(), "everybody": "on"}
    assert client.post(reverse("roadmap:training_create"), sent).status_code == 302
    assert client.post(reverse("roadmap:training_create"), sent).status_code == 422
    training = Training.objects.get()
    assert training.offered_to.count() == 2
    page = reverse("roadmap:training_numbers", args=[training.pk])
    wrong = client.post(page, {"lines": "ない課 3"})
    assert wrong.status_code == 422
    assert "ない課" in wrong.content.decode()
    field = f"section_{place.other.pk}"
    assert client.post(page, {"lines": "市民課 3", field: "1"}).status_code == 302
    rows = TrainingAttendance.objects.values_list("department__name", "people")
    assert dict(rows) == {"市民課": 3, "税務課": 1}


@pytest.mark.django_db
def test_head_and_promoter_enter_and_see_their_own_section_alone():
    place = town()
    training = held(place, offered=[place.section, place.other])
    enter_attendance(training, people={place.other.pk: 4}, by=place.office)
    page = reverse("roadmap:training_numbers", args=[training.pk])
    for person in (place.head, place.promoter):
        client = signed_in(person)
        assert f"section_{place.other.pk}" not in client.get(page).content.decode()
        stolen = {f"section_{place.other.pk}": "9", f"section_{place.section.pk}": "2"}
        client.post(page, stolen)
        shown = client.get(LIST).context["coverage"]
        assert [line.department for line in shown] == [place.section]
    people = dict(training.attendance.values_list("department", "people"))
    assert people == {place.other.pk: 4, place.section.pk: 2}
    employee = signed_in(place.employee)
    assert employee.get(page).status_code == 403
    assert employee.get(LIST).context["coverage"] == []


@pytest.mark.django_db
def test_coverage_counts_teams_with_their_section_and_staff_without_account():
    place = town()
    team = factories.department(
        place.municipality, "窓口係", parent=place.section, kind="team", without_account=3
    )
    factories.user(place.municipality, of=team)
    enter_attendance(held(place, offered=[team]), people={team.pk: 2}, by=place.office)
    held(place, "去年の研修", on=TODAY - dt.timedelta(days=400), offered=[place.other])
    found = signed_in(place.office).get(LIST).context
    by_name = {line.department.name: line.reach for line in found["coverage"]}
    assert (by_name["市民課"].offered, by_name["市民課"].came) == (1, 2)
    assert by_name["市民課"].staff == 3 + 3 + 1
    assert [line.department.name for line in found["without"]] == ["税務課"]


@pytest.mark.django_db
def test_initiative_says_how_many_were_trained():
    place = town()
    initiative = factories.initiative(place.municipality, "電子申請", lead=place.section)
    for day in (0, 1):
        training = held(
            place,
            on=TODAY - dt.timedelta(days=day),
            offered=[place.section],
            initiative=initiative.pk,
        )
        enter_attendance(training, people={place.section.pk: 17}, by=place.office)
    card = signed_in(place.employee).get(initiative.get_absolute_url()).context["care"]
    assert (card.trainings, card.people, card.staff) == (2, 34, 3)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_database_the_same_number_of_times(number, django_assert_num_queries):
    place = town()
    for count in range(number):
        section = factories.department(place.municipality)
        training = held(place, f"研修{count}", offered=[section])
        enter_attendance(training, people={section.pk: 2}, by=place.office)
    client = signed_in(place.office)
    client.get(LIST)
    with django_assert_num_queries(11):
        client.get(LIST)
