"""Wave keys: one small file each, in a folder outside the database and every backup."""

import datetime as dt
import os
import re
import stat
from pathlib import Path

from django.utils.translation import gettext as _

from surveys import anonymity

_KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PROBE_OWNER = b"probe"


class VaultError(Exception):
    """The key folder cannot be used as it is; the sentence says what to change."""


class KeyLost(VaultError):
    """The key of a wave cannot be read; its ballots cannot be opened any more."""


def create(folder: Path, key_id: str) -> None:
    """Write a new key (mode 0600) and, beside it, a sealed test box that proves it later.

    Raises FileExistsError if the key exists and VaultError if others can enter the folder.
    """
    key_file, probe_file = _files(folder, key_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_folder(folder)
    key = os.urandom(anonymity.KEY_BYTES)
    _write_new(key_file, key)
    probe_file.unlink(missing_ok=True)
    _write_new(probe_file, anonymity.seal(key, _PROBE_OWNER, {"key_id": key_id}))
    _sync_folder(folder)


def read(folder: Path, key_id: str) -> bytes:
    """Return the key. Nothing is cached, so a key destroyed by another process is gone at once."""
    key_file, _probe = _files(folder, key_id)
    try:
        handle = os.open(key_file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        raise KeyLost(_("The key of this survey round cannot be read.")) from None
    with os.fdopen(handle, "rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise VaultError(_("Other users can read the key file. Set its mode to 0600."))
        key = file.read(anonymity.KEY_BYTES + 1)
    if len(key) != anonymity.KEY_BYTES or not any(key):
        raise KeyLost(_("The key of this survey round is damaged."))
    return key


def check(folder: Path, key_id: str) -> bool:
    """Read the key back and open the known test box with it."""
    _key, probe_file = _files(folder, key_id)
    try:
        key = read(folder, key_id)
        opened = anonymity.unseal(key, _PROBE_OWNER, probe_file.read_bytes())
    except (VaultError, OSError, anonymity.SealBroken):
        return False
    return opened == {"key_id": key_id}


def destroy(folder: Path, key_id: str) -> bool:
    """Overwrite and remove the key and its test box; True if the key was still there.

    Safe to repeat. Afterwards the folder is synced, so a crash does not bring the name back.
    """
    key_file, probe_file = _files(folder, key_id)
    found = _shred(key_file)
    _shred(probe_file)
    if folder.is_dir():
        _sync_folder(folder)
    return found


def listed(folder: Path) -> list[tuple[str, dt.datetime]]:
    """Every key and test box in the folder by its key's id, with when it was written."""
    return [
        (path.stem, dt.datetime.fromtimestamp(path.lstat().st_mtime, dt.UTC))
        for path in folder.iterdir()
        if path.suffix in {".key", ".probe"} and _KEY_ID.fullmatch(path.stem)
    ]


def _files(folder: Path, key_id: str) -> tuple[Path, Path]:
    if not _KEY_ID.fullmatch(key_id):
        raise ValueError("A key id has letters, digits, - and _ only.")
    return folder / f"{key_id}.key", folder / f"{key_id}.probe"


def _check_folder(folder: Path) -> None:
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or stat.S_IMODE(seen.st_mode) & 0o077:
        raise VaultError(_("Other users can enter the key folder. Set its mode to 0700."))
    if seen.st_uid != os.geteuid():
        raise VaultError(_("The key folder belongs to another user."))


def _write_new(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _shred(path: Path) -> bool:
    """Overwrite with noise, sync, unlink. On a copy-on-write volume only unlinking helps."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(max(os.fstat(handle).st_size, anonymity.KEY_BYTES)))
        file.flush()
        os.fsync(handle)
    path.unlink(missing_ok=True)
    return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
