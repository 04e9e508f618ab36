"""Opening a wave for many staff, and closing it with all their ballots, each beside its limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bench import harness, staff
from bench.harness import Series

CLOSING_TARGET = 2.0

#: What opening cannot do without, as two statements of a kind.
_LEANEST_OPENING = (
    """INSERT INTO surveys_waveeligibility (wave_id, employee_id, segment, is_head)
       SELECT %(w)s, id, 1, false FROM accounts_user WHERE municipality_id = %(m)s""",
    """INSERT INTO accounts_outbox (municipality_id, recipient_id, channel, subject, body, path,
         not_before, key, attempts, created_at, last_error)
       SELECT %(m)s, id, 'in_app', '件名', '本文', '/', now(), 'bench-' || %(w)s, 0, now(), ''
         FROM accounts_user WHERE municipality_id = %(m)s""",
)
_TALLIES = ("surveys_segmentgroup", "surveys_celltally", "surveys_themeburden", "surveys_rawvoice")


def run(*, quick: bool) -> None:
    """10,000 staff (quick: 1,000), everybody answers; a few rounds, paired with the limits."""
    people, reps = (1_000, 3) if quick else (10_000, 5)
    idle = harness.idle_share()
    with harness.database():
        place = staff.found(people)
        for table in _TALLIES:
            harness.as_owner(
                f"CREATE TABLE bench_{table} (LIKE {table})",
                f"GRANT INSERT ON bench_{table} TO PUBLIC",
            )
        bench = _Rounds(place, people)
        print(harness.heading("Rounds", [f"{people} staff, {reps} rounds"], idle), flush=True)
        for rep in range(-1, reps):
            bench.round(keep=rep >= 0)
        bench.report(idle)


class _Rounds:
    """One round after the other; what is measured lies between two calls of the clock."""

    def __init__(self, place: Any, people: int) -> None:
        names = ("opening", "leanest opening", "closing", "leanest closing")
        self.place, self.people, self.number = place, people, 0
        self.found = {name: Series(name) for name in names}

    def round(self, *, keep: bool) -> None:
        """Open, fill the box, close; each measured beside its limit."""
        from django.utils import timezone

        from surveys.actions.closing import close_wave
        from surveys.actions.waves import open_wave

        self.number += 1
        now = timezone.now()
        wave = staff.plan(self.place, f"第{self.number}回", now)
        seconds = {
            "leanest opening": _timed(lambda: self._leanest_opening(wave.pk)),
            "opening": _timed(lambda: open_wave(wave, by=None, now=now)),
        }
        wave.refresh_from_db()
        self._fill(wave)
        seconds["leanest closing"] = _timed(lambda: self._leanest_closing(wave))
        seconds["closing"] = _timed(lambda: close_wave(wave.pk, now=wave.closes_at))
        wave.refresh_from_db()
        assert wave.state == "published", wave.state
        assert wave.counted == self.people, wave.counted
        self._keep_tallies(wave)
        if keep:
            for name, series in self.found.items():
                series.seconds.append(seconds[name])

    def _leanest_opening(self, wave: int) -> None:
        from django.db import connection, transaction

        with transaction.atomic(), connection.cursor() as cursor:
            for statement in _LEANEST_OPENING:
                cursor.execute(statement, {"w": wave, "m": self.place.pk})
            transaction.set_rollback(True)

    def _fill(self, wave: Any) -> None:
        """Everybody's sealed ballot, as many as there are people; not measured."""
        from django.conf import settings

        from surveys import anonymity, vault
        from surveys.models import SealedBallot, WaveEligibility

        key = vault.read(settings.KEY_DIR, wave.key_id)
        asked = WaveEligibility.objects.filter(wave=wave).order_by("employee_id")
        rows = asked.values_list("employee_id", "segment")
        boxes = []
        for (person, segment), given in zip(rows, staff.answers(self.people), strict=True):
            name = anonymity.nullifier(key, person)
            boxes.append(
                SealedBallot(
                    wave=wave,
                    nullifier=name,
                    segment=segment,
                    sealed=anonymity.seal(key, name, given),
                    submitted=True,
                )
            )
        SealedBallot.objects.bulk_create(boxes, batch_size=1000)
        harness.as_owner("ANALYZE surveys_sealedballot")

    def _leanest_closing(self, wave: Any) -> None:
        """Decrypt the same ballots in plain Python and COPY the rows of the round before."""
        from django.conf import settings
        from django.db import connection, transaction

        from surveys import anonymity, vault

        key = vault.read(settings.KEY_DIR, wave.key_id)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT nullifier, sealed FROM surveys_sealedballot WHERE wave_id = %s", [wave.pk]
            )
            for nullifier, sealed in cursor.fetchall():
                anonymity.unseal(key, bytes(nullifier), bytes(sealed))
            for table, rows in getattr(self, "_kept", {}).items():
                with cursor.copy(f"COPY bench_{table} FROM STDIN") as copy:
                    copy.write(rows)
            transaction.set_rollback(True)

    def _keep_tallies(self, wave: Any) -> None:
        """What a closed round stores, as COPY reads it."""
        from django.db import connection, transaction

        self._kept: dict[str, bytes] = {}
        with transaction.atomic(), connection.cursor() as cursor:
            for table in _TALLIES:
                order = f"COPY (SELECT * FROM {table} WHERE wave_id = {int(wave.pk)}) TO STDOUT"
                with cursor.copy(order) as copy:
                    self._kept[table] = b"".join(bytes(part) for part in copy)

    def report(self, idle: float) -> None:
        """The four series and the two ratios."""
        for series in self.found.values():
            print(series.line())
        opening = harness.ratio(self.found["opening"], self.found["leanest opening"])
        closing = harness.ratio(self.found["closing"], self.found["leanest closing"])
        print(f"\n{'opening / leanest':<22}{opening}")
        told = harness.verdict(closing, CLOSING_TARGET, idle)
        print(f"{'closing / leanest':<22}{closing}; target <= {CLOSING_TARGET:g}: {told}")
        rows = {table: text.count(b"\n") for table, text in self._kept.items()}
        print(f"{'stored':<22}{rows}")
        print(f"{'memory':<22}{harness.peak_megabytes():.0f} MB at most in this process")


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
