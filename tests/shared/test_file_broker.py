"""The demo's broker: nothing half-written is ever read, and nothing unreadable ends the worker."""

import contextlib
import threading
import time
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from dxportal.shared.file_broker import SCHEME


@pytest.fixture
def broker(tmp_path: Path) -> Any:
    """A connection to folders of this test's own."""
    queue = tmp_path / "queue"
    queue.mkdir()
    options = {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(tmp_path / "control"),
        "polling_interval": 0.01,
    }
    with Connection(f"{SCHEME}://localhost", transport_options=options) as connection:
        yield connection


def _taken(broker: Any, wanted: int) -> list[Any]:
    found: list[Any] = []
    deadline = time.monotonic() + 20
    while len(found) < wanted and time.monotonic() < deadline:
        with contextlib.suppress(Empty):
            found.append(broker.default_channel._get("work"))
    return found


def test_every_message_is_read_whole_while_others_are_written(broker: Any) -> None:
    def write(start: int) -> None:
        with broker.clone() as other:
            for number in range(start, start + 150):
                other.default_channel._put("work", {"number": number, "text": "あ" * 2000})

    writers = [threading.Thread(target=write, args=(start,)) for start in (0, 150)]
    for writer in writers:
        writer.start()
    found = _taken(broker, 300)
    for writer in writers:
        writer.join()
    assert sorted(message["number"] for message in found) == list(range(300))


def test_unreadable_file_is_dropped_and_the_next_message_comes(broker: Any, tmp_path: Path) -> None:
    (tmp_path / "queue" / "000_broken.work.msg").write_bytes(b"")
    broker.default_channel._put("work", {"number": 1})
    with pytest.raises(Empty):
        broker.default_channel._get("work")
    assert _taken(broker, 1) == [{"number": 1}]


def test_the_oldest_message_comes_first_whatever_the_clock_shows(
    broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, now in enumerate((9.5, 10.25, 99.0, 100.0, 1_800_000_000.0)):
        monkeypatch.setattr("dxportal.shared.file_broker.time", lambda now=now: now)
        broker.default_channel._put("work", {"number": number})
    assert [message["number"] for message in _taken(broker, 5)] == [0, 1, 2, 3, 4]


def test_messages_are_for_nobody_else(broker: Any, tmp_path: Path) -> None:
    broker.default_channel._put("work", {"number": 1})
    (path,) = (tmp_path / "queue").iterdir()
    assert path.name.endswith(".work.msg")
    assert path.stat().st_mode & 0o077 == 0
