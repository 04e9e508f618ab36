"""Removing: out of every list and figure, nothing deleted, and back again."""

import datetime as dt

import pytest
from django.utils import timezone

from dxportal.accounts.models import Event
from dxportal.dashboards.adoption import adoption_rows
from roadmap.actions.removal import bring_back_initiative, remove_initiative
from roadmap.actions.updates import report
from roadmap.choices import Phase, Progress
from roadmap.models import AdoptionVerdict, DirtyMark, Initiative, InitiativeSnapshot, StageSnapshot
from roadmap.rollups import drift, roll_up
from surveys.actions.follow_ups import open_due, schedule_follow_ups
from surveys.models import FollowUp
from tests.roadmap.board import Town, signed_in, town
from tests.roadmap.test_initiative_list import made

pytestmark = pytest.mark.django_db


def test_removed_initiative_is_found_nowhere() -> None:
    place = town()
    initiative = made(place, "電子申請")
    address = initiative.get_absolute_url()
    assert remove_initiative(initiative, by=place.office)
    client = signed_in(place.office)
    assert "電子申請" not in client.get("/initiatives/").content.decode()
    for part in ("", "edit/", "history/", "launch-plan/", "remove/"):
        assert client.get(f"{address}{part}").status_code == 404
    assert client.post(f"{address}status/", {"progress": "late"}).status_code == 404
    assert "電子申請" in client.get("/settings/removed-initiatives/").content.decode()


def test_removing_and_bringing_back_are_events_and_are_done_once() -> None:
    place = town()
    initiative = made(place, "甲")
    DirtyMark.objects.all().delete()
    assert remove_initiative(initiative, by=place.office)
    assert not remove_initiative(initiative, by=place.office)
    assert DirtyMark.objects.filter(scope="initiative", scope_id=initiative.pk).exists()
    assert bring_back_initiative(initiative, by=place.office)
    assert not bring_back_initiative(initiative, by=place.office)
    actions = Event.objects.about("initiative", initiative.pk).values_list("action", flat=True)
    assert list(actions)[:2] == ["initiative.brought_back", "initiative.removed"]


def counted(place: Town) -> tuple[int, int]:
    """Initiatives in the snapshots, and how many contribute to steps."""
    contributing = StageSnapshot.objects.filter(department=place.section)
    return (
        InitiativeSnapshot.objects.count(),
        sum(contributing.values_list("contributing", flat=True)),
    )


def test_removed_initiative_leaves_the_figures_and_comes_back() -> None:
    place, today = town(), timezone.localdate()
    initiative = made(place, "甲")
    report(initiative, by=place.head, phase=Phase.TRIAL)
    roll_up(place.municipality.pk, as_of=today)
    assert counted(place) == (1, 1)
    remove_initiative(initiative, by=place.office)
    roll_up(place.municipality.pk, as_of=today)
    assert counted(place) == (0, 0)
    assert drift(place.municipality.pk, as_of=today) == 0
    bring_back_initiative(initiative, by=place.office)
    roll_up(place.municipality.pk, as_of=today)
    assert counted(place) == (1, 1)


def test_staff_are_not_asked_about_what_was_removed() -> None:
    place, today = town(), timezone.localdate()
    initiative = made(place, "甲")
    report(initiative, by=place.head, phase=Phase.LIVE, on=today - dt.timedelta(days=100))
    assert schedule_follow_ups(today) == 1
    remove_initiative(initiative, by=place.office)
    assert not FollowUp.objects.visible_to(place.office).exists()
    assert open_due(today + dt.timedelta(days=30)) == 0


def test_verdict_of_what_was_removed_is_not_shown() -> None:
    place, today = town(), timezone.localdate()
    initiative = made(place, "甲")
    AdoptionVerdict.objects.create(initiative=initiative, on=today, verdict="support")
    assert len(adoption_rows(place.office, as_of=today)) == 1
    remove_initiative(initiative, by=place.office)
    assert adoption_rows(place.office, as_of=today) == []


def test_page_asks_first_and_the_toast_takes_it_back() -> None:
    place = town()
    initiative = made(place, "甲")
    report(initiative, by=place.head, progress=Progress.LATE)
    client = signed_in(place.office)
    assert client.get(f"/initiatives/{initiative.pk}/remove/").status_code == 200
    assert Initiative.objects.standing().exists(), "asking removes nothing"
    page = client.post(f"/initiatives/{initiative.pk}/remove/", follow=True)
    undo = f"/initiatives/{initiative.pk}/bring-back/"
    assert undo in page.content.decode()
    assert client.post(undo).status_code == 302
    assert client.get(initiative.get_absolute_url()).status_code == 200


def test_removed_ones_of_others_are_not_there() -> None:
    place, elsewhere = town(), town("別の市")
    initiative = made(elsewhere, "よその取組")
    remove_initiative(initiative, by=elsewhere.office)
    client = signed_in(place.office)
    assert "よその取組" not in client.get("/settings/removed-initiatives/").content.decode()
    assert client.post(f"/initiatives/{initiative.pk}/bring-back/").status_code == 404
