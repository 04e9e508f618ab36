"""Follow-ups in the browser: change when and whom to ask, do not ask, ask after all, the limit."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.models import Event
from dxportal.shared.workdays import after, on_or_before
from roadmap.actions.updates import report
from roadmap.choices import DepartmentRole, Phase
from roadmap.models import Initiative, InitiativeDepartment
from surveys.actions.follow_ups import open_due, schedule_follow_ups
from surveys.choices import NotAsked
from surveys.models import AskLimit, FollowUp
from tests import factories
from tests.surveys import towns
from tests.surveys.towns import Town, town

pytestmark = pytest.mark.django_db

DAYS = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"
    return settings.KEY_DIR


def _today() -> dt.date:
    return on_or_before(timezone.localdate())


def _launched(place: Town, days_ago: int = 20) -> Initiative:
    day = _today() - dt.timedelta(days=days_ago)
    return factories.initiative(
        place.municipality,
        lead=place.sections[0],
        phase=Phase.LIVE,
        reported_on=day,
        launched_on=day,
        purpose="押印のために出張所へ行かなくてよくする",
    )


def _planned(place: Town, **fields: Any) -> FollowUp:
    _launched(place, **fields)
    schedule_follow_ups(_today())
    return FollowUp.objects.get()


def _send(follow_up: FollowUp, **fields: Any) -> dict[str, Any]:
    day = after(timezone.localdate() + dt.timedelta(days=30))
    given = {"due_on": day.isoformat(), "why": "", "departments": [], "version": follow_up.version}
    return {**given, **fields}


def test_the_office_chooses_another_date_other_people_and_what_they_read(client: Any) -> None:
    place = town([6, 8])
    follow_up = _planned(place)
    client.force_login(place.office)
    url = reverse("surveys:followup_edit", args=[follow_up.pk])

    sent = client.post(
        url, _send(follow_up, why="窓口を待たせない", departments=[place.sections[1].pk])
    )

    assert sent.status_code == 302
    follow_up.refresh_from_db()
    assert follow_up.why == "窓口を待たせない"
    assert list(follow_up.departments.all()) == [place.sections[1]]
    event = Event.objects.get(action="follow_up.changed")
    assert event.after["departments"] == [place.sections[1].name]
    page = client.get(reverse("surveys:followup_detail", args=[follow_up.pk])).content.decode()
    assert "窓口を待たせない" in page
    open_due(follow_up.due_on)
    follow_up.refresh_from_db()
    assert follow_up.wave is not None
    assert follow_up.wave.eligible.count() == 8
    assert client.post(url, _send(follow_up)).status_code == 422


def test_the_same_form_twice_writes_one_event(client: Any) -> None:
    place = town([6])
    follow_up = _planned(place)
    client.force_login(place.office)
    url = reverse("surveys:followup_edit", args=[follow_up.pk])

    for _time in range(2):
        assert client.post(url, _send(follow_up, why="同じ")).status_code == 302

    assert Event.objects.filter(action="follow_up.changed").count() == 1


def test_a_change_that_came_in_between_is_shown_and_not_covered(client: Any) -> None:
    place = town([6])
    follow_up = _planned(place)
    client.force_login(place.office)
    url = reverse("surveys:followup_edit", args=[follow_up.pk])
    client.post(url, _send(follow_up, why="先の人"))

    late = client.post(url, _send(follow_up, why="後の人"))

    assert late.status_code == 409
    assert "先の人" in late.content.decode()
    assert FollowUp.objects.get().why == "先の人"


@pytest.mark.parametrize("day", ["2026-13-01", "2020-04-01", "2099-04-01", "2027-01-02"])
def test_a_day_that_cannot_be_is_refused_and_what_was_typed_stays(day: str, client: Any) -> None:
    place = town([6])
    follow_up = _planned(place)
    client.force_login(place.office)

    sent = client.post(
        reverse("surveys:followup_edit", args=[follow_up.pk]),
        _send(follow_up, due_on=day, why="残る言葉"),
    )

    assert sent.status_code == 422
    assert "残る言葉" in sent.content.decode()


def test_not_asking_has_a_reason_and_can_be_taken_back(client: Any) -> None:
    place = town([6])
    follow_up = _planned(place)
    client.force_login(place.office)
    skip = reverse("surveys:followup_skip", args=[follow_up.pk])

    assert client.post(skip, {"note": " "}).status_code == 422
    assert client.post(skip, {"note": "職員の目に触れないため"}).status_code == 302
    assert client.post(skip, {"note": "もう一度"}).status_code == 409
    follow_up.refresh_from_db()
    assert follow_up.not_asked == NotAsked.OFFICE
    listed = client.get(reverse("surveys:followup_list")).content.decode()
    assert "職員の目に触れないため" in listed
    plan = reverse("surveys:followup_plan", args=[follow_up.pk])
    assert client.post(plan).status_code == 302
    assert client.post(plan).status_code == 302

    follow_up.refresh_from_db()
    assert (follow_up.not_asked, follow_up.closed_on) == ("", None)
    assert Event.objects.filter(action="follow_up.planned_again").count() == 1


def test_the_limit_is_kept_and_said(client: Any) -> None:
    place = town([6])
    follow_up = _planned(place, days_ago=100)
    client.force_login(place.office)
    url = reverse("surveys:ask_limit")

    assert client.post(url, {"asks_per_quarter": "0"}).status_code == 422
    assert client.post(url, {"asks_per_quarter": "1"}).status_code == 302
    assert AskLimit.objects.get().asks_per_quarter == 1
    open_due(_today())
    follow_up.refresh_from_db()
    assert follow_up.wave is not None
    assert "1回" in client.get(reverse("surveys:followup_list")).content.decode()
    assert place.sections[0].name in client.get(url).content.decode()


def test_who_was_asked_often_enough_waits_and_the_list_says_until_when(client: Any) -> None:
    place = town([6])
    follow_up = _planned(place, days_ago=100)
    client.force_login(place.office)
    client.post(reverse("surveys:ask_limit"), {"asks_per_quarter": "1"})
    towns.open_wave(
        place,
        opens_at=timezone.now(),
        closes_at=timezone.now() + DAYS * 9,
        publish_at=timezone.now() + DAYS * 9,
    )

    assert open_due(_today()) == 0
    page = client.get(reverse("surveys:followup_list")).content.decode()

    assert "次の四半期" in page
    follow_up.refresh_from_db()
    assert follow_up.closed_on is None


def test_what_was_stopped_before_is_listed_as_not_asked() -> None:
    place = town([6])
    follow_up = _planned(place, days_ago=100)
    report(follow_up.initiative, by=place.office, phase=Phase.STOPPED, note="利用がない", ended="")

    assert open_due(_today()) == 0
    follow_up.refresh_from_db()
    assert follow_up.not_asked == NotAsked.ENDED


@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_of_due_ones_costs_the_same_for_one_and_three(
    rows: int, client: Any, django_assert_num_queries: Any
) -> None:
    place = town([6], [7])
    for number in range(rows):
        item = _launched(place, days_ago=100 + number)
        InitiativeDepartment.objects.create(
            initiative=item, department=place.sections[1], role=DepartmentRole.USER
        )
    schedule_follow_ups(_today())
    client.force_login(place.everybody[0])

    with django_assert_num_queries(28):
        client.get(reverse("surveys:followup_list"))
