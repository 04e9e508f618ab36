"""Follow-ups: planned by date, opened when due, closed with a verdict, or declared."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.models import Event, Outbox
from dxportal.shared.workdays import on_or_after, on_or_before
from roadmap.actions.adoption_tasks import TaskFields, choose_task, finish_task
from roadmap.actions.published import publish_verdict
from roadmap.choices import DepartmentRole, Phase, TaskChoice, Verdict
from roadmap.models import (
    AdoptionTask,
    AdoptionVerdict,
    DirtyMark,
    Initiative,
    InitiativeDepartment,
    Update,
)
from surveys.actions import ballots, tickets
from surveys.actions.follow_up_plans import FollowUpFields, change_follow_up
from surveys.actions.follow_ups import (
    declare_outcome,
    must_declare,
    open_due,
    open_follow_up,
    schedule_follow_ups,
)
from surveys.actions.re_asking import plan_by_tasks
from surveys.choices import WaveState
from surveys.models import FollowUp, Wave, WaveAsk
from surveys.workdays import is_workday
from tests import factories
from tests.surveys import towns
from tests.surveys.towns import answer, close, town

pytestmark = pytest.mark.django_db

GOOD = {"F1": "weekly", "F2": "easier", "F3": "saved_30", "F4": "ended"}
UNUSED = {"F1": "never", "F4": "partly", "F5": ["no_need"]}


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"
    return settings.KEY_DIR


def _today() -> dt.date:
    """A working day: nobody is asked on a Sunday."""
    return on_or_before(timezone.localdate())


def _launched(place: towns.Town, days_ago: int = 100, **fields: Any) -> Initiative:
    day = _today() - dt.timedelta(days=days_ago)
    return factories.initiative(
        place.municipality,
        lead=place.sections[0],
        phase=fields.pop("phase", Phase.LIVE),
        reported_on=day,
        launched_on=day,
        **fields,
    )


def _open(place: towns.Town, initiative: Initiative) -> Wave:
    today = _today()
    schedule_follow_ups(today)
    assert open_due(today) == 1
    follow_up = FollowUp.objects.select_related("wave").get(initiative=initiative)
    assert follow_up.wave is not None
    return follow_up.wave


@pytest.mark.parametrize(
    ("launched", "due"),
    [
        (dt.date(2026, 4, 1), dt.date(2026, 6, 30)),
        (dt.date(2026, 2, 3), dt.date(2026, 5, 7)),
        (dt.date(2026, 10, 1), dt.date(2027, 1, 4)),
    ],
)
def test_the_date_is_90_days_later_on_a_working_day(launched: dt.date, due: dt.date) -> None:
    place = town([6])
    item = factories.initiative(
        place.municipality, phase=Phase.LIVE, reported_on=launched, launched_on=launched
    )

    schedule_follow_ups(launched)
    schedule_follow_ups(launched + dt.timedelta(days=1))

    assert FollowUp.objects.get(initiative=item).due_on == due
    assert is_workday(due)


@pytest.mark.parametrize("phase", [Phase.STOPPED, Phase.ON_HOLD, Phase.ESTABLISHED])
def test_what_has_ended_is_not_asked_about(phase: Phase) -> None:
    _launched(town([6]), phase=phase)

    assert schedule_follow_ups(_today()) == 0


def test_only_departments_meant_to_use_it_are_asked() -> None:
    place = town([6], [7])
    item = _launched(place)
    InitiativeDepartment.objects.create(
        initiative=item, department=place.sections[1], role=DepartmentRole.USER
    )

    wave = _open(place, item)

    assert wave.state == WaveState.OPEN
    assert wave.eligible.count() == 7
    assert is_workday(timezone.localdate(wave.closes_at))
    assert Update.objects.filter(initiative=item).latest("id").phase == Phase.CHECKING


def _with_tickets(accounts: int, without: int) -> tuple[towns.Town, Initiative]:
    """A section whose staff partly have no account, and something that it uses."""
    place = town([accounts])
    section = place.sections[0]
    section.without_account = without
    section.save()
    item = _launched(place)
    InitiativeDepartment.objects.create(
        initiative=item, department=section, role=DepartmentRole.USER
    )
    return place, item


def test_staff_without_an_account_answer_with_tickets_and_count_in_the_verdict(
    client: Client,
) -> None:
    place, item = _with_tickets(6, 4)
    wave = _open(place, item)
    (here,) = tickets.places(wave)
    assert (here.label, here.staff) == (place.sections[0].name, 4)
    client.force_login(place.office)
    page = client.get(reverse("surveys:ticket_list", args=[wave.pk]))
    assert (page.status_code, here.label in page.content.decode()) == (200, True)
    tokens = tickets.print_tickets(
        wave, segment=here.segment, number=3, seen=0, by=place.office, now=timezone.now()
    )
    client.logout()
    entry = reverse("surveys:ticket_scan", args=[wave.pk, tokens[0]])
    assert client.get(entry).status_code == 200
    for person in place.everybody[:5]:
        answer(wave, person, GOOD)
    for token in tokens:
        voter = tickets.voter_of(wave, token)
        ballots.save_ballot(
            wave, voter, answers=GOOD, submit=True, draft_binding=b"x", now=wave.opens_at
        )

    close(wave)

    verdict = AdoptionVerdict.objects.get(initiative=item)
    assert (verdict.figures["asked"], verdict.figures["n"]) == (10, 8)
    assert verdict.verdict == Verdict.ESTABLISHED


@pytest.mark.parametrize(("accounts", "without", "asked"), [(2, 3, True), (2, 2, False)])
def test_staff_without_an_account_are_among_those_meant_to_use_it(
    accounts: int, without: int, asked: bool
) -> None:
    place, item = _with_tickets(accounts, without)
    today = _today()
    schedule_follow_ups(today)

    assert open_due(today) == asked
    assert FollowUp.objects.get(initiative=item).wave_id is not None or not asked
    assert must_declare(item, today) is not asked
    assert place.municipality == item.municipality


def test_a_section_where_nobody_has_an_account_can_be_asked() -> None:
    place, item = _with_tickets(0, 6)

    wave = _open(place, item)

    assert (wave.eligible.count(), tickets.places(wave)[0].staff) == (0, 6)


def test_opening_again_opens_nothing() -> None:
    place = town([6])
    item = _launched(place)
    _open(place, item)

    assert open_due(_today()) == 0
    assert Wave.objects.count() == 1


def test_what_concerns_the_same_people_is_asked_in_one_sitting() -> None:
    place = town([6])
    _launched(place)
    _launched(place, days_ago=120)
    today = _today()
    schedule_follow_ups(today)

    assert open_due(today) == 1
    assert not FollowUp.objects.filter(wave__isnull=True).exists()
    assert WaveAsk.objects.count() == 1


def test_who_is_being_asked_is_not_asked_a_second_time() -> None:
    place = town([6])
    _launched(place)
    today = _today()
    schedule_follow_ups(today)
    open_due(today)
    _launched(place, days_ago=120)
    schedule_follow_ups(today)

    assert open_due(today) == 0
    assert FollowUp.objects.filter(wave__isnull=True).count() == 1


def test_a_verdict_of_took_root_sets_the_phase() -> None:
    place = town([30])
    item = _launched(place)
    wave = _open(place, item)
    for number, person in enumerate(place.everybody):
        answer(wave, person, GOOD if number < 24 else UNUSED)

    close(wave)

    verdict = AdoptionVerdict.objects.get(initiative=item)
    assert verdict.verdict == Verdict.ESTABLISHED
    assert (verdict.figures["asked"], verdict.figures["n"]) == (30, 30)
    assert "weekly_or_more" not in verdict.figures, "the cells of two opinions are folded"
    assert not verdict.declared
    assert Update.objects.filter(initiative=item).latest("id").phase == Phase.ESTABLISHED
    assert FollowUp.objects.get(initiative=item).closed_on is not None
    assert Event.objects.filter(action="verdict.published").count() == 1
    assert DirtyMark.objects.filter(scope="initiative", scope_id=item.pk).exists()


def test_what_nobody_uses_is_called_so_and_stays_in_its_phase() -> None:
    place = town([12])
    item = _launched(place)
    wave = _open(place, item)
    for number, person in enumerate(place.everybody):
        answer(wave, person, GOOD if number < 3 else UNUSED)

    close(wave)

    verdict = AdoptionVerdict.objects.get(initiative=item)
    assert verdict.verdict == Verdict.UNUSED
    assert verdict.figures == {"asked": 12, "n": 12}
    assert not Update.objects.filter(initiative=item, phase=Phase.ESTABLISHED).exists()


def test_too_few_answers_are_asked_once_more() -> None:
    place = town([12])
    item = _launched(place)
    wave = _open(place, item)
    for person in place.everybody[:4]:
        answer(wave, person, GOOD)

    close(wave)

    verdict = AdoptionVerdict.objects.get(initiative=item)
    assert (verdict.verdict, verdict.figures) == (Verdict.TOO_FEW, {"asked": 12})
    assert FollowUp.objects.filter(initiative=item, wave__isnull=True).count() == 1


def test_where_fewer_than_five_use_it_the_post_is_asked_to_declare() -> None:
    place = town([4])
    chief = place.everybody[0]
    post = factories.post(place.sections[0], held_by=chief)
    _launched(place, accountable_post=post)
    today = _today()
    schedule_follow_ups(today)

    assert open_due(today) == 0
    open_due(today)

    notice = Outbox.objects.get(key__startswith="declare-")
    assert notice.recipient == chief
    assert not Wave.objects.exists()


def test_a_declared_outcome_needs_a_reason_and_is_marked_as_declared() -> None:
    place = town([4])
    item = _launched(place)
    today = _today()
    schedule_follow_ups(today)
    by = place.everybody[0]

    with pytest.raises(ValidationError):
        declare_outcome(item, Verdict.ESTABLISHED, " ", by=by, on=today)
    with pytest.raises(ValidationError):
        declare_outcome(item, Verdict.TOO_FEW, "理由", by=by, on=today)
    row = declare_outcome(item, Verdict.ESTABLISHED, "3人とも毎日使っています", by=by, on=today)

    assert row.declared
    assert FollowUp.objects.get(initiative=item).closed_on == today
    assert Update.objects.filter(initiative=item).latest("id").phase == Phase.ESTABLISHED


def test_where_staff_can_be_asked_nothing_is_declared() -> None:
    place = town([9])
    item = _launched(place)
    today = _today()
    schedule_follow_ups(today)

    with pytest.raises(ValidationError):
        declare_outcome(item, Verdict.SUPPORT, "理由", by=place.office, on=today)


def test_two_times_too_few_is_declared() -> None:
    place = town([9])
    item = _launched(place)
    today = _today()
    for days in (60, 30):
        AdoptionVerdict.objects.create(
            initiative=item, on=today - dt.timedelta(days=days), verdict=Verdict.TOO_FEW
        )
    FollowUp.objects.create(initiative=item, due_on=today)

    assert open_follow_up(FollowUp.objects.get().pk, today) is None
    assert declare_outcome(item, Verdict.SUPPORT, "声を聞きました", by=place.office, on=today)


def test_the_page_declares_for_who_may_report_and_for_nobody_else(client: Any) -> None:
    place = town([4])
    _launched(place)
    schedule_follow_ups(_today())
    url = reverse("surveys:followup_declare", args=[FollowUp.objects.get().pk])
    outsider = factories.user(factories.municipality("隣市"))

    client.force_login(outsider)
    assert client.get(url).status_code == 404
    client.force_login(place.everybody[0])
    assert client.get(url).status_code == 403
    client.force_login(place.office)
    assert client.get(url).status_code == 200
    assert client.post(url, {"verdict": "support", "reason": ""}).status_code == 422
    sent = client.post(url, {"verdict": "support", "reason": "一部の係が紙のままです"})
    assert sent.status_code == 302
    page = client.get(reverse("surveys:followup_list")).content.decode()
    assert "一部の係が紙のままです" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_and_three_rows(
    rows: int, client: Any, django_assert_num_queries: Any
) -> None:
    place = town([6])
    for number in range(rows):
        _launched(place, days_ago=10 + number)
        settled = _launched(place, days_ago=200, phase=Phase.ESTABLISHED)
        AdoptionVerdict.objects.create(initiative=settled, on=_today(), verdict=Verdict.ESTABLISHED)
    schedule_follow_ups(_today())
    client.force_login(place.everybody[0])

    with django_assert_num_queries(12):
        page = client.get(reverse("surveys:followup_list")).content.decode()

    assert page.count("<tr>") == rows + 1


def _judged(place: towns.Town, verdict: Verdict, days_ago: int = 10) -> AdoptionTask:
    item = _launched(place, days_ago=150)
    publish_verdict(
        item, on=_today() - dt.timedelta(days=days_ago), verdict=verdict, figures={"asked": 30}
    )
    FollowUp.objects.create(initiative=item, due_on=_today() - dt.timedelta(days=30))
    FollowUp.objects.update(closed_on=_today() - dt.timedelta(days=days_ago))
    return AdoptionTask.objects.get(initiative=item)


def _choose(task: AdoptionTask, choice: str, place: towns.Town, due_on: dt.date) -> AdoptionTask:
    fields = TaskFields(choice, due_on)
    return choose_task(task, fields=fields, version=task.version, by=place.office)


def test_asking_again_has_the_date_of_its_task_and_moves_and_goes_with_it() -> None:
    place = town([30])
    task = _judged(place, Verdict.UNUSED)
    day, later = (on_or_after(_today() + dt.timedelta(days=n)) for n in (20, 40))

    task = _choose(task, TaskChoice.ASK_AGAIN, place, day)
    assert plan_by_tasks(_today()) == 1
    assert plan_by_tasks(_today()) == 0
    assert FollowUp.objects.waiting().get().due_on == day
    task = _choose(task, TaskChoice.ASK_AGAIN, place, later)
    plan_by_tasks(_today())
    assert FollowUp.objects.waiting().get().due_on == later
    _choose(task, TaskChoice.FIX, place, later)
    plan_by_tasks(_today())

    assert not FollowUp.objects.waiting().exists()


def test_what_was_fixed_is_asked_about_90_days_later_and_brings_a_second_verdict() -> None:
    place = town([30])
    task = _choose(_judged(place, Verdict.RETHINK), TaskChoice.FIX, place, _today())

    task = finish_task(task, version=task.version, by=place.office, on=_today())
    plan_by_tasks(_today())
    follow_up = FollowUp.objects.waiting().get()
    assert follow_up.due_on == on_or_after(_today() + dt.timedelta(days=90))
    assert open_due(follow_up.due_on) == 1
    follow_up.refresh_from_db()
    assert follow_up.wave is not None
    for person in place.everybody:
        answer(follow_up.wave, person, GOOD)
    close(follow_up.wave)

    assert AdoptionVerdict.objects.filter(initiative=task.initiative).count() == 2
    assert plan_by_tasks(follow_up.due_on) == 0


def test_a_date_that_the_office_set_stays() -> None:
    place = town([30])
    task = _choose(
        _judged(place, Verdict.UNUSED), TaskChoice.ASK_AGAIN, place, on_or_after(_today())
    )
    plan_by_tasks(_today())
    chosen = on_or_after(_today() + dt.timedelta(days=60))
    fields = FollowUpFields(chosen, [], "")
    change_follow_up(FollowUp.objects.waiting().get(), fields, by=place.office)

    _choose(task, TaskChoice.ASK_AGAIN, place, on_or_after(_today() + dt.timedelta(days=9)))
    plan_by_tasks(_today())

    assert FollowUp.objects.waiting().get().due_on == chosen


def test_too_few_answers_are_asked_again_on_the_day_that_is_chosen() -> None:
    place = town([12])
    item = _launched(place)
    wave = _open(place, item)
    for person in place.everybody[:4]:
        answer(wave, person, GOOD)
    close(wave)
    task = AdoptionTask.objects.get(initiative=item)
    day = on_or_after(_today() + dt.timedelta(days=25))

    _choose(task, TaskChoice.ASK_AGAIN, place, day)
    plan_by_tasks(_today())

    assert FollowUp.objects.waiting().get().due_on == day
