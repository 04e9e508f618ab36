"""One container's health: `web` answers, `worker` is reached through the broker, `beat` ticks."""

import os
import socket
import sys
import time
import urllib.request
from pathlib import Path

#: Seconds; beat writes its file every three minutes.
BEAT_IS_LATE = 600


def web() -> bool:
    """Ask as a visitor of the site would, without leaving this machine."""
    host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip().lstrip(".")
    headers = {"Host": host, "X-Forwarded-Proto": "https"}
    request = urllib.request.Request("http://127.0.0.1:8000/healthz", headers=headers)
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310
        return bool(answer.status == 200)


def worker() -> bool:
    """Whether this container's worker answers through the broker."""
    from dxportal.celery import app

    name = f"celery@{socket.gethostname()}"
    return bool(app.control.ping(destination=[name], timeout=5))


def beat() -> bool:
    """Whether the schedule was written lately."""
    written = [path.stat().st_mtime for path in Path("/tmp").glob("beat-schedule*")]  # noqa: S108
    return bool(written) and time.time() - max(written) < BEAT_IS_LATE


if __name__ == "__main__":
    sys.exit(0 if {"web": web, "worker": worker, "beat": beat}[sys.argv[1]]() else 1)
