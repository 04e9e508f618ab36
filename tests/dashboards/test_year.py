"""A year of the ring, with a real worker: live, asked, judged, cared for, counted, reinvested.

Time is what the tasks are told it is; nothing waits for a day to pass.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from celery import Celery
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import User
from dxportal.shared.workdays import on_or_after
from roadmap.actions.adoption_tasks import TaskFields, choose_task, finish_task
from roadmap.actions.reinvestments import reinvest
from roadmap.actions.updates import report
from roadmap.actions.value import ValueFields, add_value
from roadmap.choices import DepartmentRole, Phase, Progress, Standing, TaskChoice, Verdict
from roadmap.models import (
    AdoptionTask,
    AdoptionVerdict,
    DirtyMark,
    Initiative,
    InitiativeDepartment,
    Reinvestment,
    Update,
    ValueEntry,
)
from roadmap.value_sums import Amount, Line, amount_text
from surveys.choices import WaveState
from surveys.models import FollowUp, Wave
from tests import factories
from tests.roadmap.packs import sent
from tests.stack import Stack
from tests.surveys.towns import Town, answer, town

pytestmark = [
    pytest.mark.redis,
    pytest.mark.slow,
    pytest.mark.xdist_group("redis"),
    pytest.mark.django_db(transaction=True),
]

DAY = dt.timedelta(days=1)
#: The year ends today: pages are read as they are now.
LIVE = on_or_after(dt.date.today() - 330 * DAY)  # noqa: DTZ011 - the day of the machine will do
LIKED = {"F1": "daily", "F2": "much_easier", "F3": "saved_60", "F4": "ended"}
UNUSED = {"F1": "never", "F4": "partly", "F5": ["no_need"]}
HALF = {"F1": "weekly", "F2": "easier", "F3": "saved_30", "F4": "both"}


@dataclass
class Year:
    """The town, its worker, and a clock that is told."""

    place: Town
    stack: Stack
    broker: Celery

    def tell(self, task: str, at: dt.datetime, *args: Any, queue: str = "celery") -> None:
        """Send a task to the real worker, which works as if it were then."""
        kwargs = {"at": at.isoformat()}
        self.broker.send_task(task, args=list(args), kwargs=kwargs, queue=queue)

    def until(self, ready: Callable[[], Any], what: str) -> None:
        """Wait for what the worker does."""
        self.stack.wait(ready, what, seconds=90)

    def morning(self, day: dt.date) -> None:
        """09:00: follow-ups are planned and opened."""
        at = timezone.make_aware(dt.datetime.combine(day, dt.time(9)))
        self.tell("surveys.tasks.open_due_follow_ups", at, queue="sealed")

    def asked(self, initiative: Initiative, answers: Mapping[str, Any]) -> AdoptionVerdict:
        """On its day staff are asked, answer, and the wave closes by the clock."""
        follow_up = FollowUp.objects.waiting().get(initiative=initiative)
        self.morning(follow_up.due_on)
        self.until(lambda: _wave(follow_up) is not None, f"the asking about {initiative}")
        wave = _wave(follow_up)
        assert wave is not None
        for person in wave.eligible.order_by("employee_id"):
            answer(wave, person.employee, answers)
        self.tell("surveys.tasks.turn_wave_clock", wave.closes_at + DAY / 1440, queue="sealed")
        self.until(
            lambda: Wave.objects.filter(
                pk=wave.pk, state=WaveState.PUBLISHED, key_destroyed_at__isnull=False
            ).exists(),
            "the close",
        )
        return AdoptionVerdict.objects.filter(initiative=initiative).latest("on")


def _wave(follow_up: FollowUp) -> Wave | None:
    found = FollowUp.objects.select_related("wave__survey").get(pk=follow_up.pk)
    return found.wave


def _goes_live(place: Town, section: int, title: str, day: dt.date) -> Initiative:
    """Promised twelve hours a week, reported as in operation."""
    item = factories.initiative(
        place.municipality,
        lead=place.sections[section],
        title=title,
        phase=Phase.TRIAL,
        reported_on=day - 30 * DAY,
    )
    InitiativeDepartment.objects.create(
        initiative=item, department=place.sections[section], role=DepartmentRole.USER
    )
    add_value(
        item,
        by=place.office,
        fields=ValueFields("hours", Standing.PROMISED, 720, 720, "仕様書の見積もり", day),
    )
    report(item, by=place.office, phase=Phase.LIVE, progress=Progress.ON_TRACK, on=day)
    return Initiative.objects.get(pk=item.pk)


def _care(verdict: AdoptionVerdict, choice: str, by: User) -> AdoptionTask:
    task = AdoptionTask.objects.get(verdict=verdict)
    fields = TaskFields(choice, task.due_on, "")
    return choose_task(task, fields=fields, version=task.version, by=by)


def test_a_year_from_going_live_to_what_the_saved_hours_are_used_for(
    stack: Stack, settings: Any, client: Client
) -> None:
    settings.KEY_DIR = stack.folder / "keys"
    place = town([30], [30], [30])
    office = place.office
    cdo = factories.user(place.municipality, role=Role.CDO, name="最高責任者")
    stack.start_worker()
    year = Year(place, stack, Celery("year", broker=stack.redis_url))
    signing = _goes_live(place, 0, "電子決裁の導入", LIVE)
    chat = _goes_live(place, 1, "チャットボットの導入", on_or_after(LIVE + 10 * DAY))
    tablet = _goes_live(place, 2, "現地調査のタブレット化", on_or_after(LIVE + 20 * DAY))

    # Going live plans the asking again; nothing is asked before its day.
    year.morning(on_or_after(LIVE + 20 * DAY))
    year.until(lambda: FollowUp.objects.count() == 3, "the plan")
    assert not Wave.objects.exists()

    # Three verdicts, three ways.
    verdicts = {
        Verdict.ESTABLISHED: year.asked(signing, LIKED),
        Verdict.UNUSED: year.asked(chat, UNUSED),
        Verdict.SUPPORT: year.asked(tablet, HALF),
    }
    for wanted, found in verdicts.items():
        assert found.verdict == wanted
    assert AdoptionTask.objects.unfinished().count() == 3
    assert _phase(signing) == Phase.ESTABLISHED
    assert Phase.ESTABLISHED not in (_phase(chat), _phase(tablet))

    # Hours move from promised to verified; the promise stays what it was.
    verified = ValueEntry.objects.in_force().get(initiative=signing, standing=Standing.VERIFIED)
    # Thirty people with 30 to 60 minutes each; the folded cells of the others widen it.
    assert (verified.low, verified.high) == (424, 3480)
    assert not ValueEntry.objects.filter(initiative=chat, standing=Standing.VERIFIED).exists()
    promised = ValueEntry.objects.in_force().filter(standing=Standing.PROMISED)
    assert set(promised.values_list("low", "high")) == {(720, 720)}

    # What is not used is stopped, which is a success; what needs help gets it and is asked again.
    day = on_or_after(verdicts[Verdict.SUPPORT].on + 20 * DAY)
    _care(verdicts[Verdict.UNUSED], TaskChoice.STOP, office)
    report(
        chat,
        by=office,
        phase=Phase.STOPPED,
        note="窓口と電話で足りる",
        ended="質問の登録作業",
        freed=(60, 120),
        on=day,
    )
    assert AdoptionTask.objects.get(verdict=verdicts[Verdict.UNUSED]).done_on is not None
    helped = _care(verdicts[Verdict.SUPPORT], TaskChoice.TRAIN, office)
    finish_task(helped, version=helped.version, by=office, on=day)
    year.morning(day)
    year.until(lambda: FollowUp.objects.waiting().exists(), "the second asking")
    again = FollowUp.objects.waiting().get()
    assert (again.initiative, again.task) == (tablet, helped)
    assert again.due_on == on_or_after(day + 90 * DAY)
    assert year.asked(tablet, LIKED).verdict == Verdict.ESTABLISHED
    assert _phase(tablet) == Phase.ESTABLISHED

    # One saving pays for the next initiative.
    following = factories.initiative(place.municipality, title="窓口での相談の充実")
    reinvest(
        signing,
        by=office,
        measure="hours",
        amount=600,
        sentence="相談の予約枠を増やした",
        on=verdicts[Verdict.ESTABLISHED].on,
        target=following,
    )
    assert Reinvestment.objects.count() == 1

    # The dashboard, the ledger and the pack say so.
    now = timezone.now()
    year.tell("roadmap.tasks.roll_up", now, place.municipality.pk)
    year.until(lambda: not DirtyMark.objects.exists(), "the roll-up")
    client.force_login(cdo)
    told = client.get(reverse("dashboards:dashboard")).content.decode()
    assert "電子決裁の導入" in told
    both = amount_text(Line("hours"), Amount(2 * verified.low, 2 * verified.high))
    assert both in told, "the verified hours of two initiatives"
    assert "週36時間" in told, "and 12 promised hours of each of the three"
    page = client.get(f"{reverse('dashboards:value')}?tab=uses").content.decode()
    assert "窓口での相談の充実" in page
    stopped = client.get(f"{reverse('dashboards:value')}?tab=stopped").content.decode()
    assert "質問の登録作業" in stopped
    client.force_login(office)
    given = sent(client, signing, chat)
    assert given.status_code == 200, given.content.decode()[:2000]
    pack = json.loads(given.content)
    verdict = {item["title"]: item["verdicts"][-1]["verdict"] for item in pack["initiatives"]}
    assert verdict == {"電子決裁の導入": "established", "チャットボットの導入": "unused"}
    values = {item["title"]: item["values"] for item in pack["initiatives"]}
    saved = {"measure": "hours", "standing": "verified", "once": False}
    assert {**saved, "low": verified.low, "high": verified.high} in values["電子決裁の導入"]


def _phase(initiative: Initiative) -> str:
    return Update.objects.filter(initiative=initiative).latest("id").phase
