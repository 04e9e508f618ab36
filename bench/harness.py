"""What every benchmark shares: a database of its own, interleaved runs, ratios, one table."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
#: Beyond this spread of paired ratios no verdict is given.
WIDEST_SPREAD = 0.25
#: Below this share of idle cores before the run no verdict is given either.
LEAST_IDLE = 0.7


@dataclass(slots=True)
class Series:
    """Seconds of one way of doing it, one value a repetition."""

    name: str
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.seconds)

    def line(self) -> str:
        """Median with the smallest and the largest, in milliseconds."""
        low, high = min(self.seconds) * 1000, max(self.seconds) * 1000
        return f"{self.name:<44} {self.median * 1000:9.1f} ms   ({low:.1f} to {high:.1f})"


@dataclass(frozen=True, slots=True)
class Ratio:
    """One series against another, paired by repetition."""

    median: float
    low: float
    high: float

    @property
    def spread(self) -> float:
        """Half the range of the middle half of the pairs, as a share of the median."""
        return (self.high - self.low) / 2 / self.median if self.median else 0.0

    def per(self, times: float) -> Ratio:
        """The same where the first did so many times the work of the second."""
        return Ratio(self.median / times, self.low / times, self.high / times)

    def __str__(self) -> str:
        return f"{self.median:.3f} (middle half {self.low:.3f} to {self.high:.3f})"


def interleave(ways: Mapping[str, Callable[[], object]], reps: int) -> dict[str, Series]:
    """Run each way once a repetition, in turning order, after one round that is not counted."""
    found = {name: Series(name) for name in ways}
    names = list(ways)
    for rep in range(-1, reps):
        turn = rep % len(names)
        for name in names[turn:] + names[:turn]:
            started = time.perf_counter()
            ways[name]()
            if rep >= 0:
                found[name].seconds.append(time.perf_counter() - started)
    return found


def ratio(one: Series, other: Series) -> Ratio:
    """The median of the paired ratios, and their middle half."""
    pairs = sorted(a / b for a, b in zip(one.seconds, other.seconds, strict=True))
    quarter = len(pairs) // 4
    return Ratio(statistics.median(pairs), pairs[quarter], pairs[-1 - quarter])


def verdict(found: Ratio, at_most: float, idle: float) -> str:
    """Whether the target is met; silent where the machine was too busy to tell."""
    if busy := too_busy(idle):
        return busy
    if found.spread > WIDEST_SPREAD:
        return f"no verdict: the pairs spread by {found.spread:.0%}"
    return "met" if found.median <= at_most else "MISSED"


def idle_share(seconds: float = 1.0) -> float:
    """How idle the cores are right now; 1 where the system does not tell."""

    def ticks() -> list[int]:
        return [int(word) for word in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]

    try:
        before = ticks()
        time.sleep(seconds)
        passed = [b - a for a, b in zip(before, ticks(), strict=True)]
    except OSError:
        return 1.0
    return (passed[3] + passed[4]) / max(1, sum(passed[:8]))


def too_busy(idle: float) -> str:
    """Why there is no verdict; "" where the machine was idle enough."""
    busy = idle < LEAST_IDLE
    return f"no verdict: only {idle:.0%} of the cores were idle before the run" if busy else ""


def heading(title: str, facts: Sequence[str], idle: float) -> str:
    """What was measured, where, and at which commit."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        row = cursor.fetchone()
    version = row[0] if row else "?"
    lines = [
        title,
        f"commit {_commit()}; {os.cpu_count()} cores, {idle:.0%} idle before the run;"
        f" Python {platform.python_version()}, PostgreSQL {version}",
        *facts,
    ]
    return "\n".join(lines)


def plain_static() -> Any:
    """Style sheets by their own names: the manifest of a release is not what is measured."""
    from django.conf import settings
    from django.test import override_settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain})


def peak_megabytes() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _commit() -> str:
    done = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


# The database -----------------------------------------------------------------------------------
@contextmanager
def database() -> Iterator[None]:
    """A migrated database of this run's own, and Django set up for it; gone afterwards.

    Beside the one that DATABASE_OWNER_URL names, else on an embedded server in a new folder.
    """
    with tempfile.TemporaryDirectory(prefix="dxb-", dir="/tmp") as folder:
        here = Path(folder)
        here.chmod(0o711)
        for name in ("var", "keys"):
            (here / name).mkdir(mode=0o700)
        os.environ |= {
            "DXPORTAL_ENV": "embedded",
            "DXPORTAL_VAR_DIR": str(here / "var"),
            "DXPORTAL_KEY_DIR": str(here / "keys"),
            "DJANGO_SETTINGS_MODULE": "dxportal.settings",
            "LOG_LEVEL": "ERROR",
        }
        given = os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL")
        with _beside(given) if given else _embedded(here / "pg"):
            _set_up()
            yield
            _close()


@contextmanager
def _embedded(folder: Path) -> Iterator[None]:
    from dxportal.shared import embedded

    server = embedded.start(folder, durable=False)
    os.environ |= {"DATABASE_URL": server.urls.app, "DATABASE_OWNER_URL": server.urls.owner}
    try:
        yield
    finally:
        server.stop()


@contextmanager
def _beside(owner: str) -> Iterator[None]:
    """A new database on the same server; what the other one holds is not touched."""
    import psycopg
    from psycopg import sql

    name = f"dxportal_bench_{os.getpid()}"
    app = os.environ.get("DATABASE_URL") or owner

    def named(url: str) -> str:
        return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))

    with psycopg.connect(owner, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        os.environ |= {"DATABASE_URL": named(app), "DATABASE_OWNER_URL": named(owner)}
        try:
            yield
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            server.execute(drop)


def _set_up() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", database="owner", interactive=False, verbosity=0)


def _close() -> None:
    from django.db import connections

    connections.close_all()
    connections["default"].close_pool()  # type: ignore[attr-defined]


def as_owner(*statements: str) -> None:
    """Run maintenance between measurements."""
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
