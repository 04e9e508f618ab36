"""Random changes while workers are killed in the middle of roll-ups, messages are repeated and
lost, and Redis is emptied: at the end the snapshots are what a full recount gives, drift 0."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from bench import facts, harness, staff
from bench.installation import Installation, installation

SEED = 4101
#: Seconds until a killed worker's marks are counted by somebody else, and more than enough.
LONGEST = 180


def run(*, quick: bool) -> None:
    """1,500 changes of 600 departments (quick: 200 of 120) and a fault after every tenth."""
    departments, changes = (120, 200) if quick else (600, 1500)
    idle = harness.idle_share()
    with harness.database(), installation() as place:
        told = [
            f"{departments} departments with as many initiatives, {changes} random changes"
            f" (seed {SEED}), two workers and beat"
        ]
        print(harness.heading("Drift", told, idle), flush=True)
        _Weather(place, departments).run(changes)


class _Weather:
    """One town whose facts change, and two workers that live dangerously."""

    def __init__(self, place: Installation, departments: int) -> None:
        from django.utils import timezone

        from dxportal.accounts.models import Department, User
        from dxportal.celery import app
        from roadmap.models import Criterion, Initiative
        from roadmap.rollups import roll_up

        app.conf.update(broker_url=place.redis_url, broker_transport_options={})
        self.place, self.draw, self.today = place, random.Random(SEED), timezone.localdate()
        self.town = staff.found(departments, sections=departments)
        facts.fill(self.town, as_of=self.today, initiatives=departments)
        roll_up(self.town.pk, as_of=self.today, full=True)
        harness.as_owner("ANALYZE")
        here = Department.objects.filter(municipality=self.town)
        self.sections = list(here.filter(stands=True).order_by("pk"))
        self.bureaus = list(here.filter(stands=False).order_by("pk"))
        self.initiatives = list(Initiative.objects.filter(municipality=self.town).order_by("pk"))
        self.by = User.objects.filter(municipality=self.town).order_by("pk")[0]
        asked = Criterion.objects.filter(stage__municipality=self.town).order_by("pk")
        self.criteria = {
            source: list(asked.filter(source=source))
            for source in ("declared", "survey", "indicator")
        }
        self.done: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    def run(self, number: int) -> None:
        """Everything in a random order; ends with an error unless the drift is 0."""
        from django.db import transaction

        from dxportal.celery import without_hints
        from roadmap import rollups
        from roadmap.models import RollupRun

        self._start("worker")
        self._start("worker2")
        self.place.start_beat()
        changes: list[Callable[[], None]] = [
            *[self.report] * 4, *[self.confirm] * 4, self.read, self.ask_back, self.measure,
            self.judge, self.remove,
        ]  # fmt: skip
        for turn in range(1, number + 1):
            change = self.move if turn % 50 == 0 else self.draw.choice(changes)
            lost = self.draw.random() < 0.3
            with without_hints() if lost else nullcontext(), transaction.atomic():
                change()
            self.done[change.__name__] += 1
            self.faults["messages lost"] += lost
            if turn % 10 == 0:
                self.draw.choice((self.kill, self.kill, self.repeat, self.empty))()
        self._wait_for_marks()
        before = rollups.stored(self.town.pk, self.today.replace(day=1))
        found = rollups.drift(self.town.pk, as_of=self.today)
        rollups.roll_up(self.town.pk, as_of=self.today, full=True)
        again = rollups.stored(self.town.pk, self.today.replace(day=1))
        runs = RollupRun.objects.filter(municipality=self.town)
        print(f"changes              {dict(self.done)}")
        print(f"faults               {dict(self.faults)}")
        print(
            f"roll-ups             {runs.filter(full=False).count()} incremental,"
            f" {runs.filter(full=True).count()} full; {len(before)} rows compared"
        )
        print(f"drift                {found}; target 0: {'met' if found == 0 else 'MISSED'}")
        assert found == 0
        assert before == again

    # what people do --------------------------------------------------------------------------
    def report(self) -> None:
        """Progress and phase of an initiative."""
        from roadmap.actions.updates import report

        phase = self.draw.choice(["planned", "building", "trial", "live"])
        progress = self.draw.choice(["ahead", "on_track", "late"])
        one = self.draw.choice(self.initiatives)
        report(one, by=self.by, phase=phase, progress=progress, note="理由", cause="budget")

    def confirm(self) -> None:
        """A head confirms some criteria."""
        from roadmap.actions.assessments import Claim, confirm_criteria

        claims = {
            one.pk: Claim(self.draw.randrange(4), "根拠")
            for one in self.draw.sample(self.criteria["declared"], 3)
        }
        confirm_criteria(self.draw.choice(self.sections), claims, by=self.by, on=self.today)

    def read(self) -> None:
        """A figure of an indicator criterion arrives."""
        from roadmap.models import CriterionReading

        CriterionReading.objects.update_or_create(
            criterion=self.draw.choice(self.criteria["indicator"]),
            department=self._marked(),
            measured_on=self.today,
            defaults={
                "value": self.draw.randrange(100),
                "expires_on": self.today.replace(year=self.today.year + 1),
            },
        )

    def ask_back(self) -> None:
        """The office asks back about a confirmation, or takes that back."""
        from roadmap.models import Assessment, EvidenceRequest

        where = self._marked()
        latest = Assessment.objects.filter(department=where).latest_on(self.today)
        one = self.draw.choice(list(latest))
        waiting = EvidenceRequest.objects.filter(
            department=where, criterion=one.criterion_id, answered_on=None, withdrawn_on=None
        )
        if waiting.update(withdrawn_on=self.today):
            return
        EvidenceRequest.objects.create(
            department=where, criterion_id=one.criterion_id, assessment=one, text="どの文書ですか",
            due_on=self.today, asked_by=self.by, asked_on=self.today,
        )  # fmt: skip

    def measure(self) -> None:
        """A closed survey gives departments their levels."""
        from roadmap.actions.published import Measured, publish_measured

        rows = [
            Measured(one.pk, self.draw.randrange(4), "", "", from_parent=False)
            for one in self.draw.sample(self.sections, 10)
        ]
        criterion = self.draw.choice(self.criteria["survey"])
        publish_measured(criterion, rows, wave_label="嵐", on=self.today)

    def judge(self) -> None:
        """A follow-up gives an initiative its verdict."""
        from roadmap.actions.published import publish_verdict

        launched = [one for one in self.initiatives if one.launched_on]
        one = self.draw.choice(launched)
        if one.verdicts.filter(on=self.today).exists():
            return
        verdict = self.draw.choice(["established", "support", "rethink"])
        publish_verdict(one, on=self.today, verdict=verdict, figures={})

    def remove(self) -> None:
        """An initiative is taken out, or brought back."""
        from roadmap.actions.removal import bring_back_initiative, remove_initiative

        one = self.draw.choice(self.initiatives)
        if not remove_initiative(one, by=self.by):
            bring_back_initiative(one, by=self.by)

    def move(self) -> None:
        """A section moves to another bureau, and to another unit of the sums with it."""
        from dxportal.accounts.actions.organisation import save_department

        one = self.draw.choice(self.sections)
        parent = self.draw.choice(self.bureaus)
        save_department(one, parent=parent, municipality=self.town, by=self.by)

    def _marked(self) -> Any:
        """A department that is marked, as an action would."""
        from roadmap.marks import DEPARTMENT, mark

        one = self.draw.choice(self.sections)
        mark(self.town.pk, DEPARTMENT, [one.pk])
        return one

    # what goes wrong -------------------------------------------------------------------------
    def kill(self) -> None:
        """kill -9 of a worker while a roll-up holds the municipality; start it again."""
        name = self.draw.choice(("worker", "worker2"))
        until = time.monotonic() + 5
        self._hint()
        while not (held := self._held_by(name)) and time.monotonic() < until:
            self._hint()
        os.killpg(self.place.processes[name].pid, signal.SIGKILL)
        self.place.processes.pop(name).wait(10)
        self.faults["killed in a roll-up" if held else "killed"] += 1
        self._start(name)

    def repeat(self) -> None:
        """The same message five times, for both workers."""
        for _time in range(5):
            self._hint()
        self.faults["repeated"] += 5

    def empty(self) -> None:
        """Redis forgets every message."""
        import redis

        with redis.Redis.from_url(self.place.redis_url) as client:
            client.flushall()
        self.faults["emptied"] += 1

    def _hint(self) -> None:
        from dxportal.celery import hint
        from roadmap.marks import DEPARTMENT, mark
        from roadmap.tasks import roll_up

        mark(self.town.pk, DEPARTMENT, [self.draw.choice(self.sections).pk])
        hint(roll_up, self.town.pk)

    def _held_by(self, name: str) -> bool:
        """Whether that worker is inside a roll-up right now."""
        from django.db import connection

        from roadmap.rollups import LOCK

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
                " WHERE l.locktype = 'advisory' AND l.classid = %s AND l.granted",
                [LOCK],
            )
            return any(row[0] == name for row in cursor.fetchall())

    def _start(self, name: str) -> None:
        """A worker whose connections bear its name."""
        kept = os.environ.get("PGAPPNAME")
        os.environ["PGAPPNAME"] = name
        self.place.start(
            name, "celery", "-A", "dxportal", "worker", "-Q", "celery,sealed", "-c", "1",
            "-n", f"{name}@%h", "--without-mingle", "--without-gossip", "-l", "INFO",
        )  # fmt: skip
        os.environ.pop("PGAPPNAME")
        if kept is not None:
            os.environ["PGAPPNAME"] = kept

    def _wait_for_marks(self) -> None:
        """Until nothing is marked and nobody counts any more."""
        from roadmap.models import DirtyMark

        begun = time.monotonic()
        self.place.wait(lambda: not DirtyMark.objects.exists(), "the last count", LONGEST)
        print(f"caught up after      {time.monotonic() - begun:.1f} s", flush=True)
