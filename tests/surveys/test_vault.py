"""Wave keys on disk: made once, proved, and gone when destroyed."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from surveys import vault
from surveys.vault import KeyLost, VaultError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_key_is_private_random_and_read_back(folder: Path) -> None:
    vault.create(folder, "w1")
    vault.create(folder, "w2")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert len(vault.read(folder, "w1")) == 32
    assert vault.read(folder, "w1") != vault.read(folder, "w2")
    assert vault.check(folder, "w1")


def test_key_is_not_replaced_when_it_exists(folder: Path) -> None:
    vault.create(folder, "w1")
    before = vault.read(folder, "w1")
    with pytest.raises(FileExistsError):
        vault.create(folder, "w1")
    assert vault.read(folder, "w1") == before
    assert vault.check(folder, "w1")


def test_open_folder_is_refused(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    with pytest.raises(VaultError):
        vault.create(folder, "w1")
    assert not list(folder.iterdir())


def test_key_that_others_may_read_is_refused(folder: Path) -> None:
    vault.create(folder, "w1")
    (folder / "w1.key").chmod(0o644)
    with pytest.raises(VaultError):
        vault.read(folder, "w1")
    assert not vault.check(folder, "w1")


@pytest.mark.parametrize("content", [b"", b"short", bytes(32), b"x" * 33])
def test_damaged_key_is_lost(folder: Path, content: bytes) -> None:
    vault.create(folder, "w1")
    (folder / "w1.key").write_bytes(content)
    with pytest.raises(KeyLost):
        vault.read(folder, "w1")
    assert not vault.check(folder, "w1")


def test_exchanged_key_is_noticed(folder: Path) -> None:
    vault.create(folder, "w1")
    (folder / "w1.key").write_bytes(os.urandom(32))
    assert not vault.check(folder, "w1")


def test_missing_key_is_lost_with_a_sentence(folder: Path) -> None:
    with pytest.raises(KeyLost, match=r"\S"):
        vault.read(folder, "w1")
    assert not vault.check(folder, "w1")


def test_destroying_can_be_repeated(folder: Path) -> None:
    assert vault.destroy(folder, "w1") is False
    vault.create(folder, "w1")
    assert vault.destroy(folder, "w1") is True
    assert vault.destroy(folder, "w1") is False
    assert not list(folder.iterdir())
    with pytest.raises(KeyLost):
        vault.read(folder, "w1")


def test_key_is_overwritten_before_its_name_goes(folder: Path) -> None:
    vault.create(folder, "w1")
    key = vault.read(folder, "w1")
    os.link(folder / "w1.key", folder / "kept")
    vault.destroy(folder, "w1")
    assert (folder / "kept").read_bytes() != key


def test_key_destroyed_by_another_process_is_gone_at_once(folder: Path) -> None:
    vault.create(folder, "w1")
    vault.read(folder, "w1")
    code = "import sys, pathlib; from surveys import vault; "
    code += "print(vault.destroy(pathlib.Path(sys.argv[1]), 'w1'))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True"
    with pytest.raises(KeyLost):
        vault.read(folder, "w1")


@pytest.mark.parametrize("key_id", ["", "../w1", "a/b", ".w1", "w 1", "x" * 65])
def test_strange_name_is_refused(folder: Path, key_id: str) -> None:
    for call in (vault.create, vault.read, vault.check, vault.destroy):
        with pytest.raises(ValueError, match="key id"):
            call(folder, key_id)


def test_link_in_place_of_a_key_is_not_followed(folder: Path) -> None:
    vault.create(folder, "w1")
    (folder / "w2.key").symlink_to(folder / "w1.key")
    with pytest.raises(KeyLost):
        vault.read(folder, "w2")
