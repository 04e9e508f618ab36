"""From a change to the page that shows it: worker and Redis up, and with Redis stopped.

The whole stack runs here: clients, web, worker, beat, Redis and PostgreSQL on the same cores. A
clock starts when the change is posted. It stops when the dashboard, asked once the snapshot holds
the change, has arrived, and its text is another one than before.
"""

from __future__ import annotations

import datetime as dt
import html
import http.client
import re
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench import facts, harness, staff
from bench.answering import _ask
from bench.installation import Installation, installation
from bench.update_pace import _TOKENS
from tests.storm import TOKEN, signed_in

DEPARTMENTS, INITIATIVES = 60, 300
UP_TARGET, DOWN_TARGET = 1.0, 60.0
#: A snapshot is looked for this often.
LOOK_EVERY = 0.005
#: A minute of the clock on the page is no figure.
_CLOCK = re.compile(r"\d{1,2}(:|時)\d{2}(:\d{2}|分)?")


def run(*, quick: bool) -> None:
    """100 status changes and 100 confirmations (quick: 15), then 6 (2) without Redis."""
    reps, away = (15, 2) if quick else (100, 6)
    idle = harness.idle_share()
    with harness.database(), installation() as place:
        bench = _Freshness(place, idle)
        told = [
            f"{DEPARTMENTS} departments, {INITIATIVES} initiatives; from the post to the dashboard"
            " that shows it, everything on the same cores",
        ]
        print(harness.heading("Freshness", told, idle), flush=True)
        print(bench.line("status change", [bench.status() for _rep in range(reps)]), flush=True)
        found = [bench.confirmation() for _rep in range(reps)]
        print(bench.line("criterion confirmed", found), flush=True)
        bench.without_redis(away)


class _Freshness:
    """A running installation with one town, its office, its CDO and one head."""

    def __init__(self, place: Installation, idle: float) -> None:
        from django.utils import timezone

        from dxportal.accounts.choices import Role
        from dxportal.accounts.models import Department, User
        from roadmap.models import Initiative
        from roadmap.rollups import roll_up

        self.place, self.idle, today = place, idle, timezone.localdate()
        town = staff.found(DEPARTMENTS, sections=DEPARTMENTS)
        facts.fill(town, as_of=today, initiatives=INITIATIVES)
        self.town = town.pk
        for months in (3, 2, 1):
            roll_up(town.pk, as_of=today - dt.timedelta(days=31 * months), history=True)
        roll_up(town.pk, as_of=today, full=True)
        harness.as_owner("ANALYZE")
        self.section = Department.objects.filter(municipality=town, stands=True).order_by("pk")[0]
        people = User.objects.filter(municipality=town).order_by("pk")
        self.people = dict(zip((Role.DX_OFFICE, Role.CDO, Role.HEAD), people, strict=False))
        for role, person in self.people.items():
            where = self.section if role == Role.HEAD else None
            staff.grant(person, role, where)
        rows = Initiative.objects.filter(municipality=town, launched_on=None).order_by("pk")
        self.initiatives = iter(list(rows.values_list("pk", flat=True)))
        self._turn = 0
        place.start_web()
        place.start_worker()
        place.start_beat()
        place.wait(lambda: b"ready." in (place.folder / "worker.log").read_bytes(), "the worker")
        self.sign_in()
        self.before = self.page()

    def sign_in(self) -> None:
        """Sessions for all; an emptied Redis has forgotten them."""
        self.client = http.client.HTTPConnection("127.0.0.1", self.place.port, timeout=30)
        keys = signed_in(self.place, [person.pk for person in self.people.values()])
        self.sessions = {role: keys[person.pk] for role, person in self.people.items()}

    def page(self) -> str:
        """What the CDO reads on the dashboard, without marks and minutes."""
        from dxportal.accounts.choices import Role

        headers = {"Cookie": f"sessionid={self.sessions[Role.CDO]}; csrftoken={TOKEN}"}
        self.client.close()
        self.client.request("GET", "/dashboard/", headers=headers)
        answer = self.client.getresponse()
        body = answer.read().decode()
        assert answer.status == 200, answer.status
        body = re.sub(r"<(script|style).*?</\1>", " ", body, flags=re.DOTALL)
        words = html.unescape(re.sub(r"<[^>]+>", " ", body))
        return " ".join(_CLOCK.sub("", words).split())

    def status(self) -> float:
        """The office says of one more initiative that it is late."""
        from dxportal.accounts.choices import Role

        pk = next(self.initiatives)
        self._put(pk, "on_track")
        fields = {"csrfmiddlewaretoken": TOKEN, "progress": "late"}
        session = self.sessions[Role.DX_OFFICE]

        def post() -> None:
            said = _ask(self.client, "POST", f"/initiatives/{pk}/status/", session, fields)
            assert said[0] in (200, 302), said

        return self._timed(post, lambda: self._progress(pk) == "late", shows=True)

    def confirmation(self) -> float:
        """The head confirms one criterion at another level than before."""
        from dxportal.accounts.choices import Role
        from roadmap.models import Criterion, StageSnapshot

        self._turn += 1
        criterion = (
            Criterion.objects.filter(stage__municipality=self.town, source="declared")
            .order_by("pk")
            .first()
        )
        assert criterion is not None
        level = 1 + self._turn % 2
        fields = {
            "csrfmiddlewaretoken": TOKEN,
            f"level_{criterion.pk}": level,
            f"evidence_{criterion.pk}": f"記録 {self._turn}",
        }
        path, session = f"/departments/{self.section.pk}/assess/", self.sessions[Role.HEAD]
        rows = StageSnapshot.objects.filter(department=self.section, stage=criterion.stage_id)
        kept = rows.order_by("-period").values_list("input_hash", flat=True)
        known = kept[0]

        def post() -> None:
            said = _ask(self.client, "POST", path, session, fields)
            assert said[0] == 302, said

        return self._timed(post, lambda: kept.all()[0] != known)

    def without_redis(self, times: int) -> None:
        """Reports through the links of mails, which need no session; then Redis comes back."""
        counted = []
        self.place.kill("redis")
        for _time in range(times):
            pk = next(self.initiatives)
            path = f"/u/{self._token(pk)}/"
            fields = {"csrfmiddlewaretoken": TOKEN, "progress": "ahead"}
            self._put(pk, "on_track")
            time.sleep(3.1)  # somewhere else between two sweeps of the beat
            self.client.close()
            started = time.perf_counter()
            status = _ask(self.client, "POST", path, "", fields)[0]
            assert status == 302, status
            self._wait(lambda pk=pk: self._progress(pk) == "ahead")  # type: ignore[misc]
            counted.append(time.perf_counter() - started)
        self._told("counted with Redis stopped", counted, DOWN_TARGET)
        back = time.perf_counter()
        self.place.start_redis(self.place.redis_port)
        self.sign_in()
        assert self.page() != self.before
        told = f"{time.perf_counter() - back:6.2f} s, signing in included"
        print(f"dashboard after Redis came back    {told}", flush=True)
        while self.status() > UP_TARGET:
            pass
        print(f"within a second again after        {time.perf_counter() - back:6.2f} s")

    def _timed(
        self, post: Callable[[], None], counted: Callable[[], bool], *, shows: bool = False
    ) -> float:
        """Seconds from the post to the page that was asked for once it is counted."""
        self.before = self.page()
        started = time.perf_counter()
        post()
        self._wait(counted)
        after = self.page()
        seconds = time.perf_counter() - started
        assert not shows or after != self.before, "the page shows nothing of it"
        return seconds

    def _wait(self, counted: Callable[[], bool]) -> None:
        until = time.perf_counter() + 2 * DOWN_TARGET
        while not counted():
            assert time.perf_counter() < until, "it was never counted"
            time.sleep(LOOK_EVERY)

    def _progress(self, pk: int) -> str:
        from roadmap.models import InitiativeSnapshot

        rows = InitiativeSnapshot.objects.filter(initiative=pk).order_by("-period")
        return rows.values_list("progress", flat=True)[0]

    def _put(self, pk: int, progress: str) -> None:
        """Let an initiative begin with another word; not measured."""
        from django.utils import timezone

        from roadmap.models import Update
        from roadmap.rollups import roll_up

        today = timezone.localdate()
        Update.objects.create(
            initiative_id=pk, phase="building", progress=progress, reported_on=today
        )
        roll_up(self.town, as_of=today, full=True)

    def _token(self, pk: int) -> str:
        import json

        from dxportal.accounts.choices import Role

        person = self.people[Role.DX_OFFICE].pk
        output = self.place.run_script(_TOKENS, json.dumps([person, [pk]]))
        return str(json.loads(output.splitlines()[-1])[str(pk)])

    def line(self, name: str, seconds: list[float]) -> str:
        """p50, p95, worst and the verdict."""
        cuts = statistics.quantiles(seconds, n=20)
        met = "met" if cuts[18] <= UP_TARGET else harness.too_busy(self.idle) or "MISSED"
        return (
            f"{name:<34} {len(seconds):3} times; p50 {cuts[9]:5.2f} s, p95 {cuts[18]:5.2f} s,"
            f" worst {max(seconds):5.2f} s; target p95 <= {UP_TARGET:g} s: {met}"
        )

    def _told(self, name: str, seconds: list[float], target: float) -> None:
        met = "met" if max(seconds) <= target else "MISSED"
        spread: Any = ", ".join(f"{one:.1f}" for one in sorted(seconds))
        print(f"{name:<34} {spread} s; target <= {target:g} s: {met}", flush=True)
