"""An embedded PostgreSQL for trying the product on one machine, and for the tests."""

import ctypes
import functools
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import parse_qs, quote, urlsplit

from dxportal.shared.embedded_folder import (
    INCOMPLETE,
    NOT_STARTED,
    SOCKET_NAME,
    UNWRITABLE,
    EmbeddedError,
    Place,
    claim,
    end,
    engine,
    owned_folder,
    remove_socket_folder,
    socket_folder,
    stop_orphan,
    write_private,
)

__all__ = [
    "UNWRITABLE",
    "EmbeddedError",
    "Server",
    "Urls",
    "die_with_parent",
    "erase",
    "read_urls",
    "start",
]

SUPERUSER = "dxportal_super"
OWNER = "dxportal_owner"
APP = "dxportal_app"
DATABASE = "dxportal"
START_SECONDS = 30
LOG_BYTES = 1_000_000
PR_SET_PDEATHSIG = 1

#: No line may tell who sent what, or when somebody connected.
SETTINGS = """\
listen_addresses = ''
unix_socket_permissions = 0700
password_encryption = scram-sha-256
max_connections = 100
shared_buffers = 48MB
dynamic_shared_memory_type = posix
io_method = sync
wal_level = minimal
max_wal_senders = 0
max_wal_size = 256MB
max_parallel_workers_per_gather = 0
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_destination = stderr
logging_collector = off
log_line_prefix = '%m [%p] '
log_min_messages = warning
log_min_error_statement = panic
log_error_verbosity = terse
log_connections = ''
log_disconnections = off
log_statement = none
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
track_commit_timestamp = off
synchronous_commit = on
"""
DURABLE = "fsync = on\nfull_page_writes = on\n"
#: A killed server still loses nothing; a machine without power may.
FAST = "fsync = off\nfull_page_writes = off\n"
ROLE_SETTINGS = {
    OWNER: {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "120s"},
    APP: {"statement_timeout": "30s", "idle_in_transaction_session_timeout": "60s"},
}


@dataclass(frozen=True)
class Urls:
    """The addresses of the two roles: the owner migrates, the application owns nothing."""

    owner: str
    app: str


class Server:
    """A running embedded PostgreSQL; only the process that started it stops it."""

    def __init__(
        self,
        urls: Urls,
        place: Place,
        lock: IO[str],
        process: "subprocess.Popen[bytes]",
        run: Path,
    ) -> None:
        """Remember what has to be stopped and removed."""
        self.urls, self._place, self._lock = urls, place, lock
        self._process, self._run, self._starter = process, run, os.getpid()

    @property
    def home(self) -> Path:
        """Where the data is: the folder asked for, or one that PostgreSQL's user can reach."""
        return self._place.home

    @property
    def pid(self) -> int:
        """The process id of PostgreSQL itself."""
        return self._process.pid

    def stop(self) -> None:
        """Stop PostgreSQL, remove the addresses and let go of the folder; twice does nothing."""
        if os.getpid() != self._starter or self._lock.closed:
            return
        end(self._process.pid, lambda: self._process.poll() is not None)
        self._place.state.unlink(missing_ok=True)
        remove_socket_folder(self._place, self._run)
        self._lock.close()


def start(folder: Path, *, durable: bool = True) -> Server:
    """Start PostgreSQL in a folder of its own, after repairing what a killed run left behind."""
    place, lock = claim(folder)
    try:
        programs = engine(place)
        stop_orphan(place)
        passwords = _passwords(place)
        if not (place.data / "PG_VERSION").exists():
            _initialise(place, programs, passwords[SUPERUSER], durable=durable)
        run = socket_folder(place)
        _configure(place, run, durable=durable)
        process = _launch(place, programs)
        try:
            _wait_until_ready(place, process, run, passwords)
            _ensure_roles(run, passwords)
        except BaseException:
            end(process.pid, lambda: process.poll() is not None)
            raise
    except BaseException:
        lock.close()
        raise
    urls = Urls(owner=_url(OWNER, passwords, run), app=_url(APP, passwords, run))
    write_private(place.state, json.dumps({"owner": urls.owner, "app": urls.app}))
    return Server(urls, place, lock, process, run)


def read_urls(folder: Path) -> Urls | None:
    """The addresses of the server that runs in this folder, for the same user's processes."""
    try:
        state = json.loads((folder / "urls.json").read_text(encoding="utf-8"))
        urls = Urls(owner=state["owner"], app=state["app"])
        run = parse_qs(urlsplit(urls.app).query)["host"][0]
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            probe.connect(f"{run}/{SOCKET_NAME}")
    except (OSError, ValueError, KeyError):
        return None
    return urls


def erase(folder: Path) -> bool:
    """Delete the database of this folder, if there is one and nobody uses it."""
    if not (folder / "lock").exists():
        return False
    place, lock = claim(folder)
    with lock:
        stop_orphan(place)
        existed = place.data.exists()
        shutil.rmtree(place.data, ignore_errors=True)
        shutil.rmtree(place.home / "data.new", ignore_errors=True)
        for path in (place.state, place.log, folder / "passwords.json"):
            path.unlink(missing_ok=True)
    return existed


def _passwords(place: Place) -> dict[str, str]:
    """The generated passwords of the three roles, made once."""
    path = place.folder / "passwords.json"
    if not path.exists():
        if place.data.exists() and place.home == place.folder:
            raise EmbeddedError(INCOMPLETE, folder=place.folder)
        shutil.rmtree(place.data, ignore_errors=True)  # its folder was deleted, so it is too
        new = {role: secrets.token_hex(24) for role in (SUPERUSER, OWNER, APP)}
        write_private(path, json.dumps(new))
    stored: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return stored


# The server -------------------------------------------------------------------------------------
def _environment() -> dict[str, str]:
    """Nothing of ours: no secret of the caller is visible in PostgreSQL's environment."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


def _initialise(place: Place, programs: Path, password: str, *, durable: bool) -> None:
    """Create the data folder beside its final name, so that half of one is never used."""
    draft = place.home / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    owned_folder(place, draft)
    secret = place.home / "first-password"
    write_private(secret, password)
    place.give(secret)
    command = [
        *(str(programs / "initdb"), "-D", str(draft), "-U", SUPERUSER, "--pwfile", str(secret)),
        *("-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--locale-provider=builtin"),
        *("--builtin-locale=C.UTF-8", "--data-checksums", "--no-instructions"),
        *(() if durable else ("--no-sync",)),
    ]
    try:
        with place.log.open("ab") as log:
            subprocess.run(  # noqa: S603
                command,
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(),
                **place.account.run_as(),
            )
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedError(NOT_STARTED, log=place.log) from error
    finally:
        secret.unlink(missing_ok=True)
    draft.rename(place.data)


def _configure(place: Place, run: Path, *, durable: bool) -> None:
    """Write both configuration files anew: passwords for everybody, and only on our socket."""
    own = f"unix_socket_directories = '{run}'\n"
    files = {
        "pg_hba.conf": "local all all scram-sha-256\n",
        "pg_ident.conf": "",
        "postgresql.auto.conf": "",
        "postgresql.conf": SETTINGS + own + (DURABLE if durable else FAST),
    }
    for name, text in files.items():
        write_private(place.data / name, text)
        place.give(place.data / name)


def die_with_parent() -> Callable[[], None] | None:
    """On Linux: a child of a killed parent is asked to shut down at once."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return functools.partial(prctl, PR_SET_PDEATHSIG, int(signal.SIGINT))


def _launch(place: Place, programs: Path) -> "subprocess.Popen[bytes]":
    """Run PostgreSQL as our child, deaf to the terminal's Ctrl-C: we stop it last."""
    if place.log.exists() and place.log.stat().st_size > LOG_BYTES:
        place.log.unlink()
    with place.log.open("ab") as log:
        place.log.chmod(0o600)
        return subprocess.Popen(  # noqa: S603
            [str(programs / "postgres"), "-D", str(place.data)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=_environment(),
            start_new_session=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509
            **place.account.run_as(),
        )


def _wait_until_ready(
    place: Place, process: "subprocess.Popen[bytes]", run: Path, passwords: dict[str, str]
) -> None:
    """Return when the superuser can connect."""
    import psycopg

    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(_url(SUPERUSER, passwords, run, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.03)
        else:
            return
    raise EmbeddedError(NOT_STARTED, log=place.log)


def _url(role: str, passwords: dict[str, str], run: Path, database: str = DATABASE) -> str:
    """An address that psycopg, Django and the command line tools read the same way."""
    return f"postgresql://{role}:{passwords[role]}@/{database}?host={quote(str(run), safe='/')}"


def _ensure_roles(run: Path, passwords: dict[str, str]) -> None:
    """Create the two roles and the database where they are missing."""
    import psycopg
    from psycopg import sql

    url = _url(SUPERUSER, passwords, run, "postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        for role, powers in ((OWNER, "CREATEDB"), (APP, "NOCREATEDB")):
            found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            verb = sql.SQL("ALTER" if found.fetchone() else "CREATE")
            name = sql.Identifier(role)
            limits = sql.SQL(f"LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION {powers}")
            secret = sql.Literal(passwords[role])
            order = sql.SQL("{} ROLE {} {} PASSWORD {}")
            connection.execute(order.format(verb, name, limits, secret))
            for key, value in ROLE_SETTINGS[role].items():
                order = sql.SQL("ALTER ROLE {} SET {} = {}")
                connection.execute(order.format(name, sql.Identifier(key), sql.Literal(value)))
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
        connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {APP}")
