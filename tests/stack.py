"""The real stack of a browser or fault test: gunicorn, a Celery worker and beat, Redis."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import redis
from django.db import connections

ROOT = Path(__file__).resolve().parent.parent


def database_url(alias: str) -> str:
    """The address of this worker's test database for one of the two roles."""
    given = connections[alias].settings_dict
    options = given.get("OPTIONS", {})
    person = f"{given['USER']}:{quote(str(given['PASSWORD'] or ''), safe='')}"
    query = urlencode({key: options[key] for key in ("host", "port") if key in options})
    where = f"{given['HOST']}:{given['PORT']}" if given["HOST"] else ""
    return f"postgres://{person}@{where}/{given['NAME']}" + (f"?{query}" if query else "")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Stack:
    """Processes of one installation on this machine."""

    folder: Path
    port: int = 0
    redis_port: int = 0
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the site is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def redis_url(self) -> str:
        """Where its own Redis is: no other test empties it."""
        return f"redis://127.0.0.1:{self.redis_port}/0"

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the installation reads."""
        return {
            **os.environ,
            "DATABASE_URL": database_url("default"),
            "DATABASE_OWNER_URL": database_url("owner"),
            "REDIS_URL": self.redis_url,
            "DXPORTAL_ENV": "test",
            "DXPORTAL_VAR_DIR": str(self.folder / "var"),
            "DXPORTAL_KEY_DIR": str(self.folder / "keys"),
            "DJANGO_SETTINGS_MODULE": "dxportal.settings",
            "PYTHONUNBUFFERED": "1",
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command; its output is returned, its failure is an error."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def run_script(self, source: str, *arguments: str) -> str:
        """Run a piece of Python inside the installation; its output is returned."""
        done = subprocess.run(
            [sys.executable, "-c", source, *arguments],
            cwd=ROOT,
            env={**self.environment, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, name: str, *command: str) -> None:
        """Start a Python module of the stack."""
        self._run(name, sys.executable, "-m", *command)

    def start_redis(self, port: int = 0) -> None:
        """A Redis without a disk, again at its port where one is given; waits until it answers."""
        self.redis_port = port or free_port()
        self._run(
            "redis", "redis-server", "--bind", "127.0.0.1", "--port", str(self.redis_port),
            "--save", "", "--appendonly", "no", "--dir", str(self.folder),
        )  # fmt: skip
        self.wait(self._redis_answers, "Redis")

    def _redis_answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.redis_url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False

    def _run(self, name: str, *command: str) -> None:
        """Start a process; its output goes to a file of its name."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_web(self) -> None:
        """gunicorn, as in production, again at the same address; waits until it is healthy."""
        self.port = self.port or free_port()
        self.collect_static()
        address = f"127.0.0.1:{self.port}"
        self.start(
            "web", "gunicorn", "dxportal.wsgi", "-b", address, "-k", "gthread", "--threads", "4"
        )
        self.wait(self._is_healthy, "the web server")

    def collect_static(self) -> None:
        """Give the web server its static files."""
        if not (self.folder / "var" / "static").exists():
            self.manage("collectstatic", "--noinput", "-v0")

    def _is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def start_worker(self) -> None:
        """One worker for both queues."""
        self.start(
            "worker", "celery", "-A", "dxportal", "worker",
            "-Q", "celery,sealed", "-c", "1", "--without-mingle", "--without-gossip", "-l", "INFO",
        )  # fmt: skip

    def start_beat(self) -> None:
        """The one beat."""
        self.start("beat", "celery", "-A", "dxportal", "beat", "-s", str(self.folder / "beat"))

    def kill(self, name: str) -> None:
        """kill -9 of a process and all its children."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        """Stop everything."""
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(5)
        self.processes.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait(self, ready: Any, what: str, seconds: float = 30) -> None:
        """Wait for a condition, or say what did not come, with the end of every log."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if ready():
                return
            time.sleep(0.1)
        logs = "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}"
            for path in self.folder.glob("*.log")
        )
        raise AssertionError(f"waited {seconds:.0f} s in vain for {what}\n{logs}")
