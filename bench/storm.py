"""900 people answer while web, worker, PostgreSQL and Redis fail one after the other.

Every answer that was acknowledged is counted, and none twice.
"""

from __future__ import annotations

import collections
import os
import signal
import threading
import time
from collections.abc import Callable

from bench import harness, staff
from bench.installation import Installation, installation
from tests.storm import Storm, signed_in

THEMES = ("paper", "phone", "meetings", "searching")
#: The closing waits for the beat's minute, and once more after a killed worker.
LONGEST_CLOSE = 200


def run(*, quick: bool) -> None:
    """Every answer that was acknowledged is counted, none twice; ends with an error otherwise."""
    people, pace = (200, 8.0) if quick else (900, 20.0)
    idle = harness.idle_share()
    with harness.database(), installation() as place:
        print(harness.heading("Storm", [f"{people} people, {pace:g} a second"], idle), flush=True)
        _weather(place, people, pace)


def _weather(place: Installation, people: int, pace: float) -> None:
    from django.conf import settings
    from django.utils import timezone

    from dxportal.accounts.models import User
    from surveys.actions.waves import open_wave
    from surveys.models import SealedBallot, Wave

    settings.KEY_DIR = place.folder / "keys"
    town = staff.found(people)
    now = timezone.now()
    wave = open_wave(staff.plan(town, "嵐", now), by=None, now=now)
    place.start_web()
    place.start_worker()
    place.start_beat()
    asked = list(User.objects.filter(municipality=town).order_by("pk").values_list("pk", flat=True))
    answers = {pk: THEMES[number % len(THEMES)] for number, pk in enumerate(asked)}
    storm = Storm(place.port, wave.pk, signed_in(place, asked), answers, a_second=pace)
    storm.start()
    happened = _faults(place, storm, asked, spread=people / pace)
    storm.join()
    in_box = SealedBallot.objects.filter(wave=wave, submitted=True).count()
    _close(place, wave.pk)
    wave.refresh_from_db()
    said = collections.Counter(storm.acknowledged.values())
    counted = dict(
        wave.cells.filter(question="Q1", group__key="all", option__in=THEMES).values_list(
            "option", "count"
        )
    )
    print("\n".join(happened))
    print(f"refused on the way: {dict(storm.refusals)}", flush=True)
    print(
        f"posted {storm.tries} times; acknowledged {len(storm.acknowledged)}, in the box {in_box}"
    )
    print(f"counted {wave.counted}; by answer {counted} (None: not shown)")
    assert len(storm.acknowledged) == people == in_box == wave.counted
    shown = {option: count for option, count in counted.items() if count is not None}
    assert shown
    assert shown.items() <= said.items()
    left = Wave.objects.filter(pk=wave.pk, key_destroyed_at__isnull=False).count()
    assert left == 1
    assert not SealedBallot.objects.filter(wave=wave).exists()
    print("acknowledged = counted, doubled 0, nothing personal is left")


def _faults(place: Installation, storm: Storm, asked: list[int], *, spread: float) -> list[str]:
    """Each fault in its turn while answers come in; a line for each."""
    faults: list[tuple[str, Callable[[], None]]] = [
        ("web killed with -9, started again after 1 s", lambda: _kill_web(place)),
        ("PostgreSQL crashed (a backend killed with -9) and recovered", _crash_database),
        ("Redis hung for 3 s", lambda: _hang_redis(place)),
        ("Redis emptied; everybody signed in again", lambda: _empty_redis(place, storm, asked)),
        ("worker killed with -9, started again", lambda: _kill_worker(place)),
    ]
    lines = []
    for name, fault in faults:
        time.sleep(spread / (len(faults) + 1))
        before = len(storm.acknowledged)
        fault()
        lines.append(f"after {before:4} answers: {name}")
    return lines


def _kill_web(place: Installation) -> None:
    place.kill("web")
    time.sleep(1)
    place.start_gunicorn("web", "dxportal.wsgi", place.port)


def _crash_database() -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() LIMIT 1"
        )
        row = cursor.fetchone()
        assert row, "nobody else is connected"
        os.kill(row[0], signal.SIGKILL)
    connections.close_all()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with connections["owner"].cursor() as cursor:
                cursor.execute("SELECT 1")
        except Exception:
            connections.close_all()
            time.sleep(0.2)
        else:
            break
    connections["default"].close_pool()  # type: ignore[attr-defined]


def _hang_redis(place: Installation) -> None:
    process = place.processes["redis"]
    process.send_signal(signal.SIGSTOP)
    threading.Timer(3, process.send_signal, [signal.SIGCONT]).start()
    time.sleep(3.2)


def _empty_redis(place: Installation, storm: Storm, asked: list[int]) -> None:
    import redis

    with redis.Redis.from_url(place.redis_url) as client:
        client.flushall()
    storm.sessions.update(signed_in(place, asked))


def _kill_worker(place: Installation) -> None:
    place.kill("worker")
    place.start_worker()


def _close(place: Installation, wave: int) -> None:
    """The deadline passes; the beat closes, though its worker is killed once more."""
    from django.utils import timezone

    from surveys.actions.closing import end_early
    from surveys.models import Wave

    end_early(wave, by=None, now=timezone.now())
    _kill_worker(place)
    done = Wave.objects.filter(pk=wave, state="published", key_destroyed_at__isnull=False)
    place.wait(done.exists, "the close", seconds=LONGEST_CLOSE)
