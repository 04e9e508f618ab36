"""`manage.py demo` as a person starts it: a process of its own, Ctrl-C, kill, and again."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from dxportal.dashboards.management.commands.demo import Command
from dxportal.shared import embedded

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]

PROJECT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "correct-horse-9"
START_SECONDS, STOP_SECONDS = 90, 15
#: Set for the test run, and not for a person who tries the product.
OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "DXPORTAL_ENV", "DXPORTAL_KEY_DIR", "SECRET_KEY")


class Demo:
    """One run of the command in a folder."""

    def __init__(self, var: Path, *options: str, nohup: bool = False, **environment: str) -> None:
        """Start it in a process group of its own, as a terminal does."""
        on_hang_up = signal.SIG_IGN if nohup else signal.SIG_DFL
        inherited = {key: value for key, value in os.environ.items() if key not in OURS}
        self.output = var.with_name("output.txt")
        self.port = _free_port()
        command = [sys.executable, "manage.py", "demo", "--port", str(self.port), *options]
        with self.output.open("w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env={**inherited, "DXPORTAL_VAR_DIR": str(var), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # A test run under nohup hands "ignore the hang-up" down; a terminal does not.
                preexec_fn=lambda: signal.signal(signal.SIGHUP, on_hang_up),  # noqa: PLW1509
            )

    @property
    def text(self) -> str:
        """What it has printed."""
        return self.output.read_text(encoding="utf-8")

    def wait_for_address(self) -> str:
        """The address, which is printed when the pages answer."""
        address = f"http://127.0.0.1:{self.port}/"
        deadline = time.monotonic() + START_SECONDS
        while f"\n{address}\n" not in self.text:
            assert self.process.poll() is None, self.text
            assert time.monotonic() < deadline, self.text
            time.sleep(0.1)
        return address

    def family(self) -> list[psutil.Process]:
        """The command and everything that it started."""
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]

    def wait_for_end(self) -> str:
        """The output of a run that ends by itself."""
        self.process.wait(START_SECONDS)
        return self.text


@pytest.fixture
def var() -> Iterator[Path]:
    """A folder for the demo; whatever was started for it is ended."""
    base = Path(tempfile.mkdtemp(prefix="dxp-", dir="/tmp"))
    base.chmod(0o755)
    yield base / "var"
    shutil.rmtree(base)


@pytest.fixture
def run(var: Path) -> Iterator[list[Demo]]:
    """Runs that end with the test."""
    runs: list[Demo] = []
    yield runs
    for demo in runs:
        if demo.process.poll() is None:
            demo.process.terminate()
            demo.process.wait(STOP_SECONDS)


def _free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _health(address: str) -> dict[str, object]:
    """The answer of the health page."""
    with urllib.request.urlopen(f"{address}healthz", timeout=10) as response:  # noqa: S310
        answer: dict[str, object] = json.load(response)
    return answer


def _emails(var: Path) -> list[str]:
    """The accounts in the running database."""
    urls = embedded.read_urls(var / "pg")
    assert urls is not None
    with psycopg.connect(urls.app) as connection:
        rows = connection.execute("SELECT email FROM accounts_user ORDER BY email").fetchall()
    return [str(row[0]) for row in rows]


def _memory(family: list[psutil.Process]) -> float:
    """MiB that these processes hold together, shared pages counted once."""
    held = 0
    for process in family:
        with suppress(psutil.NoSuchProcess):  # PostgreSQL's own helpers come and go
            held += process.memory_full_info().pss
    return held / 2**20


def _all_gone(family: list[psutil.Process]) -> bool:
    """Whether every process ends in time."""
    _ended, alive = psutil.wait_procs(family, timeout=STOP_SECONDS)
    return not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]


def _end(how: str, demo: Demo) -> float:
    """End a run and return how long all of it took."""
    family, began = demo.family(), time.monotonic()
    if how == "ctrl-c":
        os.killpg(demo.process.pid, signal.SIGINT)
    elif how == "hang-up":
        os.killpg(demo.process.pid, signal.SIGHUP)
    elif how == "term":
        demo.process.terminate()
    else:
        demo.process.kill()
    demo.process.wait(STOP_SECONDS)
    assert _all_gone(family[1:])
    return time.monotonic() - began


def test_demo_starts_stops_recovers_and_keeps_its_data(var: Path, run: list[Demo]) -> None:
    first = Demo(var, "--empty", "--password", PASSWORD)
    run.append(first)
    address = first.wait_for_address()
    assert first.text.rstrip().endswith(address.rstrip())
    assert PASSWORD in first.text
    assert "admin@mihon.example" in first.text
    healthy = {"status": "ok", "database": True, "redis": None, "waves_late": 0}
    assert _health(address) == healthy
    if sys.platform == "linux":
        assert _memory(first.family()) < 350
    emails = _emails(var)
    assert "admin@mihon.example" in emails
    for name in ("secret-key", "demo.json"):
        assert stat.S_IMODE((var / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((var / "broker").stat().st_mode) == 0o700

    refused = Demo(var, "--empty")
    run.append(refused)
    assert str(var / "pg") in refused.wait_for_end()
    assert refused.process.returncode == 1
    assert "Traceback" not in refused.text

    assert _end("ctrl-c", first) < STOP_SECONDS
    assert first.process.returncode == 0
    assert embedded.read_urls(var / "pg") is None

    second = Demo(var)
    run.append(second)
    second.wait_for_address()
    assert PASSWORD in second.text
    assert _emails(var) == emails
    _end("kill", second)

    third = Demo(var, "--empty")
    run.append(third)
    assert _health(third.wait_for_address())["database"] is True
    assert "--reset --empty" in third.text
    assert _emails(var) == emails
    _end("term", third)
    assert third.process.returncode == 0


def test_closed_terminal_ends_it_and_ctrl_c_pressed_again_changes_nothing(
    var: Path, run: list[Demo]
) -> None:
    first = Demo(var, "--empty")
    run.append(first)
    first.wait_for_address()
    assert "--reset --empty" not in first.text
    assert _end("hang-up", first) < STOP_SECONDS
    assert first.process.returncode == 0
    assert embedded.read_urls(var / "pg") is None
    stopped = first.text.splitlines()[-1]

    second = Demo(var)
    run.append(second)
    second.wait_for_address()
    family = second.family()
    while second.process.poll() is None:
        os.killpg(second.process.pid, signal.SIGINT)
        time.sleep(0.1)
    assert _all_gone(family[1:])
    assert second.process.returncode == 0
    assert second.text.splitlines().count(stopped) == 1
    assert "Traceback" not in second.text
    assert embedded.read_urls(var / "pg") is None


def test_run_that_shall_survive_its_terminal_does(var: Path, run: list[Demo]) -> None:
    demo = Demo(var, "--empty", nohup=True)
    run.append(demo)
    address = demo.wait_for_address()
    os.killpg(demo.process.pid, signal.SIGHUP)
    time.sleep(2)
    assert _health(address)["database"] is True
    assert _end("ctrl-c", demo) < STOP_SECONDS


def test_every_option_says_what_it_does() -> None:
    parser = Command().create_parser("manage.py", "demo")
    for option in ("--port", "--host", "--reset", "--empty", "--password"):
        assert parser._option_string_actions[option].help


def test_static_files_have_hashed_names_without_a_step_of_the_user(
    var: Path, run: list[Demo]
) -> None:
    demo = Demo(var, "--empty")
    run.append(demo)
    address = demo.wait_for_address()
    manifest = json.loads((var / "static" / "staticfiles.json").read_text(encoding="utf-8"))
    name, hashed = next(pair for pair in manifest["paths"].items() if pair[0].endswith(".css"))
    assert name != hashed
    with urllib.request.urlopen(f"{address}static/{hashed}", timeout=10) as response:  # noqa: S310
        assert response.status == 200
        assert "immutable" in response.headers["Cache-Control"]


def test_busy_port_is_one_sentence_and_starts_nothing(var: Path, run: list[Demo]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        demo = Demo(var, "--port", port)
        run.append(demo)
        text = demo.wait_for_end()
    assert demo.process.returncode == 1
    assert f"127.0.0.1:{port}" in text
    assert len(text.strip().splitlines()) == 1
    assert not (var / "pg").exists()


def test_unwritable_folder_is_one_sentence(var: Path, run: list[Demo]) -> None:
    var.touch()
    demo = Demo(var, DXPORTAL_VAR_DIR=str(var / "below"))
    run.append(demo)
    text = demo.wait_for_end()
    assert demo.process.returncode == 1
    assert "DXPORTAL_VAR_DIR" in text
    assert len(text.strip().splitlines()) == 1


def test_named_database_is_refused(var: Path, run: list[Demo]) -> None:
    url = "postgres://somebody@127.0.0.1:9/elsewhere"
    demo = Demo(var, DATABASE_URL=url, DXPORTAL_ENV="embedded")
    run.append(demo)
    text = demo.wait_for_end()
    assert demo.process.returncode == 1
    assert "DATABASE_URL" in text
    assert len(text.strip().splitlines()) == 1


def test_reset_deletes_its_own_data_and_says_what(var: Path, run: list[Demo]) -> None:
    var.mkdir()
    (var / "wave-keys").mkdir()
    (var / "notes.txt").touch()
    demo = Demo(var, "--reset", "--empty", "--password", PASSWORD)
    run.append(demo)
    demo.wait_for_address()
    assert str(var / "wave-keys") in demo.text
    assert (var / "notes.txt").exists()
    emails = _emails(var)
    _end("ctrl-c", demo)
    again = Demo(var, "--reset", "--empty")
    run.append(again)
    again.wait_for_address()
    assert str(var / "pg") in again.text
    assert PASSWORD not in again.text
    assert _emails(var) == emails
