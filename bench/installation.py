"""A whole installation on this machine for benchmarks: gunicorn, Redis, and people signed in."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stack import Stack, free_port

WEB_WORKERS = 2
#: One for all processes of the run.
_SECRET = secrets.token_urlsafe(50)


class Installation(Stack):
    """As in production, but for the addresses: with the pool, and two web workers."""

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the installation reads."""
        mode = {"DXPORTAL_ENV": "embedded", "DXPORTAL_PLAIN_HTTP": "true"}
        return {**super().environment, **mode, "SECRET_KEY": _SECRET}

    def start_gunicorn(self, name: str, application: str, port: int) -> None:
        """One more web server of the same kind."""
        self.start(
            name, "gunicorn", application, "-b", f"127.0.0.1:{port}", "-k", "gthread",
            "--workers", str(WEB_WORKERS), "--threads", "4", "--timeout", "30",
            "--no-control-socket",
        )  # fmt: skip

    def start_web(self) -> None:
        """gunicorn with the product; waits until it is healthy."""
        self.port = free_port()
        self.collect_static()
        self.start_gunicorn("web", "dxportal.wsgi", self.port)
        self.wait(self._is_healthy, "the web server")


@contextmanager
def installation() -> Iterator[Installation]:
    """Redis and nothing else running yet; everything ends with it."""
    folder = Path(tempfile.mkdtemp(prefix="dxi-", dir="/tmp"))
    folder.chmod(0o711)
    for name in ("var", "keys"):
        (folder / name).mkdir(mode=0o700)
    made = Installation(folder)
    try:
        made.start_redis()
        yield made
    finally:
        made.stop()
