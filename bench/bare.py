"""The least a web server can do for a ballot: one INSERT of as many bytes, and an empty answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from psycopg_pool import ConnectionPool

_POOL = ConnectionPool(os.environ["DATABASE_URL"], min_size=1, max_size=8, open=True)
_INSERT = "INSERT INTO bench_ballot (nullifier, sealed) VALUES (%s, %s)"


def application(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
    """Read what was posted, store 4,096 bytes, commit, answer 302 without a body."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    with _POOL.connection() as connection:
        connection.execute(_INSERT, [os.urandom(32), os.urandom(4096)], prepare=True)
    start("302 Found", [("Location", "/"), ("Content-Length", "0")])
    return [b""]
