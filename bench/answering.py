"""Sending ballots to the whole stack: at a fixed rate beside readers, and beside a bare INSERT."""

from __future__ import annotations

import http.client
import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bench import harness, staff
from bench.harness import Ratio
from bench.installation import Installation, installation
from tests.stack import free_port
from tests.storm import TOKEN, signed_in

SENT_A_SECOND, READ_A_SECOND = 50, 20
RATE_TARGET, P95_TARGET = 0.6, 0.5
CLIENTS = 8


@dataclass(slots=True)
class Seen:
    """What the clients saw: seconds since the moment a request was due, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def line(self, name: str) -> str:
        """Number, p50, p95, worst, errors."""
        if not self.seconds:
            return f"{name:<26} none"
        cuts = statistics.quantiles(self.seconds, n=20)
        return (
            f"{name:<26} {len(self.seconds):6} requests; p50 {cuts[9] * 1000:6.1f} ms,"
            f" p95 {cuts[18] * 1000:6.1f} ms, worst {max(self.seconds) * 1000:6.1f} ms;"
            f" errors {len(self.errors)}"
        )


def run(*, quick: bool) -> None:
    """3,000 people at 50 a second for a minute (quick: 500 for 10 s); then the ratio."""
    seconds, reps, burst = (10, 3, 2.0) if quick else (60, 7, 4.0)
    people = seconds * SENT_A_SECOND
    idle = harness.idle_share()
    with harness.database(), installation() as place:
        bench = _Answering(place, people)
        facts = [
            f"{people} people, {SENT_A_SECOND} ballots and {READ_A_SECOND} dashboards a second"
            f" for {seconds} s; clients, web, Redis and PostgreSQL on the same cores"
        ]
        print(harness.heading("Answering", facts, idle), flush=True)
        bench.at_a_fixed_rate(seconds)
        bench.beside_a_bare_insert(reps, burst, idle)


class _Answering:
    """An installation with an open wave, everybody signed in."""

    def __init__(self, place: Installation, people: int) -> None:
        from django.conf import settings
        from django.utils import timezone

        from dxportal.accounts.choices import Role
        from dxportal.accounts.models import User
        from roadmap.rollups import roll_up
        from surveys.actions.waves import open_wave

        self.place = place
        settings.KEY_DIR = place.folder / "keys"
        town = staff.found(people + 1)
        now = timezone.now()
        self.wave = open_wave(staff.plan(town, "測定", now), by=None, now=now)
        everybody = list(User.objects.filter(municipality=town).order_by("pk"))
        reader, self.people = everybody[0], everybody[1:]
        today = timezone.localdate()
        staff.grant(reader, Role.CDO)
        roll_up(town.pk, as_of=today, full=True)
        harness.as_owner(
            "CREATE TABLE bench_ballot (nullifier bytea PRIMARY KEY, sealed bytea NOT NULL)",
            "GRANT INSERT ON bench_ballot TO PUBLIC",
        )
        place.start_web()
        keys = signed_in(place, [person.pk for person in everybody])
        self.reader, self.sessions = keys[reader.pk], [keys[p.pk] for p in self.people]

    def send(self, client: http.client.HTTPConnection, session: str) -> None:
        """Post one whole ballot, as the last page of a survey without JavaScript does."""
        fields = {"csrfmiddlewaretoken": TOKEN, "code": "Q1", "answer": "paper", "action": "send"}
        status, place = _ask(client, "POST", f"/answer/{self.wave.pk}/send/", session, fields)
        assert (status, place) == (302, f"/answer/{self.wave.pk}/thanks/"), (status, place)

    def read(self, client: http.client.HTTPConnection) -> None:
        """Open the dashboard of the CDO's office."""
        status, _place = _ask(client, "GET", "/dashboard/", self.reader)
        assert status == 200, status

    def at_a_fixed_rate(self, seconds: int) -> None:
        """Requests come when they are due, whether or not earlier ones were answered."""
        from surveys.models import SealedBallot

        sessions = iter(self.sessions)
        lock = threading.Lock()

        def send(client: http.client.HTTPConnection) -> None:
            with lock:
                session = next(sessions)
            self.send(client, session)

        sending = _Paced(self.place.port, send, SENT_A_SECOND, seconds)
        reading = _Paced(self.place.port, self.read, READ_A_SECOND, seconds)
        for paced in (sending, reading):
            paced.start()
        for paced in (sending, reading):
            paced.join()
        stored = SealedBallot.objects.filter(wave=self.wave, submitted=True).count()
        acknowledged = len(sending.seen.seconds) - len(sending.seen.errors)
        assert stored == acknowledged, (stored, acknowledged)
        print(sending.seen.line("ballots sent"))
        print(reading.seen.line("dashboards read"))
        p95 = statistics.quantiles(sending.seen.seconds, n=20)[18]
        told = "met" if p95 < P95_TARGET and not sending.seen.errors else "MISSED"
        print(f"{'acknowledged = stored':<26} {stored}; p95 target < 500 ms, no errors: {told}")

    def beside_a_bare_insert(self, reps: int, burst: float, idle: float) -> None:
        """As many as go: the product and the bare server in turn, with the same clients."""
        port = free_port()
        self.place.start_gunicorn("bare", "bench.bare:application", port)
        self.place.wait(lambda: _answers(port), "the bare server")
        everybody = itertools.cycle(self.sessions)
        lock = threading.Lock()

        def ours(client: http.client.HTTPConnection) -> None:
            with lock:
                session = next(everybody)
            self.send(client, session)

        def bare(client: http.client.HTTPConnection) -> None:
            assert _ask(client, "POST", "/", "none", {"answer": "paper"})[0] == 302

        pairs: list[tuple[float, float]] = []
        for rep in range(-1, reps):
            ways = [(self.place.port, ours), (port, bare)]
            rates = {}
            for at, work in ways if rep % 2 else ways[::-1]:
                rates[at] = _rate(at, work, burst)
            if rep >= 0:
                pairs.append((rates[self.place.port], rates[port]))
        shares = sorted(one / other for one, other in pairs)
        found = Ratio(
            statistics.median(shares), shares[len(shares) // 4], shares[-1 - len(shares) // 4]
        )
        print(f"\n{'ballots':<26} {statistics.median(one for one, _b in pairs):6.0f} a second")
        print(f"{'bare INSERT':<26} {statistics.median(b for _one, b in pairs):6.0f} a second")
        told = "met" if found.median >= RATE_TARGET else "MISSED"
        if idle < harness.LEAST_IDLE or found.spread > harness.WIDEST_SPREAD:
            told = "no verdict: the machine was busy or the pairs spread"
        print(f"{'ballots / bare':<26} {found}; target >= {RATE_TARGET:g}: {told}")


class _Paced(threading.Thread):
    """Starts a request every 1/rate seconds on one of a few kept connections."""

    def __init__(
        self,
        port: int,
        work: Callable[[http.client.HTTPConnection], None],
        rate: int,
        seconds: int,
    ) -> None:
        super().__init__()
        self.port, self.work, self.rate, self.seconds = port, work, rate, seconds
        self.seen = Seen()
        self._due = self._moments()
        self._lock = threading.Lock()

    def _moments(self) -> Iterator[float]:
        start = time.perf_counter() + 0.2
        for number in range(self.rate * self.seconds):
            yield start + number / self.rate

    def run(self) -> None:
        """Let every client take the next moment that is due."""
        clients = [threading.Thread(target=self._client) for _ in range(2 * CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()

    def _client(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while True:
            with self._lock:
                due = next(self._due, None)
            if due is None:
                break
            time.sleep(max(0.0, due - time.perf_counter()))
            try:
                self.work(connection)
            except (AssertionError, OSError, http.client.HTTPException) as error:
                self.seen.errors.append(repr(error))
                connection.close()
            self.seen.seconds.append(time.perf_counter() - due)
        connection.close()


def _rate(port: int, work: Callable[[http.client.HTTPConnection], None], seconds: float) -> float:
    """Requests a second of a few clients that never wait."""
    until = time.perf_counter() + seconds
    counts: list[int] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        done = 0
        while time.perf_counter() < until:
            work(connection)
            done += 1
        counts.append(done)
        connection.close()

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    assert len(counts) == CLIENTS, "a client failed"
    return sum(counts) / seconds


def _ask(
    client: http.client.HTTPConnection,
    method: str,
    path: str,
    session: str,
    fields: dict[str, Any] | None = None,
) -> tuple[int, str]:
    """One request on a kept connection: its status and where it leads."""
    headers = {"Cookie": f"sessionid={session}; csrftoken={TOKEN}"}
    body = urlencode(fields) if fields else None
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    client.request(method, path, body, headers)
    answer = client.getresponse()
    answer.read()
    return answer.status, answer.getheader("Location") or ""


def _answers(port: int) -> bool:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        return _ask(client, "POST", "/", "none", {"answer": "paper"})[0] == 302
    except OSError:
        return False
    finally:
        client.close()
