"""One process for the demo: a production web server with Celery's worker and beat as threads."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

#: A stopping worker waits this long for requests and tasks under way.
GRACE_SECONDS = 4
THREADS = 8
QUEUES = ("celery", "sealed")


class Background:
    """Celery's worker and beat as threads of the web worker."""

    def __init__(self, schedule: Path) -> None:
        """Build both; nothing runs yet. A plain Worker would take over the signals."""
        from celery import beat

        from dxportal.celery import app

        self._worker = app.WorkController(
            pool="threads",
            concurrency=2,
            queues=",".join(QUEUES),
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            optimization=None,
        )
        # A beat that sleeps longer than a second could not be stopped in time.
        self._beat = beat.Service(app, max_interval=1, schedule_filename=str(schedule))
        self._threads = [
            threading.Thread(target=self._worker.start, name="celery-worker", daemon=True),
            threading.Thread(target=self._beat.start, name="celery-beat", daemon=True),
        ]

    def start(self) -> None:
        """Start both threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let tasks under way end; what does not end in time is still marked in the database."""
        stopping = threading.Thread(target=self._stop, daemon=True)
        stopping.start()
        stopping.join(GRACE_SECONDS)

    def _stop(self) -> None:
        """Stop the beat first, so that it sends nothing to a worker that is leaving."""
        self._beat.stop()
        self._worker.stop(in_sighandler=False)
        for thread in self._threads:
            thread.join(GRACE_SECONDS)


class DemoArbiter(Arbiter):  # type: ignore[misc]
    """Gunicorn's parent process, for which a closed terminal window means the same as Ctrl-C."""

    handle_hup = Arbiter.handle_int

    def init_signals(self) -> None:
        """Take over the signals, except a hang-up that `nohup` let be ignored."""
        hang_up = signal.getsignal(signal.SIGHUP)
        super().init_signals()
        if hang_up is signal.SIG_IGN:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)


class DemoServer(BaseApplication):  # type: ignore[misc]
    """Gunicorn with one worker: two workers would be two beats."""

    def __init__(self, address: str, schedule: Path, on_ready: Callable[[], None]) -> None:
        """Say where to listen, where the beat remembers, and what to do when all is up."""
        self._address, self._schedule, self._on_ready = address, schedule, on_ready
        self._background: Background | None = None
        super().__init__()

    def run(self) -> None:
        """Serve until a signal comes; ends with SystemExit."""
        DemoArbiter(self).run()

    def load_config(self) -> None:
        """Everything that differs from gunicorn's defaults."""
        options: dict[str, Any] = {
            "bind": self._address,
            "workers": 1,
            "threads": THREADS,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": GRACE_SECONDS + 1,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": self._begin,
            "worker_exit": self._end,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI application; read in the worker."""
        from dxportal.wsgi import application

        return application

    def _begin(self, worker: Any) -> None:
        """In the web worker: start the background and say that all is up.

        The terminal signals the parent too, which ends this process in its own way.
        """
        _ignore(signal.SIGINT, signal.SIGHUP)
        self._background = Background(self._schedule)
        self._background.start()
        if worker.age == 1:
            self._on_ready()

    def _end(self, _arbiter: Any, worker: Any) -> None:
        """Leave at once: a thread that hangs must not keep the worker, nor run its parent's end."""
        _ignore(signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT)
        if self._background is not None:
            self._background.stop()
        with suppress(OSError):  # the terminal may be gone
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(0 if worker.booted else Arbiter.WORKER_BOOT_ERROR)


def _ignore(*signals: signal.Signals) -> None:
    """Whoever presses Ctrl-C again does not disturb what is ending already."""
    for one in signals:
        signal.signal(one, signal.SIG_IGN)
