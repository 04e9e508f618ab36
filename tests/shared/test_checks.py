"""An unsafe installation is named by the checks and does not start."""

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections

from dxportal.shared import checks

ROOT = Path(__file__).resolve().parents[2]


def _ids(found: Any) -> set[str]:
    return {str(message.id) for message in found}


@pytest.fixture
def keys(settings: Any, tmp_path: Path) -> Path:
    """A key folder as it should be, said to be in no snapshot."""
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    settings.KEY_DIR, settings.KEYS_NOT_IN_SNAPSHOTS = folder, True
    return folder


# The database role ------------------------------------------------------------------------------
@pytest.mark.django_db
def test_application_role_passes() -> None:
    assert checks.application_role(databases=["default"]) == []
    call_command("check", databases=["default"])


@pytest.mark.django_db
def test_owner_is_found_where_the_application_should_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "connections", {"default": connections["owner"]})
    assert _ids(checks.application_role(databases=["default"])) == {"dxportal.E003"}


@pytest.mark.django_db
def test_only_the_role_of_the_application_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "connections", {})
    assert checks.application_role(databases=["owner"]) == []
    assert checks.application_role() == []


# The key folder ---------------------------------------------------------------------------------
def test_folder_of_its_own_passes(keys: Path) -> None:
    found = run_checks(tags=["security"], include_deployment_checks=True)
    assert not {i for i in _ids(found) if i.startswith("dxportal.")}


def test_missing_folder_is_found(keys: Path) -> None:
    keys.rmdir()
    assert _ids(checks.key_folder()) == {"dxportal.E011"}


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777, 0o500])
def test_folder_with_another_mode_is_found(keys: Path, mode: int) -> None:
    keys.chmod(mode)
    assert _ids(checks.key_folder()) == {"dxportal.E012"}


@pytest.mark.parametrize("place", ["pg", "files", "static"])
def test_folder_in_data_or_files_is_found(settings: Any, keys: Path, place: str) -> None:
    settings.VAR_DIR = keys.parent / "var"
    settings.MEDIA_ROOT, settings.STATIC_ROOT = settings.VAR_DIR / "files", keys.parent / "static"
    other = {"pg": settings.VAR_DIR / "pg", "files": settings.MEDIA_ROOT}.get(
        place, settings.STATIC_ROOT
    )
    settings.KEY_DIR = other / "keys"
    settings.KEY_DIR.mkdir(mode=0o700, parents=True)
    assert _ids(checks.key_folder()) == {"dxportal.E013"}


def test_folder_that_holds_the_data_is_found(settings: Any, keys: Path) -> None:
    settings.MEDIA_ROOT = keys / "files"
    assert _ids(checks.key_folder()) == {"dxportal.E013"}


def test_deployment_check_asks_for_the_sentence(settings: Any, keys: Path) -> None:
    settings.KEYS_NOT_IN_SNAPSHOTS = False
    assert _ids(checks.snapshots_said()) == {"dxportal.W014"}
    with pytest.raises(SystemCheckError, match="no snapshot"):
        call_command("check", deploy=True, fail_level="WARNING")


# The start --------------------------------------------------------------------------------------
def _start(tmp_path: Path, **changes: str | None) -> "subprocess.CompletedProcess[str]":
    """Import the WSGI application as an operator's gunicorn does."""
    given: dict[str, str | None] = {
        "PATH": os.environ["PATH"],
        "DXPORTAL_ENV": "production",
        "DXPORTAL_VAR_DIR": str(tmp_path),
        "DXPORTAL_KEY_DIR": str(tmp_path / "keys"),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "dx.city.example",
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": "redis://127.0.0.1:9/0",
        **changes,
    }
    return subprocess.run(
        [sys.executable, "-c", "import dxportal.wsgi"],
        cwd=ROOT,
        env={key: value for key, value in given.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )


def test_safe_production_starts(tmp_path: Path) -> None:
    started = _start(tmp_path)
    assert started.returncode == 0, started.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": "django-insecure-" + "x" * 50}, "too weak"),
        ({"DEBUG": "true"}, "DEBUG must be off"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "without '*'"),
        ({"DXPORTAL_KEY_DIR": None}, "DXPORTAL_KEY_DIR"),
        ({"REDIS_URL": None}, "REDIS_URL"),
        ({"DATABASE_URL": "owner"}, "owns the database or tables"),
    ],
)
def test_unsafe_production_does_not_start(
    tmp_path: Path, changes: dict[str, str | None], said: str
) -> None:
    if changes.get("DATABASE_URL"):
        changes = {"DATABASE_URL": os.environ["DATABASE_OWNER_URL"]}
    refused = _start(tmp_path, **changes)
    assert refused.returncode != 0
    assert said in refused.stderr


def test_database_that_is_away_does_not_stop_the_start(tmp_path: Path) -> None:
    away = _start(tmp_path, DATABASE_URL="postgres://dxportal_app:none@127.0.0.1:9/none")
    assert away.returncode == 0, away.stderr
