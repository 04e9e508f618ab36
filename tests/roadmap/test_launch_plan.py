"""The five lines before going live: who may write them, what is missing, when to ask again."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from dxportal.accounts.models import Event
from roadmap.actions.initiatives import EditConflict, edit_initiative, fields_of
from roadmap.actions.launch_plan import LaunchPlan, set_launch_plan
from roadmap.actions.updates import report
from roadmap.choices import Phase, Queue
from roadmap.launch_lines import ask_again_day, missing_lines
from roadmap.models import Initiative
from tests.roadmap.board import signed_in, town
from tests.roadmap.test_initiative_list import fields, made, titles

DAY = dt.date(2027, 3, 31)
PLAN = LaunchPlan("窓口の職員", 30, "推進員", "紙の申請書", DAY, DAY)
TYPED = {
    "learners": "窓口の職員",
    "learn_minutes": "30",
    "helpers": "推進員",
    "old_way": "紙の申請書",
    "old_way_ends_on": "令和9年3月31日",
    "ask_again_on": "2027/3/31",
}


def test_a_line_is_missing_where_anything_of_it_is_empty() -> None:
    whole: dict[str, Any] = dict(vars(PLAN))
    assert missing_lines(whole) == []
    assert len(missing_lines({**whole, "old_way_ends_on": None})) == 1
    assert missing_lines({**whole, "learn_minutes": 0}) == [], "nothing to learn is an answer"
    assert len(missing_lines({})) == 5


@pytest.mark.parametrize(
    ("launch", "day"),
    [
        (dt.date(2026, 4, 1), dt.date(2026, 6, 30)),
        (dt.date(2026, 3, 31), dt.date(2026, 6, 29)),
        (dt.date(2026, 10, 1), dt.date(2027, 1, 4)),
        (dt.date(2026, 2, 2), dt.date(2026, 5, 7)),
    ],
)
def test_staff_are_asked_again_90_days_later_on_a_working_day(
    launch: dt.date, day: dt.date
) -> None:
    assert ask_again_day(launch) == day


@pytest.mark.django_db
def test_lines_are_one_edit_of_the_fields_and_leave_the_queue() -> None:
    place, today = town(), timezone.localdate()
    initiative = made(place, "甲")
    report(initiative, by=place.head, phase=Phase.TRIAL)
    assert titles(place, Queue.LAUNCH_PLAN, today) == {"甲"}
    set_launch_plan(initiative, by=place.head, plan=PLAN, version=1)
    assert titles(place, Queue.LAUNCH_PLAN, today) == set()
    set_launch_plan(initiative, by=place.head, plan=PLAN, version=1)
    assert Event.objects.filter(action="initiative.edited").count() == 1


@pytest.mark.django_db
def test_lines_do_not_cover_what_others_wrote_meanwhile() -> None:
    place = town()
    initiative = made(place, "甲")
    edit_initiative(initiative, by=place.office, fields=fields(place, "乙"), version=1)
    set_launch_plan(initiative, by=place.head, plan=PLAN, version=1)
    found = fields_of(Initiative.objects.get())
    assert (found.title, found.learners) == ("乙", "窓口の職員")
    with pytest.raises(EditConflict) as caught:
        set_launch_plan(initiative, by=place.office, plan=LaunchPlan("別の人"), version=1)
    assert "learners" in caught.value.names
    assert fields_of(Initiative.objects.get()) == found


@pytest.mark.django_db
def test_whoever_reports_writes_the_lines_others_read_them() -> None:
    place = town()
    initiative = made(place, "甲")
    address = f"/initiatives/{initiative.pk}/launch-plan/"
    for person, status in ((place.promoter, 302), (place.employee, 403)):
        response = signed_in(person).post(address, {**TYPED, "version": 1})
        assert response.status_code == status
    found = Initiative.objects.get()
    assert (found.learners, found.old_way_ends_on, found.ask_again_on) == ("窓口の職員", DAY, DAY)
    page = signed_in(place.employee).get(initiative.get_absolute_url()).content.decode()
    assert "窓口の職員" in page
    assert address not in page


@pytest.mark.django_db
def test_form_suggests_the_day_and_says_what_cannot_be_read() -> None:
    place = town()
    initiative = made(place, "甲", target_fy=2090, target_quarter=1)
    client, address = signed_in(place.head), f"/initiatives/{initiative.pk}/launch-plan/"
    form = client.get(address).context["form"]
    assert form["ask_again_on"].value() == ask_again_day(dt.date(2090, 6, 30))
    response = client.post(address, {**TYPED, "old_way_ends_on": "いつか", "version": 1})
    assert response.status_code == 422
    assert "いつか" in response.content.decode()


@pytest.mark.django_db
def test_conflict_shows_theirs_keeps_mine_and_is_settled_by_saving_again() -> None:
    place = town()
    initiative = made(place, "甲")
    set_launch_plan(initiative, by=place.office, plan=LaunchPlan("彼らの言葉"), version=1)
    client, address = signed_in(place.head), f"/initiatives/{initiative.pk}/launch-plan/"
    response = client.post(address, {**TYPED, "version": 1})
    html = response.content.decode()
    assert response.status_code == 409
    assert "彼らの言葉" in html
    assert "窓口の職員" in html
    again = {**TYPED, "version": response.context["version"]}
    assert client.post(address, again).status_code == 302
    assert Initiative.objects.get().learners == "窓口の職員"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("phase", "shown"), [(Phase.BUILDING, True), (Phase.LIVE, True), (Phase.STOPPED, False)]
)
def test_card_stands_until_it_is_in_operation(phase: Phase, shown: bool) -> None:
    place = town()
    initiative = made(place, "甲")
    report(initiative, by=place.head, phase=phase, note="理由", ended="")
    response = signed_in(place.head).get(initiative.get_absolute_url())
    assert (response.context["launch_plan"] is not None) == shown
