"""A pytest plugin (`-p tests.services`): PostgreSQL, Redis and the environment of the test run."""

import atexit
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from dxportal.shared import embedded

#: Set once by the process that starts the services; workers and subprocesses inherit it.
RUN_DIR = "DXPORTAL_TEST_RUN_DIR"


def _prepare_folders() -> Path:
    """A short folder of this run, open to pass through; what is in it is private."""
    run = Path(tempfile.mkdtemp(prefix="dxp-", dir="/tmp"))
    run.chmod(0o711)
    for name in ("var", "keys", "redis"):
        (run / name).mkdir(mode=0o700)
    (run / "var" / "static").mkdir()
    return run


def _start_postgres(run: Path) -> None:
    """Start an embedded server, unless the caller names one by DATABASE_OWNER_URL."""
    if os.environ.get("DATABASE_OWNER_URL"):
        return
    server = embedded.start(run / "pg", durable=False)
    atexit.register(server.stop)
    os.environ["DATABASE_URL"] = server.urls.app
    os.environ["DATABASE_OWNER_URL"] = server.urls.owner


def _start_redis(run: Path) -> None:
    """Start a Redis without a disk where the program is installed; else its tests are skipped."""
    if url := os.environ.pop("REDIS_URL", ""):
        os.environ.setdefault("TEST_REDIS_URL", url)
    program = shutil.which("redis-server")
    if os.environ.get("TEST_REDIS_URL") or program is None:
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(
        [program, *options, "--dir", str(run / "redis")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=embedded.die_with_parent(),  # noqa: PLW1509
    )
    atexit.register(_stop, process)
    _wait_for(port)
    os.environ["TEST_REDIS_URL"] = f"redis://127.0.0.1:{port}/0"


def _wait_for(port: int) -> None:
    """Return when something listens on the port."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("redis-server did not start")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the process that this one started."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _remove(run: Path, starter: int) -> None:
    """Remove the folder of this run; runs after everything in it has stopped."""
    if os.getpid() == starter:
        shutil.rmtree(run, ignore_errors=True)


def _start() -> None:
    """Everything that must stand before Django reads its settings."""
    run = _prepare_folders()
    atexit.register(_remove, run, os.getpid())
    os.environ.update(
        {
            RUN_DIR: str(run),
            "DXPORTAL_ENV": "test",
            "DXPORTAL_VAR_DIR": str(run / "var"),
            "DXPORTAL_KEY_DIR": str(run / "keys"),
            "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
            "DJANGO_LIVE_TEST_SERVER_ADDRESS": "127.0.0.1",
            "SECRET_KEY": secrets.token_urlsafe(50),
        }
    )
    _start_postgres(run)
    _start_redis(run)


if RUN_DIR not in os.environ:
    _start()
