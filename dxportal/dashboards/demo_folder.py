"""What the demo keeps in its folder, and how a run is pointed to it."""

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import environ
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connections

from dxportal.shared import embedded

PLAIN_MANIFEST = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"


@dataclass(frozen=True)
class Seeded:
    """What the first start put in; written when it is complete."""

    password: str
    empty: bool


def database_folder() -> Path:
    """The embedded server's own folder: nothing else lives in it."""
    return Path(settings.VAR_DIR) / "pg"


def schedule_file() -> Path:
    """Where the beat remembers what it sent."""
    return Path(settings.VAR_DIR) / "beat-schedule"


def prepare() -> None:
    """Create the folders that must stand before anything starts, private ones as such."""
    var, broker = Path(settings.VAR_DIR), Path(settings.BROKER_DIR)
    key = var / "secret-key"
    try:
        var.mkdir(parents=True, exist_ok=True)
        for folder in (broker, broker / "queue", broker / "control"):
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)
        if not key.exists() and not {"SECRET_KEY", "SECRET_KEY_FILE"} & set(os.environ):
            _write_private(key, settings.SECRET_KEY)
    except OSError as error:
        raise embedded.EmbeddedError(embedded.UNWRITABLE, folder=var) from error


def reset() -> list[Path]:
    """Delete the database and what belongs to it; return what was deleted."""
    var, keys = Path(settings.VAR_DIR), Path(settings.KEY_DIR)
    deleted = [database_folder()] if embedded.erase(database_folder()) else []
    paths = [Path(settings.BROKER_DIR), _seeded_file(), *var.glob("beat-schedule*")]
    if keys.is_relative_to(var):
        paths.append(keys)
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
        else:
            continue
        deleted.append(path)
    return deleted


def connect(urls: embedded.Urls) -> None:
    """Point both aliases of this process, and of its children, to the server just started."""
    for alias, url in (("default", urls.app), ("owner", urls.owner)):
        given = environ.Env.db_url_config(url)
        target = connections.settings[alias]
        for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT"):
            target[key] = given[key]
        target["OPTIONS"].update(given["OPTIONS"])


def disconnect() -> None:
    """Close every connection and the pool, so that a child process inherits none."""
    connections.close_all()
    connections["default"].close_pool()  # type: ignore[attr-defined]


def seeded() -> Seeded | None:
    """What the first start put in, or None when it never came to its end."""
    try:
        return Seeded(**json.loads(_seeded_file().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def remember(done: Seeded) -> None:
    """Keep what the first start put in, for this user's eyes only."""
    _write_private(_seeded_file(), json.dumps(asdict(done)))


def collect_static() -> None:
    """Collect hashed names when a file changed; without compression, which takes ten seconds."""
    settings.STORAGES["staticfiles"]["BACKEND"] = PLAIN_MANIFEST
    root = Path(settings.STATIC_ROOT)
    mark, now = root / ".sources", _static_sources()
    if mark.exists() and mark.read_text(encoding="ascii") == now:
        return
    root.mkdir(parents=True, exist_ok=True)
    mark.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    mark.write_text(now, encoding="ascii")


def _seeded_file() -> Path:
    """Beside the database, not in its folder."""
    return Path(settings.VAR_DIR) / "demo.json"


def _static_sources() -> str:
    """A fingerprint of every static file by name, size and time."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = os.stat(storage.path(name))
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _write_private(path: Path, text: str) -> None:
    """Write a file that only this user can read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
